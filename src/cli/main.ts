/** The way in: the fast path for pods, the full command line for people, and the end of the process. */

import { EXIT } from '../core/errors.ts';
import { runCommand } from './commands/run.ts';
import { upgradeCommand } from './commands/upgrade.ts';
import { type Edge, readEdge } from './edge.ts';
import { perform } from './perform.ts';
import { readQuickArguments } from './quick-arguments.ts';

/** Runs the command line and returns the exit code. */
export async function main(edge: Edge): Promise<number> {
  const quick = readQuickArguments(edge.argv);
  if (quick === undefined) {
    const { runProgram } = await import('./program.ts');
    return runProgram(edge);
  }
  return perform(edge, { name: quick.command, flags: quick.flags }, async (run) => {
    if (quick.command === 'run') return runCommand(run, quick.program);
    await upgradeCommand(run, { name: 'upgrade', target: quick.target, json: quick.json });
    return EXIT.ok;
  });
}

process.exit(await main(readEdge()));
