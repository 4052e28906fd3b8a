/** The real command line, cut off from the process: for reading, never for running. */

import type { Command } from 'commander';
import type { Edge } from '../../src/cli/edge.ts';
import { buildProgram } from '../../src/cli/program.ts';

const EDGE: Edge = {
  argv: [],
  env: {},
  cwd: '/',
  stdoutIsTerminal: false,
  stderrIsTerminal: false,
  stderrColumns: () => 80,
  osUser: undefined,
  homeDir: undefined,
  host: 'localhost',
  runId: '000000000000',
  signal: new AbortController().signal,
  now: () => 0,
  random: () => 0,
  sleep: () => Promise.resolve(),
  print: () => undefined,
  complain: () => undefined,
};

/** The commander program whose commands do nothing. */
export function inertProgram(): Command {
  const program = buildProgram(EDGE, () => undefined);
  for (const command of program.commands) command.action(() => undefined);
  return program;
}
