/** What somebody should know before an upgrade runs, from what the database is like right now. */

import { formatBytes } from '../core/bytes.ts';
import { formatDuration } from '../core/duration.ts';
import { describeSession } from '../core/session-text.ts';
import type { LiveConditions } from './ports.ts';
import type { Step } from './step.ts';
import type { PlannedWork } from './upgrade-plan.ts';

/** A transaction that has been open for longer keeps concurrent index builds waiting noticeably. */
const OLD_TRANSACTION_MS = 60_000;
/** Long work makes replicas that are behind already fall back further. */
const LAG_MS = 10_000;

/** Sentences, without a period at the end. */
export function planWarnings(
  steps: readonly Step[],
  conditions: LiveConditions,
  work: readonly PlannedWork[],
): readonly string[] {
  return [
    ...oldTransaction(steps, conditions),
    ...corruption(steps, conditions),
    ...replicaLag(conditions, work),
    ...diskSpace(conditions, work),
  ];
}

function oldTransaction(
  steps: readonly Step[],
  { oldestTransaction }: LiveConditions,
): readonly string[] {
  if (oldestTransaction === undefined || !steps.some(buildsConcurrently)) return [];
  if ((oldestTransaction.ageMs ?? 0) < OLD_TRANSACTION_MS) return [];
  return [
    `a concurrent index build waits until every transaction that is open now has ended; the oldest is of ${describeSession(oldestTransaction)}`,
  ];
}

/** What concurrent builds and rebuilds of indexes leave behind. */
const CONCURRENT: ReadonlySet<string | undefined> = new Set(['index-valid', 'no-reindex-remnants']);

function buildsConcurrently({ script }: Step): boolean {
  return script.statements.some(
    ({ facts }) => !facts.transactional && CONCURRENT.has(facts.postcondition?.kind),
  );
}

/** https://www.postgresql.org/docs/release/14.4/ */
function corruption(steps: readonly Step[], { version }: LiveConditions): readonly string[] {
  if (version < 140_000 || version >= 140_004 || !steps.some(buildsConcurrently)) return [];
  return [
    `Postgres 14.${version % 10_000} can build corrupt indexes with "concurrently": upgrade the server to 14.4 or later first`,
  ];
}

function replicaLag({ replicas }: LiveConditions, work: readonly PlannedWork[]): readonly string[] {
  const [worst] = [...(replicas ?? [])].sort((a, b) => b.lagMs - a.lagMs);
  if (worst === undefined || worst.lagMs < LAG_MS || work.length === 0) return [];
  return [`replica ${worst.name} is ${formatDuration(worst.lagMs)} behind already`];
}

/** A rewrite keeps the old copy until it commits; an index build needs room for the index. */
function diskSpace(
  { diskFreeBytes }: LiveConditions,
  work: readonly PlannedWork[],
): readonly string[] {
  const needed = work
    .filter(({ kind }) => kind === 'rewrite' || kind === 'build index')
    .reduce(
      (sum, { kind, bytes = 0, indexBytes = 0 }) =>
        sum + (kind === 'rewrite' ? bytes + indexBytes : bytes / 4),
      0,
    );
  if (diskFreeBytes === undefined || needed <= diskFreeBytes / 2) return [];
  return [
    `the work needs about ${formatBytes(needed)} more on disk, where ${formatBytes(diskFreeBytes)} are free`,
  ];
}
