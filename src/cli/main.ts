/** The full program: every command. Loaded when the fast path does not fit. */

import { setFlagsFromString } from 'node:v8';
import { readEdge } from './edge.ts';
import type { Handover } from './handover.ts';
import { runProgram } from './program.ts';

/** Runs the command line and ends the process. */
export async function main(handover: Handover | undefined): Promise<never> {
  // The parser is one huge WASM function: optimising it takes half a gigabyte, which a pod may not
  // have, and gains nothing over the few thousand statements of a release.
  setFlagsFromString('--liftoff-only');
  process.exit(await runProgram(readEdge(), handover));
}
