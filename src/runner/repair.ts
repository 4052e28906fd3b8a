/** Settles by an operator's word what slipway must not decide by itself. */

import { InternalError } from '../core/errors.ts';
import { withMigrationLock } from './migration-lock.ts';
import type { MigrationDatabase, Release, StatementLimits, Surroundings } from './ports.ts';
import {
  accept,
  dropRemnants,
  mark,
  type RepairAction,
  type RepairRequest,
  refused,
  settle,
} from './repair-actions.ts';
import { type RepairReport, reportRepairs } from './repair-report.ts';
import { untilCurrent } from './until-current.ts';

/** What came of a repair. */
export interface Repaired {
  readonly actions: readonly RepairAction[];
  /** What it was decided on. */
  readonly before: RepairReport;
}

export interface RepairOptions {
  readonly request: RepairRequest;
  readonly limits: StatementLimits;
  readonly lockWaitMs: number;
  readonly dryRun: boolean;
}

/**
 * Carries out `options.request` under the migration lock, in one transaction with its entry in the
 * audit log.
 * @throws RunError `SLIPWAY_REPAIR_REFUSED`
 * @throws LockError, Interrupted
 */
export async function repair(
  db: MigrationDatabase,
  release: Release | undefined,
  options: RepairOptions,
  surroundings: Surroundings,
): Promise<Repaired> {
  if ((await db.applied.summary()) === undefined) throw refused(NEVER_MIGRATED, {});
  const attempt = (): Promise<Repaired> => repairNow(db, release, options);
  if (options.dryRun) return attempt();
  const repaired = await withMigrationLock(
    db.lock,
    {
      limitMs: options.lockWaitMs,
      workIsDone: async () => false,
      progress: async () => ({ done: 0, total: 1 }),
    },
    surroundings,
    () =>
      untilCurrent(options.lockWaitMs, surroundings, async () => {
        await db.applied.prepare();
        const done = await attempt();
        for (const action of done.actions) {
          surroundings.reporter.report({ type: 'revision.repaired', ...action });
        }
        return done;
      }),
  );
  if (repaired === undefined) {
    throw new InternalError('SLIPWAY_INTERNAL', 'a repair was done by another runner');
  }
  return repaired;
}

async function repairNow(
  db: MigrationDatabase,
  release: Release | undefined,
  options: RepairOptions,
): Promise<Repaired> {
  const { request, limits, dryRun } = options;
  const only = request.kind === 'drop-remnants' ? undefined : request.revision;
  const before = await reportRepairs(db, release, { limits, only });
  const work = { db, release, limits, dryRun, before };
  switch (request.kind) {
    case 'drop-remnants':
      return { before, actions: await dropRemnants(work, request.reason) };
    case 'accept-changed':
      return { before, actions: await accept(work, request) };
    case 'settle':
      return { before, actions: await settle(work, request) };
    default:
      return { before, actions: await mark(work, request) };
  }
}

const NEVER_MIGRATED = 'this database was never migrated by slipway, so there is nothing to repair';
