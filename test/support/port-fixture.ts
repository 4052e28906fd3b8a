/** What the suite of the ports works with: sessions, and the statements and records of revisions. */

import { EMPTY_DIGEST } from '../../src/core/applied.ts';
import { DatabaseFailure } from '../../src/core/database-failure.ts';
import type { Revision, Statement } from '../../src/core/revision.ts';
import type { MigrationDatabase, RevisionTransaction } from '../../src/runner/ports.ts';
import { type AppliedSet, appliedSet } from '../../src/runner/step.ts';
import { releaseOf, revision } from './graph.ts';

/** A database of its own, to which sessions can be opened. */
export interface PortFixture {
  connect(): Promise<MigrationDatabase>;
  close(): Promise<void>;
}

/** Limits that no test reaches. */
export const LIMITS = { lockTimeoutMs: 2000, statementTimeoutMs: 0 };
/** A verdict that raises no floor. */
export const COMPATIBLE = { verdict: 'yes', reason: 'new table' } as const;
/** A verdict that raises the floor. */
export const BREAKING = { verdict: 'no', reason: 'drops a column' } as const;

/** The statements of a revision's up section. */
export async function statementsOf(of: Revision): Promise<readonly Statement[]> {
  return (await releaseOf(of).script(of, 'up')).statements;
}

/** The only statement of `sql`. */
export async function statementOf(sql: string): Promise<Statement> {
  const [statement] = await statementsOf(revision('s', { up: sql }));
  if (statement === undefined) throw new Error(`no statement in ${sql}`);
  return statement;
}

async function currentSet(db: MigrationDatabase): Promise<AppliedSet> {
  const digest = (await db.applied.summary())?.digest ?? EMPTY_DIGEST;
  return appliedSet(await db.applied.list(), digest);
}

/** Runs `work` in a transaction, with the set that is applied now. */
export async function inTransaction<T>(
  db: MigrationDatabase,
  work: (tx: RevisionTransaction, set: AppliedSet) => Promise<T>,
): Promise<T> {
  const set = await currentSet(db);
  const options = { ...LIMITS, durable: true, expectedDigest: set.digest };
  return db.sql.transaction(options, (tx) => work(tx, set));
}

/** Runs and records revisions, a transaction each. */
export async function apply(db: MigrationDatabase, ...all: readonly Revision[]): Promise<void> {
  for (const each of all) {
    const statements = await statementsOf(each);
    await inTransaction(db, async (tx, set) => {
      await tx.run(statements);
      const compatibility = each.compatible ?? COMPATIBLE;
      const summary = set.adding({ ...each, compatibility });
      await tx.record({ kind: 'applied', revision: each, compatibility, summary });
    });
  }
}

/** Records that a revision outside a transaction has begun. */
export async function begin(
  db: MigrationDatabase,
  of: Revision,
  direction: 'upgrade' | 'downgrade',
): Promise<void> {
  await inTransaction(db, async (tx, set) => {
    const summary = direction === 'upgrade' ? set.unchanged() : set.removing(of.id);
    await tx.record({ kind: 'begun', direction, revision: of, compatibility: COMPATIBLE, summary });
  });
}

/** Asks a question outside a transaction. */
export async function asks(db: MigrationDatabase, query: string): Promise<boolean> {
  return db.sql.ask(await statementOf('select true;'), query, LIMITS);
}

/** Whether a table or an index of this name is there. */
export async function isTable(db: MigrationDatabase, name: string): Promise<boolean> {
  return asks(db, `select to_regclass('${name}') is not null`);
}

/** The failure with which `work` ends. */
export async function failureOf(work: Promise<unknown>): Promise<DatabaseFailure> {
  const outcome = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (outcome instanceof DatabaseFailure) return outcome;
  throw new Error(`expected a database failure, got ${String(outcome)}`);
}
