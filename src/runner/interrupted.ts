/** What a run makes of a revision outside a transaction that an earlier run did not finish. */

import { RunError } from '../core/errors.ts';
import type { Statement } from '../core/revision.ts';
import { statementDigest } from '../sql/checksum.ts';
import { patientLimits } from './patient-limits.ts';
import type {
  Evidence,
  JournalEntry,
  MigrationDatabase,
  StatementLimits,
  Surroundings,
} from './ports.ts';
import { backfillDigest } from './run-backfill.ts';
import type { Step } from './step.ts';

/** A statement of such a revision, and what an earlier run wrote of it. */
export interface JournaledStatement {
  readonly ordinal: number;
  readonly statement: Statement;
  readonly entry: JournalEntry | undefined;
  /** The other direction had begun and was interrupted. */
  readonly turnedBack: boolean;
  readonly expectedDigest: string;
}

interface Settling {
  readonly limits: StatementLimits;
  readonly surroundings: Surroundings;
}

/** What makes a statement the same one for the journal. */
export function digestOf({ text, backfill }: Statement): string {
  return backfill === undefined ? statementDigest(text) : backfillDigest(backfill, text);
}

/**
 * Whether an earlier run completed the statement; removes or finishes a remnant of it.
 * @throws RunError `SLIPWAY_REVISION_AMBIGUOUS`
 */
export async function isSettled(
  db: MigrationDatabase,
  step: Step,
  item: JournaledStatement,
  options: Settling,
): Promise<boolean> {
  const { statement, ordinal, entry } = item;
  const looksAtCatalog = needsEvidence(item);
  const { evidence, isCleaned } = looksAtCatalog
    ? await cleanEvidence(db, step, item, options)
    : NO_EVIDENCE;
  const verdict = judgeStatement(item, evidence, { isCleaned });
  switch (verdict.kind) {
    case 'done': {
      reportSkipped(step, statement, options, { why: 'already-done', evidence: verdict.fact });
      if (!looksAtCatalog) return true;
      const { direction, revision } = step;
      const state = entry === undefined ? 'skipped' : 'done';
      const digest = digestOf(statement);
      await db.journal.write(revision.id, { ordinal, direction, digest, state });
      return true;
    }
    case 'again':
      if (verdict.fact !== undefined) reportResumed(step, statement, options, verdict.fact);
      return false;
    case 'changed':
      throw changedAfterwards(step, item);
    default:
      throw ambiguous(step, item, verdict.fact);
  }
}

/** What is to be done about a statement of a revision that an earlier run did not finish. */
type StatementVerdict =
  | { readonly kind: 'done'; readonly fact: string }
  /** To be run; with a fact where an earlier run had begun it. */
  | { readonly kind: 'again'; readonly fact: string | undefined }
  /** Only a person can tell: what is known, if anything is. */
  | { readonly kind: 'unknown'; readonly fact: string | undefined }
  /** Another statement ran in its place. */
  | { readonly kind: 'changed' };

/** Whether the catalog has to be asked about the statement. */
export function needsEvidence({ entry, turnedBack, statement }: JournaledStatement): boolean {
  if (entry === undefined) return turnedBack;
  if (entry.state === 'done' || entry.state === 'skipped') return false;
  // The cursor of a backfill tells where it goes on; of a statement that is no more nobody can tell.
  return statement.backfill === undefined && !isReplaced({ entry, statement });
}

/** Judges a statement by its journal entry and what the catalog says of it. */
export function judgeStatement(
  { entry, turnedBack, statement }: JournaledStatement,
  evidence: Evidence | undefined,
  { isCleaned }: { readonly isCleaned: boolean },
): StatementVerdict {
  const isFree = statement.idempotent || statement.facts.interruption === 'repeatable';
  if (entry === undefined) {
    if (!turnedBack) return { kind: 'again', fact: undefined };
    if (evidence?.verdict === 'done') return { kind: 'done', fact: evidence.fact };
    const isTold = evidence !== undefined || statement.backfill !== undefined;
    return isTold || isFree
      ? { kind: 'again', fact: undefined }
      : {
          kind: 'unknown',
          fact: 'nobody can tell how much of it is to be done after the turn back',
        };
  }
  if (entry.state === 'done' || entry.state === 'skipped') {
    return entry.digest === digestOf(statement)
      ? { kind: 'done', fact: `journaled as ${entry.state} on ${entry.startedAt}` }
      : { kind: 'changed' };
  }
  if (statement.backfill !== undefined) return { kind: 'again', fact: undefined };
  if (isReplaced({ entry, statement })) return { kind: 'changed' };
  const isDone = evidence?.verdict === 'done';
  // The server refused it, so that what is there is not its work, unless it was finished just now.
  if (entry.state === 'failed') {
    return isDone && isCleaned
      ? { kind: 'done', fact: evidence.fact }
      : { kind: 'again', fact: undefined };
  }
  if (isDone) return { kind: 'done', fact: evidence.fact };
  const fact = evidence?.fact ?? (isFree ? 'to run it twice does no harm' : undefined);
  const mayRun = isFree || evidence?.verdict === 'absent';
  return mayRun ? { kind: 'again', fact } : { kind: 'unknown', fact };
}

/** What became of the one that was begun is not to be found out from another one. */
function isReplaced({
  entry,
  statement,
}: Pick<JournaledStatement, 'entry' | 'statement'>): boolean {
  return (
    entry?.state === 'started' && !statement.idempotent && entry.digest !== digestOf(statement)
  );
}

interface CleanEvidence {
  /** Undefined when the catalog cannot tell. */
  readonly evidence: Evidence | undefined;
  /** There was a remnant, which was removed or finished. */
  readonly isCleaned: boolean;
}

const NO_EVIDENCE: CleanEvidence = { evidence: undefined, isCleaned: false };

async function cleanEvidence(
  db: MigrationDatabase,
  step: Step,
  { statement }: JournaledStatement,
  options: Settling,
): Promise<CleanEvidence> {
  const { postcondition } = statement.facts;
  if (postcondition === undefined) return NO_EVIDENCE;
  const evidence = await db.sql.evidence(postcondition, options.limits);
  if (evidence.verdict !== 'remnant') return { evidence, isCleaned: false };
  await db.sql.removeRemnant(postcondition, patientLimits(step, statement, options.limits));
  reportResumed(step, statement, options, `${evidence.fact}; cleaned up`);
  return { evidence: await db.sql.evidence(postcondition, options.limits), isCleaned: true };
}

/** Says that a statement was passed over, and on what evidence. */
export function reportSkipped(
  step: Step,
  statement: Statement,
  { surroundings }: Pick<Settling, 'surroundings'>,
  reason: { readonly why: 'only-if' | 'already-done'; readonly evidence: string },
): void {
  surroundings.reporter.report({
    type: 'statement.skipped',
    ...placeOf(step, statement),
    ...reason,
  });
}

function reportResumed(
  step: Step,
  statement: Statement,
  { surroundings }: Settling,
  evidence: string,
): void {
  surroundings.reporter.report({
    type: 'statement.resumed',
    ...placeOf(step, statement),
    evidence,
  });
}

function placeOf({ revision }: Step, { line, column }: Statement) {
  return { revision: revision.id, location: `${revision.file}:${line}:${column}` };
}

function ambiguous(step: Step, item: JournaledStatement, fact?: string): RunError {
  const { revision } = step;
  const { statement, entry, ordinal } = item;
  const at = `${revision.file}:${statement.line}:${statement.column}`;
  const where = entry === undefined ? 'before' : 'in';
  return new RunError(
    'SLIPWAY_REVISION_AMBIGUOUS',
    `revision "${revision.id}" was interrupted ${where} the statement at ${at}, and ${fact ?? 'the catalog cannot tell whether it took effect'}`,
    {
      hint: `Look whether it did, then say so: slipway repair ${revision.id} --statement ${ordinal + 1}=done (or =absent) --reason "..."; where running it twice does no harm, put "-- slipway:idempotent" above it.`,
      details: {
        revision: revision.id,
        file: revision.file,
        line: statement.line,
        column: statement.column,
        statement: statement.text.slice(0, 500),
        startedAt: entry?.startedAt,
        ordinal: ordinal + 1,
        of: step.script.statements.length,
        evidence: fact,
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
      hint: `Statements that already ran must stay as they were; correct only those after them. slipway repair ${revision.id} shows what ran.`,
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
