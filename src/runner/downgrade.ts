/** Takes the database down to a target with the down SQL that it keeps itself. */

import { prepareScript } from '../analysis/script.ts';
import { checkTransactionMode } from '../analysis/transaction-mode.ts';
import { type AppliedRevision, EMPTY_DIGEST } from '../core/applied.ts';
import { ownWords } from '../core/database-failure.ts';
import { MismatchError } from '../core/errors.ts';
import type { RunOutcome } from '../core/outcome.ts';
import { planDowngrade } from '../core/plan.ts';
import { languageOf, type Revision, type RevisionId, type Script } from '../core/revision.ts';
import type { KeepTarget, Target } from '../core/target.ts';
import { parseRevisionFile } from '../sql/revision-file.ts';
import { carryOut } from './carry-out.ts';
import type { DangerBackup } from './danger-backup.ts';
import { type GatePolicy, judge, SILENT } from './gate.ts';
import { type LostCommit, settleLostCommit, survivingLostCommit } from './lost-commit.ts';
import { withMigrationLock } from './migration-lock.ts';
import type { MigrationDatabase, Release, Surroundings } from './ports.ts';
import type { Preview } from './preview.ts';
import { firstLost } from './restorable.ts';
import type { RunLimits } from './run-plan.ts';
import type { Step } from './step.ts';
import { untilCurrent } from './until-current.ts';
import { wholeGraph } from './whole-graph.ts';

export interface DowngradeOptions {
  readonly target: Target | KeepTarget;
  readonly limits: RunLimits;
  readonly lockWaitMs: number;
  readonly gate: GatePolicy;
  /** Whether somebody else has done it; asked while the lock is waited for. */
  readonly isDone?: (db: MigrationDatabase) => Promise<boolean>;
  /** Called under the lock before anything runs, where there is something; throws to prevent it. */
  readonly beforeFirst?: (
    db: MigrationDatabase,
    now: {
      readonly applied: readonly AppliedRevision[];
      readonly heads: readonly RevisionId[];
      readonly ids: readonly RevisionId[];
    },
  ) => Promise<void>;
  readonly backup?: DangerBackup | undefined;
  /** The files at hand: they give names to targets, and bring TypeScript revisions back. */
  readonly release?: Release | undefined;
}

const NO_STATEMENTS: Script = { statements: [], parsed: true };

/**
 * Downgrades the database. The files of the release are not needed: every applied revision's file
 * is archived beside it.
 * @throws SlipwayError as DESIGN §8.2 lists them
 */
export async function downgrade(
  db: MigrationDatabase,
  options: DowngradeOptions,
  surroundings: Surroundings,
): Promise<RunOutcome> {
  const { target } = options;
  // Judged before the lock: what is refused must not make others wait. Told under the lock.
  const before = await untilCurrent(options.lockWaitMs, surroundings, async () => {
    const now = await planNow(db, options.release, target);
    await judge(await downgradeSteps(db, now, options.release), options.gate, {
      reporter: SILENT,
      live: db.live,
    });
    return now;
  });
  if (before.ids.length === 0) {
    return { outcome: 'nothing-to-do', heads: before.heads, revisions: [] };
  }
  const state: DowngradeState = { target, finished: [] };
  const outcome = await survivingLostCommit(db, surroundings, (db, lost) =>
    withMigrationLock(
      db.lock,
      {
        limitMs: options.lockWaitMs,
        // Whoever holds the lock may be doing anything; only the lock itself answers.
        workIsDone: async () => (await options.isDone?.(db)) ?? false,
        progress: async () => ({ done: 0, total: before.ids.length }),
      },
      surroundings,
      () => {
        state.lost = lost;
        return downgradeLocked(db, options, surroundings, state);
      },
    ),
  );
  return outcome ?? { outcome: 'nothing-to-do', heads: before.heads, revisions: [] };
}

/** What a run knows that has to look at the database again. */
interface DowngradeState {
  /** What "-1" means is settled by the first look under the lock: a second must not add to it. */
  target: Target | KeepTarget;
  lost?: LostCommit | undefined;
  readonly finished: RevisionId[];
}

function downgradeLocked(
  db: MigrationDatabase,
  options: DowngradeOptions,
  surroundings: Surroundings,
  state: DowngradeState,
): Promise<RunOutcome> {
  const { reporter } = surroundings;
  const { finished } = state;
  return untilCurrent(options.lockWaitMs, surroundings, async (): Promise<RunOutcome> => {
    await db.applied.prepare();
    const now = await planNow(db, options.release, state.target);
    await settleLostCommit(db, state.lost, now, finished);
    state.lost = undefined;
    const { ids } = now;
    state.target = { kind: 'settled', ids };
    const steps = await judge(await downgradeSteps(db, now, options.release), options.gate, {
      reporter,
      live: db.live,
    });
    if (ids.length > 0) await options.beforeFirst?.(db, now);
    const { applied, digest } = now;
    const { limits, backup } = options;
    return carryOut(
      db,
      { direction: 'downgrade', steps, applied, digest, limits, finished, backup },
      surroundings,
    );
  });
}

/** What `downgrade` would do, without doing it. */
export async function previewDowngrade(
  db: MigrationDatabase,
  options: Pick<DowngradeOptions, 'target' | 'release'>,
): Promise<Preview> {
  const now = await planNow(db, options.release, options.target);
  return {
    heads: now.heads,
    steps: await downgradeSteps(db, now, options.release),
    ahead: false,
  };
}

async function planNow(
  db: MigrationDatabase,
  release: Release | undefined,
  target: Target | KeepTarget,
) {
  const summary = await db.applied.summary();
  const applied = summary === undefined ? [] : await db.applied.list();
  const graph = wholeGraph(applied, await release?.graph());
  const present = new Set(applied.map((row) => row.id));
  return {
    applied,
    heads: summary?.heads ?? [],
    digest: summary?.digest ?? EMPTY_DIGEST,
    ids: planDowngrade(graph, present, target).steps,
  };
}

/**
 * The steps down, from the archived files; the functions of TypeScript revisions from `release`.
 * @throws MismatchError `SLIPWAY_NO_WAY_BACK`, `SLIPWAY_APPLIED_CHECKSUM_CHANGED`
 */
async function downgradeSteps(
  db: Pick<MigrationDatabase, 'applied' | 'softDrops'>,
  plan: { readonly applied: readonly AppliedRevision[]; readonly ids: readonly RevisionId[] },
  release: Release | undefined,
): Promise<readonly Step[]> {
  // A database without a history has nothing to ask.
  if (plan.ids.length === 0) return [];
  const rows = new Map(plan.applied.map((row) => [row.id, row]));
  const sources = await db.applied.sources(plan.ids);
  const steps: Step[] = [];
  for (const id of plan.ids) {
    const row = rows.get(id);
    const source = sources.get(id);
    if (row === undefined || source === undefined) {
      // Every row has its file: another runner has taken this one back since we looked.
      throw ownWords('stale-plan', 'another runner changed the history');
    }
    const down =
      languageOf(row.file) === 'typescript'
        ? await programStep(row, release)
        : await scriptStep(row, source);
    steps.push({
      ...down,
      direction: 'downgrade',
      verify: NO_STATEMENTS,
      compatibility: row.compatibility,
    });
  }
  const partial = plan.applied.flatMap((row) => (row.state === 'partial' ? [row.id] : []));
  const lost = await firstLost(steps, db.softDrops, new Set(partial));
  if (lost !== undefined) throw noWayBack(lost.revision, lost.why);
  return steps;
}

async function scriptStep(
  row: AppliedRevision,
  source: string,
): Promise<Pick<Step, 'revision' | 'script'>> {
  const revision = parseRevisionFile(source, row.file);
  if (revision.checksum !== row.checksum) throw archiveChanged(row.id);
  return { revision, script: await downScript(revision) };
}

/** A function cannot be kept in a database: it comes from the file at hand, if that is the same. */
async function programStep(
  row: AppliedRevision,
  release: Release | undefined,
): Promise<Pick<Step, 'revision' | 'script' | 'program'>> {
  if (row.irreversible !== undefined) throw noWayBack(row.id, row.irreversible);
  const revision = (await release?.graph())?.nodes.get(row.id);
  const program = revision === undefined ? undefined : await release?.program(revision);
  if (revision === undefined || program === undefined) {
    throw noWayBack(
      row.id,
      `it is a TypeScript revision, whose down is not kept in the database, and ${row.file} is not at hand`,
    );
  }
  if (revision.checksum !== row.checksum) {
    throw noWayBack(row.id, `${revision.file} was changed after it was applied`);
  }
  if (program.down === undefined) throw noWayBack(row.id, 'it has no function down');
  return { revision, script: NO_STATEMENTS, program };
}

async function downScript(revision: Revision): Promise<Script> {
  if (revision.irreversible !== undefined) throw noWayBack(revision.id, revision.irreversible);
  if (revision.down === undefined) throw noWayBack(revision.id, 'it has no down section');
  const script = await prepareScript(revision, revision.down);
  checkTransactionMode(revision, script);
  return script;
}

function noWayBack(id: RevisionId, why: string): MismatchError {
  return new MismatchError('SLIPWAY_NO_WAY_BACK', `revision "${id}" cannot be taken back: ${why}`, {
    hint: 'Nothing was run. Choose a target above it, or undo it by a new revision.',
    details: { revision: id, reason: why },
  });
}

function archiveChanged(id: RevisionId): MismatchError {
  return new MismatchError(
    'SLIPWAY_APPLIED_CHECKSUM_CHANGED',
    `the archived file of revision "${id}" does not match its recorded checksum`,
    {
      hint: 'Nothing was run. Somebody edited the version table by hand: look at the audit log.',
      details: { revision: id },
    },
  );
}
