/** Which locks a statement takes on relations, read from its parse tree. */

import type { RelationLock } from '../core/locks.ts';
import type { FactsContext } from './effect.ts';
import type { Node } from './tree.ts';

/** The strongest lock that `node` takes on each relation, in the order in which it takes them. */
export function locksOf(_node: Node, _context: FactsContext): readonly RelationLock[] {
  return [];
}
