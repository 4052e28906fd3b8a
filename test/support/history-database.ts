/** Sessions to real Postgres, wired as the command line wires them. */

import type { Client } from 'pg';
import { connectOnce } from '../../src/postgres/connect.ts';
import { parseConnection } from '../../src/postgres/conninfo.ts';
import { openMigrationDatabase } from '../../src/postgres/migration-database.ts';
import type { ProgressPace } from '../../src/postgres/progress.ts';
import { openSession, type Session } from '../../src/postgres/session.ts';
import type { HistoryContext } from '../../src/postgres/version-table.ts';
import type { MigrationDatabase } from '../../src/runner/ports.ts';
import { type RecordingReporter, recordingReporter } from './recording-reporter.ts';

/** An open session with everything around it. */
export interface OpenHistory {
  readonly client: Client;
  readonly session: Session;
  readonly context: HistoryContext & { readonly reporter: RecordingReporter };
  readonly db: MigrationDatabase;
  close(): Promise<void>;
}

/** Opens a session to the database at `url`. */
export async function openHistory(
  url: string,
  options: {
    readonly schema?: string;
    readonly role?: string;
    readonly searchPath?: string;
    readonly signal?: AbortSignal;
    readonly pace?: ProgressPace;
    /** Opens the second connection, where that is not just another one. */
    readonly observe?: () => Promise<Client>;
  } = {},
): Promise<OpenHistory> {
  const settings = parseConnection({
    url,
    env: {},
    readFile: () => undefined,
    homeDir: undefined,
    osUser: 'test',
  });
  const connect = (): Promise<Client> =>
    connectOnce(settings, { applicationName: 'slipway/shop/web-1' });
  const client = await connect();
  const signal = options.signal ?? new AbortController().signal;
  const session = openSession(client, { role: options.role, signal });
  const context = {
    schema: options.schema ?? 'slipway',
    runId: 'run1',
    provenance: {
      pod: 'web-1',
      namespace: 'shop',
      node: 'n1',
      image: 'shop:1',
      release: 'v1',
      version: '0.0.0',
    },
    reporter: recordingReporter(),
  };
  const { database, close } = openMigrationDatabase(session, {
    searchPath: options.searchPath,
    context,
    connect: options.observe ?? connect,
    pace: options.pace,
    reopen: async () => database,
  });
  return {
    client,
    session,
    context,
    db: database,
    async close() {
      await close();
      await session.close();
    },
  };
}
