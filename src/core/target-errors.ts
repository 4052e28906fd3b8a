/** What is said about targets that name nothing, too much, or the wrong thing. */

import { GraphError } from './errors.ts';
import type { Graph } from './graph.ts';
import { nearest } from './nearest.ts';
import type { RevisionId } from './revision.ts';

/** Several heads where one is needed: which files they are, and how they are joined. */
export function multipleHeads(graph: Graph, heads: readonly RevisionId[]): GraphError {
  const files = heads.map((id) => graph.nodes.get(id)?.file ?? id);
  const named = heads.map((id, index) => `${id} (${files[index]})`);
  const isAll = heads.length === graph.heads.length;
  return new GraphError(
    'SLIPWAY_MULTIPLE_HEADS',
    `there are ${heads.length} heads: ${inWords(named, NAMED_HEADS)}`,
    {
      hint: `Join them in a merge revision: slipway merge ${isAll ? '' : `${heads.join(' ')} `}-m "${mergeMessage(heads)}"; or name "heads" to mean all of them.`,
      details: { releaseHeads: heads, files },
    },
  );
}

/** How many heads are named one by one. */
const NAMED_HEADS = 3;

/** What a merge revision says of itself, unless somebody says it better. */
export function mergeMessage(heads: readonly RevisionId[]): string {
  return heads.length > NAMED_HEADS
    ? `merge ${heads.length} heads`
    : `merge ${inWords(heads, NAMED_HEADS)}`;
}

/** `a, b and c`; from `limit` on, how many more there are. */
function inWords(items: readonly string[], limit: number): string {
  const shown = items.slice(0, limit);
  const last = items.length > limit ? `${items.length - limit} more` : shown.pop();
  return shown.length === 0 ? (last ?? '') : `${shown.join(', ')} and ${last}`;
}

/** `current` where one revision is meant and the database is at several. */
export function severalCurrent(text: string, ids: readonly RevisionId[]): GraphError {
  return new GraphError(
    'SLIPWAY_TARGET_AMBIGUOUS',
    `"${text}" is ${ids.length} revisions: ${shown(ids)}`,
    { hint: 'Name one of them.', details: { target: text, candidates: ids } },
  );
}

/** A step that could be made to several revisions. */
export function fork(text: string, at: string, ids: readonly RevisionId[]): GraphError {
  return new GraphError(
    'SLIPWAY_TARGET_AMBIGUOUS',
    `"${text}" can be read in ${ids.length} ways: ${at} ${shown(ids)}`,
    {
      hint: 'Name the revision itself, or the branch: label@+1, id@-1.',
      details: { target: text, candidates: ids },
    },
  );
}

/** A name that begins the names of several revisions. */
export function ambiguous(text: string, ids: readonly RevisionId[]): GraphError {
  return new GraphError(
    'SLIPWAY_TARGET_AMBIGUOUS',
    `"${text}" is the beginning of ${ids.length} revisions: ${shown(ids)}`,
    { hint: 'Write more of the id.', details: { target: text, candidates: ids } },
  );
}

/** A name that nothing has; the nearest of `names` is offered. */
export function unknownName(text: string, names: Iterable<string>): GraphError {
  const guess = nearest(text, names);
  return new GraphError('SLIPWAY_TARGET_UNKNOWN', `no revision or branch label "${text}"`, {
    hint:
      guess === undefined
        ? 'slipway history lists the revisions.'
        : `Did you mean "${guess}"? slipway history lists the revisions.`,
    details: { target: text },
  });
}

/** A revision that is there, and not on the branch that was named. */
export function notOnBranch(id: RevisionId, branch: string): GraphError {
  return new GraphError(
    'SLIPWAY_TARGET_UNKNOWN',
    `revision "${id}" is not on the branch of "${branch}"`,
    {
      hint: `slipway history -r ${branch}@base:${branch}@heads lists that branch.`,
      details: { target: id, branch },
    },
  );
}

/** A target that counts from what is applied, where nobody can know that. */
export function nothingAsked(text: string): GraphError {
  return new GraphError(
    'SLIPWAY_TARGET_OUT_OF_RANGE',
    `"${text}" counts from what is applied, and no database was asked`,
    { hint: 'Name a revision, or head, heads, base; or say which database with --url.' },
  );
}

/** A relative target that would have to start from several revisions. */
export function severalStarts(text: string, starts: readonly RevisionId[]): GraphError {
  return new GraphError(
    'SLIPWAY_TARGET_AMBIGUOUS',
    `"${text}" starts from one revision, and there are ${starts.length}: ${shown(starts)}`,
    {
      hint: `Name the one you mean: ${starts[0]}@${text.replace(/^.*?(?=[+-]\d+$)/, '')}.`,
      details: { target: text, candidates: starts },
    },
  );
}

/** A relative target that walks past an end of the graph. */
export function tooFar(text: string, steps: number, side: 'above' | 'below'): GraphError {
  return outOfRange(
    `"${text}" goes too far: there ${steps === 1 ? 'is 1 revision' : `are ${steps} revisions`} ${side}`,
  );
}

/** A target that names something, but nothing that this command can go to. */
export function outOfRange(message: string): GraphError {
  return new GraphError('SLIPWAY_TARGET_OUT_OF_RANGE', message, {
    hint: 'slipway history shows what is applied and what is pending.',
  });
}

function shown(ids: readonly RevisionId[]): string {
  return `${ids.slice(0, 5).join(', ')}${ids.length > 5 ? ', …' : ''}`;
}
