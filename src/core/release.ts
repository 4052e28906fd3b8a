/** The identity of a release: what a pod needs to know to see that the database already serves it. */

import { appliedDigest, type Summary } from './applied.ts';
import type { Graph } from './graph.ts';
import { type PhaseChoice, planUpgrade } from './plan.ts';
import type { Revision, RevisionId } from './revision.ts';
import { HEADS } from './target.ts';

export interface ReleaseIdentity {
  readonly heads: readonly RevisionId[];
  /** `appliedDigest` of all its revisions. */
  readonly digest: string;
  /** The same without the contract revisions that `--phase expand` leaves for later. */
  readonly expandDigest: string;
  readonly revisions: number;
}

/** Computes the identity of the release that consists of `graph`'s revisions. */
export function identityOf(graph: Graph<Revision>): ReleaseIdentity {
  const expand = planUpgrade(graph, new Set(), { target: HEADS, phase: 'expand' });
  const revisions = [...graph.nodes.values()];
  return {
    heads: graph.heads,
    digest: appliedDigest(revisions),
    expandDigest: appliedDigest(
      expand.steps.flatMap((id) => {
        const revision = graph.nodes.get(id);
        return revision === undefined ? [] : [revision];
      }),
    ),
    revisions: revisions.length,
  };
}

/** Whether the database with this summary is exactly where the release wants it. */
export function isServedBy(
  identity: ReleaseIdentity,
  summary: Summary | undefined,
  phase: PhaseChoice,
): boolean {
  if (summary === undefined) return false;
  if (summary.digest === identity.digest) return true;
  return phase === 'expand' && summary.digest === identity.expandDigest;
}
