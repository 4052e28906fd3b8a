/** Finds what stands behind the table's name in the text of a `create index`. */

import { blockCommentEnd, isSpace, quoteEnd } from './lexeme.ts';

const WORD = /(?:[uU]&(?="))?(?:"(?:[^"]|"")*"|[\p{L}\p{N}_$]+)/uy;

/**
 * The rest of a `create index` behind the table's name: method, columns, `include`, `where`. The text
 * is one that the parser understood.
 */
export function behindTable(text: string): string {
  let at = 0;
  const next = (): string => {
    at = blanksEnd(text, at);
    WORD.lastIndex = at;
    const word = WORD.exec(text)?.[0] ?? text.charAt(at);
    at += word.length;
    return word;
  };
  const take = (wanted: string): boolean => {
    const before = at;
    if (next().toLowerCase() === wanted) return true;
    at = before;
    return false;
  };
  // `on` and `only` are reserved: as names they are in quotes.
  while (at < text.length && !take('on')) next();
  take('only');
  do next();
  while (take('.'));
  take('*');
  return text.slice(at).trim();
}

function blanksEnd(text: string, from: number): number {
  let at = from;
  for (;;) {
    if (isSpace(text.charCodeAt(at))) at += 1;
    else if (text.startsWith('--', at)) at = quoteEnd(text, at, '\n');
    else if (text.startsWith('/*', at)) at = blockCommentEnd(text, at);
    else return at;
    if (at <= 0) return text.length;
  }
}
