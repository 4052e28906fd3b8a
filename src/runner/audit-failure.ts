/** Writes what went wrong into the audit log. */

import { Interrupted, SlipwayError } from '../core/errors.ts';
import type { MigrationDatabase } from './ports.ts';

/**
 * Appends a failure, an interruption or a refusal. Its commit is flushed to disk, and with it all
 * commits of this run. The failure itself must come out even where the log cannot be written: on a
 * standby, without rights, after a lost connection.
 */
export async function auditFailure(
  db: Pick<MigrationDatabase, 'applied'>,
  error: unknown,
  event: 'failure' | 'refusal' = 'failure',
): Promise<void> {
  if (!(error instanceof SlipwayError)) return;
  const { code, message, details } = error;
  await db.applied
    .audit({
      event: error instanceof Interrupted ? 'interruption' : event,
      revision: typeof details['revision'] === 'string' ? details['revision'] : undefined,
      detail: { code, message },
    })
    .catch(() => undefined);
}
