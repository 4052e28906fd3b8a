/** How SQL is written so that psql sends it to the server as it is: escapes, literals, dollar quotes. */

import { InternalError } from '../core/errors.ts';
import { quoteLiteral } from '../sql/identifiers.ts';
import {
  blockCommentEnd,
  dollarQuoteEnd,
  escapedQuoteEnd,
  isDigit,
  isIdentifierStart,
  isSpace,
  numberEnd,
  quoteEnd,
  UNCLOSED,
  wordEnd,
} from '../sql/lexeme.ts';
import { lineEnd } from '../sql/location.ts';
import type { OwnQuery } from './session.ts';

const QUOTE = 39;
const DOUBLE_QUOTE = 34;
const DOLLAR = 36;
const STAR = 42;
const DASH = 45;
const SLASH = 47;
const COLON = 58;
const SEMICOLON = 59;
const EQUALS = 61;

/**
 * `sql` with a backslash before each colon that psql might take for one of its variables, as in
 * `a[1:HOST]`, and before each semicolon: one text is one message to the server. psql takes the
 * backslashes away again. E'' strings that go on in a further line are joined.
 *
 * https://www.postgresql.org/docs/current/app-psql.html#APP-PSQL-INTERPOLATION
 */
export function psqlText(sql: string): string {
  const pieces: string[] = [];
  let copied = 0;
  let at = 0;
  /** Where an E'' string ended that a string on a later line would continue. */
  let escapedEnd = UNCLOSED;
  while (at < sql.length && at !== UNCLOSED) {
    const code = sql.charCodeAt(at);
    const next = sql.charCodeAt(at + 1);
    if (isSpace(code)) {
      at++;
    } else if (code === DASH && next === DASH) {
      at = lineEnd(sql, at);
    } else if (code === COLON && (next === COLON || next === EQUALS)) {
      at += 2;
    } else if (code === COLON || code === SEMICOLON) {
      pieces.push(sql.slice(copied, at), '\\');
      copied = at++;
    } else {
      const isContinued =
        code === QUOTE && escapedEnd !== UNCLOSED && /[\n\r]/.test(sql.slice(escapedEnd, at));
      const isEscaped = isContinued || ((code === 69 || code === 101) && next === QUOTE);
      if (isContinued) {
        // psql reads line by line and does not see that the string goes on: it becomes one string.
        pieces.push(sql.slice(copied, escapedEnd - 1));
        copied = at + 1;
      }
      if (isEscaped) at = escapedQuoteEnd(sql, isContinued ? at : at + 1);
      else at = lexemeEnd(sql, at);
      escapedEnd = isEscaped ? at : UNCLOSED;
    }
  }
  pieces.push(sql.slice(copied));
  return pieces.join('');
}

function lexemeEnd(sql: string, at: number): number {
  const code = sql.charCodeAt(at);
  if (code === SLASH && sql.charCodeAt(at + 1) === STAR) return blockCommentEnd(sql, at);
  if (code === QUOTE) return quoteEnd(sql, at, "'");
  if (code === DOUBLE_QUOTE) return quoteEnd(sql, at, '"');
  if (code === DOLLAR) return dollarQuoteEnd(sql, at);
  if (isIdentifierStart(code)) return wordEnd(sql, at, true);
  return isDigit(code) ? numberEnd(sql, at) : at + 1;
}

/** One of slipway's own queries with its values in it. */
export function inlined({ text, values = [] }: OwnQuery): string {
  // A quoted name may hold what looks like a parameter.
  return text
    .trim()
    .replaceAll(/"(?:[^"]|"")*"|\$(\d+)/g, (found, number: string | undefined) =>
      number === undefined ? found : literal(values[Number(number) - 1]),
    );
}

/** A value as the driver would send it. */
export function literal(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'boolean' || typeof value === 'number') return String(value);
  if (typeof value === 'string') return quoteLiteral(value);
  if (Array.isArray(value)) {
    const items = value.map((item) => `"${String(item).replaceAll(/["\\]/g, '\\$&')}"`);
    return quoteLiteral(`{${items.join(',')}}`);
  }
  throw new InternalError('SLIPWAY_INTERNAL', `no literal for a value of type ${typeof value}`);
}

/** `text` in dollar quotes whose tag does not occur in it. */
export function dollarQuoted(text: string, name = 'slipway'): string {
  let tag = name;
  for (let number = 1; text.includes(`$${tag}`); number++) tag = `${name}_${number}`;
  return `$${tag}$${text}$${tag}$`;
}

/** The text as one argument of a psql command. */
export function psqlArgument(text: string): string {
  const escaped = text.replaceAll(/['\\]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
  return `'${escaped}'`;
}

/** The text on one line, so that it can end no comment. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();
}
