/** What can be said of each revision: its place in the graph, and what the database has of it. */

import type { AppliedRevision } from '../core/applied.ts';
import { describeOrigin } from '../core/decide.ts';
import { buildGraph, type Graph, type GraphNode } from '../core/graph.ts';
import type { Phase, Revision, RevisionId } from '../core/revision.ts';

/** A revision as the commands that answer questions show it, in text and as JSON. */
export interface RevisionView {
  readonly id: RevisionId;
  readonly revises: readonly RevisionId[];
  readonly dependsOn: readonly RevisionId[];
  /**
   * `current`: applied, and a head of the database. `pending`: not applied. `unknown`: applied, and
   * not in this release. `listed`: no database was asked.
   */
  readonly state: 'current' | 'applied' | 'partial' | 'pending' | 'unknown' | 'listed';
  /** Whether it is a head of the database, whatever the release knows of it. */
  readonly isCurrent: boolean;
  /** Whether nothing in the release revises it. */
  readonly isHead: boolean;
  readonly isBase: boolean;
  readonly isBranchPoint: boolean;
  readonly isMergePoint: boolean;
  /** Revisions that revise it. */
  readonly followedBy: readonly RevisionId[];
  /** Revisions that depend on it. */
  readonly neededBy: readonly RevisionId[];
  /** Branch labels that its file gives. */
  readonly labels: readonly string[];
  /** Branch labels of what it follows. */
  readonly inheritedLabels: readonly string[];
  readonly phase: Phase;
  /** As classified when it was applied, else as its file says. */
  readonly compatible: 'yes' | 'no' | 'unknown' | undefined;
  readonly compatibleReason: string | undefined;
  /** Releases that do not have it cannot start: the newest of those that break older code. */
  readonly isFloor: boolean;
  readonly description: string;
  readonly file: string;
  readonly checksum: string;
  /** The checksum with which it was applied. */
  readonly appliedChecksum: string | undefined;
  /** ISO 8601, UTC. */
  readonly appliedAt: string | undefined;
  /** Who applied it, in words. */
  readonly by: string | undefined;
  readonly stamped: boolean | undefined;
}

/** What the database says. */
export interface AskedDatabase {
  readonly heads: readonly RevisionId[];
  /** The revision that last raised the compatibility floor. */
  readonly floor?: RevisionId | undefined;
  readonly applied: readonly AppliedRevision[];
}

/** The revisions of files and database in one graph, with a view of each. */
export interface RevisionViews {
  readonly graph: Graph<Revision | AppliedRevision>;
  /** In the order of the graph. */
  readonly all: ReadonlyMap<RevisionId, RevisionView>;
}

/**
 * Puts together what the files and the database say; either may be missing. Where a revision is in
 * both, its file has the word on its place in the graph.
 */
export function viewRevisions(
  files: Graph<Revision> | undefined,
  database?: AskedDatabase,
): RevisionViews {
  const graph = joinGraphs(files, database?.applied ?? []);
  const rows = new Map(database?.applied.map((row) => [row.id, row]));
  const current = new Set(database?.heads);
  const inherited = inheritLabels(graph);
  const view = (node: Revision | AppliedRevision): RevisionView => {
    const { id, revises, dependsOn, labels, phase, description, file, checksum } = node;
    const row = rows.get(id);
    const known = files === undefined || files.nodes.has(id);
    // What the release says of its own revisions does not depend on what the database has more.
    const around = known && files !== undefined ? files : graph;
    const followedBy = around.followers.get(id) ?? [];
    const compatibility = row?.compatibility ?? files?.nodes.get(id)?.compatible;
    return {
      id,
      revises,
      dependsOn,
      state: known ? stateOf(row, { asked: database !== undefined, current }) : 'unknown',
      isCurrent: current.has(id),
      isHead: files?.nodes.has(id) === true && followedBy.length === 0,
      isBase: revises.length === 0,
      isBranchPoint: followedBy.length > 1,
      isMergePoint: revises.length > 1,
      followedBy,
      neededBy: (around.children.get(id) ?? []).filter((child) =>
        graph.nodes.get(child)?.dependsOn.includes(id),
      ),
      labels,
      inheritedLabels: inherited.get(id) ?? [],
      phase,
      compatible: compatibility?.verdict,
      compatibleReason: compatibility?.reason,
      isFloor: id === database?.floor,
      description,
      file,
      checksum,
      appliedChecksum: row?.checksum,
      appliedAt: row?.appliedAt,
      by: row === undefined ? undefined : describeOrigin(row),
      stamped: row?.stamped,
    };
  };
  return { graph, all: new Map(inOrder(graph).map((node) => [node.id, view(node)])) };
}

/** The revisions of `graph`, in its order. */
function inOrder<N extends GraphNode>(graph: Graph<N>): readonly N[] {
  return graph.order.flatMap((id) => graph.nodes.get(id) ?? []);
}

/**
 * The files and what only the database knows. A question has to be answered even where the two do
 * not fit together, so what contradicts the files is passed over.
 */
function joinGraphs(
  files: Graph<Revision> | undefined,
  applied: readonly AppliedRevision[],
): Graph<Revision | AppliedRevision> {
  const rows = applied.filter((row) => files?.nodes.has(row.id) !== true);
  if (files !== undefined && rows.length === 0) return files;
  const present = new Set([...(files?.nodes.keys() ?? []), ...rows.map((row) => row.id)]);
  const isPresent = (id: RevisionId): boolean => present.has(id);
  const taken = new Set(files?.labels.keys());
  return buildGraph<Revision | AppliedRevision>([
    ...(files?.nodes.values() ?? []),
    ...rows.map((row) => ({
      ...row,
      revises: row.revises.filter(isPresent),
      dependsOn: row.dependsOn.filter(isPresent),
      labels: row.labels.filter((label) => !taken.has(label) && taken.add(label)),
    })),
  ]);
}

function stateOf(
  row: AppliedRevision | undefined,
  { asked, current }: { readonly asked: boolean; readonly current: ReadonlySet<RevisionId> },
): RevisionView['state'] {
  if (row === undefined) return asked ? 'pending' : 'listed';
  return row.state === 'applied' && current.has(row.id) ? 'current' : row.state;
}

/** The labels that each revision has from those it follows; one walk, however long the history. */
function inheritLabels(graph: Graph): ReadonlyMap<RevisionId, readonly string[]> {
  const inherited = new Map<RevisionId, readonly string[]>();
  for (const { id, revises } of inOrder(graph)) {
    const lists = revises.map((parent) => {
      const above = inherited.get(parent) ?? [];
      const own = graph.nodes.get(parent)?.labels ?? [];
      return own.length === 0 ? above : [...above, ...own];
    });
    const [first = [], ...others] = lists;
    inherited.set(id, others.length === 0 ? first : [...new Set(lists.flat())]);
  }
  return inherited;
}
