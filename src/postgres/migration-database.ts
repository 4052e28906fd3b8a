/** All that the runner needs of a database, over one session and an observer beside it. */

import type pg from 'pg';
import type { MigrationDatabase } from '../runner/ports.ts';
import type { Observer } from './blockers.ts';
import { statementJournal } from './journal.ts';
import { liveDatabase } from './live.ts';
import { migrationLock } from './lock.ts';
import type { ProgressPace } from './progress.ts';
import { type Row, type Session, sayGoodbye } from './session.ts';
import { softDrops } from './soft-drops.ts';
import { sqlRunner } from './sql-runner.ts';
import { appliedRevisions, type HistoryContext } from './version-table.ts';

export interface MigrationDatabaseSettings {
  readonly searchPath: string | undefined;
  readonly context: HistoryContext;
  /** The session came with the migration lock. */
  readonly lockHeld?: boolean;
  /** Opens a second connection, for looking at the first one while it waits. */
  readonly connect: () => Promise<pg.Client>;
  /** When it looks how far a statement has come; undefined: as a person would. */
  readonly pace?: ProgressPace | undefined;
  /** The same over a new session. */
  readonly reopen: () => Promise<MigrationDatabase>;
}

/** Wires the Postgres adapters; `close` ends what they opened beside the session. */
export function openMigrationDatabase(
  session: Session,
  settings: MigrationDatabaseSettings,
): { readonly database: MigrationDatabase; readonly close: () => Promise<void> } {
  const { searchPath, context, lockHeld = false } = settings;
  const observer = lazyObserver(settings.connect);
  return {
    database: {
      applied: appliedRevisions(session, context),
      journal: statementJournal(session, context.schema),
      lock: migrationLock(session, context.schema, { held: lockHeld }),
      sql: sqlRunner(session, { searchPath, context, observer, pace: settings.pace }),
      live: liveDatabase(session, searchPath),
      softDrops: softDrops(session, context.schema),
      reopen: settings.reopen,
    },
    close: () => observer.close(),
  };
}

function lazyObserver(connect: () => Promise<pg.Client>): Observer {
  let client: Promise<pg.Client> | undefined;
  return {
    async query(text, values) {
      client ??= connect();
      const { rows } = await (await client).query<Row>(text, [...values]);
      return rows;
    },
    async close() {
      // Where it could not be opened there is nothing to close.
      await client?.then(sayGoodbye).catch(() => undefined);
    },
  };
}
