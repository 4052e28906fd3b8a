/** Progress as one line that fits the terminal: a bar, what it is at, since when and for how long yet. */

import { formatBytes } from '../core/bytes.ts';
import { describeProgress, formatSeconds } from '../core/progress-text.ts';
import { describeSession } from '../core/session-text.ts';
import type { ProgressEvent } from './pace.ts';

export interface LineFormat {
  /** Width of the terminal. */
  readonly columns: number;
  readonly unicode: boolean;
}

/** A line in two parts, so that they can be coloured differently. */
export interface ProgressLine {
  readonly bar: string;
  readonly text: string;
}

/** What `event` says, in less than `columns`, so that the terminal never wraps it. */
export function progressLine(event: ProgressEvent, { columns, unicode }: LineFormat): ProgressLine {
  const room = columns - 1;
  const bar = barOf(event, room, unicode);
  return { bar, text: shorten(textOf(event), room - bar.length, unicode ? '…' : '...') };
}

/** What makes a bar readable, and what leaves room for words beside it. */
const WIDEST_BAR = 24;
const NARROWEST_BAR = 8;
const SHARE_OF_LINE = 1 / 4;

/** `  ████████░░░░░░░░   45%  `; in a narrow terminal the number alone. */
function barOf(event: ProgressEvent, room: number, unicode: boolean): string {
  // How large a backup will be depends on how well it can be compressed.
  if (event.type === 'backup.progress' || event.percent === undefined) return '  ';
  const { percent } = event;
  const isEstimate = event.type === 'backfill.progress' || event.isEstimate;
  const number = `${isEstimate ? '~' : ''}${percent}%`.padStart(5);
  const width = Math.min(WIDEST_BAR, Math.floor(room * SHARE_OF_LINE));
  if (width < NARROWEST_BAR) return `${number}  `;
  const full = Math.round((width * Math.min(100, Math.max(0, percent))) / 100);
  return unicode
    ? `  ${'█'.repeat(full)}${'░'.repeat(width - full)}${number}  `
    : `  [${'#'.repeat(full)}${'.'.repeat(width - full)}]${number}  `;
}

/** The most telling first: what does not fit is cut off at the end. */
function textOf(event: ProgressEvent): string {
  if (event.type === 'backup.progress') {
    return `${formatSeconds(event.elapsedMs)}  backup: ${formatBytes(event.bytes)} written, ${formatBytes(event.bytesPerSecond)} per second`;
  }
  const { elapsedMs, remainingMs, percent } = event;
  const left = remainingMs === undefined ? '' : `, about ${formatSeconds(remainingMs)} left`;
  const times = `${formatSeconds(elapsedMs)}${left}`;
  if (event.type === 'backfill.progress') {
    const slowed = event.throttledBy === undefined ? '' : `, slowed down: ${event.throttledBy}`;
    return `${times}  backfill of ${event.table}, ${Math.round(event.keysPerSecond)} keys per second${slowed}`;
  }
  // Share and time left stand before it.
  const what =
    percent === undefined ? describeProgress({ ...event, remainingMs: undefined }) : event.phase;
  const waits = event.waitingFor.map(describeSession).join(', ');
  return `${times}  ${what ?? event.command}${waits === '' ? '' : `, waits for ${waits}`}`;
}

/** Cut to `room` columns. */
function shorten(text: string, room: number, ellipsis: string): string {
  const line = text.replace(/\p{Cc}/gu, ' ');
  let width = 0;
  let end = 0;
  let kept = 0;
  for (const character of line) {
    width += columnsOf(character);
    end += character.length;
    if (width + ellipsis.length <= room) kept = end;
    if (width > room) return `${line.slice(0, kept)}${ellipsis}`.slice(0, Math.max(0, room));
  }
  return line;
}

/** Never too few: what is not ASCII may be two columns wide. */
function columnsOf(character: string): number {
  return /[ -~]/.test(character) ? 1 : 2;
}
