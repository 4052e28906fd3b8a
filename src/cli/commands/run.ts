/** `slipway run -- CMD`: upgrade, then become the command. */

import { becomeProgram, findProgram } from '../become-program.ts';
import type { RunContext } from '../run-context.ts';
import { upgradeCommand } from './upgrade.ts';

/** Upgrades and replaces this process by `program`; returns only where that is not possible. */
export async function runCommand(
  run: RunContext,
  program: readonly string[],
): Promise<number | undefined> {
  // Looked up first: a command that does not exist must not cost a migration.
  const file = findProgram(program[0] ?? '', run.edge);
  await upgradeCommand(run, {
    name: 'run',
    target: undefined,
    json: false,
    dryRun: false,
    singleTransaction: false,
    now: false,
  });
  run.reporter.report({ type: 'command.starting', command: program[0] ?? '' });
  return becomeProgram(file, program, run.edge);
}
