/** Waits for the migration lock by polling, and says who has it. */

import { Interrupted, LockError } from '../core/errors.ts';
import type { SessionInfo } from '../core/events.ts';
import { describeSession } from '../core/session-text.ts';
import type { MigrationLock, Surroundings } from './ports.ts';

const FIRST_POLL_MS = 150;
const LAST_POLL_MS = 1000;
const FIRST_REPORT_MS = 1000;

export interface LockWait {
  /** How long to wait before giving up. */
  readonly limitMs: number;
  /** Whether somebody else has finished the work meanwhile. Asked between polls. */
  readonly workIsDone: () => Promise<boolean>;
  /** How far the holder has come, for the report. */
  readonly progress: () => Promise<{ done: number; total: number }>;
}

/**
 * Runs `work` under the migration lock; undefined when another runner did the work meanwhile.
 *
 * A waiting `pg_advisory_lock` would hold a snapshot that a concurrent index build of the holder
 * waits for: a deadlock. So the lock is tried, never waited for, and between two tries this
 * session is idle.
 * @throws LockError `SLIPWAY_LOCK_TIMEOUT`
 * @throws Interrupted
 */
export async function withMigrationLock<T>(
  lock: MigrationLock,
  wait: LockWait,
  surroundings: Surroundings,
  work: () => Promise<T>,
): Promise<T | undefined> {
  if (!(await acquireMigrationLock(lock, wait, surroundings))) return undefined;
  let failure: unknown;
  try {
    return await work();
  } catch (error) {
    failure = error;
    throw error;
  } finally {
    // A session that is gone has released its lock with it: only a clean run may complain.
    await lock.release().catch((error: unknown) => {
      if (failure === undefined) throw error;
    });
  }
}

/**
 * True with the lock held; false when another runner did the work meanwhile.
 * @throws LockError `SLIPWAY_LOCK_TIMEOUT`
 * @throws Interrupted
 */
export async function acquireMigrationLock(
  lock: MigrationLock,
  wait: LockWait,
  surroundings: Surroundings,
): Promise<boolean> {
  const { now, random, reporter, signal } = surroundings;
  if (lock.held) return true;
  const start = now();
  let pollMs = FIRST_POLL_MS;
  let reportAtMs = FIRST_REPORT_MS;
  for (;;) {
    if (signal.aborted) throw interruptedWaiting();
    if (await lock.tryAcquire()) {
      reporter.report({ type: 'lock.acquired', waitedMs: now() - start });
      return true;
    }
    if (await wait.workIsDone()) return false;
    const waitedMs = now() - start;
    if (waitedMs >= wait.limitMs) throw timedOut(await lock.holder(), waitedMs);
    if (waitedMs >= reportAtMs) {
      reportAtMs *= 2;
      reporter.report({
        type: 'lock.waiting',
        holder: await lock.holder(),
        waitedMs,
        limitMs: wait.limitMs,
        ...(await wait.progress()),
      });
    }
    const pauseMs = Math.min(pollMs * (0.5 + random()), wait.limitMs - waitedMs);
    await Promise.race([surroundings.sleep(pauseMs), lock.released()]);
    pollMs = Math.min(pollMs * 1.5, LAST_POLL_MS);
  }
}

function interruptedWaiting(): Interrupted {
  return new Interrupted('SLIPWAY_INTERRUPTED', 'stopped while waiting for the migration lock', {
    hint: 'Nothing was changed.',
  });
}

function timedOut(holder: SessionInfo | undefined, waitedMs: number): LockError {
  const who = holder === undefined ? 'another session' : describeSession(holder);
  return new LockError(
    'SLIPWAY_LOCK_TIMEOUT',
    `the migration lock is still held by ${who} after ${Math.round(waitedMs / 1000)} s`,
    {
      hint:
        holder === undefined
          ? 'See who migrates with slipway status, or wait longer with --lock-wait.'
          : `Look at that session; if it is dead, select pg_terminate_backend(${holder.pid}) frees the lock. Wait longer with --lock-wait.`,
      details: { waitedMs, holder: holder === undefined ? undefined : { ...holder } },
    },
  );
}
