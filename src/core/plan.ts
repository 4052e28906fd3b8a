/** What a run will do: an ordered list of steps, computed without doing anything. */

import { type Graph, type GraphNode, tipsOf, withAncestors, withDescendants } from './graph.ts';
import { branchOf, currentTips, resolveOne, resolveTarget, walk } from './resolve.ts';
import type { Direction, Phase, RevisionId } from './revision.ts';
import type { KeepTarget, PointTarget, Target } from './target.ts';
import { outOfRange, severalStarts, tooFar } from './target-errors.ts';

export interface Plan {
  readonly direction: Direction;
  /** Revisions in the order in which they run. */
  readonly steps: readonly RevisionId[];
}

/** Which phases an upgrade may run (DESIGN §7.5). */
export type PhaseChoice = 'all' | 'expand' | 'contract';

interface PhasedNode extends GraphNode {
  readonly phase: Phase;
}

/**
 * The steps from `applied` up to `target`: minimal, what is needed first.
 * @throws GraphError `SLIPWAY_TARGET_UNKNOWN`, `SLIPWAY_TARGET_AMBIGUOUS`,
 * `SLIPWAY_TARGET_OUT_OF_RANGE`, `SLIPWAY_MULTIPLE_HEADS`
 */
export function planUpgrade<N extends PhasedNode>(
  graph: Graph<N>,
  applied: ReadonlySet<RevisionId>,
  options: { readonly target: Target; readonly phase: PhaseChoice },
): Plan {
  const { target, phase } = options;
  const wanted = upgradeGoal(graph, applied, target);
  const closure = withAncestors(graph, wanted);
  const pending = graph.order.filter((id) => closure.has(id) && !applied.has(id));
  return {
    direction: 'upgrade',
    steps: phase === 'expand' ? withoutTrailingContracts(graph, pending) : pending,
  };
}

/**
 * The steps from `applied` down to `target`: what needs others goes first. `graph` holds every
 * applied revision, from files or from the database.
 * @throws GraphError `SLIPWAY_TARGET_UNKNOWN`, `SLIPWAY_TARGET_AMBIGUOUS`,
 * `SLIPWAY_TARGET_OUT_OF_RANGE`
 */
export function planDowngrade(
  graph: Graph,
  applied: ReadonlySet<RevisionId>,
  target: Target | KeepTarget,
): Plan {
  const goes = goesDown(graph, applied, target);
  const steps = graph.order.filter((id) => applied.has(id) && goes.has(id)).reverse();
  return { direction: 'downgrade', steps };
}

function goesDown(
  graph: Graph,
  applied: ReadonlySet<RevisionId>,
  target: Target | KeepTarget,
): ReadonlySet<RevisionId> {
  switch (target.kind) {
    case 'settled':
      return new Set(target.ids);
    case 'keep': {
      const goes = [...applied].filter((id) => !target.ids.has(id));
      // Whatever follows what goes cannot stay.
      return withDescendants(graph, goes);
    }
    default:
      return withDescendants(graph, downgradeRoots(graph, applied, target));
  }
}

/**
 * What is applied once `targets` were stamped, as Alembic has it: the current heads that are above
 * or below a target give way to it, all other heads stay.
 * @throws GraphError as `resolveTarget`
 */
export function planStamp(
  graph: Graph,
  applied: ReadonlySet<RevisionId>,
  targets: readonly PointTarget[],
): ReadonlySet<RevisionId> {
  const goals: RevisionId[] = [];
  const touched: RevisionId[] = [];
  for (const target of targets) {
    const ids = resolveTarget(graph, target, applied);
    goals.push(...ids);
    const branch = ids.length > 0 ? undefined : branchOf(graph, target);
    const emptied = branch === undefined ? graph.bases : [branch.id];
    touched.push(...(ids.length > 0 ? ids : emptied));
  }
  const related = withAncestors(graph, touched).union(withDescendants(graph, touched));
  const stays = tipsOf(graph, applied).filter((id) => !related.has(id));
  return withAncestors(graph, [...stays, ...goals]);
}

/** What goes first: all that needs it goes with it. */
function downgradeRoots(
  graph: Graph,
  applied: ReadonlySet<RevisionId>,
  target: PointTarget,
): readonly RevisionId[] {
  const branch = branchOf(graph, target);
  const isBare = target.symbol === undefined;
  const steps = target.steps ?? 0;
  if (isBare && steps >= 0) throw outOfRange(`downgrade goes down: write -${steps || 1}`);
  if (isBare) {
    // The last of the steps may take back a merge, so it is not walked but taken as the root.
    const { text } = target;
    const tips = currentTips(graph, applied, { branch, direction: 'downgrade' });
    if (tips.length > 1) throw severalStarts(text, tips);
    const [tip] = tips;
    if (tip === undefined) {
      const where = branch === undefined ? '' : ` of "${branch.name}"`;
      throw outOfRange(`"${text}" goes too far: nothing${where} is applied`);
    }
    const root = walk(graph, tip, steps + 1, { text, branch, pastTheEnd: 'refuse' });
    if (root === undefined) throw tooFar(text, -steps - 1, 'below');
    return [root];
  }
  const stays = resolveOne(graph, target, applied);
  if (stays !== undefined && !applied.has(stays)) {
    throw outOfRange(`revision "${stays}" is not applied, so nothing can be taken down to it`);
  }
  const above = stays === undefined ? graph.bases : (graph.followers.get(stays) ?? []);
  return branch === undefined ? above : above.filter((id) => branch.lineage.has(id));
}

function upgradeGoal(
  graph: Graph,
  applied: ReadonlySet<RevisionId>,
  target: Target,
): readonly RevisionId[] {
  if (target.kind === 'settled') return target.ids;
  const { symbol, steps } = target;
  if (symbol === undefined && steps !== undefined && steps <= 0) {
    throw outOfRange(`upgrade goes up: write +${-steps || 1}`);
  }
  const goal = resolveTarget(graph, target, applied);
  if (goal.length === 0 && symbol !== 'current' && graph.heads.length > 0) {
    throw outOfRange(`"${target.text}" is the lower end: use downgrade ${target.text}`);
  }
  return goal;
}

/** Leaves out the contract revisions that no expand revision of the same plan needs. */
function withoutTrailingContracts<N extends PhasedNode>(
  graph: Graph<N>,
  steps: readonly RevisionId[],
): readonly RevisionId[] {
  const expand = steps.filter((id) => graph.nodes.get(id)?.phase !== 'contract');
  const needed = withAncestors(graph, expand);
  return steps.filter((id) => needed.has(id));
}
