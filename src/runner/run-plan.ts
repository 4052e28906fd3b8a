/** Walks the steps of a plan: one transaction each, retried when a lock was not obtained in time. */

import { DatabaseFailure } from '../core/database-failure.ts';
import { Interrupted, SlipwayError } from '../core/errors.ts';
import type { RevisionId } from '../core/revision.ts';
import { stepFailure } from './failure.ts';
import { LostCommit } from './lost-commit.ts';
import type { MigrationDatabase, Surroundings } from './ports.ts';
import { runOutsideTransaction } from './run-outside.ts';
import { runStep } from './run-step.ts';
import type { AppliedSet, Step } from './step.ts';

export interface RunLimits {
  readonly lockTimeoutMs: number;
  readonly lockRetries: number;
  /** 0: none. */
  readonly statementTimeoutMs: number;
  /** All steps in one transaction. */
  readonly single: boolean;
}

/**
 * Runs `steps` in order.
 * @throws RunError, LockError, ConnectionError, Interrupted: with what was already applied
 * @throws DatabaseFailure of kind `stale-plan`: decide again
 * @throws LostCommit: ask over a new connection
 */
export async function runPlan(
  db: MigrationDatabase,
  steps: readonly Step[],
  set: AppliedSet,
  options: {
    readonly limits: RunLimits;
    readonly surroundings: Surroundings;
    /** Gets the ids that were committed, as they are. */
    readonly finished: RevisionId[];
    /** Called right before the steps of a transaction run, with those behind them. */
    readonly before?: (next: readonly Step[], rest: readonly Step[]) => Promise<void>;
  },
): Promise<void> {
  const { limits, surroundings, finished, before } = options;
  const stopNotices = db.sql.onNotice((notice) => {
    const step = running;
    if (step === undefined) return;
    surroundings.reporter.report({
      type: 'statement.notice',
      revision: step.revision.id,
      ...notice,
    });
  });
  const stopBlocked = db.sql.onBlocked((blockers) => {
    const step = running;
    if (step === undefined) return;
    surroundings.reporter.report({
      type: 'blocked.waiting',
      revision: step.revision.id,
      location: step.revision.file,
      blockers,
    });
  });
  const stopProgress = db.sql.onProgress(({ statement, ...progress }) => {
    const step = running;
    if (step === undefined) return;
    surroundings.reporter.report({
      type: 'statement.progress',
      revision: step.revision.id,
      command: statement.command,
      location: `${step.revision.file}:${statement.line}:${statement.column}`,
      ...progress,
    });
  });
  let running: Step | undefined;
  try {
    const groups = limits.single ? [steps] : steps.map((step) => [step]);
    for (const [index, group] of groups.entries()) {
      if (surroundings.signal.aborted) throw interruptedBetween(finished, set);
      const last = index === groups.length - 1;
      await before?.(group, groups.slice(index + 1).flat());
      await runGroup(group, {
        db,
        set,
        limits,
        surroundings,
        finished,
        total: steps.length,
        durable: last,
        enter: (step) => {
          running = step;
        },
      });
      finished.push(...group.map((step) => step.revision.id));
    }
  } finally {
    stopNotices();
    stopBlocked();
    stopProgress();
  }
}

interface GroupRun {
  readonly db: MigrationDatabase;
  readonly set: AppliedSet;
  readonly limits: RunLimits;
  readonly surroundings: Surroundings;
  readonly finished: readonly RevisionId[];
  readonly total: number;
  readonly durable: boolean;
  readonly enter: (step: Step) => void;
}

/** Runs the steps that share one transaction, again and again while locks are the only trouble. */
async function runGroup(group: readonly Step[], run: GroupRun): Promise<void> {
  const { limits, surroundings } = run;
  const { reporter } = surroundings;
  for (let attempt = 0; ; attempt++) {
    let current: Step | undefined;
    const start = surroundings.now();
    const done: StepDone[] = [];
    const announce = (): void => {
      const durationMs = surroundings.now() - start;
      group.forEach((step, index) => {
        const { length: statements } = step.script.statements;
        reportDone(run, step, index, done[index] ?? { durationMs, statements });
      });
    };
    try {
      const [only] = group;
      if (group.length === 1 && only?.revision.transaction === 'none') {
        current = only;
        run.enter(only);
        reportStarted(run, only, 0);
        await runOutsideTransaction(run.db, only, run.set, {
          limits: limitsOf(only, limits),
          surroundings,
          // What stands in the way from here on has not been tried yet.
          onProgress: () => {
            attempt = 0;
          },
        });
      } else {
        const enter = (step: Step): void => {
          current = step;
          run.enter(step);
        };
        await runTransaction(group, run, { enter, done });
      }
      announce();
      return;
    } catch (error) {
      if (error instanceof DatabaseFailure && error.kind === 'stale-plan') throw error;
      if (error instanceof DatabaseFailure && error.kind === 'commit-unknown') {
        throw new LostCommit(group, announce, error);
      }
      const step = current ?? group[0];
      if (step === undefined) throw error;
      if (isLockTrouble(error) && attempt < limits.lockRetries && !surroundings.signal.aborted) {
        const delayMs = retryDelay(attempt, surroundings.random());
        reporter.report({
          type: 'revision.retrying',
          revision: step.revision.id,
          attempt: attempt + 1,
          limit: limits.lockRetries,
          cause: error.message,
          delayMs,
          blockers: error.blockers,
        });
        await surroundings.sleep(delayMs);
        continue;
      }
      throw reported(error, step, attempt, run);
    }
  }
}

/** What is told of a step once it is committed. */
interface StepDone {
  readonly durationMs: number;
  readonly statements: number;
}

async function runTransaction(
  group: readonly Step[],
  run: GroupRun,
  { enter, done }: { readonly enter: (step: Step) => void; readonly done: StepDone[] },
): Promise<void> {
  const { surroundings, limits, set } = run;
  const [first] = group;
  if (first === undefined) return;
  // In memory the set moves ahead of the database; only a committed transaction may keep that.
  const undo = set.mark();
  try {
    await run.db.sql.transaction(
      { ...limitsOf(first, limits), durable: run.durable, expectedDigest: set.digest },
      async (tx) => {
        for (const [index, step] of group.entries()) {
          enter(step);
          reportStarted(run, step, index);
          const start = surroundings.now();
          const statements = await runStep(tx, step, set, surroundings);
          done.push({ durationMs: surroundings.now() - start, statements });
        }
      },
    );
  } catch (error) {
    undo();
    throw error;
  }
}

function limitsOf(step: Step, limits: RunLimits) {
  return {
    lockTimeoutMs: step.revision.lockTimeoutMs ?? limits.lockTimeoutMs,
    statementTimeoutMs: step.revision.statementTimeoutMs ?? limits.statementTimeoutMs,
  };
}

/** Whether a lock was not obtained in time, which may be tried again. */
export function isLockTrouble(error: unknown): error is DatabaseFailure {
  return error instanceof DatabaseFailure && error.kind === 'lock-timeout';
}

/** How long to wait: half of an exponential ceiling and a random part of the other half, so that many runners do not knock together. */
export function retryDelay(attempt: number, random: number): number {
  const ceiling = Math.min(500 * 2 ** attempt, 15_000);
  return Math.round(ceiling * (0.5 + random / 2));
}

function reported(error: unknown, step: Step, attempt: number, run: GroupRun): unknown {
  const failure = stepFailure(error, {
    step,
    finished: run.finished,
    heads: run.set.heads,
    rolledBack: step.revision.transaction === 'one',
    interrupted: run.surroundings.signal.aborted,
    retries: attempt,
  });
  if (failure instanceof SlipwayError) {
    run.surroundings.reporter.report({
      type: 'revision.failed',
      revision: step.revision.id,
      direction: step.direction,
      code: failure.code,
      message: failure.message,
    });
  }
  return failure;
}

function reportStarted(run: GroupRun, step: Step, index: number): void {
  run.surroundings.reporter.report({
    type: 'revision.started',
    revision: step.revision.id,
    direction: step.direction,
    description: step.revision.description,
    index: run.finished.length + index + 1,
    total: run.total,
  });
}

function reportDone(run: GroupRun, step: Step, index: number, done: StepDone): void {
  run.surroundings.reporter.report({
    type: step.direction === 'upgrade' ? 'revision.applied' : 'revision.reverted',
    revision: step.revision.id,
    description: step.revision.description,
    ...done,
    index: run.finished.length + index + 1,
    total: run.total,
  });
}

function interruptedBetween(finished: readonly RevisionId[], set: AppliedSet): Interrupted {
  return new Interrupted(
    'SLIPWAY_INTERRUPTED',
    `stopped between two revisions, after ${finished.length} of this run`,
    {
      hint: 'The next run continues from here.',
      details: { finished, heads: set.heads },
    },
  );
}
