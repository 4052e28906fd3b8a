/** Edits that fixes are made of: a line of the header, a word in a statement. */

import type { Revision } from '../core/revision.ts';
import { lexemes } from '../sql/lexeme.ts';
import { scanSql } from '../sql/lexer.ts';
import { lineAfter } from '../sql/location.ts';
import type { Edit, LintedStatement, Problem } from './rule.ts';

/** Keys behind which `transaction none` is written, as slipway itself orders them. */
const BEFORE_TRANSACTION = ['revision', 'revises', 'depends-on', 'label', 'phase', 'compatible'];

/** Makes a revision run outside a transaction; nothing where it does already. */
export function transactionNone({ source, transaction, up }: Revision): readonly Edit[] {
  if (transaction === 'none') return [];
  let offset = 0;
  for (const token of scanSql(source, source.startsWith('\ufeff') ? 1 : 0)) {
    if (token.kind !== 'line-comment' || token.start >= up.offset) break;
    const [, key = ''] = /^--\s*slipway:\s*([a-z-]+)/.exec(source.slice(token.start)) ?? [];
    if (BEFORE_TRANSACTION.includes(key)) offset = lineAfter(source, token.start);
  }
  return [{ offset, length: 0, text: '-- slipway:transaction none\n' }];
}

/** Where words stand one after the other in a statement. */
export interface FoundWords {
  /** UTF-16 offsets in the file. */
  readonly start: number;
  readonly end: number;
}

/** Finds words in a statement, outside of quotes and comments; a quoted name is found by its name. */
export function findWords(
  { statement }: LintedStatement,
  words: readonly string[],
): FoundWords | undefined {
  const found = [...lexemes(statement.text)].map(({ start, end }) => ({
    start,
    end,
    word: wordOf(statement.text.slice(start, end)),
  }));
  const first = found.findIndex((_, at) => words.every((word, i) => found[at + i]?.word === word));
  const start = found[first]?.start;
  const end = found[first + words.length - 1]?.end;
  if (first === -1 || start === undefined || end === undefined) return undefined;
  return { start: statement.offset + start, end: statement.offset + end };
}

function wordOf(lexeme: string): string {
  return lexeme.startsWith('"') ? lexeme.slice(1, -1).replaceAll('""', '"') : lexeme.toLowerCase();
}

/** Writes `text` behind the words; nothing where they are not there. */
export function insertBehind(
  linted: LintedStatement,
  words: readonly string[],
  text: string,
): readonly Edit[] {
  const found = findWords(linted, words);
  return found === undefined ? [] : [{ offset: found.end, length: 0, text }];
}

/** The statement's text with edits made in it. */
export function withEdits({ statement }: LintedStatement, edits: readonly Edit[]): string {
  let text = statement.text;
  for (const { offset, length, text: added } of edits.toSorted((a, b) => b.offset - a.offset)) {
    const at = offset - statement.offset;
    text = text.slice(0, at) + added + text.slice(at + length);
  }
  return text;
}

/** Statements that need no transaction around them: each is one thing, and can be done again. */
const ALONE = [
  ['create', 'index'],
  ['create', 'unique', 'index'],
  ['drop', 'index'],
  ['reindex'],
  ['vacuum'],
  ['analyze'],
  ['cluster'],
];

/** Whether the up section holds nothing but `linted` and statements that need no transaction either. */
export function needsNoTransaction({ revision, section, statement }: LintedStatement): boolean {
  if (section !== 'up') return false;
  const { text, offset } = revision.up;
  for (const token of scanSql(text)) {
    if (token.kind !== 'statement' || token.start + offset === statement.offset) continue;
    const words: string[] = [];
    for (const { start, end } of lexemes(text.slice(token.start, token.end))) {
      words.push(text.slice(token.start + start, token.start + end).toLowerCase());
      if (words.length === 3) break;
    }
    if (!ALONE.some((start) => start.every((word, i) => words[i] === word))) return false;
  }
  return true;
}

/** A fix for a statement that then runs outside a transaction; none where that is not mechanical. */
export function outsideFix(linted: LintedStatement, edits: readonly Edit[]): Pick<Problem, 'fix'> {
  if (edits.length === 0) return {};
  if (linted.revision.transaction === 'one' && !needsNoTransaction(linted)) return {};
  return { fix: [...transactionNone(linted.revision), ...edits] };
}

/** Whether no statement follows in the section. */
export function isLast({ revision, section, statement }: LintedStatement): boolean {
  const { text = '', offset = 0 } = revision[section] ?? {};
  const end = statement.offset + statement.text.length - offset;
  for (const token of scanSql(text, end)) if (token.kind === 'statement') return false;
  return true;
}
