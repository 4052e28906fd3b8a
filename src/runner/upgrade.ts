/** Brings the database up to a target: decide, judge hazards, lock, decide again, run. */

import { compatibilityOf } from '../analysis/compatibility.ts';
import { checkTransactionMode } from '../analysis/transaction-mode.ts';
import { type AppliedRevision, EMPTY_DIGEST } from '../core/applied.ts';
import { type Decision, decideUpgrade, type UpgradeRequest } from '../core/decide.ts';
import { ConfigError, InternalError, RevisionFileError, SlipwayError } from '../core/errors.ts';
import type { Reporter } from '../core/events.ts';
import type { Graph } from '../core/graph.ts';
import type { RunOutcome } from '../core/outcome.ts';
import { isServedBy } from '../core/release.ts';
import type { Revision, RevisionId } from '../core/revision.ts';
import { needsDatabase } from '../core/target.ts';
import { auditFailure } from './audit-failure.ts';
import { carryOut } from './carry-out.ts';
import type { DangerBackup } from './danger-backup.ts';
import { explainAhead } from './explain-ahead.ts';
import { type GatePolicy, judge, SILENT } from './gate.ts';
import { inContext } from './in-context.ts';
import { type LostCommit, settleLostCommit, survivingLostCommit } from './lost-commit.ts';
import { withMigrationLock } from './migration-lock.ts';
import type { MigrationDatabase, Release, Surroundings } from './ports.ts';
import type { RunLimits } from './run-plan.ts';
import type { Step } from './step.ts';
import { untilCurrent } from './until-current.ts';

export interface UpgradeOptions extends UpgradeRequest {
  readonly limits: RunLimits;
  readonly lockWaitMs: number;
  readonly gate: GatePolicy;
  /** Asked right before each revision, under the lock; throws where it must not run any more. */
  readonly guard?: ((step: Step) => Promise<void>) | undefined;
  readonly backup?: DangerBackup | undefined;
}

/**
 * Upgrades the database.
 * @throws SlipwayError as DESIGN §8.2 lists them
 */
export async function upgrade(
  db: MigrationDatabase,
  release: Release,
  options: UpgradeOptions,
  surroundings: Surroundings,
): Promise<RunOutcome> {
  const graph = await release.graph();
  const first: UpgradeContext = { db, release, graph, options, surroundings };
  const before = await assess(first);
  if (before.decision.kind !== 'run') return settled(first, before, 'nothing-to-do');
  const context = { ...first, options: withSettledTarget(options, before.decision.plan.steps) };
  // Judged before the lock: what is refused must not make others wait. Told under the lock.
  if (!db.lock.held) await judged(context, before, SILENT);
  const total = before.decision.plan.steps.length;
  const identity = await release.identity();
  const finished: RevisionId[] = [];
  return survivingLostCommit(db, surroundings, async (db, lost) => {
    const there = { ...context, db };
    const outcome = await withMigrationLock(
      db.lock,
      {
        limitMs: options.lockWaitMs,
        // A run that has something to settle looks for itself.
        workIsDone: async () =>
          lost === undefined && isServedBy(identity, await db.applied.summary(), options.phase),
        progress: async () => {
          const applied = (await db.applied.summary())?.applied ?? 0;
          return { done: Math.max(0, applied - before.applied.length), total };
        },
      },
      surroundings,
      () => upgradeLocked(there, { lost, finished }),
    );
    return outcome ?? settled(there, await assess(there), 'done-by-another');
  });
}

/** What "+1" means is settled by the first look: three pods that say it at once mean the same one. */
function withSettledTarget(options: UpgradeOptions, ids: readonly RevisionId[]): UpgradeOptions {
  return options.target.kind === 'point' && needsDatabase(options.target)
    ? { ...options, target: { kind: 'settled', ids } }
    : options;
}

interface UpgradeContext {
  readonly db: MigrationDatabase;
  readonly release: Release;
  readonly graph: Graph<Revision>;
  readonly options: UpgradeOptions;
  readonly surroundings: Surroundings;
}

interface Assessment {
  readonly applied: readonly AppliedRevision[];
  readonly heads: readonly RevisionId[];
  readonly digest: string;
  readonly decision: Decision;
}

function upgradeLocked(
  context: UpgradeContext,
  earlier: { readonly lost: LostCommit | undefined; readonly finished: RevisionId[] },
): Promise<RunOutcome> {
  const { db, options, surroundings } = context;
  const { finished } = earlier;
  let { lost } = earlier;
  return untilCurrent(options.lockWaitMs, surroundings, async (): Promise<RunOutcome> => {
    await db.applied.prepare();
    const now = await assess(context);
    await settleLostCommit(db, lost, now, finished);
    lost = undefined;
    if (now.decision.kind !== 'run') {
      if (finished.length === 0) return settled(context, now, 'done-by-another');
      return { outcome: 'done', heads: now.heads, revisions: finished };
    }
    const steps = await judged(context, now, surroundings.reporter);
    const { applied, digest } = now;
    const { limits, backup, guard } = options;
    return carryOut(
      db,
      { direction: 'upgrade', steps, applied, digest, limits, finished, backup, guard },
      surroundings,
    );
  });
}

/** One look at the database and the files. */
async function assess(context: UpgradeContext): Promise<Assessment> {
  const { db, graph, options } = context;
  const summary = await db.applied.summary();
  const applied = summary === undefined ? [] : await db.applied.list();
  return {
    applied,
    heads: summary?.heads ?? [],
    digest: summary?.digest ?? EMPTY_DIGEST,
    decision: await noted(context, summary !== undefined, () =>
      decideUpgrade(graph, applied, options),
    ),
  };
}

/** The plan's steps with their scripts, judged. */
async function judged(
  context: UpgradeContext,
  now: Assessment,
  reporter: Reporter,
): Promise<readonly Step[]> {
  const { decision } = now;
  if (decision.kind !== 'run') return [];
  const loaded = await upgradeSteps(context.release, context.graph, decision.plan.steps);
  refuseOutsiders(context, loaded);
  const steps = await inContext(loaded);
  const { gate } = context.options;
  return noted(context, now.applied.length > 0, () =>
    judge(steps, gate, { reporter, live: context.db.live }),
  );
}

/** A revision that runs outside a transaction needs a session of its own, and no transaction. */
function refuseOutsiders({ db, options }: UpgradeContext, steps: readonly Step[]): void {
  const outsider = steps.find((step) => step.revision.transaction === 'none')?.revision;
  if (outsider === undefined) return;
  const details = { revision: outsider.id, file: outsider.file };
  if (db.lock.scope === 'transaction') {
    throw new ConfigError(
      'SLIPWAY_POOLER_UNSUPPORTED',
      `revision "${outsider.id}" (${outsider.file}) runs outside a transaction, which cannot be made safe behind a transaction pooler`,
      {
        hint: 'Nothing was run. Give slipway a connection past the pooler with SLIPWAY_DIRECT_URL.',
        details,
      },
    );
  }
  if (options.limits.single) {
    throw new RevisionFileError(
      'SLIPWAY_TRANSACTION_MODE',
      `revision "${outsider.id}" (${outsider.file}) runs outside a transaction, so --single-transaction cannot hold`,
      {
        hint: 'Nothing was run. Leave --single-transaction out, or upgrade up to that revision first.',
        details,
      },
    );
  }
}

/** Loads the scripts of revisions that are about to be applied. */
export async function upgradeSteps(
  release: Release,
  graph: Graph<Revision>,
  ids: readonly RevisionId[],
): Promise<readonly Step[]> {
  const steps: Step[] = [];
  for (const id of ids) {
    const revision = graph.nodes.get(id);
    if (revision === undefined) {
      throw new InternalError('SLIPWAY_INTERNAL', `planned revision "${id}" is not in the graph`);
    }
    const script = await release.script(revision, 'up');
    checkTransactionMode(revision, script);
    steps.push({
      revision,
      direction: 'upgrade',
      script,
      verify: await release.script(revision, 'verify'),
      program: await release.program(revision),
      compatibility: compatibilityOf(revision, script),
    });
  }
  return steps;
}

/** Writes a refusal into the audit log, where there is one, before passing it on. */
async function noted<T>(
  context: UpgradeContext,
  hasHistory: boolean,
  decide: () => T | Promise<T>,
): Promise<T> {
  try {
    return await decide();
  } catch (refusal) {
    const error = await explainAhead(context.db.applied, refusal);
    if (hasHistory && !isLeftToOnAhead(error, context.options))
      await auditFailure(context.db, error, 'refusal');
    throw error;
  }
}

/** The database may be taken back (ahead-downgrade.ts), and then nothing was refused. */
function isLeftToOnAhead(error: unknown, { onAhead }: UpgradeOptions): boolean {
  return (
    onAhead === 'downgrade' &&
    error instanceof SlipwayError &&
    error.code === 'SLIPWAY_SCHEMA_AHEAD'
  );
}

function settled(
  context: UpgradeContext,
  now: Assessment,
  outcome: 'nothing-to-do' | 'done-by-another',
): RunOutcome {
  if (now.decision.kind === 'ahead') {
    context.surroundings.reporter.report({
      type: 'schema.ahead',
      policy: now.decision.policy,
      unknown: now.decision.unknown.map((row) => row.id),
      heads: now.heads,
    });
    return { outcome: 'ahead', heads: now.heads, revisions: [] };
  }
  return { outcome, heads: now.heads, revisions: [] };
}
