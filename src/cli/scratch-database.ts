/** One scratch database: the real runner over it, and what is looked at beside. */

import { ConfigError, InternalError } from '../core/errors.ts';
import type { Reporter } from '../core/events.ts';
import type { RevisionId } from '../core/revision.ts';
import { HEADS, type Target } from '../core/target.ts';
import { readCatalog } from '../postgres/catalog.ts';
import { connectOnce } from '../postgres/connect.ts';
import type { ConnectionSettings } from '../postgres/connection-settings.ts';
import { openMigrationDatabase } from '../postgres/migration-database.ts';
import { sampleRows } from '../postgres/sample-rows.ts';
import { readTimesApplied, runStatements } from '../postgres/scratch-queries.ts';
import { openSession, type Session } from '../postgres/session.ts';
import { readTableRows } from '../postgres/table-rows.ts';
import type { ScratchDatabase } from '../rehearsal/ports.ts';
import { downgrade } from '../runner/downgrade.ts';
import type { MigrationDatabase, Release } from '../runner/ports.ts';
import { upgrade } from '../runner/upgrade.ts';
import { downgradeLimits } from './commands/downgrade.ts';
import { upgradeOptions } from './commands/upgrade.ts';
import { applicationNameOf } from './open-connection.ts';
import type { RunContext } from './run-context.ts';

/** What all scratch databases of a rehearsal have in common. */
export interface ScratchSettings {
  /** Statements that stand for what every database of the project has before its first revision. */
  readonly setup: readonly string[];
  /** Statements that replace the made-up rows, in order. */
  readonly seeds: readonly string[] | undefined;
}

/** What a run of a rehearsal has to tell nobody wants to read a hundred times. */
const SILENT: Reporter = { report: () => undefined };

interface Opened {
  readonly migration: MigrationDatabase;
  /** Acts as whoever logged in, whatever `--role` says. */
  readonly session: Session;
  close(): Promise<void>;
}

/** A scratch database that can be prepared. */
export interface PreparableDatabase extends ScratchDatabase {
  /** Runs statements that must succeed. @throws ConfigError */
  prepare(statements: readonly string[]): Promise<void>;
}

/** A database that `drop` drops; it connects when it is needed. */
export function openScratchDatabase(
  run: RunContext,
  connection: ConnectionSettings,
  { seeds, drop }: Pick<ScratchSettings, 'seeds'> & { drop(): Promise<void> },
): PreparableDatabase {
  const { historySchema } = run.settings;
  const quiet = { ...run.surroundings, reporter: SILENT };
  const samples = sampleRows(historySchema);
  let waiting = seeds ?? [];
  let opened: Promise<Opened> | undefined;
  const db = async (): Promise<Opened> => {
    opened ??= open(run, connection);
    return opened;
  };
  const rest = async (): Promise<void> => {
    const before = opened;
    opened = undefined;
    // One that could not be opened needs no closing.
    await before?.then((each) => each.close()).catch(() => undefined);
  };
  const up = async (release: Release, target: Target) => {
    const options = upgradeOptions(run, { singleTransaction: false }, target);
    return upgrade(
      (await db()).migration,
      release,
      { ...options, phase: 'all', onAhead: 'refuse' },
      quiet,
    );
  };
  return {
    name: connection.database,
    async prepare(statements) {
      const { failed } = await runStatements((await db()).session, statements);
      const trouble = failed.find(({ isThere }) => !isThere);
      await rest();
      if (trouble === undefined) return;
      throw new ConfigError(
        'SLIPWAY_CONFIG_INVALID',
        `a statement of --setup failed: ${trouble.reason} (${trouble.text})`,
        { hint: 'Correct the file: it has to make what revisions find in every database.' },
      );
    },
    upgrade: (release, ids) => up(release, { kind: 'settled', ids }),
    start: (release) => up(release, HEADS),
    async downgrade(release, ids) {
      const limits = downgradeLimits(run, { allowDataLoss: true });
      const target: Target = { kind: 'settled', ids };
      return downgrade((await db()).migration, { ...limits, target, release }, quiet);
    },
    catalog: async () => readCatalog((await db()).session, historySchema),
    rows: async () => readTableRows((await db()).session, historySchema),
    async fill() {
      const { session } = await db();
      if (seeds === undefined) return { empty: await samples.fill(session), unused: [] };
      const outcome = await runStatements(session, waiting);
      waiting = outcome.failed.map(({ text }) => text);
      return { empty: [], unused: outcome.failed.map(({ text, reason }) => `${text}: ${reason}`) };
    },
    timesApplied: async (): Promise<ReadonlyMap<RevisionId, number>> =>
      readTimesApplied((await db()).session, historySchema),
    rest,
    async drop() {
      await rest();
      await drop();
    },
  };
}

async function open(run: RunContext, connection: ConnectionSettings): Promise<Opened> {
  const { settings, edge } = run;
  const connect = () =>
    connectOnce(connection, {
      applicationName: applicationNameOf(run),
      signal: edge.signal,
      limitMs: settings.connectTimeout,
    });
  const { role } = settings;
  const session = openSession(await connect(), { role, signal: edge.signal });
  const plain =
    role === undefined
      ? session
      : openSession(await connect(), { role: undefined, signal: edge.signal });
  const { database, close } = openMigrationDatabase(session, {
    searchPath: settings.searchPath,
    context: {
      schema: settings.historySchema,
      runId: edge.runId,
      provenance: run.provenance,
      reporter: SILENT,
    },
    connect,
    reopen: async () => {
      throw new InternalError('SLIPWAY_INTERNAL', 'a scratch database lost its connection');
    },
  });
  return {
    migration: database,
    session: plain,
    async close() {
      await Promise.allSettled([
        close(),
        session.close(),
        ...(plain === session ? [] : [plain.close()]),
      ]);
    },
  };
}
