/** Which locks a statement takes on relations, read from its parse tree. */

import { compareModes, type RelationLock } from '../core/locks.ts';
import type { RelationName } from '../core/revision.ts';
import { isNew } from './created.ts';
import type { FactsContext } from './effect.ts';
import { alter } from './locks/alter.ts';
import { create } from './locks/create.ts';
import { describe } from './locks/describe.ts';
import { drop } from './locks/drop.ts';
import { maintenance } from './locks/maintenance.ts';
import { queries } from './locks/queries.ts';
import type { Lockers, Taken } from './locks/taken.ts';
import { withKnown } from './locks/with-known.ts';
import { bodyOf, type Node, tagOf } from './tree.ts';

const LOCKERS: Lockers = {
  ...alter,
  ...create,
  ...describe,
  ...drop,
  ...maintenance,
  ...queries,
};

/**
 * The strongest lock that `node` takes on each relation, in the order in which it takes them. Left out
 * are what it creates itself, indexes and sequences that it does not name (they go with their table),
 * and what triggers, rules and views lock besides. A lock on a table with partitions extends to them.
 */
export function locksOf(node: Node, context: FactsContext): readonly RelationLock[] {
  const taken = withKnown(node, takenBy(node), context.created.known);
  return strongestOfEach(taken).map((each) => {
    const { relation, target = 'relation', mode, since, before } = each;
    return {
      ...relation,
      target,
      mode,
      isNew: isNewTarget(each, context),
      ...(since === undefined ? {} : { since }),
      ...(before === undefined ? {} : { before }),
    };
  });
}

function takenBy(node: Node): readonly Taken[] {
  // A schema may be created with what is in it.
  const schema = bodyOf(node, 'CreateSchemaStmt');
  if (schema !== undefined) return (schema.schemaElts ?? []).flatMap(takenBy);
  const tag = tagOf(node);
  const locks = LOCKERS[tag] as ((statement: unknown) => readonly Taken[]) | undefined; // the table pairs tag and body
  return locks?.(bodyOf(node, tag)) ?? [];
}

function strongestOfEach(locks: readonly Taken[]): readonly Taken[] {
  const strongest = new Map<string, Taken>();
  for (const each of locks) {
    const key = JSON.stringify([each.relation, each.target, each.since, each.before]);
    const before = strongest.get(key);
    if (before === undefined || compareModes(each.mode, before.mode) > 0) strongest.set(key, each);
  }
  return [...strongest.values()];
}

/** What a name only leads to may be old, although what has the name is new. */
function isNewTarget(
  { relation, target = 'relation' }: Pick<Taken, 'relation' | 'target'>,
  { created }: FactsContext,
): boolean {
  if (target !== 'relation' && target !== 'default partition') return false;
  return relation.schema === 'pg_temp' || isNew(created, 'relation', namePath(relation));
}

function namePath({ schema, name }: RelationName): readonly string[] {
  return schema === undefined ? [name] : [schema, name];
}
