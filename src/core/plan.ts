/** What a run will do: an ordered list of steps, computed without doing anything. */

import { assertNever, GraphError } from './errors.ts';
import { type Graph, type GraphNode, withAncestors, withDescendants } from './graph.ts';
import type { Direction, Phase, RevisionId } from './revision.ts';
import { resolveRevision, singleHead, type Target } from './target.ts';

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
  const steps = target.kind === 'relative' ? firstSteps(pending, target.steps) : pending;
  return {
    direction: 'upgrade',
    steps: phase === 'expand' ? withoutTrailingContracts(graph, steps) : steps,
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
  target: Target,
): Plan {
  const down = graph.order.filter((id) => applied.has(id)).reverse();
  return { direction: 'downgrade', steps: downgradeSteps(graph, down, target) };
}

function downgradeSteps(
  graph: Graph,
  down: readonly RevisionId[],
  target: Target,
): readonly RevisionId[] {
  switch (target.kind) {
    case 'base':
      return down;
    case 'relative':
      if (target.steps >= 0) {
        throw outOfRange(`downgrade goes down: write -${target.steps || 1}`);
      }
      if (-target.steps > down.length) {
        throw outOfRange(
          `cannot go down ${-target.steps} revisions: ${down.length} ${down.length === 1 ? 'is' : 'are'} applied`,
        );
      }
      return down.slice(0, -target.steps);
    case 'revision': {
      const id = resolveRevision(target.id, graph.nodes.keys());
      if (!down.includes(id)) {
        throw outOfRange(`revision "${id}" is not applied, so nothing can be taken down to it`);
      }
      const above = withDescendants(graph, [id]);
      above.delete(id);
      return down.filter((step) => above.has(step));
    }
    case 'settled':
      return down.filter((id) => target.ids.includes(id));
    case 'head':
    case 'heads':
      throw outOfRange(`"${target.kind}" is the upper end: nothing to take down`);
    default:
      return assertNever(target);
  }
}

function upgradeGoal(
  graph: Graph,
  applied: ReadonlySet<RevisionId>,
  target: Target,
): readonly RevisionId[] {
  switch (target.kind) {
    case 'heads':
      return graph.heads;
    case 'head': {
      const head = singleHead(graph);
      return head === undefined ? [] : [head];
    }
    case 'relative': {
      if (target.steps <= 0) {
        throw outOfRange(`upgrade goes up: write +${-target.steps || 1}`);
      }
      const open = graph.heads.filter((id) => !applied.has(id));
      if (open.length > 1) singleHead(graph);
      return open;
    }
    case 'revision':
      return [resolveRevision(target.id, graph.nodes.keys())];
    case 'settled':
      return target.ids;
    case 'base':
      throw outOfRange('"base" is the lower end: use downgrade base');
    default:
      return assertNever(target);
  }
}

function firstSteps(pending: readonly RevisionId[], count: number): readonly RevisionId[] {
  if (count > pending.length) {
    throw outOfRange(
      `cannot go up ${count} revisions: ${pending.length} ${pending.length === 1 ? 'is' : 'are'} pending`,
    );
  }
  return pending.slice(0, count);
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

function outOfRange(message: string): GraphError {
  return new GraphError('SLIPWAY_TARGET_OUT_OF_RANGE', message, {
    hint: 'slipway history shows what is applied and what is pending.',
  });
}
