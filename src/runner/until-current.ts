/** Tries again when another runner was faster: behind a transaction pooler the lock is not kept. */

import { DatabaseFailure } from '../core/database-failure.ts';
import { LockError } from '../core/errors.ts';
import type { Surroundings } from './ports.ts';

/**
 * Runs `attempt`, which decides and acts, until its decision was not overtaken.
 * @throws LockError `SLIPWAY_LOCK_TIMEOUT` after `lockWaitMs`
 */
export async function untilCurrent<T>(
  lockWaitMs: number,
  surroundings: Surroundings,
  attempt: () => Promise<T>,
): Promise<T> {
  const start = surroundings.now();
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof DatabaseFailure && error.kind === 'stale-plan')) throw error;
      const waitedMs = surroundings.now() - start;
      if (waitedMs >= lockWaitMs) throw timedOut(error, waitedMs);
      const pauseMs = 50 + surroundings.random() * 250;
      await surroundings.sleep(Math.min(pauseMs, lockWaitMs - waitedMs));
    }
  }
}

function timedOut(cause: DatabaseFailure, waitedMs: number): LockError {
  return new LockError(
    'SLIPWAY_LOCK_TIMEOUT',
    `${cause.message}, again and again for ${Math.round(waitedMs / 1000)} s`,
    {
      hint: 'See who migrates with slipway status, or wait longer with --lock-wait.',
      cause,
      details: { waitedMs },
    },
  );
}
