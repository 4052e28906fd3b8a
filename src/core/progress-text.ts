/** Progress in words, the same for log, terminal and termination message. */

import { formatBytes } from './bytes.ts';
import { formatDuration } from './duration.ts';
import type { SlipwayEvent } from './events.ts';
import type { Measurement, Progress } from './progress.ts';
import { describeSession } from './session-text.ts';

/** A statement that takes long, in one line. */
export function describeStatementProgress(
  event: Extract<SlipwayEvent, { type: 'statement.progress' }>,
): string {
  const { command, location, waitingFor } = event;
  const what = describeProgress(event);
  const took = formatSeconds(event.elapsedMs);
  const waits =
    waitingFor.length === 0 ? '' : `; waits for ${waitingFor.map(describeSession).join(', ')}`;
  return what === undefined
    ? `still running: ${took}, ${command} at ${location}${waits}`
    : `${command} at ${location}: ${what}; running for ${took}${waits}`;
}

/** A backfill under way, in one line. */
export function describeBackfillProgress(
  event: Extract<SlipwayEvent, { type: 'backfill.progress' }>,
): string {
  const { done, total, percent, keysPerSecond, remainingMs, throttledBy } = event;
  const of = total === undefined ? '' : ` of about ${total}`;
  const share = percent === undefined ? '' : ` (${percent}%)`;
  const left = remainingMs === undefined ? '' : `, about ${formatSeconds(remainingMs)} left`;
  const slowed = throttledBy === undefined ? '' : `; slowed down: ${throttledBy}`;
  return `backfill of ${event.table}: ${done}${of} keys${share}, ${Math.round(keysPerSecond)} per second${left}${slowed}`;
}

/** A backup under way, in one line. */
export function describeBackupProgress(
  event: Extract<SlipwayEvent, { type: 'backup.progress' }>,
): string {
  const { name, bytes, bytesPerSecond, elapsedMs } = event;
  return `backup ${name}: ${formatBytes(bytes)} written, ${formatBytes(bytesPerSecond)} per second; running for ${formatSeconds(elapsedMs)}`;
}

/** `building index: scanning table, 45% (11700 of 26000 blocks), about 42 s left`. */
export function describeProgress(progress: Progress): string | undefined {
  const { phase, percent, remainingMs, isEstimate } = progress;
  if (phase === undefined) return undefined;
  const about = isEstimate ? 'about ' : '';
  const amount = amountOf(progress);
  const left = remainingMs === undefined ? '' : `, about ${formatSeconds(remainingMs)} left`;
  if (percent !== undefined) return `${phase}, ${about}${percent}%${inBrackets(amount)}${left}`;
  return `${phase}${inBrackets(amount === undefined ? undefined : about + amount)}${left}`;
}

/** `11700 of 26000 blocks`, `1.2 GB of 2.6 GB`; undefined where nothing is counted. */
function amountOf({ done, total, unit }: Measurement): string | undefined {
  if (done === undefined || unit === undefined) return undefined;
  if (unit === 'bytes') {
    return total === undefined
      ? formatBytes(done)
      : `${formatBytes(done)} of ${formatBytes(total)}`;
  }
  return total === undefined ? `${done} ${unit}` : `${done} of ${total} ${unit}`;
}

function inBrackets(text: string | undefined): string {
  return text === undefined ? '' : ` (${text})`;
}

/** Whole seconds, at least one: nobody waits by the millisecond. */
export function formatSeconds(ms: number): string {
  return formatDuration(Math.max(1, Math.round(ms / 1000)) * 1000);
}
