/** The built program as a process of a case: started, watched, ended after a limit. */

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

/** How a run of the program ended, and what it said. */
export interface Run {
  readonly args: readonly string[];
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
  /** It did not end by itself within the limit. */
  readonly hung: boolean;
  /** From the last signal to the end. */
  readonly stoppedInMs: number | undefined;
}

/** A run under way. */
export interface Running {
  readonly isRunning: boolean;
  readonly ended: Promise<Run>;
  kill(signal: NodeJS.Signals): void;
}

/** What a run is started with. */
export interface RunOptions {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly limitMs: number;
}

/** The program that cases run: `SLIPWAY_TEST_PROGRAM`, or what the build wrote. */
export function chaosProgram(): string {
  const program = resolve(process.env['SLIPWAY_TEST_PROGRAM'] ?? 'dist/slipway.cjs');
  if (!existsSync(program)) throw new Error(`${program} is not there: npm run build writes it`);
  return program;
}

/** Starts the program with nothing of this machine's environment but `PATH`. */
export function startRun(options: RunOptions): Running {
  const child: ChildProcess = spawn(process.execPath, [options.program, ...options.args], {
    cwd: options.cwd,
    env: { PATH: process.env['PATH'], HOME: '/nonexistent', ...options.env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  let signalledAt: number | undefined;
  let hung = false;
  const limit = setTimeout(() => {
    hung = true;
    child.kill('SIGKILL');
  }, options.limitMs);
  const ended = new Promise<Run>((done, fail) => {
    child.once('error', fail);
    child.once('close', (exitCode, signal) => {
      clearTimeout(limit);
      const stoppedInMs = signalledAt === undefined ? undefined : performance.now() - signalledAt;
      done({ args: options.args, exitCode, signal, stderr, hung, stoppedInMs });
    });
  });
  return {
    get isRunning() {
      return child.exitCode === null && child.signalCode === null;
    },
    ended,
    kill(signal) {
      signalledAt = performance.now();
      child.kill(signal);
    },
  };
}
