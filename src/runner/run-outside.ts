/**
 * Runs a revision that cannot run in a transaction. Each statement is journaled: in one transaction
 * with its effect where Postgres allows that, else intent before and outcome after.
 */

import { DatabaseFailure, type FailureKind } from '../core/database-failure.ts';
import type { Statement } from '../core/revision.ts';
import { digestOf, isSettled, type JournaledStatement, reportSkipped } from './interrupted.ts';
import { patientLimits } from './patient-limits.ts';
import type { JournalEntry, MigrationDatabase, StatementLimits, Surroundings } from './ports.ts';
import { runBackfill } from './run-backfill.ts';
import { verify } from './run-step.ts';
import type { AppliedSet, Step } from './step.ts';
import { beginningOf, hasChangedAnything, isTurnedBack } from './turn-back.ts';

interface OutsideOptions {
  readonly limits: StatementLimits;
  readonly surroundings: Surroundings;
  /** Called when a part of a statement is done for good. */
  readonly onProgress: () => void;
}

/**
 * Runs `step` statement by statement, from where an earlier run stopped.
 * @throws DatabaseFailure, with the statement
 * @throws RunError `SLIPWAY_REVISION_AMBIGUOUS`, `SLIPWAY_VERIFY_FAILED`
 */
export async function runOutsideTransaction(
  db: MigrationDatabase,
  step: Step,
  set: AppliedSet,
  options: OutsideOptions,
): Promise<void> {
  const { revision, direction, compatibility } = step;
  const brief = { ...options.limits, durable: true, expectedDigest: set.digest };
  const journal = await db.journal.read(revision.id);
  const earlier = journal.filter((entry) => entry.direction === direction);
  const wasWhole = direction === 'upgrade' ? journal.length === 0 : set.has(revision.id);
  const turnedBack = isTurnedBack(earlier, wasWhole);
  if (turnedBack && earlier.length === 0) {
    const { limits } = options;
    if (!(await hasChangedAnything(db, revision, journal, limits))) {
      const evidence = `the interrupted ${direction === 'upgrade' ? 'downgrade' : 'upgrade'} had changed nothing`;
      for (const statement of step.script.statements) {
        reportSkipped(step, statement, options, { why: 'already-done', evidence });
      }
      return finish(db, step, set, { ...options.limits, begins: true });
    }
  }
  // From here on it is neither applied nor absent, and the summary row must not say otherwise.
  const summary = direction === 'upgrade' ? set.unchanged() : set.removing(revision.id);
  await db.sql.transaction(brief, async (tx) => {
    await tx.record({ kind: 'begun', direction, revision, compatibility, summary });
    const beginning = beginningOf(direction, earlier, turnedBack);
    if (beginning !== undefined) await tx.journal(revision.id, beginning);
  });
  for (const [ordinal, statement] of step.script.statements.entries()) {
    const entry = earlier.find((candidate) => candidate.ordinal === ordinal);
    const item = { ordinal, statement, entry, turnedBack, expectedDigest: set.digest };
    await runJournaled(db, step, item, options);
  }
  await finish(db, step, set, { ...options.limits, begins: false });
}

/** Verifies and records; with `begins` also that it began, which voids the other journal. */
async function finish(
  db: MigrationDatabase,
  step: Step,
  set: AppliedSet,
  { begins, ...limits }: StatementLimits & { readonly begins: boolean },
): Promise<void> {
  const { revision, direction, compatibility, approved } = step;
  const { id } = revision;
  const undo = set.mark();
  const options = { ...limits, durable: true, expectedDigest: set.digest };
  try {
    await db.sql.transaction(options, async (tx) => {
      await verify(tx, step);
      if (direction === 'downgrade') {
        await tx.record({ kind: 'reverted', revision: id, summary: set.removing(id), approved });
        return;
      }
      if (begins) {
        const summary = set.unchanged();
        await tx.record({ kind: 'begun', direction, revision, compatibility, summary });
      }
      const summary = set.adding({ ...revision, compatibility });
      await tx.record({ kind: 'applied', revision, compatibility, summary, approved });
    });
  } catch (error) {
    undo();
    throw error;
  }
}

async function runJournaled(
  db: MigrationDatabase,
  step: Step,
  item: JournaledStatement,
  options: OutsideOptions,
): Promise<void> {
  if (await isSettled(db, step, item, options)) return;
  const { statement, ordinal } = item;
  const { revision, direction } = step;
  const digest = digestOf(statement);
  const write = (state: JournalEntry['state']): Promise<void> =>
    db.journal.write(revision.id, { ordinal, direction, digest, state });
  const isAtomic = statement.backfill === undefined && statement.facts.interruption === 'atomic';
  try {
    if (isAtomic) await runAtomically(db, step, item, options);
    else await runBare(db, step, item, { ...options, write });
  } catch (error) {
    // The server refused it, so it is known that it did not take effect as a whole. After a lost
    // connection nothing is known, and the entry stays as it is for the next run to look into.
    if (error instanceof DatabaseFailure && !LOST.has(error.kind) && !mayBeDone(error, statement)) {
      await write('failed').catch(() => {
        throw error;
      });
    }
    throw error;
  }
}

/**
 * A statement that is several transactions may be cancelled behind the last of them: its effect is
 * there, and its answer is an error. The catalog knows.
 */
function mayBeDone({ kind }: DatabaseFailure, { facts }: Statement): boolean {
  return kind === 'cancelled' && !facts.transactional && facts.postcondition !== undefined;
}

const LOST: ReadonlySet<FailureKind> = new Set<FailureKind>([
  'connection-lost',
  'commit-unknown',
  'stale-plan',
]);

/** In one transaction with its journal entry, which is there when and only when the effect is. */
async function runAtomically(
  db: MigrationDatabase,
  step: Step,
  item: JournaledStatement,
  options: OutsideOptions,
): Promise<void> {
  const { statement, ordinal, expectedDigest } = item;
  const { revision, direction } = step;
  const entry = { ordinal, direction, digest: digestOf(statement) };
  const { onlyIf } = statement;
  await db.sql.transaction({ ...options.limits, durable: true, expectedDigest }, async (tx) => {
    if (onlyIf !== undefined && !(await tx.ask(statement, onlyIf))) {
      reportSkipped(step, statement, options, { why: 'only-if', evidence: onlyIf });
      return tx.journal(revision.id, { ...entry, state: 'skipped' });
    }
    reportStarted(step, statement, options);
    await tx.run([statement]);
    return tx.journal(revision.id, { ...entry, state: 'done' });
  });
}

/** Outside any transaction: intent before, outcome after. */
async function runBare(
  db: MigrationDatabase,
  step: Step,
  item: JournaledStatement,
  options: OutsideOptions & { readonly write: (state: JournalEntry['state']) => Promise<void> },
): Promise<void> {
  const { statement, ordinal, expectedDigest } = item;
  const { write } = options;
  const { backfill } = statement;
  // The condition of a backfill that has begun was true; its own batches may have changed that.
  const place = { revision: step.revision.id, direction: step.direction, ordinal };
  const hasBegun = backfill !== undefined && (await db.sql.backfills.cursor(place)) !== undefined;
  const condition = hasBegun ? undefined : statement.onlyIf;
  if (condition !== undefined && !(await db.sql.ask(statement, condition, options.limits))) {
    reportSkipped(step, statement, options, { why: 'only-if', evidence: condition });
    await write('skipped');
    return;
  }
  await write('started');
  reportStarted(step, statement, options);
  if (backfill === undefined) {
    await db.sql.outside(statement, patientLimits(step, statement, options.limits));
  } else {
    await runBackfill(
      db,
      { step, ordinal, statement, backfill },
      { ...options, expectedDigest, onBatch: options.onProgress },
    );
  }
  await write('done');
}

function reportStarted(step: Step, statement: Statement, options: OutsideOptions): void {
  options.surroundings.reporter.report({
    type: 'statement.started',
    revision: step.revision.id,
    command: statement.command,
    location: `${step.revision.file}:${statement.line}:${statement.column}`,
  });
}
