/** What is hidden, as tables and `status` show it. */

import { formatBytes } from '../core/bytes.ts';
import { formatDuration } from '../core/duration.ts';
import { type HiddenObject, hiddenWords } from '../core/soft-drop.ts';

/** Titles of a table of hidden objects. */
export const hiddenTitles = ['HIDDEN', 'AGE', 'ROWS', 'SIZE', 'REVISION', 'NOW CALLED'];

/** One of them as a row below the titles. */
export function hiddenRow(hidden: HiddenObject): readonly string[] {
  const { ageMs, rows, bytes, revision, place, hiddenName, kind } = hidden;
  return [
    hiddenWords(hidden),
    formatDuration(ageMs),
    rows === undefined ? '?' : `~${rows}`,
    bytes === undefined ? '?' : `${kind === 'column' ? '~' : ''}${formatBytes(bytes)}`,
    revision,
    place === undefined ? 'dropped by hand' : hiddenName,
  ];
}

/** All of them in a few words: `2, the oldest for 12 d: column public.users.phone; 24 MB`. */
export function hiddenSummary(hidden: readonly HiddenObject[]): string {
  const [oldest] = hidden.toSorted((a, b) => b.ageMs - a.ageMs);
  if (oldest === undefined) return 'nothing';
  const bytes = hidden.reduce((sum, each) => sum + (each.bytes ?? 0), 0);
  const size = bytes === 0 ? '' : `; about ${formatBytes(bytes)}`;
  return `${hidden.length}, the oldest for ${formatDuration(oldest.ageMs)}: ${hiddenWords(oldest)}${size}`;
}
