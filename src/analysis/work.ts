/** What a statement goes through row by row, read from its parse tree. */

import type { RelationWork } from '../core/locks.ts';
import type { FactsContext } from './effect.ts';
import type { Node } from './tree.ts';

/** The work of `node` that grows with the size of tables. */
export function workOf(_node: Node, _context: FactsContext): readonly RelationWork[] {
  return [];
}
