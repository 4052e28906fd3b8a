/** A transaction in which revisions run and are recorded, under the lock of its history. */

import { type DatabaseFailure, ownWords } from '../core/database-failure.ts';
import type { SessionInfo } from '../core/events.ts';
import type { RevisionTransaction, TransactionOptions } from '../runner/ports.ts';
import { quoteIdentifier } from '../sql/identifiers.ts';
import type { Observer } from './blockers.ts';
import { toFailure } from './failure.ts';
import { type Answer, type Flight, flightsOf } from './flights.ts';
import { lockKey } from './lock.ts';
import { transactionPrelude } from './prelude.ts';
import { recordQuery } from './record.ts';
import type { Session } from './session.ts';
import type { HistoryContext } from './version-table.ts';

export interface TransactionSettings {
  readonly searchPath: string | undefined;
  readonly context: HistoryContext;
  readonly observer: Observer;
  readonly onBlocked: (blockers: readonly SessionInfo[]) => void;
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
    lockTimeoutMs: options.lockTimeoutMs,
    backendPid: session.backendPid,
  });
  // Sent together with the first statements, to save a round trip per revision.
  let begin: Flight[] = [flights.send(transactionPrelude(session, settings.searchPath, options))];
  const takeBegin = (): Flight[] => {
    const taken = begin;
    begin = [];
    return taken;
  };
  const tx: RevisionTransaction = {
    run: (statements) => flights.run(statements, takeBegin()),
    async ask(statement, query) {
      return firstColumn(await last([...takeBegin(), flights.send(query, statement)]))[0] === true;
    },
    async check(statement) {
      return firstColumn(await last([...takeBegin(), flights.send(statement.text, statement)]));
    },
    async record(change) {
      await flights.land(takeBegin());
      assertOpen(session);
      const [row] = await session.inTransaction(recordQuery(settings.context, change));
      if (row?.['moved'] !== true) throw stalePlan('another runner changed the history');
    },
  };
  const last = async (aloft: readonly Flight[]): Promise<Answer | undefined> =>
    (await flights.land(aloft)).at(-1);

  try {
    if (session.pooled) await enterPooled(session, settings.context.schema, options);
    const value = await work(tx);
    await flights.land(takeBegin());
    assertOpen(session);
    // Not cancellable: a commit is either not begun or done, and must be known to be which.
    const commit = await client.query('commit').catch((error: unknown) => {
      throw toFailure(error);
    });
    if (commit.command === 'ROLLBACK') throw rolledBackInstead();
    return value;
  } catch (error) {
    await Promise.allSettled(begin.map((flight) => flight.answer));
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
  options: TransactionOptions,
): Promise<void> {
  const [lock] = await session.inTransaction({
    text: 'select pg_try_advisory_xact_lock($1::bigint) as locked, pg_backend_pid() as pid',
    values: [lockKey(schema)],
  });
  if (lock?.['locked'] !== true) throw stalePlan('another runner holds the migration lock');
  session.backendPid = Number(lock['pid']);
  const [summary] = await session.inTransaction({
    text: `select digest from ${quoteIdentifier(schema)}.summary`,
  });
  if (summary?.['digest'] !== options.expectedDigest) {
    throw stalePlan('another runner changed the history');
  }
}

function firstColumn(answer: Answer | undefined): readonly unknown[] {
  const column = answer?.columns[0];
  return column === undefined ? [] : (answer?.rows ?? []).map((row) => row[column]);
}

/** A statement that ends the transaction by itself must not be taken for a finished revision. */
function assertOpen(session: Session): void {
  if (session.client.getTransactionStatus() === 'T') return;
  throw ownWords(
    'other',
    'the transaction was ended by a statement of the revision',
    'Take transaction control (commit, rollback) out of the revision.',
  );
}

function rolledBackInstead(): DatabaseFailure {
  return ownWords('other', 'the server rolled the transaction back instead of committing it');
}

function stalePlan(message: string): DatabaseFailure {
  return ownWords('stale-plan', message);
}
