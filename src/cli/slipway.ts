/**
 * The program: refuses a Node that is too old with one clear line, takes the fast path, or loads the
 * rest. Built into one file of its own, so that a pod restart with nothing to do reads no other.
 */

import { readEdge } from './edge.ts';
import { takeFastPath } from './fast-path.ts';
import { readQuickArguments } from './quick-arguments.ts';

const OLDEST_NODE = 24;

async function start(): Promise<void> {
  if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE) {
    process.stderr.write(
      `SLIPWAY_NODE_TOO_OLD (exit 10): slipway needs Node ${OLDEST_NODE} or newer, and this is ${process.versions.node}\n`,
    );
    process.exit(10);
  }
  const quick = readQuickArguments(process.argv.slice(2));
  const end = quick === undefined ? undefined : await takeFastPath(readEdge(), quick);
  if (end?.kind === 'exit') process.exit(end.code);
  const { main } = await import('./main.ts');
  await main(end?.handover);
}

void start();
