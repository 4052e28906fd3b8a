/** Decides what a merge revision joins. */

import { GraphError, UsageError } from '../core/errors.ts';
import type { Graph } from '../core/graph.ts';
import { resolveTarget } from '../core/resolve.ts';
import type { Phase, Revision, RevisionId } from '../core/revision.ts';
import { HEADS, parseTarget } from '../core/target.ts';
import { mergeMessage } from '../core/target-errors.ts';
import { MERGE_TEMPLATE } from './built-in-templates.ts';
import { type NewRevision, newRevision, refuseLine } from './new-revision.ts';

export interface MergeRequest {
  readonly id: RevisionId;
  /** Targets to join; empty: all heads. */
  readonly targets: readonly string[];
  /** Undefined: one that names what is joined. */
  readonly message: string | undefined;
  readonly labels: readonly string[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * The file for a revision that joins heads.
 * @throws UsageError `SLIPWAY_USAGE`
 * @throws GraphError as `resolveTarget`; `SLIPWAY_MULTIPLE_HEADS` when one is no head
 */
export function mergeRevision(graph: Graph<Revision>, request: MergeRequest): NewRevision {
  const { id, message, labels, now } = request;
  const targets = request.targets.length === 0 ? [HEADS] : request.targets.map(parseTarget);
  const heads = [...new Set(targets.flatMap((target) => resolveTarget(graph, target)))];
  checkHeads(graph, heads);
  return newRevision(graph, {
    id,
    heads,
    labels,
    now,
    message: message ?? mergeMessage(heads),
    phase: phaseOf(graph, heads),
    template: MERGE_TEMPLATE,
    base: false,
    splice: false,
    dependsOn: [],
  });
}

function checkHeads(graph: Graph<Revision>, ids: readonly RevisionId[]): void {
  refuseLine(graph, ids);
  const inner = ids.find((id) => !graph.heads.includes(id));
  if (inner !== undefined) {
    throw new GraphError(
      'SLIPWAY_MULTIPLE_HEADS',
      `revision "${inner}" is not a head, so there is nothing to join there`,
      {
        hint: `The heads are ${graph.heads.join(', ')}; a revision on top of several others: slipway revision -m MESSAGE --splice --head ${ids.join(' --head ')}.`,
        details: { revision: inner, releaseHeads: graph.heads },
      },
    );
  }
  if (ids.length >= 2) return;
  const [only] = ids;
  const others = graph.heads.filter((id) => id !== only);
  throw new UsageError(
    'SLIPWAY_USAGE',
    only === undefined
      ? 'there is nothing to merge: no revision was found'
      : `there is nothing to merge "${only}" with`,
    {
      hint:
        others.length === 0
          ? 'A merge joins two heads or more, and there are not as many.'
          : `Name another head as well: ${others.join(', ')}.`,
      details: { releaseHeads: graph.heads },
    },
  );
}

/**
 * A merge above a contract revision waits with it: as an expand revision it would take the contract
 * along before the rollout.
 */
function phaseOf(graph: Graph<Revision>, heads: readonly RevisionId[]): Phase {
  return heads.some((id) => graph.nodes.get(id)?.phase === 'contract') ? 'contract' : 'expand';
}
