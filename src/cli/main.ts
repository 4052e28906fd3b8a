/** The full program: every command. Loaded when the fast path does not fit. */

import { setFlagsFromString } from 'node:v8';
import { endProcess, readEdge } from './edge.ts';
import type { Handover } from './handover.ts';
import { runProgram } from './program.ts';

/** Runs the command line and lets the process end. */
export async function main(handover: Handover | undefined): Promise<void> {
  // The parser's grammar is one huge WASM function. Optimising it takes V8 600 MB and a second on
  // another thread, which a pod does not have and the few thousand statements of a release never
  // earn back: the baseline compiler's code will do.
  setFlagsFromString('--no-wasm-tier-up --no-wasm-dynamic-tiering');
  endProcess(await runProgram(readEdge(), handover));
}
