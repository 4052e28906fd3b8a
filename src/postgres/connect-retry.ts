/** Connecting for as long as it may help: a database that is not there yet is normal in a cluster. */

import type { Client } from 'pg';
import { formatDuration } from '../core/duration.ts';
import { ConnectionError, Interrupted, SlipwayError } from '../core/errors.ts';
import type { Reporter } from '../core/events.ts';
import { connectOnce } from './connect.ts';
import { type ConnectionSettings, describeServer } from './connection-settings.ts';

/** How long and how to keep trying. */
export interface ConnectWithRetriesOptions {
  readonly applicationName: string;
  readonly connectTimeoutMs: number;
  readonly reporter: Reporter;
  readonly signal?: AbortSignal | undefined;
  /** Jitter, in [0, 1). */
  readonly random: () => number;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: (() => number) | undefined;
  /** Waits; resolves early when the signal aborts. */
  readonly delay?: ((ms: number, signal: AbortSignal | undefined) => Promise<void>) | undefined;
}

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 5000;
/** What the last try gets when it begins at the very end of the time. */
const LAST_TRY_MS = 2000;

/**
 * A session, tried for `connectTimeoutMs` while the reason may pass by itself; each failed try is
 * reported once. Throws what `connectOnce` throws, the last reason when the time is over.
 */
export async function connectWithRetries(
  settings: ConnectionSettings,
  options: ConnectWithRetriesOptions,
): Promise<Client> {
  const { applicationName, connectTimeoutMs, reporter, signal, random } = options;
  const now = options.now ?? (() => Date.now());
  const delay = options.delay ?? wait;
  const start = now();
  const remaining = () => connectTimeoutMs - (now() - start);
  let mayBeRotated = settings.passwordProvider !== undefined;
  for (let attempt = 1; ; attempt++) {
    try {
      const limitMs = Math.max(remaining(), LAST_TRY_MS);
      return await connectOnce(settings, { applicationName, signal, limitMs, random });
    } catch (error) {
      if (!(error instanceof SlipwayError)) throw error;
      const rotated = mayBeRotated && error.details['sqlState'] === '28P01';
      if (!rotated && !isWorthRetrying(error)) throw error;
      if (rotated) mayBeRotated = false;
      const remainingMs = Math.round(remaining());
      if (remainingMs <= 0 && !rotated) throw gaveUp(error, { attempt, connectTimeoutMs });
      const delayMs = rotated ? 0 : Math.min(backoffMs(attempt, random), remainingMs);
      reporter.report({
        type: 'connection.retrying',
        attempt,
        server: describeServer(settings),
        cause: causeOf(error),
        delayMs,
        remainingMs: Math.max(0, remainingMs),
      });
      await delay(delayMs, signal);
      if (signal?.aborted === true) throw interrupted(settings);
    }
  }
}

function isWorthRetrying({ code }: SlipwayError): boolean {
  return code === 'SLIPWAY_DB_UNREACHABLE' || code === 'SLIPWAY_DB_READ_ONLY';
}

/** Doubles from try to try, then a random half is taken off so that pods do not return together. */
function backoffMs(attempt: number, random: () => number): number {
  const full = Math.min(FIRST_DELAY_MS * 2 ** (attempt - 1), LONGEST_DELAY_MS);
  return Math.round(full * (0.5 + random() / 2));
}

function causeOf(error: SlipwayError): string {
  const { causes } = error.details;
  return typeof causes === 'string' ? causes : error.message;
}

function gaveUp(
  error: SlipwayError,
  { attempt, connectTimeoutMs }: { attempt: number; connectTimeoutMs: number },
): ConnectionError {
  const tries =
    attempt === 1 ? 'one try' : `${attempt} tries in ${formatDuration(connectTimeoutMs)}`;
  return new ConnectionError(error.code, `${error.message} (${tries})`, {
    hint: error.hint,
    details: { ...error.details, attempts: attempt, connectTimeoutMs },
    cause: error.cause,
  });
}

function interrupted(settings: ConnectionSettings): Interrupted {
  return new Interrupted(
    'SLIPWAY_INTERRUPTED',
    `interrupted while connecting to ${describeServer(settings)}`,
  );
}

function wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done);
    if (signal?.aborted === true) done();
  });
}
