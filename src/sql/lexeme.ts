/** Where one lexeme of Postgres ends: quotes, block comments, words and numbers. */

import { lineEnd } from './location.ts';

/** What an end is when the text ends first. */
export const UNCLOSED = -1;

const QUOTE = 39;
const DOUBLE_QUOTE = 34;
const DOLLAR = 36;
const BACKSLASH = 92;

/** A doubled quote reads as the end of one string and the start of the next, which ends alike. */
export function quoteEnd(text: string, at: number, quote: string): number {
  return text.indexOf(quote, at + 1) + 1 || UNCLOSED;
}

/** The end of a string in which a backslash escapes what follows. */
export function escapedQuoteEnd(text: string, at: number): number {
  for (let i = at + 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === BACKSLASH) i++;
    else if (code === QUOTE) {
      if (text.charCodeAt(i + 1) !== QUOTE) return i + 1;
      i++;
    }
  }
  return UNCLOSED;
}

/** A `$` that opens no quote (a parameter, an operator) is one character. */
export function dollarQuoteEnd(text: string, at: number): number {
  let end = at + 1;
  if (isDigit(text.charCodeAt(end))) return digitsEnd(text, end);
  if (isIdentifierStart(text.charCodeAt(end))) end = wordEnd(text, end, false);
  if (text.charCodeAt(end) !== DOLLAR) return at + 1;
  const tag = text.slice(at, end + 1);
  const close = text.indexOf(tag, end + 1);
  return close === -1 ? UNCLOSED : close + tag.length;
}

/** Comments nest: https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-COMMENTS */
export function blockCommentEnd(text: string, at: number): number {
  const edge = /\/\*|\*\//g;
  edge.lastIndex = at + 2;
  for (let depth = 1; depth > 0; ) {
    const match = edge.exec(text);
    if (match === null) return UNCLOSED;
    depth += match[0] === '/*' ? 1 : -1;
  }
  return edge.lastIndex;
}

/** The end of a word; an identifier may hold dollar signs, the tag of a dollar quote may not. */
export function wordEnd(text: string, at: number, withDollar: boolean): number {
  let end = at + 1;
  while (end < text.length) {
    const code = text.charCodeAt(end);
    if (!isIdentifierStart(code) && !isDigit(code) && !(withDollar && code === DOLLAR)) break;
    end++;
  }
  return end;
}

/** Letters right behind digits read as an identifier does, so that a `$` in them opens no quote. */
export function numberEnd(text: string, at: number): number {
  const end = digitsEnd(text, at);
  return isIdentifierStart(text.charCodeAt(end)) ? wordEnd(text, end, true) : end;
}

function digitsEnd(text: string, at: number): number {
  let end = at + 1;
  while (isDigit(text.charCodeAt(end))) end++;
  return end;
}

/** Postgres takes every character outside of ASCII for a letter. */
export function isIdentifierStart(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95 || code >= 128;
}

/** Whether the character is a digit. */
export function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** Whether the character is a blank to Postgres. */
export function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13);
}

/** Where a lexeme stands in its text. */
export interface Lexeme {
  readonly start: number;
  readonly end: number;
}

const SLASH = 47;
const STAR = 42;
const DASH = 45;

/**
 * The lexemes of a statement without blanks and comments: words, numbers, quotes, and each other
 * character by itself. Ends where a quote is not closed.
 */
export function* lexemes(text: string): Generator<Lexeme, void> {
  /** Where an E'' string ended that a string on a later line would continue. */
  let escapedEnd = UNCLOSED;
  for (let at = 0; at < text.length; ) {
    const code = text.charCodeAt(at);
    const next = text.charCodeAt(at + 1);
    let end = at + 1;
    let isLexeme = true;
    let isEscaped = false;
    if (isSpace(code)) {
      isLexeme = false;
    } else if (code === DASH && next === DASH) {
      end = lineEnd(text, at);
      isLexeme = false;
    } else if (code === SLASH && next === STAR) {
      end = blockCommentEnd(text, at);
      isLexeme = false;
      escapedEnd = UNCLOSED;
    } else if (code === QUOTE) {
      isEscaped = escapedEnd !== UNCLOSED && /[\n\r]/.test(text.slice(escapedEnd, at));
      end = isEscaped ? escapedQuoteEnd(text, at) : quoteEnd(text, at, "'");
    } else if (code === DOUBLE_QUOTE) {
      end = quoteEnd(text, at, '"');
    } else if (code === DOLLAR) {
      end = dollarQuoteEnd(text, at);
    } else if (isDigit(code)) {
      end = numberEnd(text, at);
    } else if (isIdentifierStart(code)) {
      isEscaped = (code === 69 || code === 101) && next === QUOTE;
      end = isEscaped ? escapedQuoteEnd(text, at + 1) : wordEnd(text, at, true);
    }
    if (end === UNCLOSED) return;
    if (isLexeme) {
      yield { start: at, end };
      escapedEnd = isEscaped ? end : UNCLOSED;
    }
    at = end;
  }
}

/** The text in lower case but for what stands in quotes, so that it means the same. */
export function lowerCase(text: string): string {
  let lower = '';
  for (let at = 0; at < text.length; ) {
    const end = quotedEnd(text, at);
    lower += end > at ? text.slice(at, end) : text.charAt(at).toLowerCase();
    at = Math.max(end, at + 1);
  }
  return lower;
}

/** The end of the string, quoted identifier or dollar quote that begins here; `at` where none does. */
function quotedEnd(text: string, at: number): number {
  const isEscape = /[eE]/.test(text.charAt(at)) && text.charCodeAt(at + 1) === QUOTE;
  const end = isEscape ? escapedQuoteEnd(text, at + 1) : plainQuoteEnd(text, at);
  return end === UNCLOSED ? text.length : end;
}

function plainQuoteEnd(text: string, at: number): number {
  switch (text.charCodeAt(at)) {
    case QUOTE:
      return quoteEnd(text, at, "'");
    case DOUBLE_QUOTE:
      return quoteEnd(text, at, '"');
    case DOLLAR:
      return dollarQuoteEnd(text, at);
    default:
      return at;
  }
}
