/**
 * The fast path as a program of its own: built into one file, so that a pod restart with nothing to
 * do reads no other.
 */

import { endProcess, readEdge } from './edge.ts';
import { takeFastPath } from './fast-path.ts';
import type { Handover } from './handover.ts';
import { readQuickArguments } from './quick-arguments.ts';

/** What the full program goes on with; undefined where all is done and the process may end. */
export async function start(): Promise<{ readonly handover: Handover | undefined } | undefined> {
  const quick = readQuickArguments(process.argv.slice(2));
  if (quick === undefined) return { handover: undefined };
  const end = await takeFastPath(readEdge(), quick);
  if (end.kind === 'go-on') return { handover: end.handover };
  endProcess(end.code);
  return undefined;
}
