/** Records revisions as applied, or as not applied, without running them. */

import { compatibilityOf } from '../analysis/compatibility.ts';
import { type AppliedRevision, EMPTY_DIGEST } from '../core/applied.ts';
import type { Graph } from '../core/graph.ts';
import type { RunOutcome } from '../core/outcome.ts';
import { planStamp } from '../core/plan.ts';
import type { Revision, RevisionId } from '../core/revision.ts';
import type { PointTarget } from '../core/target.ts';
import { withMigrationLock } from './migration-lock.ts';
import type { MigrationDatabase, Release, Surroundings } from './ports.ts';
import { appliedSet } from './step.ts';
import { untilCurrent } from './until-current.ts';
import { wholeGraph } from './whole-graph.ts';

export interface StampOptions {
  readonly targets: readonly PointTarget[];
  /** Forget everything first, also what this release does not know. */
  readonly purge: boolean;
  readonly lockWaitMs: number;
  readonly lockTimeoutMs: number;
}

/**
 * Makes the version table say that the branches of `targets` are at them; other branches stay.
 * @throws GraphError, LockError
 */
export async function stamp(
  db: MigrationDatabase,
  release: Release,
  options: StampOptions,
  surroundings: Surroundings,
): Promise<RunOutcome> {
  const graph = await release.graph();
  const before = await appliedNow(db, options.purge);
  const { wanted } = goalOf(graph, before, options.targets);
  const outcome = await withMigrationLock(
    db.lock,
    {
      limitMs: options.lockWaitMs,
      workIsDone: async () => false,
      progress: async () => ({ done: 0, total: wanted.size }),
    },
    surroundings,
    () =>
      untilCurrent(options.lockWaitMs, surroundings, () =>
        stampLocked(db, release, options, surroundings),
      ),
  );
  return outcome ?? { outcome: 'nothing-to-do', heads: [], revisions: [] };
}

/** What the version table shall say, given what it says. */
function goalOf(
  files: Graph<Revision>,
  applied: readonly AppliedRevision[],
  targets: readonly PointTarget[],
): StampGoal {
  const present = new Set(applied.map((row) => row.id));
  return { files, wanted: planStamp(wholeGraph(applied, files), present, targets) };
}

async function appliedNow(
  db: Pick<MigrationDatabase, 'applied'>,
  purge: boolean,
): Promise<readonly AppliedRevision[]> {
  return purge || (await db.applied.summary()) === undefined ? [] : db.applied.list();
}

interface StampGoal {
  readonly files: Graph<Revision>;
  readonly wanted: ReadonlySet<RevisionId>;
}

async function stampLocked(
  db: MigrationDatabase,
  release: Release,
  options: StampOptions,
  surroundings: Surroundings,
): Promise<RunOutcome> {
  await db.applied.prepare();
  const applied = await db.applied.list();
  const files = await release.graph();
  const goal = goalOf(files, options.purge ? [] : applied, options.targets);
  const summary = await db.applied.summary();
  const digest = summary?.digest ?? EMPTY_DIGEST;
  const { leaving, coming } = difference(goal, applied, options.purge);
  if (leaving.length === 0 && coming.length === 0) {
    return { outcome: 'nothing-to-do', heads: summary?.heads ?? [], revisions: [] };
  }
  const set = appliedSet(applied, digest);
  // Before the transaction: reading scripts takes time that no lock should be held for.
  const judged = await Promise.all(
    coming.map(async (revision) => ({
      revision,
      compatibility: compatibilityOf(revision, await release.script(revision, 'up')),
    })),
  );
  await db.sql.transaction(
    {
      lockTimeoutMs: options.lockTimeoutMs,
      statementTimeoutMs: 0,
      durable: true,
      expectedDigest: digest,
    },
    async (tx) => {
      for (const id of leaving) {
        await tx.record({ kind: 'unstamped', revision: id, summary: set.removing(id) });
      }
      for (const { revision, compatibility } of judged) {
        await tx.record({
          kind: 'stamped',
          revision,
          compatibility,
          summary: set.adding({ ...revision, compatibility }),
        });
      }
    },
  );
  for (const id of leaving) {
    const description = applied.find((row) => row.id === id)?.description ?? '';
    surroundings.reporter.report({
      type: 'revision.stamped',
      revision: id,
      description,
      direction: 'downgrade',
    });
  }
  for (const { id, description } of coming) {
    surroundings.reporter.report({
      type: 'revision.stamped',
      revision: id,
      description,
      direction: 'upgrade',
    });
  }
  return {
    outcome: 'done',
    heads: set.heads,
    revisions: [...leaving, ...coming.map((revision) => revision.id)],
  };
}

function difference(
  goal: StampGoal,
  applied: readonly AppliedRevision[],
  purge: boolean,
): { leaving: readonly RevisionId[]; coming: readonly Revision[] } {
  const { files, wanted } = goal;
  const leaving = applied
    .filter((row) => purge || !wanted.has(row.id))
    .map((row) => row.id)
    .reverse();
  const stays = new Set(
    applied
      .filter((row) => !purge && row.state === 'applied' && wanted.has(row.id))
      .map((row) => row.id),
  );
  const coming = files.order.flatMap((id) => {
    const revision = files.nodes.get(id);
    return revision !== undefined && wanted.has(id) && !stays.has(id) ? [revision] : [];
  });
  return { leaving, coming };
}
