/** The graph of revisions: who follows whom, in which order they may run, what is wrong with it. */

import { GraphError, RevisionFileError } from './errors.ts';
import { nearest } from './nearest.ts';
import type { RevisionId } from './revision.ts';

/** What the graph needs to know of a revision; a file and a row of the database both have it. */
export interface GraphNode {
  readonly id: RevisionId;
  readonly revises: readonly RevisionId[];
  readonly dependsOn: readonly RevisionId[];
  readonly labels: readonly string[];
  /** Shown in errors. */
  readonly file: string;
}

export interface Graph<N extends GraphNode = GraphNode> {
  readonly nodes: ReadonlyMap<RevisionId, N>;
  /** Every id, what it needs before it. Stable: ties are broken by file name. */
  readonly order: readonly RevisionId[];
  /** Revisions that no other revises, in order. */
  readonly heads: readonly RevisionId[];
  /** Revisions that revise nothing, in order. */
  readonly bases: readonly RevisionId[];
  /** Revisions that revise this one or depend on it. */
  readonly children: ReadonlyMap<RevisionId, readonly RevisionId[]>;
  /** Revisions that revise this one. */
  readonly followers: ReadonlyMap<RevisionId, readonly RevisionId[]>;
  /** Branch label → the revision that carries it. */
  readonly labels: ReadonlyMap<string, RevisionId>;
}

/**
 * Builds the graph and proves it sound.
 * @throws RevisionFileError `SLIPWAY_FILE_DUPLICATE_ID`
 * @throws GraphError `SLIPWAY_GRAPH_MISSING_REVISION`, `SLIPWAY_GRAPH_CYCLE`,
 * `SLIPWAY_GRAPH_DUPLICATE_LABEL`
 */
export function buildGraph<N extends GraphNode>(revisions: Iterable<N>): Graph<N> {
  const sorted = [...revisions].sort((a, b) => compareText(a.file, b.file));
  const nodes = new Map<RevisionId, N>();
  for (const node of sorted) {
    const other = nodes.get(node.id);
    if (other !== undefined) throw duplicateId(node.id, other.file, node.file);
    nodes.set(node.id, node);
  }
  const children = new Map<RevisionId, RevisionId[]>();
  const followers = new Map<RevisionId, RevisionId[]>();
  for (const node of sorted) {
    for (const id of needs(node)) {
      if (!nodes.has(id)) throw missingRevision(node, id, nodes.keys());
      append(children, id, node.id);
    }
    for (const id of node.revises) append(followers, id, node.id);
  }
  const order = topologicalOrder(sorted, nodes);
  return {
    nodes,
    order,
    children,
    followers,
    heads: order.filter((id) => !followers.has(id)),
    bases: order.filter((id) => nodes.get(id)?.revises.length === 0),
    labels: collectLabels(sorted),
  };
}

/** Everything that must be applied before `node`: what it revises and what it depends on. */
export function needs(node: GraphNode): readonly RevisionId[] {
  return node.dependsOn.length === 0 ? node.revises : [...node.revises, ...node.dependsOn];
}

/** `ids` and all they need, directly or not. */
export function withAncestors(graph: Graph, ids: Iterable<RevisionId>): Set<RevisionId> {
  return closure(ids, (id) => {
    const node = graph.nodes.get(id);
    return node === undefined ? [] : needs(node);
  });
}

/** `ids` and all that needs them, directly or not. */
export function withDescendants(graph: Graph, ids: Iterable<RevisionId>): Set<RevisionId> {
  return closure(ids, (id) => graph.children.get(id) ?? []);
}

/**
 * The branch that `id` is on: all it follows and all that follows it, along `revises`. What it
 * depends on is another branch.
 */
export function lineageOf(graph: Graph, id: RevisionId): ReadonlySet<RevisionId> {
  const below = closure([id], (each) => graph.nodes.get(each)?.revises ?? []);
  return below.union(followersOf(graph, [id]));
}

/** `ids` and all that follows them along `revises`. */
export function followersOf(graph: Graph, ids: Iterable<RevisionId>): Set<RevisionId> {
  return closure(ids, (id) => graph.followers.get(id) ?? []);
}

/** Branch labels of a revision: its own, and those of all it follows. */
export function labelsOf(graph: Graph, id: RevisionId): readonly string[] {
  const below = closure([id], (each) => graph.nodes.get(each)?.revises ?? []);
  return graph.order.flatMap((each) =>
    below.has(each) ? (graph.nodes.get(each)?.labels ?? []) : [],
  );
}

/** The members of `applied` that nothing else in it revises or depends on: what may be taken back first. */
export function tipsOf(
  graph: Graph,
  applied: ReadonlySet<RevisionId>,
  edges: Graph['children'] = graph.children,
): readonly RevisionId[] {
  return graph.order.filter(
    (id) => applied.has(id) && !(edges.get(id) ?? []).some((child) => applied.has(child)),
  );
}

/** The members of `applied` that no other member revises: the current heads. */
export function headsOf(applied: Iterable<GraphNode>): RevisionId[] {
  const all = [...applied];
  const revised = new Set(all.flatMap((node) => node.revises));
  return all
    .map((node) => node.id)
    .filter((id) => !revised.has(id))
    .sort(compareText);
}

/** Orders text by code unit: the same everywhere, whatever the locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function append(lists: Map<RevisionId, RevisionId[]>, key: RevisionId, value: RevisionId): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else if (list.at(-1) !== value) list.push(value);
}

function closure(
  start: Iterable<RevisionId>,
  next: (id: RevisionId) => readonly RevisionId[],
): Set<RevisionId> {
  const seen = new Set<RevisionId>(start);
  const queue = [...seen];
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    for (const neighbour of next(id)) {
      if (seen.has(neighbour)) continue;
      seen.add(neighbour);
      queue.push(neighbour);
    }
  }
  return seen;
}

/** Depth first along `needs`, without recursion: a history may be tens of thousands deep. */
function topologicalOrder<N extends GraphNode>(
  sorted: readonly N[],
  nodes: ReadonlyMap<RevisionId, N>,
): RevisionId[] {
  const order: RevisionId[] = [];
  const state = new Map<RevisionId, 'open' | 'done'>();
  for (const start of sorted) {
    if (state.has(start.id)) continue;
    const path: { node: N; pending: RevisionId[] }[] = [];
    const enter = (node: N): void => {
      state.set(node.id, 'open');
      path.push({ node, pending: [...needs(node)].reverse() });
    };
    enter(start);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const id = top.pending.pop();
      if (id === undefined) {
        state.set(top.node.id, 'done');
        order.push(top.node.id);
        path.pop();
        continue;
      }
      const seen = state.get(id);
      if (seen === 'done') continue;
      const node = nodes.get(id);
      if (seen === 'open')
        throw cycle(
          path.map((p) => p.node),
          id,
        );
      if (node !== undefined) enter(node);
    }
  }
  return order;
}

function collectLabels(sorted: readonly GraphNode[]): Map<string, RevisionId> {
  const labels = new Map<string, RevisionId>();
  const files = new Map<string, string>();
  for (const node of sorted) {
    for (const label of node.labels) {
      const other = files.get(label);
      if (other !== undefined) {
        throw new GraphError(
          'SLIPWAY_GRAPH_DUPLICATE_LABEL',
          `branch label "${label}" is carried by ${other} and by ${node.file}`,
          {
            hint: 'Keep the label in one of the two files; its descendants inherit it.',
            details: { label, files: [other, node.file] },
          },
        );
      }
      labels.set(label, node.id);
      files.set(label, node.file);
    }
  }
  return labels;
}

function duplicateId(id: RevisionId, first: string, second: string): RevisionFileError {
  return new RevisionFileError(
    'SLIPWAY_FILE_DUPLICATE_ID',
    `revision "${id}" is defined by ${first} and by ${second}`,
    {
      hint: 'Give one of them a new id and make it revise the right revision, or remove the copy.',
      details: { revision: id, files: [first, second] },
    },
  );
}

function missingRevision(node: GraphNode, id: RevisionId, known: Iterable<RevisionId>): GraphError {
  const guess = nearest(id, known);
  const key = node.revises.includes(id) ? 'revises' : 'depends-on';
  return new GraphError(
    'SLIPWAY_GRAPH_MISSING_REVISION',
    `${node.file}: ${key} names revision "${id}", which no file defines`,
    {
      hint:
        guess === undefined
          ? 'Restore the missing file, or correct the id.'
          : `Did you mean "${guess}"? Otherwise restore the missing file.`,
      details: { revision: node.id, file: node.file, missing: id },
    },
  );
}

function cycle(path: readonly GraphNode[], back: RevisionId): GraphError {
  const ring = path.slice(path.findIndex((node) => node.id === back));
  const files = ring.map((node) => node.file);
  return new GraphError(
    'SLIPWAY_GRAPH_CYCLE',
    `revisions follow each other in a circle: ${[...ring.map((node) => node.id), back].join(' → ')}`,
    {
      hint: `Correct revises or depends-on in one of: ${files.join(', ')}.`,
      details: { revisions: ring.map((node) => node.id), files },
    },
  );
}
