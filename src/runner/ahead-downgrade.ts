/**
 * `onAhead=downgrade` (DESIGN §7.2): an upgrade that meets a database too new for its release takes
 * it back, if this pod is a rollback's. In all other cases it refuses, and says why it did not.
 */

import type { AppliedRevision } from '../core/applied.ts';
import { Interrupted, MismatchError, SlipwayError } from '../core/errors.ts';
import type { RunOutcome } from '../core/outcome.ts';
import { isServedBy } from '../core/release.ts';
import type { RevisionId } from '../core/revision.ts';
import { reasonAgainstDowngrade, type Standing } from '../core/rollout.ts';
import { auditFailure } from './audit-failure.ts';
import { downgrade } from './downgrade.ts';
import type { GatePolicy } from './gate.ts';
import type { MigrationDatabase, Release, Rollout, Surroundings } from './ports.ts';
import { type UpgradeOptions, upgrade } from './upgrade.ts';

/** What decides whether a database that is ahead is taken back. */
export interface AheadPolicy {
  readonly rollout: Rollout;
  /** Also by downs that lose data. */
  readonly allowDataLoss: boolean;
}

/**
 * Upgrades the database, or takes it back to `release`.
 * @throws SlipwayError as `upgrade`; as `downgrade` once the first revision began to go
 */
export async function upgradeOrTakeBack(
  db: MigrationDatabase,
  release: Release,
  options: UpgradeOptions & { readonly ahead: AheadPolicy },
  surroundings: Surroundings,
): Promise<RunOutcome> {
  const { ahead, ...request } = options;
  try {
    return await upgrade(db, release, request, surroundings);
  } catch (error) {
    if (request.onAhead !== 'downgrade' || !isAhead(error)) throw error;
    const attempt: Attempt = { db, release, options: request, ahead, surroundings, refusal: error };
    try {
      return await takeBack(attempt);
    } catch (failure) {
      // Left out by the upgrade, which did not know how this would end.
      if (isAhead(failure)) await auditFailure(db, failure, 'refusal');
      throw failure;
    }
  }
}

interface Attempt {
  readonly db: MigrationDatabase;
  readonly release: Release;
  readonly options: UpgradeOptions;
  readonly ahead: AheadPolicy;
  readonly surroundings: Surroundings;
  /** The one to be thrown if it stays so. */
  readonly refusal: MismatchError;
}

async function takeBack(attempt: Attempt): Promise<RunOutcome> {
  const { db, release, options, ahead, surroundings, refusal } = attempt;
  const known = new Set((await release.graph()).nodes.keys());
  const unknownOf = (applied: readonly AppliedRevision[]): readonly AppliedRevision[] =>
    applied.filter((row) => !known.has(row.id));
  // Asked before the lock: an old pod must not wait for it to be refused.
  await standingOf(attempt, unknownOf(await db.applied.list()));
  const identity = await release.identity();
  let from: readonly RevisionId[] | undefined;
  const outcome = await downgrade(
    db,
    {
      target: { kind: 'keep', ids: known },
      limits: { ...options.limits, single: false },
      lockWaitMs: options.lockWaitMs,
      gate: unattended(options.gate, ahead.allowDataLoss),
      release,
      backup: options.backup,
      isDone: async ({ applied }) => isServedBy(identity, await applied.summary(), options.phase),
      // And again under the lock, for which it may have waited while the rollout went on.
      beforeFirst: async (there, { applied, heads, ids }) => {
        if (from !== undefined) return;
        const standing = await standingOf(attempt, unknownOf(applied));
        await announce({ ...attempt, db: there }, standing, { heads, ids });
        from = heads;
      },
    },
    surroundings,
  ).catch((error: unknown) => {
    throw from === undefined && isRefused(error) ? withReason(refusal, error.message) : error;
  });
  if (from === undefined || outcome.revisions.length === 0) {
    // Another pod of the same rollback was faster.
    return upgrade(db, release, { ...options, onAhead: 'refuse' }, surroundings);
  }
  const { heads: to, revisions } = outcome;
  surroundings.reporter.report({ type: 'schema.downgraded', from, to, revisions });
  return { ...outcome, outcome: 'downgraded' };
}

/** @throws MismatchError `SLIPWAY_SCHEMA_AHEAD` where this pod is not a rollback's */
async function standingOf(
  { ahead, surroundings, refusal }: Attempt,
  unknown: readonly AppliedRevision[],
): Promise<Extract<Standing, { kind: 'current' }>> {
  const standing = await ahead.rollout.standing();
  if (surroundings.signal.aborted) {
    throw new Interrupted('SLIPWAY_INTERRUPTED', 'stopped while asking the cluster', {
      hint: 'Nothing was changed.',
    });
  }
  const reason = reasonAgainstDowngrade(standing, unknown);
  if (standing.kind !== 'current' || reason !== undefined) {
    throw withReason(refusal, reason ?? 'this pod is not of a rollback');
  }
  return standing;
}

/** Into the audit log before anything runs: whoever finds it half done must know why it began. */
async function announce(
  { db, surroundings }: Attempt,
  { deployment, replicaSet, revision: rollout }: Extract<Standing, { kind: 'current' }>,
  { heads, ids }: { readonly heads: readonly RevisionId[]; readonly ids: readonly RevisionId[] },
): Promise<void> {
  await db.applied.audit({
    event: 'rollback',
    revision: undefined,
    detail: {
      by: 'onAhead=downgrade',
      deployment,
      replicaSet,
      rollout,
      from: heads,
      revisions: ids,
    },
  });
  surroundings.reporter.report({
    type: 'schema.downgrading',
    unknown: ids,
    heads,
    deployment,
    replicaSet,
    rollout,
  });
}

/** Nobody looks on: what loses data needs to have been allowed, whatever the policy for people is. */
function unattended(gate: GatePolicy, allowDataLoss: boolean): GatePolicy {
  const said = gate.hazards['data-loss'];
  return {
    ...gate,
    hazards: { ...gate.hazards, 'data-loss': said === 'refuse' ? 'refuse' : 'approve' },
    approvals: new Set(),
    approvedBy: 'environment',
    allowDataLoss,
  };
}

function isAhead(error: unknown): error is MismatchError {
  return error instanceof MismatchError && error.code === 'SLIPWAY_SCHEMA_AHEAD';
}

const REFUSED: readonly string[] = [
  'SLIPWAY_NEEDS_APPROVAL',
  'SLIPWAY_HAZARD_REFUSED',
  'SLIPWAY_NO_WAY_BACK',
  'SLIPWAY_APPLIED_CHECKSUM_CHANGED',
];

/** What a downgrade does not do, told before it does anything. */
function isRefused(error: unknown): error is SlipwayError {
  return error instanceof SlipwayError && REFUSED.includes(error.code);
}

function withReason(refusal: MismatchError, reason: string): MismatchError {
  const { code, message, hint, cause, details } = refusal;
  return new MismatchError(code, message, {
    hint,
    cause,
    details: { ...details, notTakenBack: reason },
  });
}
