/** What a new revision's file is called: `<UTC yyyymmddhhmmss>_<slug>.<sql|ts>`. */

import type { Graph, GraphNode } from '../core/graph.ts';
import type { Language, RevisionId } from '../core/revision.ts';
import { slugOf } from './slug.ts';

const STAMP = /^(?:.*[\\/])?((\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2}))_/;
const LAST_YEAR = 9998;
const SECOND = 1000;

/**
 * The name of a revision that needs `parents`. Its time is that of `now`, moved on where needed:
 * later than its parents', so that files are listed in the order of the graph, and nobody else's.
 */
export function fileNameOf(
  graph: Graph<GraphNode>,
  parents: readonly RevisionId[],
  about: { readonly message: string; readonly language: Language; readonly now: number },
): string {
  const times = parents.flatMap((id) => timeOf(graph.nodes.get(id)?.file ?? '') ?? []);
  const taken = new Set([...graph.nodes.values()].map(({ file }) => STAMP.exec(file)?.[1]));
  let time = Math.max(about.now, ...times.map((parent) => parent + SECOND));
  while (taken.has(stamp(time))) time += SECOND;
  return `${stamp(time)}_${slugOf(about.message)}.${about.language === 'sql' ? 'sql' : 'ts'}`;
}

function timeOf(file: string): number | undefined {
  const [, , year, month, day, hour, minute, second] = (STAMP.exec(file) ?? []).map(Number);
  // Beyond it the stamp would no longer have fourteen digits: somebody's own numbering.
  if (year === undefined || year > LAST_YEAR) return undefined;
  return Date.UTC(year, (month ?? 1) - 1, day, hour, minute, second);
}

/** UTC as yyyymmddhhmmss. */
function stamp(ms: number): string {
  return new Date(ms).toISOString().replace(/\D/g, '').slice(0, 14);
}
