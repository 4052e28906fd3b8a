/** The built program as a real process: its output, its log, its end, and signals sent to it. */

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, expect, vi } from 'vitest';
import { query } from './postgres.ts';

/** The built program; the test matrix may name another one. */
export const program = resolve(process.env['SLIPWAY_TEST_PROGRAM'] ?? 'dist/slipway.cjs');

/** A line of the JSON log. */
export interface LogLine {
  readonly event: string;
  readonly level: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** How the process ended, and what it said. */
export interface Outcome {
  readonly pid: number;
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Standard error as log lines; what is not JSON is left out. */
  readonly log: readonly LogLine[];
  /** Milliseconds from the last signal sent with `kill` to the end. */
  readonly stoppedInMs: number;
}

/** A process that runs. */
export interface Running {
  readonly pid: number;
  readonly child: ChildProcess;
  /** Resolves when the process has ended and its output was read. */
  readonly ended: Promise<Outcome>;
  stdout(): string;
  log(): readonly LogLine[];
  /** Waits until an event of this type was logged. */
  logged(event: string): Promise<LogLine>;
  kill(signal: NodeJS.Signals): void;
}

/** Where and with what the program is started. */
export interface StartOptions {
  /** Another copy of the program. */
  readonly program?: string;
  readonly cwd?: string;
  readonly url?: string | undefined;
  readonly env?: Readonly<Record<string, string>>;
  /** Written to standard input, which is then closed; without it standard input is empty. */
  readonly input?: string;
}

// Processes start slowly where many start at once.
vi.setConfig({ testTimeout: 60_000 });

const running = new Set<ChildProcess>();

/** Starts the program with nothing of this machine's environment but `PATH`. */
export function start(args: readonly string[], options: StartOptions = {}): Running {
  if (!existsSync(program)) throw new Error(`${program} is not there: npm run build writes it`);
  const child = spawn(process.execPath, [options.program ?? program, ...args], {
    cwd: options.cwd,
    env: {
      PATH: process.env['PATH'],
      HOME: '/nonexistent',
      ...(options.url === undefined ? {} : { DATABASE_URL: options.url }),
      ...options.env,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  running.add(child);
  const { pid } = child;
  if (pid === undefined) throw new Error('the process did not start');
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8');
    child[name].on('data', (text: string) => {
      output[name] += text;
    });
  }
  // A program that ends without reading its input is no failure of the test.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');

  let killedAt = 0;
  const ended = new Promise<Outcome>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode, signal) => {
      running.delete(child);
      const stoppedInMs = performance.now() - killedAt;
      resolve({ pid, exitCode, signal, ...output, log: logLines(output.stderr), stoppedInMs });
    });
  });
  const find = (event: string) => logLines(output.stderr).find((line) => line.event === event);
  return {
    pid,
    child,
    ended,
    stdout: () => output.stdout,
    log: () => logLines(output.stderr),
    logged: (event) =>
      until(() => {
        const line = find(event);
        if (line === undefined) throw new Error(`no ${event} yet in:\n${output.stderr}`);
        return line;
      }),
    kill: (signal) => {
      killedAt = performance.now();
      process.kill(pid, signal);
    },
  };
}

/** Runs the program to its end. */
export function slipway(args: readonly string[], options: StartOptions = {}): Promise<Outcome> {
  return start(args, options).ended;
}

/** Runs the program and expects it to succeed. */
export async function succeed(
  args: readonly string[],
  options: StartOptions = {},
): Promise<Outcome> {
  const outcome = await slipway(args, options);
  expect(outcome.exitCode, outcome.stderr).toBe(0);
  return outcome;
}

/** Retries until the answer comes without an error. */
export function until<T>(ask: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(ask, { timeout: 45_000, interval: 15 }) as Promise<T>; // waitFor awaits it
}

/** Waits until a statement like this runs on the server. */
export function serverRuns(url: string, pattern: string): Promise<number> {
  return until(async () => {
    const [row] = await query<{ pid: number }>(
      url,
      `select pid from pg_stat_activity
       where datname = current_database() and state = 'active' and query ilike $1
         and pid <> pg_backend_pid()`,
      [pattern],
    );
    if (row === undefined) throw new Error(`the server does not run ${pattern}`);
    return row.pid;
  });
}

/** The one `run.failed` line of a run that ended with this exit code and this error code. */
export function failureOf(outcome: Outcome, exitCode: number, code: string): LogLine {
  const failures = outcome.log.filter((line) => line.event === 'run.failed');
  expect(failures, `ended with ${outcome.exitCode}:\n${outcome.stderr}`).toHaveLength(1);
  const failure = failures[0] as LogLine; // there is one
  expect({ ended: outcome.exitCode, ...failure }, outcome.stderr).toMatchObject({
    ended: exitCode,
    exitCode,
    code,
    level: 'error',
  });
  return failure;
}

function logLines(text: string): readonly LogLine[] {
  return text.split('\n').flatMap((line) => {
    if (!line.startsWith('{')) return [];
    try {
      return [JSON.parse(line) as LogLine]; // the log's own format
    } catch {
      return [];
    }
  });
}

afterAll(() => {
  for (const child of running) child.kill('SIGKILL');
});
