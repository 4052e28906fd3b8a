/** The `backfill` directive, and the `:from` and `:to` in the statement under it. */

import { parseDuration } from '../core/duration.ts';
import type { Backfill } from '../core/revision.ts';
import { type Lexeme, lexemes } from './lexeme.ts';
import { offsetOfCharacter } from './location.ts';

/** How the directive is written, for hints. */
export const BACKFILL_USAGE =
  'backfill table=<table> key=<column> [batch=5000] [pause=50ms] [max-lag=10s] [max-time=1s]';

/** More keys than any batch should take: its rows stay locked until it commits. */
const LARGEST_BATCH = 1_000_000;
const LONGEST_MS = 24 * 3_600_000;

const NAME = '"(?:[^"]|"")+"|[\\p{L}_][\\p{L}\\p{N}_$]*';
const PART = new RegExp(`(${NAME})(\\.|$)`, 'uy');

/** Reads the values of a directive; a text says what is wrong with them. */
export function readBackfill(value: string): Backfill | string {
  const given = new Map<string, string>();
  const pair = /\s*([a-z-]+)\s*=\s*((?:"(?:[^"]|"")*"|[^\s"])+)(?=\s|$)/y;
  for (let at = 0; at < value.trimEnd().length; at = pair.lastIndex) {
    pair.lastIndex = at;
    const [, name, text] = pair.exec(value) ?? [];
    if (name === undefined || text === undefined) {
      return `a backfill takes pairs such as key=id, not "${value.slice(at).trim()}"`;
    }
    if (!NAMES.has(name)) return `a backfill has no "${name}"`;
    if (given.has(name)) return `"${name}" is given twice`;
    given.set(name, text);
  }
  const table = given.get('table');
  const key = given.get('key');
  if (table === undefined || key === undefined) {
    return `the backfill does not say its ${table === undefined ? 'table' : 'key'}`;
  }
  const tableName = nameParts(table);
  const [last, schema, ...above] = tableName?.toReversed() ?? [];
  if (last === undefined || above.length > 0) return `"${table}" is no name of a table`;
  const [column, ...more] = nameParts(key) ?? [];
  if (column === undefined || more.length > 0) return `"${key}" is not the name of one column`;
  const batch = given.get('batch') ?? '5000';
  if (!/^[1-9]\d{0,6}$/.test(batch) || Number(batch) > LARGEST_BATCH) {
    return `batch is a number of keys from 1 to ${LARGEST_BATCH}, not "${batch}"`;
  }
  const pause = given.get('pause') ?? '50ms';
  const pauseMs = durationOf(pause);
  if (pauseMs === undefined) return `pause is a duration up to a day, not "${pause}"`;
  const lag = given.get('max-lag') ?? '10s';
  const maxLagMs = lag === 'off' ? 0 : durationOf(lag);
  if (maxLagMs === undefined || (maxLagMs === 0 && lag !== 'off')) {
    return `max-lag is a duration up to a day, or off, not "${lag}"`;
  }
  const time = given.get('max-time') ?? '1s';
  const maxTimeMs = durationOf(time);
  if (maxTimeMs === undefined || maxTimeMs === 0) {
    return `max-time is a duration up to a day, not "${time}"`;
  }
  return {
    schema,
    table: last,
    key: column,
    batch: Number(batch),
    pauseMs,
    maxLagMs: lag === 'off' ? undefined : maxLagMs,
    maxTimeMs,
  };
}

const NAMES = new Set(['table', 'key', 'batch', 'pause', 'max-lag', 'max-time']);

function durationOf(text: string): number | undefined {
  const ms = parseDuration(text);
  return ms === undefined || ms > LONGEST_MS ? undefined : ms;
}

/** The parts of a name as SQL has it: without quotes in lower case; undefined where it is no name. */
export function nameParts(text: string): readonly string[] | undefined {
  const parts: string[] = [];
  for (let at = 0; at < text.length; at = PART.lastIndex) {
    PART.lastIndex = at;
    const [, part, dot] = PART.exec(text) ?? [];
    if (part === undefined || (dot === '.' && PART.lastIndex === text.length)) return undefined;
    const isQuoted = part.startsWith('"');
    parts.push(isQuoted ? part.slice(1, -1).replaceAll('""', '"') : part.toLowerCase());
  }
  return parts;
}

/** A `:from` or `:to` in a statement. */
export interface RangeMark extends Lexeme {
  readonly name: 'from' | 'to';
}

/** The marks of a statement, outside of quotes and comments, in order. */
export function rangeMarks(text: string): readonly RangeMark[] {
  const marks: RangeMark[] = [];
  let colon: Lexeme | undefined;
  for (const lexeme of lexemes(text)) {
    const { start, end } = lexeme;
    const isColon = text[start] === ':';
    if (colon?.end === start && !isColon) {
      const name = text.slice(start, end).toLowerCase();
      if (name === 'from' || name === 'to') marks.push({ name, start: colon.start, end });
    }
    // The second colon of a cast begins no mark.
    colon = isColon && colon?.end !== start ? lexeme : undefined;
  }
  return marks;
}

/** Whether the statement has parameters of its own, which would be taken for the marks. */
export function hasParameters(text: string): boolean {
  for (const { start, end } of lexemes(text)) {
    if (/^\$\d+$/.test(text.slice(start, end))) return true;
  }
  return false;
}

/** The statement with a parameter as wide as each mark, so that every offset holds. */
export function withParameters(text: string): string {
  return replaceMarks(text, (mark) => numberOf(mark).padEnd(mark.end - mark.start)).text;
}

/** A statement as it is sent: `$1` is the first key of a batch, `$2` the last one. */
export interface BoundStatement {
  readonly text: string;
  /** Where a character of it, as Postgres counts, stands in the statement with the marks. */
  positionOf(position: number): number;
}

/** Puts parameters of type `type` in the places of the marks. */
export function bindRange(text: string, type: string): BoundStatement {
  const { text: bound, shifts } = replaceMarks(text, (mark) => `${numberOf(mark)}::${type}`);
  return {
    text: bound,
    positionOf(position) {
      const offset = offsetOfCharacter(bound, position);
      let original = offset;
      for (const { at, markStart, markEnd, width } of shifts) {
        if (offset < at) break;
        original = offset < at + width ? markStart : markEnd + (offset - at - width);
      }
      return Array.from(text.slice(0, original)).length + 1;
    },
  };
}

interface Shift {
  /** Where the parameter begins, and how wide it is. */
  readonly at: number;
  readonly width: number;
  readonly markStart: number;
  readonly markEnd: number;
}

function replaceMarks(
  text: string,
  write: (mark: RangeMark) => string,
): { readonly text: string; readonly shifts: readonly Shift[] } {
  const shifts: Shift[] = [];
  let written = '';
  let at = 0;
  for (const mark of rangeMarks(text)) {
    written += text.slice(at, mark.start);
    const parameter = write(mark);
    shifts.push({
      at: written.length,
      width: parameter.length,
      markStart: mark.start,
      markEnd: mark.end,
    });
    written += parameter;
    at = mark.end;
  }
  return { text: written + text.slice(at), shifts };
}

function numberOf({ name }: RangeMark): string {
  return name === 'from' ? '$1' : '$2';
}
