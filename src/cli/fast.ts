/**
 * The fast path as a program of its own: built into one file, so that a pod restart with nothing to
 * do reads no other.
 */

import { readEdge } from './edge.ts';
import { takeFastPath } from './fast-path.ts';
import type { Handover } from './handover.ts';
import { readQuickArguments } from './quick-arguments.ts';

/** Ends the process, or returns what the full program goes on with. */
export async function start(): Promise<Handover | undefined> {
  const quick = readQuickArguments(process.argv.slice(2));
  if (quick === undefined) return undefined;
  const end = await takeFastPath(readEdge(), quick);
  if (end.kind === 'exit') process.exit(end.code);
  return end.handover;
}
