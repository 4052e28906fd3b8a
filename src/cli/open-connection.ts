/** Opens the connection that the settings name, and reads the summary row. */

import { readFileSync } from 'node:fs';
import type { Summary } from '../core/applied.ts';
import { ConfigError } from '../core/errors.ts';
import { secret } from '../core/secret.ts';
import { applicationName } from '../kubernetes/identity.ts';
import { connectWithRetries } from '../postgres/connect-retry.ts';
import type { ConnectionSettings } from '../postgres/connection-settings.ts';
import { parseConnection } from '../postgres/conninfo.ts';
import { readLocalFile } from '../postgres/local-file.ts';
import { openSession, type Session } from '../postgres/session.ts';
import { readSummary } from '../postgres/summary.ts';
import type { Handover } from './handover.ts';
import type { RunContext } from './run-context.ts';

/** An open connection, with the summary row already read. */
export interface OpenConnection {
  readonly session: Session;
  readonly connection: ConnectionSettings;
  /** Undefined where slipway has never migrated. */
  readonly summary: Summary | undefined;
}

/**
 * Connects to `url`, or to where libpq's environment says, and reads the summary row.
 * @throws ConfigError, ConnectionError, Interrupted
 * @throws DatabaseFailure when the history cannot be read
 */
export async function openConnection(
  run: RunContext,
  url: string | undefined,
): Promise<OpenConnection> {
  const { settings, edge, reporter } = run;
  const connection = connectionOf(run, url);
  const client = await connectWithRetries(connection, {
    applicationName: applicationNameOf(run),
    connectTimeoutMs: settings.connectTimeout,
    reporter,
    signal: edge.signal,
    random: edge.random,
    now: edge.now,
  });
  return continueConnection(run, { client, connection });
}

/** The same over a connection that is open already. */
export async function continueConnection(
  run: RunContext,
  { client, connection }: Pick<Handover, 'client' | 'connection'>,
): Promise<OpenConnection> {
  const { settings, edge } = run;
  const session = openSession(client, { role: settings.role, signal: edge.signal });
  try {
    return { session, connection, summary: await readSummary(session, settings.historySchema) };
  } catch (error) {
    await session.close().catch(() => undefined);
    throw error;
  }
}

/**
 * Where the database is, as the settings and libpq's environment say.
 * @throws ConfigError
 */
export function connectionOf(run: RunContext, url: string | undefined): ConnectionSettings {
  const { settings, edge } = run;
  const { urlFile, passwordCommand } = settings;
  const fromFile = (): string | undefined =>
    urlFile === undefined ? undefined : readUrlFile(urlFile);
  const read = (given: string | undefined): ConnectionSettings =>
    parseConnection({
      url: given,
      database: run.target?.database,
      env: edge.env,
      readFile: readLocalFile,
      homeDir: edge.homeDir,
      osUser: edge.osUser,
    });
  if (passwordCommand !== undefined) {
    return {
      ...read(url ?? fromFile()),
      passwordProvider: async () => {
        const { runPasswordCommand } = await import('./password-command.ts');
        return runPasswordCommand(passwordCommand);
      },
    };
  }
  if (url !== undefined || urlFile === undefined) return read(url);
  const connection = read(fromFile());
  if (connection.passwordSource !== 'url') return connection;
  return {
    ...connection,
    // A mounted Secret is replaced in place when it is rotated: each connect reads it again.
    passwordProvider: async () => read(fromFile()).password ?? secret(''),
  };
}

/**
 * The connection string in a file.
 * @throws ConfigError
 */
export function readUrlFile(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw new ConfigError(
      'SLIPWAY_CONFIG_INVALID',
      `cannot read DATABASE_URL_FILE ${path}: ${(error as NodeJS.ErrnoException).code ?? 'unknown error'}`,
      { hint: 'Check that the Secret is mounted there and may be read.', cause: error },
    );
  }
}

/** What `pg_stat_activity` shows of this process. */
export function applicationNameOf(run: RunContext): string {
  return applicationName(run.settings, { user: run.edge.osUser, host: run.edge.host });
}
