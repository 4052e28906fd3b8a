/** The process as the rest of slipway sees it: read once, handed in. The only user of `process`. */

import { randomBytes } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import { isatty } from 'node:tty';
import { Interrupted } from '../core/errors.ts';
import { writeWhole } from '../logging/json-line.ts';

export interface Edge {
  readonly argv: readonly string[];
  readonly env: { readonly [name: string]: string | undefined };
  readonly cwd: string;
  readonly stdoutIsTerminal: boolean;
  readonly stderrIsTerminal: boolean;
  /** Width of the terminal that standard error is, as it is now. */
  stderrColumns(): number;
  readonly osUser: string | undefined;
  readonly homeDir: string | undefined;
  readonly host: string;
  /** Names this process in logs and in the audit log. */
  readonly runId: string;
  /** Aborted at the first SIGTERM or SIGINT; `reason` is the signal's name. */
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch. */
  now(): number;
  /** In [0, 1). */
  random(): number;
  sleep(ms: number): Promise<void>;
  /** Writes the answer. */
  print(text: string): void;
  /** Writes to standard error. */
  complain(text: string): void;
}

/** Reads the process and begins to listen for signals. */
export function readEdge(): Edge {
  const signal = listenForSignals();
  return {
    argv: process.argv.slice(2),
    env: process.env,
    cwd: process.cwd(),
    // Asking the streams would make them, which a pod restart has no use for.
    stdoutIsTerminal: isatty(1),
    stderrIsTerminal: isatty(2),
    // Some terminals say zero.
    stderrColumns: () => process.stderr.columns || 80,
    osUser: osUser(),
    homeDir: process.env['HOME'],
    host: hostname(),
    runId: randomBytes(6).toString('hex'),
    signal,
    now: Date.now,
    random: Math.random,
    sleep: (ms) => sleep(ms, signal),
    print: (text) => writeWhole(1, text),
    complain: (text) => writeWhole(2, text),
  };
}

/** How long something that nobody waits for, such as a timer of a revision's own, may go on. */
const LINGER_MS = 250;

/**
 * Lets the process end with this exit code. `process.exit` is only for what would keep it alive: it
 * joins V8's compiler threads without telling them, and one that waits for a garbage collection then
 * waits for ever (Node 24; a process that ends by itself tears V8 down first).
 */
export function endProcess(code: number): void {
  process.exitCode = code;
  setTimeout(() => process.exit(code), LINGER_MS).unref();
}

/** Where the fast path leaves its listener for the full program, which is built into other files. */
const STOP = Symbol.for('slipway.stop');

/** First signal: stop cleanly. Second: at once. One that came while the program was loaded counts. */
function listenForSignals(): AbortSignal {
  const shared = globalThis as { [STOP]?: AbortController };
  const before = shared[STOP];
  if (before !== undefined) return before.signal;
  const controller = new AbortController();
  shared[STOP] = controller;
  for (const [name, number] of SIGNALS) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(128 + number);
      controller.abort(name);
    });
  }
  return controller.signal;
}

const SIGNALS = [
  ['SIGTERM', 15],
  ['SIGINT', 2],
] as const;

/** Resolves after `ms`, or rejects with `Interrupted` when `signal` is aborted. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(
        new Interrupted(
          'SLIPWAY_INTERRUPTED',
          `stopped by ${String(signal.reason)} while waiting`,
          {
            hint: 'The next run continues from here.',
          },
        ),
      );
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}

/** A uid without a passwd entry (OpenShift) has no user name: that is no error. */
function osUser(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined;
  }
}
