/**
 * Runs a revision that cannot run in a transaction. Each statement is journaled, intent before and
 * outcome after; a run that finds a started statement asks the catalog what became of it.
 */

import { DatabaseFailure } from '../core/database-failure.ts';
import { RunError } from '../core/errors.ts';
import type { Statement } from '../core/revision.ts';
import { statementDigest } from '../sql/checksum.ts';
import type { JournalEntry, MigrationDatabase, StatementLimits, Surroundings } from './ports.ts';
import { verify } from './run-step.ts';
import type { AppliedSet, Step } from './step.ts';

interface OutsideOptions {
  readonly limits: StatementLimits;
  readonly surroundings: Surroundings;
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
  // Turned back half way: statements without an entry of ours may have their effect all the same.
  const turnedBack = earlier.length < journal.length;
  // From here on it is neither applied nor absent, and the summary row must not say otherwise.
  const summary = direction === 'upgrade' ? set.unchanged() : set.removing(revision.id);
  await db.sql.transaction(brief, (tx) =>
    tx.record({ kind: 'begun', direction, revision, compatibility, summary }),
  );
  for (const [ordinal, statement] of step.script.statements.entries()) {
    const entry = earlier.find((candidate) => candidate.ordinal === ordinal);
    await runJournaled(db, step, { ordinal, statement, entry, turnedBack }, options);
  }
  const undo = set.mark();
  try {
    await db.sql.transaction({ ...brief, expectedDigest: set.digest }, async (tx) => {
      await verify(tx, step);
      await tx.record(
        direction === 'upgrade'
          ? {
              kind: 'applied',
              revision,
              compatibility,
              summary: set.adding({ ...revision, compatibility }),
              approvedBy: step.approvedBy,
            }
          : {
              kind: 'reverted',
              revision: revision.id,
              summary: set.removing(revision.id),
              approvedBy: step.approvedBy,
            },
      );
    });
  } catch (error) {
    undo();
    throw error;
  }
}

interface JournaledStatement {
  readonly ordinal: number;
  readonly statement: Statement;
  readonly entry: JournalEntry | undefined;
  /** The other direction had begun and was interrupted. */
  readonly turnedBack: boolean;
}

async function runJournaled(
  db: MigrationDatabase,
  step: Step,
  item: JournaledStatement,
  options: OutsideOptions,
): Promise<void> {
  const { statement, ordinal } = item;
  const { revision, direction } = step;
  const digest = statementDigest(statement.text);
  if (item.entry !== undefined && (await isSettled(db, step, item, options))) return;
  if (item.entry === undefined && item.turnedBack) {
    const fact = await effectOf(db, statement, options);
    if (fact !== undefined) {
      reportSkipped(step, statement, options, { why: 'already-done', evidence: fact });
      await db.journal.write(revision.id, { ordinal, direction, digest, state: 'skipped' });
      return;
    }
  }
  const write = (state: JournalEntry['state']): Promise<void> =>
    db.journal.write(revision.id, { ordinal, direction, digest, state });
  const condition = statement.onlyIf;
  if (condition !== undefined && !(await db.sql.ask(statement, condition, options.limits))) {
    reportSkipped(step, statement, options, { why: 'only-if', evidence: condition });
    await write('skipped');
    return;
  }
  await write('started');
  options.surroundings.reporter.report({
    type: 'statement.started',
    revision: revision.id,
    command: statement.command,
    location: `${revision.file}:${statement.line}:${statement.column}`,
  });
  try {
    await db.sql.outside(statement, options.limits);
  } catch (error) {
    // The server refused it, so it is known that it did not take effect as a whole. After a lost
    // connection nothing is known, and the entry stays `started` for the next run to look into.
    if (error instanceof DatabaseFailure && error.kind !== 'connection-lost') {
      await write('failed').catch(() => {
        throw error;
      });
    }
    throw error;
  }
  await write('done');
}

/** Whether an earlier run completed the statement; cleans up when it left a remnant. */
async function isSettled(
  db: MigrationDatabase,
  step: Step,
  item: JournaledStatement,
  options: OutsideOptions,
): Promise<boolean> {
  const { statement, entry } = item;
  if (entry === undefined) return false;
  const same = entry.digest === statementDigest(statement.text);
  if (entry.state === 'done' || entry.state === 'skipped') {
    if (!same) throw changedAfterwards(step, item);
    reportSkipped(step, statement, options, {
      why: 'already-done',
      evidence: `journaled as ${entry.state} on ${entry.startedAt}`,
    });
    return true;
  }
  const { postcondition } = statement.facts;
  if (postcondition !== undefined) {
    // Evidence for a statement that has been edited since may be evidence for the one before.
    const evidence = await db.sql.evidence(postcondition);
    if (evidence.verdict === 'foreign') throw ambiguous(step, item, evidence.fact);
    if (evidence.verdict === 'remnant') await db.sql.removeRemnant(postcondition, options.limits);
    if (evidence.verdict !== 'done') return false;
    if (entry.state === 'failed') return false;
    if (!same) throw changedAfterwards(step, item);
    await db.journal.write(step.revision.id, { ...entry, state: 'done' });
    reportSkipped(step, statement, options, { why: 'already-done', evidence: evidence.fact });
    return true;
  }
  if (entry.state === 'failed' || statement.idempotent) return false;
  throw ambiguous(step, item);
}

/** The fact that shows the statement's effect to be there; cleans up when only a remnant of it is. */
async function effectOf(
  db: MigrationDatabase,
  statement: Statement,
  options: OutsideOptions,
): Promise<string | undefined> {
  const { postcondition } = statement.facts;
  if (postcondition === undefined) return undefined;
  const { verdict, fact } = await db.sql.evidence(postcondition);
  if (verdict === 'remnant') await db.sql.removeRemnant(postcondition, options.limits);
  return verdict === 'done' ? fact : undefined;
}

function reportSkipped(
  step: Step,
  statement: Statement,
  options: OutsideOptions,
  reason: { readonly why: 'only-if' | 'already-done'; readonly evidence: string },
): void {
  options.surroundings.reporter.report({
    type: 'statement.skipped',
    revision: step.revision.id,
    location: `${step.revision.file}:${statement.line}:${statement.column}`,
    ...reason,
  });
}

function ambiguous(step: Step, item: JournaledStatement, fact?: string): RunError {
  const { revision } = step;
  const { statement, entry } = item;
  const at = `${revision.file}:${statement.line}:${statement.column}`;
  return new RunError(
    'SLIPWAY_REVISION_AMBIGUOUS',
    `revision "${revision.id}" was interrupted in the statement at ${at}, and ${fact ?? 'the catalog cannot tell whether it took effect'}`,
    {
      hint: `Look whether it did. If it did, or if running it twice does no harm, put "-- slipway:idempotent" above it and run again; if it did in part, undo that part first.`,
      details: {
        revision: revision.id,
        file: revision.file,
        line: statement.line,
        column: statement.column,
        statement: statement.text.slice(0, 500),
        startedAt: entry?.startedAt,
        ordinal: item.ordinal + 1,
        of: step.script.statements.length,
      },
    },
  );
}

function changedAfterwards(step: Step, item: JournaledStatement): RunError {
  const { revision } = step;
  const { line, column } = item.statement;
  return new RunError(
    'SLIPWAY_REVISION_AMBIGUOUS',
    `revision "${revision.id}" is half applied and its statement ${item.ordinal + 1} at ${revision.file}:${line}:${column} is not the one that ran`,
    {
      hint: 'Statements that already ran must stay as they were; correct only those after them.',
      details: {
        revision: revision.id,
        file: revision.file,
        line,
        column,
        ordinal: item.ordinal + 1,
        startedAt: item.entry?.startedAt,
      },
    },
  );
}
