/** The program itself as processes of their own, on scratch databases, to race and to be killed. */

import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConnectionSettings } from '../postgres/connection-settings.ts';
import { type StatementGate, startStatementProxy } from '../postgres/statement-proxy.ts';
import type { RunnerEnd, Runners, ScratchDatabase } from '../rehearsal/ports.ts';
import type { RunContext } from './run-context.ts';

/** Runners, until they are closed. */
export interface OpenRunners extends Runners {
  close(): Promise<void>;
}

/** Starts processes with the settings of `run`, all but where the database is. */
export async function openRunners(
  run: RunContext,
  connectionTo: (db: ScratchDatabase) => ConnectionSettings,
): Promise<OpenRunners> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-test-'));
  // The project's own file may name the project's own database.
  const config = join(folder, 'slipway.config.json');
  await writeFile(config, '{}\n');
  const children = new Set<ReturnType<typeof spawn>>();
  const upgrade = (connection: ConnectionSettings, port: number, target: string) =>
    start({ run, config, connection, port, args: ['upgrade', target], children });
  return {
    async together(db, count) {
      const connection = connectionTo(db);
      await db.rest();
      const proxy = await startStatementProxy(connection);
      try {
        const runs = Array.from({ length: count }, () => upgrade(connection, proxy.port, 'heads'));
        return await Promise.all(runs.map(({ ended }) => ended));
      } finally {
        await proxy.stop();
      }
    },
    async counted(db, revision) {
      const connection = connectionTo(db);
      const proxy = await startStatementProxy(connection);
      try {
        const end = await upgrade(connection, proxy.port, revision).ended;
        return { ...end, statements: [...proxy.statements] };
      } finally {
        await proxy.stop();
      }
    },
    async killed(db, revision, { at, passOn }) {
      const connection = connectionTo(db);
      const runner: { kill?: () => Promise<void> } = {};
      const gate: StatementGate = { at, passOn, reached: async () => runner.kill?.() };
      const proxy = await startStatementProxy(connection, gate);
      try {
        const { child, ended } = upgrade(connection, proxy.port, revision);
        runner.kill = async () => {
          child.kill('SIGKILL');
          await ended;
        };
        await ended;
      } finally {
        await proxy.stop();
      }
    },
    async close() {
      for (const child of children) child.kill('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface Start {
  readonly run: RunContext;
  readonly config: string;
  readonly connection: ConnectionSettings;
  /** Of the proxy on loopback. */
  readonly port: number;
  readonly args: readonly string[];
  readonly children: Set<ReturnType<typeof spawn>>;
}

function start({ run, config, connection, port, args, children }: Start) {
  const [program = ''] = process.argv.slice(1);
  const child = spawn(process.execPath, [program, ...args, '--config', config], {
    cwd: run.edge.cwd,
    env: { ...environmentOf(run), ...addressOf(connection, port) },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  children.add(child);
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-20_000);
  });
  const ended = new Promise<RunnerEnd>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => {
      children.delete(child);
      resolve({ exitCode, complaint: complaintIn(said) });
    });
  });
  return { child, ended };
}

/** The address without a password, which goes beside it: what an address says is shown to everybody. */
function addressOf(
  { user, database, password, servers, options }: ConnectionSettings,
  port: number,
): { readonly [name: string]: string } {
  const secret = password ?? servers[0]?.password;
  const url = `postgresql://${encodeURIComponent(user)}@127.0.0.1:${port}/${encodeURIComponent(database)}?sslmode=disable`;
  return {
    DATABASE_URL: url,
    SLIPWAY_DIRECT_URL: url,
    ...(secret === undefined ? {} : { PGPASSWORD: secret.reveal() }),
    ...(options === undefined ? {} : { PGOPTIONS: options }),
  };
}

/** This process' environment without what it says of databases, settings and pods, and the settings in effect. */
function environmentOf({ edge, settings }: RunContext): { readonly [name: string]: string } {
  const kept = Object.entries(edge.env).filter(
    ([name, value]) =>
      value !== undefined && !/^(PG|SLIPWAY_|DATABASE_URL|KUBERNETES_|POD_|NODE_NAME)/.test(name),
  );
  const { dir, bundle, historySchema, role, searchPath } = settings;
  const given: { readonly [name: string]: string | undefined } = {
    SLIPWAY_DIR: dir,
    SLIPWAY_BUNDLE: bundle,
    SLIPWAY_HISTORY_SCHEMA: historySchema,
    SLIPWAY_ROLE: role,
    SLIPWAY_SEARCH_PATH: searchPath,
    SLIPWAY_APPROVE: settings.approve.join(' '),
    SLIPWAY_HAZARDS: Object.entries(settings.hazards)
      .map(([name, policy]) => `${name}=${policy}`)
      .join(' '),
    SLIPWAY_LOCK_WAIT: `${settings.lockWait}ms`,
    SLIPWAY_LOCK_TIMEOUT: `${settings.lockTimeout}ms`,
    SLIPWAY_LOCK_RETRIES: String(settings.lockRetries),
    SLIPWAY_STATEMENT_TIMEOUT:
      settings.statementTimeout === 0 ? 'none' : `${settings.statementTimeout}ms`,
    SLIPWAY_LOG_FORMAT: 'json',
    SLIPWAY_LOG_LEVEL: 'error',
  };
  return Object.fromEntries(
    [...kept, ...Object.entries(given)].filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    ),
  );
}

/** The message of the last log line; what is none is shown as it is. */
function complaintIn(said: string): string | undefined {
  const last = said.trim().split('\n').at(-1) ?? '';
  if (last === '') return undefined;
  try {
    const line: unknown = JSON.parse(last);
    if (typeof line === 'object' && line !== null && 'msg' in line) return String(line.msg);
  } catch {
    // A crash writes no log line.
  }
  return last;
}
