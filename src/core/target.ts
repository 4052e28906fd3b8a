/** What the user asked for: `head`, `heads`, `base`, `+2`, `-1`, an id or a unique prefix of one. */

import { GraphError } from './errors.ts';
import type { Graph } from './graph.ts';
import { nearest } from './nearest.ts';
import type { RevisionId } from './revision.ts';

/** A target as written, not yet looked up in a graph. */
export type Target =
  | { readonly kind: 'head' }
  | { readonly kind: 'heads' }
  | { readonly kind: 'base' }
  | { readonly kind: 'relative'; readonly steps: number }
  | { readonly kind: 'revision'; readonly id: string }
  /** Revisions by id, as an earlier look at the database settled them; never written by people. */
  | { readonly kind: 'settled'; readonly ids: readonly RevisionId[] };

/**
 * Reads a target.
 * @throws GraphError `SLIPWAY_TARGET_UNKNOWN` when it has no form that slipway knows
 */
export function parseTarget(text: string): Target {
  if (text === 'head' || text === 'heads' || text === 'base') return { kind: text };
  if (/^[+-]\d{1,6}$/.test(text)) return { kind: 'relative', steps: Number(text) };
  if (/^[A-Za-z0-9_]{1,64}$/.test(text)) return { kind: 'revision', id: text };
  throw new GraphError('SLIPWAY_TARGET_UNKNOWN', `"${text}" is not a target`, {
    hint: 'Write head, heads, base, +N, -N, a revision id or the beginning of one.',
    details: { target: text },
  });
}

/**
 * The one head, for commands that need one.
 * @throws GraphError `SLIPWAY_MULTIPLE_HEADS`
 */
export function singleHead(graph: Graph): RevisionId | undefined {
  if (graph.heads.length <= 1) return graph.heads[0];
  const files = graph.heads.map((id) => graph.nodes.get(id)?.file ?? id);
  throw new GraphError(
    'SLIPWAY_MULTIPLE_HEADS',
    `there are ${graph.heads.length} heads: ${graph.heads.join(', ')} (${files.join(', ')})`,
    {
      hint: `Join them in a merge revision (slipway revision -m "merge" --head ${graph.heads.join(' --head ')}), or name the target "heads".`,
      details: { releaseHeads: graph.heads, files },
    },
  );
}

/**
 * The revision that `text` names, by its id or by the beginning of one.
 * @throws GraphError `SLIPWAY_TARGET_UNKNOWN`, `SLIPWAY_TARGET_AMBIGUOUS`
 */
export function resolveRevision(text: string, known: Iterable<RevisionId>): RevisionId {
  const ids = [...known];
  if (ids.includes(text)) return text;
  const matches = ids.filter((id) => id.startsWith(text));
  const [only] = matches;
  if (only !== undefined && matches.length === 1) return only;
  if (matches.length > 1) {
    throw new GraphError(
      'SLIPWAY_TARGET_AMBIGUOUS',
      `"${text}" is the beginning of ${matches.length} revisions: ${matches.slice(0, 5).join(', ')}${matches.length > 5 ? ', …' : ''}`,
      { hint: 'Write more of the id.', details: { target: text, candidates: matches } },
    );
  }
  const guess = nearest(text, ids);
  throw new GraphError('SLIPWAY_TARGET_UNKNOWN', `no revision "${text}"`, {
    hint:
      guess === undefined
        ? 'slipway history lists the revisions.'
        : `Did you mean "${guess}"? slipway history lists the revisions.`,
    details: { target: text },
  });
}
