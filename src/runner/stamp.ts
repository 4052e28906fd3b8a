/** Records revisions as applied, or as not applied, without running them. */

import { compatibilityOf } from '../analysis/compatibility.ts';
import { type AppliedRevision, EMPTY_DIGEST } from '../core/applied.ts';
import { assertNever, UsageError } from '../core/errors.ts';
import { type Graph, withAncestors } from '../core/graph.ts';
import type { RunOutcome } from '../core/outcome.ts';
import type { Revision, RevisionId } from '../core/revision.ts';
import { resolveRevision, singleHead, type Target } from '../core/target.ts';
import { withMigrationLock } from './migration-lock.ts';
import type { MigrationDatabase, Release, Surroundings } from './ports.ts';
import { appliedSet } from './step.ts';
import { untilCurrent } from './until-current.ts';

export interface StampOptions {
  readonly target: Target;
  /** Forget everything first, also what this release does not know. */
  readonly purge: boolean;
  readonly lockWaitMs: number;
  readonly lockTimeoutMs: number;
}

/**
 * Makes the version table say that exactly `target` and what it needs is applied.
 * @throws GraphError, LockError
 */
export async function stamp(
  db: MigrationDatabase,
  release: Release,
  options: StampOptions,
  surroundings: Surroundings,
): Promise<RunOutcome> {
  const graph = await release.graph();
  const wanted = withAncestors(graph, stampGoal(graph, options.target));
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
        stampLocked(db, { release, graph, wanted }, options, surroundings),
      ),
  );
  return outcome ?? { outcome: 'nothing-to-do', heads: [], revisions: [] };
}

interface StampGoal {
  readonly release: Release;
  readonly graph: Graph<Revision>;
  readonly wanted: ReadonlySet<RevisionId>;
}

async function stampLocked(
  db: MigrationDatabase,
  goal: StampGoal,
  options: StampOptions,
  surroundings: Surroundings,
): Promise<RunOutcome> {
  await db.applied.prepare();
  const applied = await db.applied.list();
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
      compatibility: compatibilityOf(revision, await goal.release.script(revision, 'up')),
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
  const { graph, wanted } = goal;
  const leaving = applied
    .filter((row) => purge || (graph.nodes.has(row.id) && !wanted.has(row.id)))
    .map((row) => row.id)
    .reverse();
  const stays = new Set(
    applied
      .filter((row) => !purge && row.state === 'applied' && wanted.has(row.id))
      .map((row) => row.id),
  );
  const coming = graph.order.flatMap((id) => {
    const revision = graph.nodes.get(id);
    return revision !== undefined && wanted.has(id) && !stays.has(id) ? [revision] : [];
  });
  return { leaving, coming };
}

function stampGoal(graph: Graph<Revision>, target: Target): readonly RevisionId[] {
  switch (target.kind) {
    case 'base':
      return [];
    case 'heads':
      return graph.heads;
    case 'head': {
      const head = singleHead(graph);
      return head === undefined ? [] : [head];
    }
    case 'revision':
      return [resolveRevision(target.id, graph.nodes.keys())];
    case 'relative':
    case 'settled':
      throw new UsageError('SLIPWAY_USAGE', 'stamp takes a revision, head, heads or base', {
        hint: 'Name the revision that the database is at: slipway stamp <id>.',
      });
    default:
      return assertNever(target);
  }
}
