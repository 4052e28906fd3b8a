/** Looks targets up in a graph: which revisions they name. The same for every command. */

import { followersOf, type Graph, lineageOf, tipsOf, withAncestors } from './graph.ts';
import type { Direction, RevisionId } from './revision.ts';
import type { PointTarget, Target, TargetRange } from './target.ts';
import {
  ambiguous,
  fork,
  multipleHeads,
  nothingAsked,
  notOnBranch,
  outOfRange,
  severalCurrent,
  severalStarts,
  tooFar,
  unknownName,
} from './target-errors.ts';

/** A set of revisions that are applied. */
export type Applied = ReadonlySet<RevisionId>;

/** What becomes of `+9` where only three revisions are left. */
export type PastTheEnd = 'refuse' | 'stop';

/** A branch that a target is narrowed to. */
export interface Branch {
  /** As the user wrote it. */
  readonly name: string;
  /** The revision that this names. */
  readonly id: RevisionId;
  readonly lineage: ReadonlySet<RevisionId>;
}

/**
 * The revisions that `target` names; none for `base`. `applied` is what `current`, `+N` and `-N`
 * start from; undefined where no database was asked.
 * @throws GraphError `SLIPWAY_TARGET_UNKNOWN`, `SLIPWAY_TARGET_AMBIGUOUS`,
 * `SLIPWAY_TARGET_OUT_OF_RANGE`, `SLIPWAY_MULTIPLE_HEADS`
 */
export function resolveTarget(
  graph: Graph,
  target: Target,
  applied?: Applied,
  pastTheEnd: PastTheEnd = 'refuse',
): readonly RevisionId[] {
  if (target.kind === 'settled') return target.ids;
  const branch = branchOf(graph, target);
  const { name, symbol, steps } = target;
  if (name !== undefined && (steps === undefined || isName(graph, name))) {
    return resolveSymbol(graph, { text: name, branch, applied });
  }
  if (symbol === undefined) {
    const direction = (steps ?? 0) > 0 ? 'upgrade' : 'downgrade';
    const start = startOf(graph, target, { branch, applied, direction });
    return listOf(walk(graph, start, steps ?? 0, { text: target.text, branch, pastTheEnd }));
  }
  const starts = resolveSymbol(graph, { text: symbol, branch, applied });
  if (starts.length > 1) throw severalStarts(target.text, starts);
  return listOf(walk(graph, starts[0], steps ?? 0, { text: target.text, branch, pastTheEnd }));
}

/**
 * The one revision that `target` names; undefined for `base`.
 * @throws GraphError as `resolveTarget`; `SLIPWAY_MULTIPLE_HEADS` where it names several
 */
export function resolveOne(
  graph: Graph,
  target: Target,
  applied?: Applied,
): RevisionId | undefined {
  const ids = resolveTarget(graph, target, applied);
  if (ids.length <= 1 || target.kind === 'settled') return ids[0];
  throw target.symbol === 'current' ? severalCurrent(target.text, ids) : multipleHeads(graph, ids);
}

/**
 * The revisions of a range, both ends with it, in graph order: what lies on the way from the lower
 * end to the upper one, or all that the upper end needs where the lower one is `base`. An open lower end is `base`, an open
 * upper end is `heads`; an end without a symbol counts from the other end, as far as there are any.
 * @throws GraphError as `resolveTarget`; `SLIPWAY_TARGET_OUT_OF_RANGE` where one end is not below the other
 */
export function resolveRange(
  graph: Graph,
  range: TargetRange,
  applied?: Applied,
): readonly RevisionId[] {
  const { lower, upper } = rangeEnds(graph, range, applied, 'stop');
  const below = withAncestors(graph, upper);
  const outside = lower.filter((id) => !below.has(id));
  if (outside.length > 0) {
    throw outOfRange(`"${range.text}" is not a range: ${outside.join(', ')} is not below its end`);
  }
  const above = lower.length === 0 ? below : followersOf(graph, lower);
  if (range.upper !== undefined && upper.length > 0 && !upper.some((id) => above.has(id))) {
    throw outOfRange(
      `"${range.text}" is not a range: ${upper.join(', ')} does not follow ${lower.join(', ')}`,
    );
  }
  return graph.order.filter((id) => below.has(id) && above.has(id));
}

/** Both ends of a range, resolved. */
export function rangeEnds(
  graph: Graph,
  range: TargetRange,
  applied?: Applied,
  pastTheEnd: PastTheEnd = 'refuse',
): { readonly lower: readonly RevisionId[]; readonly upper: readonly RevisionId[] } {
  const resolve = (
    end: PointTarget,
    other: PointTarget | undefined,
    from: { readonly open: readonly RevisionId[]; readonly pastTheEnd: PastTheEnd },
  ): readonly RevisionId[] => {
    const { open, pastTheEnd } = from;
    if (end.symbol !== undefined || (other !== undefined && other.symbol === undefined)) {
      return resolveTarget(graph, end, applied, pastTheEnd);
    }
    const start = other === undefined ? open : resolveTarget(graph, other, applied, pastTheEnd);
    return resolveTarget(graph, end, withAncestors(graph, start), pastTheEnd);
  };
  const { lower, upper } = range;
  // A range may begin before there was anything, and cannot end there.
  const pastTheUpperEnd = (upper?.steps ?? 0) < 0 ? 'refuse' : pastTheEnd;
  const ends = {
    lower: lower === undefined ? [] : resolve(lower, upper, { open: graph.heads, pastTheEnd }),
    upper:
      upper === undefined
        ? graph.heads
        : resolve(upper, lower, { open: [], pastTheEnd: pastTheUpperEnd }),
  };
  const branch = lower === undefined ? undefined : branchOf(graph, lower);
  if (branch === undefined) return ends;
  return { ...ends, upper: ends.upper.filter((id) => branch.lineage.has(id)) };
}

/** The branch that a target names before its `@`. */
export function branchOf(graph: Graph, target: PointTarget): Branch | undefined {
  const { branch } = target;
  if (branch === undefined) return undefined;
  const id = lookUp(graph, branch);
  return { name: branch, id, lineage: lineageOf(graph, id) };
}

interface Question {
  readonly text: string;
  readonly branch: Branch | undefined;
  readonly applied: Applied | undefined;
}

function resolveSymbol(graph: Graph, { text, branch, applied }: Question): readonly RevisionId[] {
  const onBranch = (ids: readonly RevisionId[]): readonly RevisionId[] =>
    branch === undefined ? ids : ids.filter((id) => branch.lineage.has(id));
  switch (text) {
    case 'base':
      return [];
    case 'heads':
      return onBranch(graph.heads);
    case 'head': {
      const heads = onBranch(graph.heads);
      if (heads.length > 1) throw multipleHeads(graph, heads);
      return heads;
    }
    case 'current': {
      const tips = currentTips(graph, known(applied, text), { branch, direction: 'downgrade' });
      // No revision would mean base: all of the branch, and all that shares its beginning.
      if (branch === undefined || tips.length > 0) return tips;
      throw outOfRange(`"${branch.name}@current" names nothing: no head of it is applied`);
    }
    default:
      return [lookUp(graph, text, branch)];
  }
}

/** The one revision that a bare `+N` or `-N` starts from; undefined for an empty database. */
function startOf(
  graph: Graph,
  { text }: PointTarget,
  from: {
    readonly branch: Branch | undefined;
    readonly applied: Applied | undefined;
    readonly direction: Direction;
  },
): RevisionId | undefined {
  const { branch, direction } = from;
  const tips = currentTips(graph, known(from.applied, text), { branch, direction });
  if (tips.length > 1) throw severalStarts(text, tips);
  return tips[0];
}

/**
 * What the database is at on a branch: its current heads there; else what is at a line's end and is
 * kept by what depends on it. A way up may also start where the branch leaves what is applied; a
 * way down may not, since that would take back the other branches.
 */
export function currentTips(
  graph: Graph,
  applied: Applied,
  on: { readonly branch: Branch | undefined; readonly direction: Direction },
): readonly RevisionId[] {
  const tips = tipsOf(graph, applied);
  const { branch } = on;
  if (branch === undefined) return tips;
  const onBranch = tips.filter((id) => branch.lineage.has(id));
  if (onBranch.length > 0) return onBranch;
  const ends = tipsOf(graph, applied, graph.followers).filter((id) => branch.lineage.has(id));
  if (ends.length > 0 || on.direction === 'downgrade') return ends;
  return tipsOf(graph, applied.intersection(branch.lineage), graph.followers);
}

/**
 * The revision that is `steps` above or below `start`; undefined for `base`.
 * @throws GraphError `SLIPWAY_TARGET_AMBIGUOUS` at a fork, `SLIPWAY_TARGET_OUT_OF_RANGE` past an end
 */
export function walk(
  graph: Graph,
  start: RevisionId | undefined,
  steps: number,
  on: {
    readonly text: string;
    readonly branch: Branch | undefined;
    readonly pastTheEnd: PastTheEnd;
  },
): RevisionId | undefined {
  let at = start;
  for (let step = 0; step < Math.abs(steps); step += 1) {
    if (steps > 0) {
      const above = at === undefined ? graph.bases : (graph.followers.get(at) ?? []);
      const next = oneOf(above, { ...on, from: at, words: 'is followed by' });
      if (next === undefined && on.pastTheEnd === 'stop') return at;
      if (next === undefined) throw tooFar(on.text, step, 'above');
      at = next;
    } else {
      if (at === undefined && on.pastTheEnd === 'stop') return at;
      if (at === undefined) throw tooFar(on.text, step, 'below');
      at = oneOf(graph.nodes.get(at)?.revises ?? [], { ...on, from: at, words: 'revises' });
    }
  }
  return at;
}

function oneOf(
  ids: readonly RevisionId[],
  at: {
    readonly text: string;
    readonly branch: Branch | undefined;
    readonly from: RevisionId | undefined;
    readonly words: string;
  },
): RevisionId | undefined {
  const { branch } = at;
  const open = branch === undefined ? ids : ids.filter((id) => branch.lineage.has(id));
  if (open.length <= 1) return open[0];
  throw fork(at.text, `${at.from ?? 'base'} ${at.words}`, open);
}

function isName(graph: Graph, text: string): boolean {
  return graph.nodes.has(text) || graph.labels.has(text);
}

/**
 * The revision of this id or branch label, or the only one whose id or label begins like this.
 * @throws GraphError `SLIPWAY_TARGET_UNKNOWN`, `SLIPWAY_TARGET_AMBIGUOUS`
 */
function lookUp(graph: Graph, text: string, branch?: Branch): RevisionId {
  const exact = graph.nodes.has(text) ? text : graph.labels.get(text);
  if (exact !== undefined) {
    if (branch === undefined || branch.lineage.has(exact)) return exact;
    throw notOnBranch(exact, branch.name);
  }
  const names = new Map<string, RevisionId>();
  for (const id of graph.nodes.keys()) names.set(id, id);
  for (const [label, id] of graph.labels) names.set(label, id);
  const matches = [...names].filter(
    ([name, id]) => name.startsWith(text) && (branch === undefined || branch.lineage.has(id)),
  );
  const ids = [...new Set(matches.map(([, id]) => id))];
  const [only] = ids;
  if (only !== undefined && ids.length === 1) return only;
  throw ids.length > 1 ? ambiguous(text, ids) : unknownName(text, names.keys());
}

function known(applied: Applied | undefined, text: string): Applied {
  if (applied !== undefined) return applied;
  throw nothingAsked(text);
}

function listOf(id: RevisionId | undefined): readonly RevisionId[] {
  return id === undefined ? [] : [id];
}
