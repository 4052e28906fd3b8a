/** What an operator's rollback goes back to: the release at hand, a release by its name, or a revision. */

import { GraphError, UsageError } from '../core/errors.ts';
import { withAncestors } from '../core/graph.ts';
import { nearest } from '../core/nearest.ts';
import { resolveTarget } from '../core/resolve.ts';
import { type KeepTarget, parseTarget } from '../core/target.ts';
import type { MigrationDatabase, Release, ReleaseMark } from './ports.ts';
import { wholeGraph } from './whole-graph.ts';

/** What stays, and in words what that is. */
export interface RollbackGoal {
  readonly target: KeepTarget;
  /** `release v1 (at 3f2a)`, `this release (at 3f2a)`, `revision 3f2a`. */
  readonly words: string;
}

/**
 * Finds what `name` means; without a name everything goes that the release at hand does not know.
 * @throws UsageError where there is no release at hand, or `name` is nothing known
 * @throws GraphError as `resolveTarget`
 */
export async function rollbackGoal(
  db: Pick<MigrationDatabase, 'applied'>,
  release: Release | undefined,
  name: string | undefined,
): Promise<RollbackGoal> {
  if (name === undefined) return toReleaseAtHand(release);
  // A database that slipway has never migrated has nothing to go back to.
  const isManaged = (await db.applied.summary()) !== undefined;
  const rows = isManaged ? await db.applied.list() : [];
  const marks = isManaged ? await db.applied.releases() : [];
  const graph = wholeGraph(rows, await release?.graph());
  const mark = marks.find((each) => each.release === name || each.image === name);
  if (mark !== undefined) {
    const known = mark.heads.filter((id) => graph.nodes.has(id));
    if (known.length < mark.heads.length) throw gone(name, mark);
    return {
      target: { kind: 'keep', ids: withAncestors(graph, known) },
      words: `release ${name} (at ${mark.heads.join(', ') || 'base'})`,
    };
  }
  try {
    const target = parseTarget(name);
    const applied = new Set(rows.filter((row) => row.state === 'applied').map((row) => row.id));
    const ids = resolveTarget(graph, target, applied);
    return {
      target: { kind: 'keep', ids: withAncestors(graph, ids) },
      words: ids.length === 0 ? 'base' : `revision ${ids.join(', ')}`,
    };
  } catch (error) {
    if (error instanceof GraphError && error.code === 'SLIPWAY_TARGET_UNKNOWN') {
      throw unknownName(name, marks, error);
    }
    throw error;
  }
}

async function toReleaseAtHand(release: Release | undefined): Promise<RollbackGoal> {
  if (release === undefined) {
    throw new UsageError(
      'SLIPWAY_USAGE',
      'rollback needs to know where to: no release is at hand',
      {
        hint: 'Run it from an image of the release, or name a release or revision: slipway rollback --to NAME.',
      },
    );
  }
  const graph = await release.graph();
  return {
    target: { kind: 'keep', ids: new Set(graph.nodes.keys()) },
    words: `this release (at ${graph.heads.join(', ') || 'base'})`,
  };
}

function gone(name: string, mark: ReleaseMark): UsageError {
  return new UsageError(
    'SLIPWAY_USAGE',
    `release "${name}" left the database at ${mark.heads.join(', ')}, which is not all applied any more`,
    { hint: 'The database is behind that release: upgrade to it, or name a revision.' },
  );
}

function unknownName(name: string, marks: readonly ReleaseMark[], cause: GraphError): GraphError {
  const names = [...new Set(marks.flatMap((mark) => mark.release ?? mark.image ?? []))];
  const guess = nearest(name, names);
  const known = names.slice(0, 5).join(', ');
  return new GraphError(
    'SLIPWAY_TARGET_UNKNOWN',
    `"${name}" is neither a release that changed this database nor a revision`,
    {
      hint:
        guess !== undefined
          ? `Did you mean "${guess}"?`
          : known === ''
            ? 'slipway history lists the revisions; releases are known where SLIPWAY_RELEASE was set.'
            : `Releases that changed it, the newest first: ${known}. slipway history lists the revisions.`,
      cause,
    },
  );
}
