/** `slipway run -- CMD`: upgrade, then become the command. */

import type { RunContext } from '../run-context.ts';
import { upgradeCommand } from './upgrade.ts';

/** Upgrades and replaces this process by `program`; returns only where that is not possible. */
export async function runCommand(
  run: RunContext,
  program: readonly string[],
): Promise<number | undefined> {
  // Looked up first: a command that does not exist must not cost a migration.
  const { findProgram, becomeProgram } = await import('../become-program.ts');
  const file = findProgram(program[0] ?? '', run.edge);
  await upgradeCommand(run, { name: 'run', target: undefined, json: false });
  run.reporter.report({ type: 'command.starting', command: program[0] ?? '' });
  return becomeProgram(file, program, run.edge);
}
