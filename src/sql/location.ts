/** Where a character stands in a text: offsets, lines and columns, and the excerpt shown to a person. */

/** A place in a text, counted from 1; the column counts characters (code points), as Postgres does. */
export interface Location {
  readonly line: number;
  readonly column: number;
}

const BYTE_ORDER_MARK = 0xfeff;
const LF = 10;
const CR = 13;

/** Line and column of a UTF-16 offset. Lines end with `\n`, `\r\n` or a lone `\r`. */
export function locate(text: string, offset: number): Location {
  return locator(text)(offset);
}

/** A `locate` for many offsets of one text: linear over the whole text when they ascend. */
export function locator(text: string): (offset: number) => Location {
  const first = text.charCodeAt(0) === BYTE_ORDER_MARK ? 1 : 0;
  let at = first;
  let line = 1;
  let column = 1;
  return (offset) => {
    if (offset < at) {
      at = first;
      line = 1;
      column = 1;
    }
    const end = Math.min(offset, text.length);
    while (at < end) {
      const code = text.charCodeAt(at++);
      if (code === LF || (code === CR && text.charCodeAt(at) !== LF)) {
        line++;
        column = 1;
      } else if (!isLowSurrogate(code)) {
        column++;
      }
    }
    return { line, column };
  };
}

/** UTF-16 offset of a line and column, both counted from 1; the end of the text where there is no such place. */
export function offsetOfLocation(text: string, { line, column }: Location): number {
  let at = text.charCodeAt(0) === BYTE_ORDER_MARK ? 1 : 0;
  for (let left = line - 1; left > 0 && at < text.length; left--) at = lineAfter(text, at);
  return at + offsetOfCharacter(text.slice(at, lineEnd(text, at)), column);
}

/** UTF-16 offset of the character that Postgres calls `position`: code points, counted from 1. */
export function offsetOfCharacter(text: string, position: number): number {
  let at = 0;
  for (let left = position - 1; left > 0 && at < text.length; left--) {
    at += isLowSurrogate(text.charCodeAt(at + 1)) ? 2 : 1;
  }
  return at;
}

/** UTF-16 offsets of ascending UTF-8 byte offsets, in one pass over the text. */
export function offsetsOfBytes(text: string, byteOffsets: readonly number[]): number[] {
  let at = 0;
  let bytes = 0;
  return byteOffsets.map((target) => {
    while (bytes < target && at < text.length) bytes += utf8Length(text.charCodeAt(at++));
    return at;
  });
}

/** A surrogate pair is four bytes: two for each half. */
function utf8Length(code: number): number {
  if (code < 0x80) return 1;
  if (code < 0x800) return 2;
  return code >= 0xd800 && code <= 0xdfff ? 2 : 3;
}

function isLowSurrogate(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff;
}

const WINDOW = 120;

/**
 * The line at `offset` under `context` lines before it (1 by default), with line numbers and a caret.
 * A long line is cut around the caret.
 */
export function excerpt(
  text: string,
  offset: number,
  options: { readonly context?: number } = {},
): string {
  const { line } = locate(text, offset);
  const start = lineStart(text, offset);
  const before: string[] = [];
  for (let at = start; before.length < (options.context ?? 1) && at > 0; ) {
    const previous = lineStart(text, previousLineEnd(text, at));
    before.unshift(cut(text, previous, previous).shown);
    at = previous;
  }
  const { shown, ahead } = cut(text, start, offset);
  const width = Math.max(4, String(line).length + 1);
  const gutter = (label: number | string) => `${String(label).padStart(width)} |`;
  const row = (label: number, content: string) => `${gutter(label)} ${content}`.trimEnd();
  return [
    ...before.map((content, i) => row(line - before.length + i, content)),
    row(line, shown),
    `${gutter('')} ${underscore(ahead)}^`,
  ].join('\n');
}

/** The part of the line that is shown, and the part of that which stands before the caret. */
function cut(text: string, start: number, offset: number): { shown: string; ahead: string } {
  const end = lineEnd(text, offset, WINDOW * 2);
  const from = Math.max(start, offset - WINDOW * 2);
  const ahead = [...text.slice(from, offset)].filter(isShown);
  const behind = [...text.slice(offset, end)].filter(isShown);
  const room = Math.max(WINDOW - behind.length, WINDOW / 2);
  const isCutAhead = from > start || (ahead.length > room && ahead.length + behind.length > WINDOW);
  const kept = isCutAhead ? ['…', ...ahead.slice(-room)] : ahead;
  const rest = behind.slice(0, Math.max(WINDOW - kept.length, WINDOW / 2));
  const tail = rest.length < behind.length ? '…' : '';
  return { shown: `${kept.join('')}${rest.join('')}${tail}`, ahead: kept.join('') };
}

function isShown(character: string): boolean {
  return character.charCodeAt(0) !== BYTE_ORDER_MARK;
}

/** Offset of the first character of the line that holds `offset`. */
export function lineStart(text: string, offset: number): number {
  let at = Math.min(offset, text.length);
  while (at > 0) {
    const code = text.charCodeAt(at - 1);
    // An offset between the two halves of \r\n still belongs to the line they end.
    if (code === LF || (code === CR && text.charCodeAt(at) !== LF)) break;
    at--;
  }
  return at;
}

/** Offset of the end of the line that holds `offset`, at most `limit` characters ahead. */
export function lineEnd(text: string, offset: number, limit = Number.POSITIVE_INFINITY): number {
  const last = Math.min(text.length, offset + limit);
  let at = offset;
  while (at < last && text.charCodeAt(at) !== LF && text.charCodeAt(at) !== CR) at++;
  return at;
}

/** Offset of the first character behind the line that holds `offset`. */
export function lineAfter(text: string, offset: number): number {
  const end = lineEnd(text, offset);
  return end + (text.startsWith('\r\n', end) ? 2 : end < text.length ? 1 : 0);
}

function previousLineEnd(text: string, start: number): number {
  const isPair = text.charCodeAt(start - 1) === LF && text.charCodeAt(start - 2) === CR;
  return start - (isPair ? 2 : 1);
}

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
const NARROW = /[\p{M}\p{Cf}]/u;

/** Blanks as wide as `text` looks on a terminal, so that the caret stands under its character. */
function underscore(text: string): string {
  return Array.from(text, (character) => {
    if (character === '\t') return '\t';
    if (NARROW.test(character)) return '';
    return WIDE.test(character) ? '  ' : ' ';
  }).join('');
}
