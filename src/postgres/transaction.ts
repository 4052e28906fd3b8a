/** A transaction in which revisions run and are recorded, under the lock of its history. */

import { DatabaseFailure, ownWords } from '../core/database-failure.ts';
import type { SessionInfo } from '../core/events.ts';
import type { Statement } from '../core/revision.ts';
import type {
  RevisionTransaction,
  StatementProgress,
  TransactionOptions,
} from '../runner/ports.ts';
import { quoteIdentifier } from '../sql/identifiers.ts';
import { cursorQuery } from './backfill.ts';
import type { Observer } from './blockers.ts';
import { toFailure } from './failure.ts';
import { type Answer, type Flight, type Flights, flightsOf } from './flights.ts';
import { journalQuery } from './journal.ts';
import { lockKey } from './lock.ts';
import { ownRole, transactionPrelude } from './prelude.ts';
import type { ProgressPace } from './progress.ts';
import { recordQuery } from './record.ts';
import type { Session } from './session.ts';
import type { HistoryContext } from './version-table.ts';

export interface TransactionSettings {
  readonly searchPath: string | undefined;
  readonly context: HistoryContext;
  readonly observer: Observer;
  readonly onBlocked: (blockers: readonly SessionInfo[]) => void;
  readonly pace: ProgressPace;
  readonly onProgress: (progress: StatementProgress) => void;
}

/**
 * Begins, lets `work` run, commits; rolls back when `work` throws.
 * @throws DatabaseFailure
 */
export async function inTransaction<T>(
  session: Session,
  settings: TransactionSettings,
  options: TransactionOptions,
  work: (tx: RevisionTransaction) => Promise<T>,
): Promise<T> {
  const { client } = session;
  const flights = flightsOf(session, {
    observer: settings.observer,
    onBlocked: settings.onBlocked,
    pace: settings.pace,
    onProgress: settings.onProgress,
    lockTimeoutMs: options.lockTimeoutMs,
    schema: settings.context.schema,
  });
  // What was sent and not yet awaited: `begin`, then statements. Each answer that must be known
  // takes all of it down with it, so that a small revision costs one round trip and its commit.
  let aloft: readonly Flight[] = [
    flights.send(transactionPrelude(session, settings.searchPath, options).join('; ')),
  ];
  let mayBeAnother = false;
  const landWith = async (last?: Flight): Promise<Answer | undefined> => {
    const all = last === undefined ? aloft : [...aloft, last];
    aloft = [];
    return (await flights.land(all)).at(-1);
  };
  const tx: RevisionTransaction = {
    async run(statements) {
      const before = aloft;
      aloft = [];
      mayBeAnother ||= statements.some(mayChangeRole);
      aloft = await flights.run(statements, before);
      // What the parser did not understand may end the transaction: that must be seen in time.
      if (statements.some((statement) => statement.command === UNPARSED)) {
        await landWith();
        assertOpen(session);
      }
    },
    async ask(statement, query) {
      return firstColumn(await landWith(flights.send(query, statement)))[0] === true;
    },
    async check(statement) {
      return firstColumn(await landWith(flights.send(statement.text, statement)));
    },
    async query(statement, values) {
      mayBeAnother = true;
      const answer = await landWith(flights.sendWith(statement, values));
      return { rows: answer?.rows ?? [], rowCount: answer?.rowCount ?? null };
    },
    async record(change) {
      // The revision may have changed the role; the record is ours.
      if (mayBeAnother) aloft = [...aloft, flights.send(ownRole(session).join('; '))];
      const answer = await landWith(flights.sendOwn(recordQuery(settings.context, change)));
      if (answer?.rows[0]?.['moved'] !== true) {
        throw stalePlan('another runner changed the history');
      }
    },
    async journal(revision, entry) {
      if (mayBeAnother) aloft = [...aloft, flights.send(ownRole(session).join('; '))];
      await landWith(flights.sendOwn(journalQuery(settings.context.schema, revision, entry)));
    },
    async moveCursor(place, move) {
      if (mayBeAnother) aloft = [...aloft, flights.send(ownRole(session).join('; '))];
      const query = cursorQuery(settings.context.schema, place, move);
      const answer = await landWith(flights.sendOwn(query));
      if (answer?.rows.length !== 1) throw stalePlan('another runner moved the backfill on');
    },
  };

  try {
    if (session.pooled) {
      await landWith();
      await enterPooled(session, settings.context.schema, { flights, options });
    }
    const value = await work(tx);
    await landWith();
    assertOpen(session);
    // Not cancellable: a commit is either not begun or done, and must be known to be which.
    const commit = await client.query('commit').catch((error: unknown) => {
      throw commitFailure(toFailure(error));
    });
    if (commit.command === 'ROLLBACK') throw rolledBackInstead();
    return value;
  } catch (error) {
    await Promise.allSettled(aloft.map((flight) => flight.answer));
    // A lost connection has rolled back by itself.
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

/**
 * Behind a transaction pooler the lock lasts as long as the transaction, so each one takes it and
 * looks whether the plan still holds.
 */
async function enterPooled(
  session: Session,
  schema: string,
  entering: { readonly flights: Flights; readonly options: TransactionOptions },
): Promise<void> {
  const { flights, options } = entering;
  const lock = flights.sendOwn({
    // The server session's own name is the pooler's, and nobody could say who holds the lock.
    text: `
      select pg_try_advisory_xact_lock($1::bigint) as locked, pg_backend_pid() as pid,
        set_config('application_name', $2, true)`,
    values: [lockKey(schema), session.applicationName ?? ''],
  });
  const [locked] = (await flights.land([lock]))[0]?.rows ?? [];
  if (locked?.['locked'] !== true) throw stalePlan('another runner holds the migration lock');
  session.backendPid = Number(locked['pid']);
  const summary = flights.sendOwn({
    text: `select digest from ${quoteIdentifier(schema)}.summary`,
  });
  const [found] = (await flights.land([summary]))[0]?.rows ?? [];
  if (found?.['digest'] !== options.expectedDigest) {
    throw stalePlan('another runner changed the history');
  }
}

/** A session that ends at this point may have committed before it ended. */
function commitFailure(failure: DatabaseFailure): DatabaseFailure {
  if (failure.kind !== 'connection-lost') return failure;
  return new DatabaseFailure('commit-unknown', failure.fields, { cause: failure.cause });
}

function firstColumn(answer: Answer | undefined): readonly unknown[] {
  const column = answer?.columns[0];
  return column === undefined ? [] : (answer?.rows ?? []).map((row) => row[column]);
}

/** Whether the role may be another one once the statement ran. */
export function mayChangeRole({ command }: Pick<Statement, 'command'>): boolean {
  return !KEEPS_ROLE.has(command);
}

/** Commands that run nothing of the user's which could change the role: most of what migrations do. */
const KEEPS_ROLE: ReadonlySet<string> = new Set([
  'comment',
  'create function',
  'create index',
  'create schema',
  'create sequence',
  'create table',
  'create type',
  'create view',
  'drop index',
  'drop table',
  'drop view',
  'grant',
  'revoke',
]);

/** The command of a section that only the server can judge (`sql/statements.ts`). */
export const UNPARSED = 'sql';

/** A statement that ends the transaction by itself must not be taken for a finished revision. */
function assertOpen(session: Session): void {
  if (session.client.getTransactionStatus() === 'T') return;
  throw ownWords('other', 'the transaction was ended by a statement of the revision', {
    hint: 'Take transaction control (commit, rollback) out of the revision.',
  });
}

function rolledBackInstead(): DatabaseFailure {
  return ownWords('other', 'the server rolled the transaction back instead of committing it');
}

function stalePlan(message: string): DatabaseFailure {
  return ownWords('stale-plan', message);
}
