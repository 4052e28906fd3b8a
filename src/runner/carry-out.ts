/** Announces a plan, runs it, and leaves a trace in the audit log when it fails. */

import type { AppliedRevision } from '../core/applied.ts';
import type { RunOutcome } from '../core/outcome.ts';
import type { Direction, RevisionId } from '../core/revision.ts';
import { auditFailure } from './audit-failure.ts';
import type { DangerBackup } from './danger-backup.ts';
import type { MigrationDatabase, Surroundings } from './ports.ts';
import { type RunLimits, runPlan } from './run-plan.ts';
import { appliedSet, type Step } from './step.ts';

export interface CarryOut {
  readonly direction: Direction;
  readonly steps: readonly Step[];
  /** What the plan was made for. */
  readonly applied: readonly AppliedRevision[];
  readonly digest: string;
  readonly limits: RunLimits;
  /** Committed earlier in the same run, and added to by this part of it. */
  readonly finished: RevisionId[];
  /** Makes a backup before what loses data. */
  readonly backup: DangerBackup | undefined;
  /** Asked right before each revision; throws where it must not run any more. */
  readonly guard?: ((step: Step) => Promise<void>) | undefined;
}

/**
 * Runs `plan` under the lock.
 * @throws SlipwayError as `runPlan`; DatabaseFailure of kind `stale-plan`
 */
export async function carryOut(
  db: MigrationDatabase,
  plan: CarryOut,
  surroundings: Surroundings,
): Promise<RunOutcome> {
  const { direction, steps, applied, limits, finished, backup, guard } = plan;
  surroundings.reporter.report({
    type: 'plan.ready',
    direction,
    revisions: steps.map(({ revision: { id, description } }) => ({ id, description })),
    applied: applied.length,
  });
  const set = appliedSet(applied, plan.digest);
  try {
    await backup?.prepare(steps);
    await runPlan(db, steps, set, {
      ...{ limits, surroundings, finished },
      ...(backup === undefined && guard === undefined
        ? {}
        : {
            before: async (next, rest) => {
              await backup?.before(next, rest, db.applied);
              for (const step of next) await guard?.(step);
            },
          }),
    });
  } catch (error) {
    await auditFailure(db, error);
    throw error;
  }
  return { outcome: 'done', heads: set.heads, revisions: finished };
}
