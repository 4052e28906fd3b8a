/** What `alter …` locks: tables and their relatives, sequences, domains, types, triggers. */

import type { LockMode } from '../../core/locks.ts';
import { compareModes } from '../../core/locks.ts';
import { type Body, bodiesOf, bodyOf, stringsOf } from '../tree.ts';
import { partitionLocks } from './partitions.ts';
import { lockedBy } from './queries.ts';
import { commandLocks, commandMode } from './table-command.ts';
import { type Lockers, lock, lockBehind, type Taken } from './taken.ts';

/** Locks of `alter …`. */
export const alter: Lockers = {
  AlterTableStmt: (s) => {
    if (s.objtype === 'OBJECT_TYPE') return compositeType(s);
    const commands = bodiesOf(s.cmds, 'AlterTableCmd');
    const isIndex = s.objtype === 'OBJECT_INDEX';
    return [
      ...lock(strongest(commands.map(commandMode)), s.relation),
      ...commands.flatMap((command) => [
        ...commandLocks(command, s.relation),
        ...partitionLocks(command, s.relation, isIndex),
      ]),
    ];
  },
  RenameStmt: (s) => {
    if (s.renameType === 'OBJECT_ATTRIBUTE') {
      return lockBehind('access exclusive', 'tables of type', s.relation);
    }
    // Only under its own command an index is renamed next to readers and writers.
    return lock(
      s.renameType === 'OBJECT_INDEX' ? 'share update exclusive' : 'access exclusive',
      s.relation,
    );
  },
  AlterObjectSchemaStmt: (s) => lock('access exclusive', s.relation),
  AlterObjectDependsStmt: (s) =>
    lock(s.objectType === 'OBJECT_TRIGGER' ? 'access share' : 'access exclusive', s.relation),
  AlterPolicyStmt: (s) => [
    ...lock('access exclusive', s.table),
    ...lockedBy(s.qual),
    ...lockedBy(s.with_check),
  ],
  AlterSeqStmt: (s) => [...lock('share row exclusive', s.sequence), ...ownerOf(s.options)],
  AlterDomainStmt: (s) => {
    const constraint = bodyOf(s.def, 'Constraint');
    const isChecked =
      s.subtype === 'O' || (s.subtype === 'C' && constraint?.skip_validation !== true);
    if (isChecked || s.subtype === 'V') {
      return lockBehind('share', 'tables of type', stringsOf(s.typeName));
    }
    return [];
  },
  AlterPublicationStmt: (s) => published(s.pubobjects),
  CreatePublicationStmt: (s) => published(s.pubobjects),
};

/** The column that a sequence belongs to: `owned by users.id`. */
export function ownerOf(options: Body<'AlterSeqStmt'>['options']): Taken[] {
  const owner = bodiesOf(options, 'DefElem').find(({ defname }) => defname === 'owned_by');
  const name = stringsOf(bodyOf(owner?.arg, 'List')?.items);
  return name.length < 2 ? [] : lock('access share', name.slice(0, -1));
}

function strongest(modes: readonly LockMode[]): LockMode {
  return modes.reduce<LockMode>(
    (strongest, mode) => (compareModes(mode, strongest) > 0 ? mode : strongest),
    'access share',
  );
}

// Postgres refuses it while a table has a column of the type; with `cascade` it changes typed tables.
function compositeType(s: Body<'AlterTableStmt'>): Taken[] {
  return lockBehind('access exclusive', 'tables of type', s.relation);
}

function published(objects: Body<'CreatePublicationStmt'>['pubobjects']): Taken[] {
  return bodiesOf(objects, 'PublicationObjSpec').flatMap(({ pubtable }) =>
    lock('share update exclusive', pubtable?.relation),
  );
}
