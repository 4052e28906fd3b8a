/** What one finished command used: wall time, CPU time and peak memory, from the kernel's own accounting. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import type { Deadline } from './pairs.ts';

/** A program with its arguments, where it runs, and the whole of its environment. */
export interface Command {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** What a finished command and the descendants it waited for used. */
export interface Usage {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly peakMiB: number;
}

/** Runs commands one at a time and says what each used. */
export interface Meter extends AsyncDisposable {
  /** Throws when the command cannot be started, takes longer than the limit, or does not exit with 0. */
  measure(command: Command): Promise<Usage>;
  /** What the command prints, on both streams; throws as `measure` does. */
  output(command: Command): Promise<string>;
}

const TIMEOUT_MS = 120_000;

/** Environment for children: nothing of the caller's that changes what a runtime does at its start. */
export function cleanEnvironment(extra: Readonly<Record<string, string>>): Record<string, string> {
  const env: Record<string, string> = { LANG: 'C.UTF-8', TZ: 'UTC' };
  for (const name of ['PATH', 'HOME', 'TMPDIR']) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  return { ...env, ...extra };
}

/**
 * Starts the meter, whose commands write their output below `scratchDir`.
 *
 * The meter is a Python process because wait4(2) is what answers for exactly one child, descendants
 * included, after it ended and in microseconds. Node has no call for it, `process.resourceUsage()`
 * covers only the caller, GNU time rounds to 10 ms, and reading /proc races with the exit.
 */
export async function startMeter(scratchDir: string, deadline: Deadline): Promise<Meter> {
  const output = join(scratchDir, 'output');
  const python = spawn('python3', [fileURLToPath(new URL('meter.py', import.meta.url))], {
    env: cleanEnvironment({}),
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(python, 'spawn').catch((cause: unknown) => {
    throw new Error('python3 is not on this machine, and the meter needs it', { cause });
  });
  const answers = createInterface({ input: python.stdout })[Symbol.asyncIterator]();

  const run = async (command: Command): Promise<{ usage: Usage; text: string }> => {
    const timeoutMs = Math.min(TIMEOUT_MS, deadline.remainingMs());
    const request = { ...command, output, timeoutMs };
    python.stdin.write(`${JSON.stringify(request)}\n`);
    const answer = await answers.next();
    if (answer.done === true) throw new Error('the meter ended before its answer');
    const text = await readFile(output, 'utf8').catch(() => '');
    return { usage: readAnswer(command, answer.value, text), text };
  };
  return {
    measure: async (command) => (await run(command)).usage,
    output: async (command) => (await run(command)).text,
    [Symbol.asyncDispose]: async () => {
      python.stdin.end();
      if (python.exitCode === null && python.signalCode === null) await once(python, 'close');
    },
  };
}

function readAnswer(command: Command, line: string, text: string): Usage {
  const answer: unknown = JSON.parse(line);
  const field = (name: string): unknown =>
    typeof answer === 'object' && answer !== null ? Reflect.get(answer, name) : undefined;
  const program = command.argv.slice(0, 3).join(' ');
  if (field('error') !== undefined) throw new Error(`${program}: ${String(field('error'))}`);
  if (field('timedOut') === true) throw new Error(`${program}: killed at its time limit`);
  if (field('exitCode') !== 0) {
    throw new Error(
      `${program}: exit code ${String(field('exitCode'))}: ${text.trim().slice(-600)}`,
    );
  }
  return {
    wallMs: Number(field('wallMs')),
    cpuMs: Number(field('cpuMs')),
    peakMiB: Number(field('peakBytes')) / 1024 ** 2,
  };
}
