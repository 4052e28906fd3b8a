/** Where names stand in a statement, for nodes of the tree that have no place of their own. */

import { type Lexeme, lexemes } from '../sql/lexeme.ts';
import type { LintedStatement } from './rule.ts';

/** A name, or a word that could be one, where it stands in a text. */
export interface PlacedName extends Lexeme {
  /** Without its quotes, in the case that Postgres takes it for. */
  readonly name: string;
}

/** Offset in the file of the last place in the statement that says `name`, in quotes or not. */
export function placeOfName(
  { statement }: LintedStatement,
  name: string | undefined,
): { readonly at: number } | Record<string, never> {
  const found = [...placedNames(statement.text)].findLast((each) => each.name === name);
  return found === undefined ? {} : { at: statement.offset + found.start };
}

/** The names in a text, outside of strings and comments. */
export function* placedNames(text: string): Generator<PlacedName> {
  let quoted: Lexeme | undefined;
  for (const lexeme of lexemes(text)) {
    const isQuoted = text.startsWith('"', lexeme.start);
    // A doubled quote reads as the end of one name and the start of the next.
    if (isQuoted && quoted?.end === lexeme.start) {
      quoted = { start: quoted.start, end: lexeme.end };
      continue;
    }
    if (quoted !== undefined) yield { ...quoted, name: unquoted(text, quoted) };
    quoted = isQuoted ? lexeme : undefined;
    if (isQuoted) continue;
    const word = text.slice(lexeme.start, lexeme.end);
    // The last of an escape string is its quote.
    if (/^[\p{L}_\u0080-\uffff]/u.test(word) && !word.endsWith("'")) {
      yield { ...lexeme, name: word.replace(/[A-Z]/g, (letter) => letter.toLowerCase()) };
    }
  }
  if (quoted !== undefined) yield { ...quoted, name: unquoted(text, quoted) };
}

function unquoted(text: string, { start, end }: Lexeme): string {
  return text.slice(start + 1, end - 1).replaceAll('""', '"');
}
