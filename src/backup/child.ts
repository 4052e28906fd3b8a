/** Programs that work for a backup: started in a group of their own, so that all of it can be ended. */

import { type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';

/** How a program ended: `exit 1`, `SIGKILL`; undefined when all went well. */
export type Trouble = string | undefined;

export interface Child {
  /** Its standard input, where it was given one. */
  readonly input: Writable | null;
  readonly output: Readable | null;
  /** Resolves when it has ended and what it said was read. */
  readonly ended: Promise<Trouble>;
  /** The end of what it said on standard error (and output, where nobody else reads that). */
  said(): string;
  /** Ends it, at first politely; resolves when it is gone. */
  stop(): Promise<void>;
}

const KEPT = 4000;
const PATIENCE_MS = 1000;

/** Starts a program; that it cannot be started shows in `ended`. */
export function startChild(
  file: string,
  args: readonly string[],
  options: Pick<SpawnOptions, 'env'> & { readonly stdio: ['ignore' | 'pipe', 'pipe', 'pipe'] },
): Child {
  // A signal from the terminal reaches slipway alone, which ends everything in the right order.
  const child = spawn(file, [...args], { ...options, detached: true });
  let text = '';
  const keep = (chunk: Buffer): void => {
    text = (text + chunk.toString('utf8')).slice(-KEPT);
  };
  child.stderr?.on('data', keep);
  if (options.stdio[0] === 'pipe') child.stdout?.on('data', keep);
  const ended = new Promise<Trouble>((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    child.once('close', (code, signal) => {
      resolve(code === 0 ? undefined : code === null ? String(signal) : `exit ${code}`);
    });
  });
  const send = (signal: NodeJS.Signals): void => {
    const { pid, exitCode, signalCode } = child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, signal);
    } catch {
      // The group is gone, which is what was wanted.
      if (exitCode === null && signalCode === null) child.kill(signal);
    }
  };
  return {
    input: child.stdin,
    output: child.stdout,
    ended,
    said: () => text.trim(),
    async stop() {
      if (child.pid === undefined) return;
      const timer = setTimeout(() => send('SIGKILL'), PATIENCE_MS);
      send('SIGTERM');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      clearTimeout(timer);
    },
  };
}
