/** One step inside a transaction: its statements, its verify section, its record. */

import { ownWords } from '../core/database-failure.ts';
import type { Statement } from '../core/revision.ts';
import type { RevisionTransaction, Surroundings } from './ports.ts';
import { runProgram } from './run-program.ts';
import type { AppliedSet, Step } from './step.ts';

/** Runs one step in an open transaction: statements, verify, record. Answers how many statements. */
export async function runStep(
  tx: RevisionTransaction,
  step: Step,
  set: AppliedSet,
  surroundings: Surroundings,
): Promise<number> {
  const { revision, program } = step;
  const statements =
    program === undefined
      ? await runScript(tx, step, surroundings)
      : await runProgram(tx, step, program, surroundings);
  await tx.record(
    step.direction === 'upgrade'
      ? {
          kind: 'applied',
          revision,
          compatibility: step.compatibility,
          summary: set.adding({ ...revision, compatibility: step.compatibility }),
          approved: step.approved,
        }
      : {
          kind: 'reverted',
          revision: revision.id,
          summary: set.removing(revision.id),
          approved: step.approved,
        },
  );
  return statements;
}

async function runScript(
  tx: RevisionTransaction,
  step: Step,
  surroundings: Surroundings,
): Promise<number> {
  const { revision, script } = step;
  for (const batch of batches(step)) {
    const [first] = batch;
    const condition = first?.onlyIf;
    if (first !== undefined && condition !== undefined && !(await tx.ask(first, condition))) {
      surroundings.reporter.report({
        type: 'statement.skipped',
        revision: revision.id,
        location: `${revision.file}:${first.line}:${first.column}`,
        why: 'only-if',
        evidence: condition,
      });
      continue;
    }
    for (const { command, line, column } of batch) {
      const location = `${revision.file}:${line}:${column}`;
      surroundings.reporter.report({
        type: 'statement.started',
        revision: revision.id,
        command,
        location,
      });
    }
    await tx.run(batch);
  }
  await verify(tx, step);
  return script.statements.length;
}

/** Statements that may be sent together: a condition is asked just before its own statement. */
function* batches(step: Step): Generator<readonly Statement[]> {
  let batch: Statement[] = [];
  for (const statement of step.script.statements) {
    if (statement.onlyIf !== undefined) {
      if (batch.length > 0) yield batch;
      yield [statement];
      batch = [];
    } else {
      batch.push(statement);
    }
  }
  if (batch.length > 0) yield batch;
}

/**
 * Runs a step's verify section. A verify statement fails by raising an error, or by answering
 * `false` in its first column.
 * @throws DatabaseFailure of kind `not-verified`
 */
export async function verify(tx: Pick<RevisionTransaction, 'check'>, step: Step): Promise<void> {
  for (const statement of step.verify.statements) {
    const values = await tx.check(statement);
    if (!values.includes(false)) continue;
    throw ownWords('not-verified', 'the query answered false', { statement });
  }
}
