/** A parse tree as SQL again: the one file that knows pgsql-deparser, and loads it when needed. */

import { lowerCase } from './lexeme.ts';
import type { SqlNode } from './parse.ts';

/** Writes a node (a statement, an expression, a type) as SQL on one line, in lower case. */
export type Deparser = (node: SqlNode) => string;

/** The writer. It takes time to load: ask once, and hand it around. */
export async function loadDeparser(): Promise<Deparser> {
  const { deparseSync } = await import('pgsql-deparser');
  return (node) => lowerCase(deparseSync(node, { pretty: false }));
}
