/** How long statements wait that nobody else has to wait for. */

import type { Postcondition, Revision, Statement } from '../core/revision.ts';
import type { StatementLimits } from './ports.ts';

/** How long a concurrent build waits for other transactions, unless somebody says otherwise. */
const CONCURRENT_LOCK_TIMEOUT_MS = 600_000;

/**
 * What builds or drops an index concurrently. A concurrent detach is not among them: in its second
 * step readers of the partition queue behind it, and what it has done by then is not thrown away.
 */
const PATIENT: ReadonlySet<Postcondition['kind']> = new Set<Postcondition['kind']>([
  'index-valid',
  'index-absent',
  'no-reindex-remnants',
]);

/**
 * The limits of a statement. What works on an index concurrently waits for all transactions that
 * began before it. That counts as waiting for a lock, but nobody queues behind it, and giving up
 * throws the build away.
 */
export function patientLimits(
  { revision }: { readonly revision: Pick<Revision, 'lockTimeoutMs'> },
  { facts }: Pick<Statement, 'facts'>,
  limits: StatementLimits,
): StatementLimits {
  const isPatient = facts.postcondition !== undefined && PATIENT.has(facts.postcondition.kind);
  const isSaid = revision.lockTimeoutMs !== undefined || limits.lockTimeoutMs === 0;
  if (!isPatient || isSaid) return limits;
  return { ...limits, lockTimeoutMs: Math.max(limits.lockTimeoutMs, CONCURRENT_LOCK_TIMEOUT_MS) };
}
