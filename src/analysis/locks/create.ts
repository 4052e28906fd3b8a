/** What `create …` locks beside what it creates, which nobody else can see yet. */

import type { RelationName } from '../../core/revision.ts';
import { type Body, bodiesOf, bodyOf } from '../tree.ts';
import { ownerOf } from './alter.ts';
import { lockedBy } from './queries.ts';
import { referencedBy } from './table-command.ts';
import { type Lockers, lock, lockBehind, type Taken } from './taken.ts';

/** Locks of `create …`. */
export const create: Lockers = {
  CreateStmt: table,
  CreateForeignTableStmt: (s) => (s.base === undefined ? [] : table(s.base)),
  CreateSeqStmt: (s) => ownerOf(s.options),
  IndexStmt: (s) => lock(s.concurrent === true ? 'share update exclusive' : 'share', s.relation),
  CreateTrigStmt: (s) => [
    ...lock('share row exclusive', s.relation),
    ...lock('access share', s.constrrel),
  ],
  RuleStmt: (s) => [
    ...lock('access exclusive', s.relation),
    ...lockedBy(s.whereClause),
    ...(s.actions ?? []).flatMap(lockedBy),
  ],
  CreatePolicyStmt: (s) => [
    ...lock('access exclusive', s.table),
    ...lockedBy(s.qual),
    ...lockedBy(s.with_check),
  ],
  CreateStatsStmt: (s) =>
    bodiesOf(s.relations, 'RangeVar').flatMap((each) => lock('share update exclusive', each)),
};

function table(s: Body<'CreateStmt'>): Taken[] {
  const parents = bodiesOf(s.inhRelations, 'RangeVar');
  const isPartition = s.partbound !== undefined;
  const elements = (s.tableElts ?? []).flatMap(
    (each) => bodyOf(each, 'ColumnDef')?.constraints ?? [each],
  );
  return [
    ...parents.flatMap((parent) => [
      ...lock(isPartition ? 'access exclusive' : 'share update exclusive', parent),
      ...(isPartition ? partitionOf(parent) : []),
    ]),
    ...bodiesOf(s.tableElts, 'TableLikeClause').flatMap((each) =>
      lock('access share', each.relation),
    ),
    ...referencedBy(elements).filter(({ relation }) => !isSelf(relation, s.relation)),
  ];
}

function isSelf({ schema, name }: RelationName, table: Body<'RangeVar'> | undefined): boolean {
  return name === table?.relname && schema === table.schemaname;
}

function partitionOf(parent: Body<'RangeVar'>): Taken[] {
  return [
    ...lockBehind('access exclusive', 'default partition', parent),
    ...lockBehind('share row exclusive', 'tables of foreign keys', parent),
  ];
}
