/**
 * A database that is a script: what the runner does to it is written down for psql instead of being
 * done. Asking it answers what the script assumes.
 */

import { UsageError } from '../core/errors.ts';
import type { RevisionId, Statement } from '../core/revision.ts';
import type {
  AppliedRevisions,
  JournalEntry,
  MigrationDatabase,
  RecordChange,
  RevisionTransaction,
  StatementLimits,
} from '../runner/ports.ts';
import { journalQuery } from './journal.ts';
import { NEWEST_MAJOR } from './live.ts';
import { unlockQuery } from './lock.ts';
import { ownRole, sessionPrelude, transactionPrelude } from './prelude.ts';
import { recordQuery } from './record.ts';
import {
  CLIENT_ENCODING,
  writeHistory,
  writeLock,
  writeStartCheck,
  writeUpgrade,
} from './script-start.ts';
import { scriptStatements } from './script-statements.ts';
import { inlined } from './script-text.ts';
import { raise, type ScriptWriter } from './script-writer.ts';
import { mayChangeRole, UNPARSED } from './transaction.ts';
import type { HistoryContext } from './version-table.ts';

/** What the database is assumed to hold where the script starts. */
export type AssumedHistory = Pick<AppliedRevisions, 'summary' | 'list' | 'sources'>;

export interface ScriptSettings {
  readonly searchPath: string | undefined;
  readonly role: string | undefined;
  readonly context: HistoryContext;
  readonly start: AssumedHistory;
}

/** A database whose changes are appended to `script`. */
export function scriptDatabase(script: ScriptWriter, settings: ScriptSettings): MigrationDatabase {
  const { context, role, searchPath, start } = settings;
  const { schema } = context;
  const session = { role, pooled: false };
  const statements = scriptStatements(script, { schema, role });

  const prelude = (sets: readonly string[]): void => {
    // `reset all` goes back to the encoding that psql connected with.
    script.settings(
      sets.flatMap((each) => (each === 'reset all' ? [each, CLIENT_ENCODING] : [each])),
    );
  };
  const record = (change: RecordChange): void => {
    if (change.kind === 'stamped' || change.kind === 'unstamped') {
      script.comment(`${change.kind} ${idOf(change)}`);
    }
    script.block(`declare
  slipway_moved boolean;
begin
  ${inlined(recordQuery(context, change))}
  into slipway_moved;
  if slipway_moved is null then
    ${raise(
      `the history of schema "${schema}" was changed while this script ran`,
      'This transaction was rolled back. slipway status shows where the database is; write the script anew for it.',
    )}
  end if;
end`);
  };

  /** What is done on a condition is journaled as skipped where the condition is not true. */
  const writeJournal = (revision: RevisionId, entry: Omit<JournalEntry, 'startedAt'>): void => {
    script.own(journalQuery(schema, revision, entry));
    if (!statements.isConditional || entry.state !== 'done') return;
    statements.otherwise();
    script.own(journalQuery(schema, revision, { ...entry, state: 'skipped' }));
    statements.end();
  };

  const transaction: MigrationDatabase['sql']['transaction'] = async (options, work) => {
    const recorded: RecordChange[] = [];
    let mayBeAnother = false;
    let hasRun = false;
    /** A condition holds for what ran after it, and for the entry in the journal behind that. */
    const endCondition = (): void => {
      if (hasRun && statements.isConditional) statements.end();
      hasRun = false;
    };
    const tx: RevisionTransaction = {
      async run(batch) {
        endCondition();
        for (const statement of batch) runIn(statement);
        mayBeAnother ||= batch.some(mayChangeRole);
        hasRun = true;
      },
      async ask(_statement, query) {
        endCondition();
        statements.onlyIf(query);
        return true;
      },
      async check(statement) {
        endCondition();
        statements.verify(statement);
        return [];
      },
      async query({ line }) {
        throw new UsageError(
          'SLIPWAY_OFFLINE_UNSUPPORTED',
          `what the program on line ${line} asks the database cannot be asked in a script`,
          { hint: 'Leave --sql out.' },
        );
      },
      async journal(revision, entry) {
        if (mayBeAnother) script.settings(ownRole(session));
        writeJournal(revision, entry);
        hasRun = false;
      },
      // Comes after `inspect`, which has refused.
      moveCursor: async () => undefined,
      async record(change) {
        endCondition();
        // The revision may have changed the role; the record is ours.
        if (mayBeAnother) script.settings(ownRole(session));
        record(change);
        recorded.push(change);
      },
    };
    const runIn = (statement: Statement): void => {
      statements.run(statement);
      // Fails where the statement has ended the transaction.
      if (statement.command === UNPARSED) {
        script.settings(['savepoint slipway_open', 'release savepoint slipway_open']);
      }
    };
    script.gap();
    prelude(transactionPrelude(session, searchPath, options));
    const value = await work(tx);
    endCondition();
    script.sql('commit');
    for (const change of recorded) {
      if (change.kind !== 'begun') script.meta(`\\echo slipway: ${change.kind} ${idOf(change)}`);
    }
    return value;
  };
  const outside = (limits: StatementLimits): void =>
    prelude(sessionPrelude(session, searchPath, limits));

  return {
    applied: {
      ...start,
      async prepare() {
        const summary = await start.summary();
        if ((summary?.applied ?? 0) === 0) writeHistory(script, schema, role);
        writeStartCheck(script, schema, summary);
        writeUpgrade(script, schema, role);
      },
      // What goes wrong here goes wrong before there is a script.
      audit: async () => undefined,
      releases: async () => [],
      recentLog: async () => [],
    },
    journal: {
      // A script starts where nothing is half applied.
      read: async () => [],
      write: async (revision, entry) => writeJournal(revision, entry),
    },
    lock: {
      scope: 'session',
      held: false,
      async tryAcquire() {
        writeLock(script, schema, role);
        return true;
      },
      async release() {
        script.gap();
        script.own(unlockQuery(schema), '\\gset slipway_');
      },
      released: () => new Promise(() => undefined),
      holder: async () => undefined,
    },
    sql: {
      transaction,
      async outside(statement, limits) {
        outside(limits);
        statements.run(statement);
      },
      async ask(_statement, query, limits) {
        outside(limits);
        statements.onlyIf(query);
        return true;
      },
      backfills: {
        async inspect({ table }) {
          throw noBackfill(table);
        },
        cursor: async () => undefined,
        begin: async () => undefined,
        next: async () => undefined,
        replicaLag: async () => undefined,
      },
      // Only asked about what an interrupted run left behind, of which a script has nothing.
      evidence: async () => ({ verdict: 'absent', fact: 'nothing was begun' }),
      removeRemnant: async () => undefined,
      onNotice: () => () => undefined,
      onBlocked: () => () => undefined,
      onProgress: () => () => undefined,
    },
    live: {
      major: NEWEST_MAJOR,
      relations: async () => undefined,
      count: async () => undefined,
    },
    // What a database hides is only known to it; the script ends where something is missing.
    softDrops: { list: async () => undefined },
    reopen: async () => scriptDatabase(script, settings),
  };
}

function noBackfill(table: string): UsageError {
  return new UsageError(
    'SLIPWAY_OFFLINE_UNSUPPORTED',
    `the backfill of ${table} goes from batch to batch by what it finds there, so it cannot be written into a script`,
    {
      hint: 'Write a script up to the revision before it, apply this one without --sql, and write another script for the rest.',
    },
  );
}

function idOf({ revision }: RecordChange): string {
  return typeof revision === 'string' ? revision : revision.id;
}
