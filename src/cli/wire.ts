/** Builds the adapters and hands them to use cases. The only place that does. */

import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { ConfigError } from '../core/errors.ts';
import { secret } from '../core/secret.ts';
import { bundleRelease } from '../files/bundle.ts';
import { applicationName } from '../kubernetes/identity.ts';
import { connectOnce } from '../postgres/connect.ts';
import { connectWithRetries } from '../postgres/connect-retry.ts';
import type { ConnectionSettings } from '../postgres/connection-settings.ts';
import { parseConnection } from '../postgres/conninfo.ts';
import { readLocalFile } from '../postgres/local-file.ts';
import { openSession, type Session } from '../postgres/session.ts';
import { readSummary } from '../postgres/version-table.ts';
import type { MigrationDatabase, Release } from '../runner/ports.ts';
import type { RunContext } from './run-context.ts';

/** The release that the settings name: a bundle, or a folder of files. */
export async function openRelease(run: RunContext): Promise<Release> {
  const { bundle, dir } = run.settings;
  if (bundle !== undefined) return bundleRelease(bundle);
  const { directoryRelease } = await import('../files/directory.ts');
  return directoryRelease(dir);
}

/** An open connection, with the summary row already read. */
export interface OpenDatabase {
  readonly session: Session;
  readonly connection: ConnectionSettings;
  readonly summary: Awaited<ReturnType<typeof readSummary>>;
  /** Everything else, loaded when there is work to do. */
  migration(): Promise<MigrationDatabase>;
}

/** Connects, reads the summary row, lets `work` run, and closes. */
export async function withDatabase<T>(
  run: RunContext,
  work: (db: OpenDatabase) => Promise<T>,
): Promise<T> {
  const { settings } = run;
  let opened = await open(run, connectionOf(run, settings.url?.reveal()));
  if (opened.session.pooled) {
    const direct = settings.directUrl?.reveal();
    run.reporter.report({
      type: 'pooler.detected',
      handling: direct === undefined ? 'transaction-locks' : 'direct-url',
    });
    if (direct !== undefined) {
      await opened.session.close();
      opened = await open(run, connectionOf(run, direct));
    }
  }
  const closers: (() => Promise<void>)[] = [];
  try {
    return await work({
      ...opened,
      async migration() {
        const { openMigrationDatabase } = await import('../postgres/migration-database.ts');
        const { database, close } = openMigrationDatabase(opened.session, {
          searchPath: settings.searchPath,
          context: {
            schema: settings.historySchema,
            runId: run.edge.runId,
            provenance: run.provenance,
            reporter: run.reporter,
          },
          connect: () =>
            connectOnce(opened.connection, { applicationName: applicationNameOf(run) }),
        });
        closers.push(close);
        return database;
      },
    });
  } finally {
    await Promise.allSettled([...closers.map((close) => close()), opened.session.close()]);
  }
}

async function open(
  run: RunContext,
  connection: ConnectionSettings,
): Promise<Omit<OpenDatabase, 'migration'>> {
  const { settings, edge, reporter } = run;
  for (const message of connection.warnings) reporter.report({ type: 'warning', message });
  const client = await connectWithRetries(connection, {
    applicationName: applicationNameOf(run),
    connectTimeoutMs: settings.connectTimeout,
    reporter,
    signal: edge.signal,
    random: edge.random,
    now: edge.now,
  });
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
      env: edge.env,
      readFile: readLocalFile,
      homeDir: edge.homeDir,
      osUser: edge.osUser,
    });
  if (passwordCommand !== undefined) {
    return {
      ...read(url ?? fromFile()),
      passwordProvider: () => runPasswordCommand(passwordCommand),
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

function readUrlFile(path: string): string {
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

const PASSWORD_COMMAND_TIMEOUT_MS = 30_000;

/** The first line that the command prints. Its output and its arguments are never shown. */
function runPasswordCommand(command: string) {
  return new Promise<ReturnType<typeof secret>>((resolve, reject) => {
    execFile(
      '/bin/sh',
      ['-c', command],
      { timeout: PASSWORD_COMMAND_TIMEOUT_MS },
      (error, stdout) => {
        const [password = ''] = stdout.split('\n');
        if (error === null && password !== '') resolve(secret(password));
        else {
          const why =
            error === null ? 'it printed nothing' : `exit ${String(error.code ?? error.signal)}`;
          reject(
            new ConfigError('SLIPWAY_CONFIG_INVALID', `the password command failed: ${why}`, {
              hint: 'Run the command of SLIPWAY_PASSWORD_COMMAND by hand and see what it says.',
            }),
          );
        }
      },
    );
  });
}

function applicationNameOf(run: RunContext): string {
  return applicationName(run.settings, { user: run.edge.osUser, host: run.edge.host });
}
