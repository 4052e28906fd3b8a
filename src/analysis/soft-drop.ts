/** Facts about soft drops, and what they mean for what a release has created. */

import type { RelationLock } from '../core/locks.ts';
import type { StatementFacts } from '../core/revision.ts';
import { hideableWords, type SoftDrop } from '../core/soft-drop.ts';
import { type CreatedObjects, forget, isNew, setNewColumn } from './created.ts';
import { asNew, breaking, compatible } from './effect.ts';

/** What hiding or bringing back does to data and to running code: no byte is lost either way. */
export function softDropFacts(softDrop: SoftDrop, created: CreatedObjects): StatementFacts {
  const { object, action } = softDrop;
  const { schema, table, column } = object;
  const path = pathOf(softDrop);
  const isNewTable = isNew(created, 'relation', path);
  const words = hideableWords(object);
  const lock = (target: RelationLock['target']): RelationLock => ({
    schema,
    name: table,
    target,
    mode: 'access exclusive',
    isNew: target === 'relation' && isNewTable,
  });
  return {
    dataLoss: [],
    compatibility:
      action === 'restore'
        ? compatible(`brings ${words} back`)
        : isNewTable
          ? asNew(`hides ${words}`)
          : breaking(`hides ${words}, which code of the previous release may still use`),
    transactional: true,
    // It writes down what it has lifted, in the same transaction.
    interruption: 'atomic',
    postcondition: {
      kind: 'object',
      type: column === undefined ? 'table' : 'table column',
      name: column === undefined ? path : [...path, column],
      args: [],
      present: action === 'restore',
    },
    locks: [lock('relation'), lock('tables of foreign keys')],
    work: [],
  };
}

/** What was created is out of reach once it is hidden; what comes back is from before. */
export function recordSoftDrop({ object, ...softDrop }: SoftDrop, created: CreatedObjects): void {
  if (object.kind === 'table') {
    // Its name may come to mean another table.
    created.columns.clear();
    forget(created, 'relation', pathOf({ object, ...softDrop }));
    return;
  }
  const { schema: schemaname, table: relname, column } = object;
  const relation = { relname, ...(schemaname === undefined ? {} : { schemaname }) };
  setNewColumn(created, relation, { column, state: undefined });
}

function pathOf({ object: { schema, table } }: SoftDrop): readonly string[] {
  return schema === undefined ? [table] : [schema, table];
}
