/**
 * Becomes another program, as `exec` in a shell does: same process, so signals, exit code, standard
 * input and process id 1 are the program's own.
 */

import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { UsageError } from '../core/errors.ts';
import type { Edge } from './edge.ts';

/**
 * The file that the shell would run for `name`.
 * @throws UsageError `SLIPWAY_COMMAND_NOT_FOUND`
 */
export function findProgram(name: string, edge: Edge): string {
  if (name.includes('/')) {
    const path = resolve(edge.cwd, name);
    if (isProgram(path)) return path;
    throw notFound(name, 'there is no such program, or it may not be run');
  }
  const folders = (edge.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin').split(delimiter);
  const found = folders
    .map((folder) => join(folder === '' ? edge.cwd : folder, name))
    .find(isProgram);
  if (found === undefined) throw notFound(name, 'it is not in PATH');
  return found;
}

/** Replaces this process. Where the system cannot, runs the program as a child and passes all on. */
export async function becomeProgram(
  file: string,
  argv: readonly string[],
  edge: Edge,
): Promise<number> {
  const env = Object.fromEntries(
    Object.entries(edge.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  if (process.execve !== undefined && process.platform !== 'win32') {
    resetIgnoredSignals();
    makeStreamsBlocking();
    process.removeAllListeners('warning');
    process.execve(file, [...argv], env);
  }
  return runAsChild(file, argv, env);
}

/**
 * Node ignores these, and what is ignored stays ignored across exec; what has a handler goes back
 * to its default (execve(2)).
 */
function resetIgnoredSignals(): void {
  for (const name of ['SIGPIPE', 'SIGXFSZ'] as const) process.on(name, () => undefined);
}

/** Node makes pipes non-blocking once somebody asks for its streams, and most programs expect them to block. */
function makeStreamsBlocking(): void {
  for (const stream of [process.stdin, process.stdout, process.stderr]) {
    const { _handle } = stream as { readonly _handle?: { setBlocking?(on: boolean): void } };
    _handle?.setBlocking?.(true);
  }
}

async function runAsChild(
  file: string,
  argv: readonly string[],
  env: { readonly [name: string]: string },
): Promise<number> {
  const { spawn } = await import('node:child_process');
  const [argv0 = file, ...args] = argv;
  process.removeAllListeners('SIGTERM');
  process.removeAllListeners('SIGINT');
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { argv0, env, stdio: 'inherit' });
    for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR2'] as const) {
      process.on(name, () => child.kill(name));
    }
    child.on('error', reject);
    child.on('exit', (code, signal) => resolve(code ?? 128 + (SIGNAL_NUMBERS[signal ?? ''] ?? 0)));
  });
}

const SIGNAL_NUMBERS: { readonly [name: string]: number } = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGKILL: 9,
  SIGTERM: 15,
};

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function notFound(name: string, why: string): UsageError {
  return new UsageError('SLIPWAY_COMMAND_NOT_FOUND', `cannot run "${name}": ${why}`, {
    hint: 'Nothing was migrated. Correct the command behind "run --".',
    details: { command: name },
  });
}
