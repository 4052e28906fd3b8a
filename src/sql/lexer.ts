/**
 * Postgres' lexical structure, as psql reads it: where statements end, what is a comment, a quote, or
 * the data of `copy … from stdin`. Knows no grammar. Assumes `standard_conforming_strings = on`.
 *
 * https://www.postgresql.org/docs/current/sql-syntax-lexical.html
 */

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
} from './lexeme.ts';
import { lineAfter, lineEnd } from './location.ts';

/** A stretch of text, in UTF-16 offsets; `end` is the offset behind it. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** What `scanSql` finds. Tokens come in order, a statement after the comments inside it. */
export type SqlToken =
  | (Span & {
      readonly kind: 'line-comment' | 'block-comment' | 'meta-command';
      /** Where the unfinished statement around it begins; undefined between statements. */
      readonly inside: number | undefined;
    })
  | (Span & {
      /** From its first to its last character, without comments around it and its semicolon. */
      readonly kind: 'statement';
      readonly copyData: CopyData | undefined;
    })
  | {
      readonly kind: 'problem';
      readonly start: number;
      readonly problem: string;
      readonly hint: string;
    };

/** The rows behind `copy … from stdin;`; `next` is the offset behind the closing `\.` line. */
export interface CopyData extends Span {
  readonly next: number;
}

/**
 * Scans SQL from `from` on. Linear; a consumer that has seen enough just stops iterating. Ends after
 * the first problem, since nothing behind an unclosed quote can be trusted.
 */
export function* scanSql(text: string, from = 0): Generator<SqlToken, void> {
  let at = from;
  let open = unopened();
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (isSpace(code)) {
      at++;
    } else if (code === DASH && text.charCodeAt(at + 1) === DASH) {
      const comment = lineComment(text, at, open.start);
      yield comment;
      at = comment.end;
    } else if (code === SLASH && text.charCodeAt(at + 1) === STAR) {
      const end = blockCommentEnd(text, at);
      if (end === UNCLOSED) return yield problem(at, 'comment is not closed', COMMENT_HINT);
      yield { kind: 'block-comment', start: at, end, inside: open.start };
      open.escapedEnd = UNCLOSED;
      at = end;
    } else if (code === BACKSLASH) {
      const end = lineEnd(text, at);
      yield { kind: 'meta-command', start: at, end, inside: open.start };
      at = end;
    } else if (code === SEMICOLON && open.depth === 0 && open.blocks === 0) {
      at++;
      if (open.start !== undefined) {
        const copyData = open.readsStdin ? copyDataBehind(text, at) : undefined;
        if (typeof copyData === 'string') return yield problem(open.start, copyData, COPY_HINT);
        yield { kind: 'statement', start: open.start, end: open.end, copyData };
        if (copyData !== undefined) {
          const comment = text.slice(at, copyData.start).indexOf('--');
          if (comment !== -1) yield lineComment(text, at + comment, undefined);
          at = copyData.next;
        }
      }
      open = unopened();
    } else {
      open.start ??= at;
      const end = advance(text, at, open);
      if (end === UNCLOSED) return yield problem(at, unclosed(text, at), QUOTE_HINT);
      at = end;
      open.end = end;
    }
  }
  if (open.start === undefined) return;
  if (open.readsStdin) return yield problem(open.start, NO_COPY_END, COPY_HINT);
  yield { kind: 'statement', start: open.start, end: open.end, copyData: undefined };
}

const COMMENT_HINT = 'write */ where it is meant to end; comments nest';
const QUOTE_HINT = 'write the closing quote where it is meant to end';
const NO_COPY_END = 'copy … from stdin has no rows closed by a \\. line';
const LATE_COPY_ROWS = 'copy … from stdin has SQL or rows on the line of its semicolon';
const COPY_HINT = 'put the rows below the line with its semicolon, and a line with \\. below them';
const QUOTE = 39;
const DOUBLE_QUOTE = 34;
const DOLLAR = 36;
const OPEN = 40;
const CLOSE = 41;
const STAR = 42;
const DASH = 45;
const DOT = 46;
const SLASH = 47;
const SEMICOLON = 59;
const BACKSLASH = 92;

/** What is known of a statement that has not ended yet. */
interface OpenStatement {
  start: number | undefined;
  end: number;
  /** Parentheses. */
  depth: number;
  /** `begin atomic` of a routine's body, and each `case` in it: semicolons inside end nothing. */
  blocks: number;
  /** Its first four words in lower case: enough for `create or replace function`. */
  readonly words: string[];
  /** The word just before, in lower case; empty behind anything else. */
  previous: string;
  isRoutine: boolean;
  readsStdin: boolean;
  /** Where an E'' string ended that a string on a later line would continue. */
  escapedEnd: number;
}

function unopened(): OpenStatement {
  return {
    start: undefined,
    end: 0,
    depth: 0,
    blocks: 0,
    words: [],
    previous: '',
    isRoutine: false,
    readsStdin: false,
    escapedEnd: UNCLOSED,
  };
}

function lineComment(text: string, start: number, inside: number | undefined) {
  return { kind: 'line-comment' as const, start, end: lineEnd(text, start), inside };
}

function problem(start: number, what: string, hint: string): SqlToken {
  return { kind: 'problem', start, problem: what, hint };
}

/** Reads one lexeme of a statement and gives the offset behind it, or `UNCLOSED`. */
function advance(text: string, at: number, open: OpenStatement): number {
  const code = text.charCodeAt(at);
  const { escapedEnd } = open;
  if (isIdentifierStart(code)) return advanceWord(text, at, open);
  open.previous = '';
  open.escapedEnd = UNCLOSED;
  if (code === QUOTE) {
    const isContinued = escapedEnd !== UNCLOSED && /[\n\r]/.test(text.slice(escapedEnd, at));
    if (!isContinued) return quoteEnd(text, at, "'");
    open.escapedEnd = escapedQuoteEnd(text, at);
    return open.escapedEnd;
  }
  if (code === DOUBLE_QUOTE) return quoteEnd(text, at, '"');
  if (code === DOLLAR) return dollarQuoteEnd(text, at);
  if (isDigit(code)) return numberEnd(text, at);
  if (code === OPEN) open.depth++;
  if (code === CLOSE && open.depth > 0) open.depth--;
  return at + 1;
}

function advanceWord(text: string, at: number, open: OpenStatement): number {
  const end = wordEnd(text, at, true);
  open.escapedEnd = UNCLOSED;
  if (end === at + 1 && (text[at] === 'e' || text[at] === 'E') && text.charCodeAt(end) === QUOTE) {
    open.previous = '';
    open.escapedEnd = escapedQuoteEnd(text, end);
    return open.escapedEnd;
  }
  const [first] = open.words;
  if (open.depth === 0 && (open.words.length < 4 || open.isRoutine || first === 'copy')) {
    noteWord(text.slice(at, end).toLowerCase(), open, text.charCodeAt(open.end - 1) === DOT);
  }
  return end;
}

/**
 * Follows what psql follows: `begin atomic … end` in a routine, and `copy … from stdin`, which the
 * grammar also takes as `stdout`.
 */
function noteWord(word: string, open: OpenStatement, isMember: boolean): void {
  const { previous, words } = open;
  if (words.length < 4) {
    words.push(word);
    if (word === 'function' || word === 'procedure')
      open.isRoutine ||= isCreate(words.slice(0, -1));
  }
  open.previous = word;
  if (open.isRoutine && !isMember && previous !== 'as') {
    if (open.blocks === 0) {
      if (previous === 'begin' && word === 'atomic') open.blocks = 1;
    } else if (word === 'case') open.blocks++;
    else if (word === 'end') open.blocks--;
  }
  if (words[0] === 'copy' && previous === 'from' && (word === 'stdin' || word === 'stdout')) {
    open.readsStdin = true;
  }
}

function isCreate(words: readonly string[]): boolean {
  return ['create', 'create or replace'].includes(words.join(' '));
}

/** The data lines behind the semicolon at `at - 1`, or what is wrong with them. */
function copyDataBehind(text: string, at: number): CopyData | string {
  const lineFeed = text.indexOf('\n', at);
  const rest = lineFeed === -1 ? '' : text.slice(at, lineFeed).trim();
  if (rest !== '' && !rest.startsWith('--')) return LATE_COPY_ROWS;
  if (lineFeed === -1) return NO_COPY_END;
  for (let from = lineFeed; ; from++) {
    from = text.indexOf('\n\\.', from);
    if (from === -1) return NO_COPY_END;
    const end = from + 3;
    if (end === text.length || text[end] === '\n' || text.startsWith('\r\n', end)) {
      return { start: lineFeed + 1, end: from + 1, next: lineAfter(text, end) };
    }
  }
}

function unclosed(text: string, at: number): string {
  const code = text.charCodeAt(at);
  if (code === DOUBLE_QUOTE) return 'quoted identifier is not closed';
  if (code !== DOLLAR) return 'quoted string is not closed';
  return `dollar quote ${text.slice(at, text.indexOf('$', at + 1) + 1)} is not closed`;
}
