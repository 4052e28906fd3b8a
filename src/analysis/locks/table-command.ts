/** What one command of `alter table` locks: `AlterTableGetLockLevel` in Postgres' tablecmds.c. */

import type { LockMode } from '../../core/locks.ts';
import { type Body, bodiesOf, bodyOf } from '../tree.ts';
import { storageOptions, storageOptionsMode } from './storage-options.ts';
import { lock, lockBehind, type Taken } from './taken.ts';

type Relation = Body<'RangeVar'> | undefined;

/** The lock of a command on the relation that the statement names. */
export function commandMode(command: Body<'AlterTableCmd'>): LockMode {
  switch (command.subtype) {
    case 'AT_SetStatistics':
    case 'AT_SetOptions':
    case 'AT_ResetOptions':
    case 'AT_ClusterOn':
    case 'AT_DropCluster':
    case 'AT_ValidateConstraint':
    case 'AT_AttachPartition':
    case 'AT_DetachPartitionFinalize':
      return 'share update exclusive';
    case 'AT_DetachPartition':
      return bodyOf(command.def, 'PartitionCmd')?.concurrent === true
        ? 'share update exclusive'
        : 'access exclusive';
    case 'AT_SetRelOptions':
    case 'AT_ResetRelOptions':
    case 'AT_ReplaceRelOptions':
      return storageOptionsMode(storageOptions(command));
    case 'AT_EnableTrig':
    case 'AT_EnableAlwaysTrig':
    case 'AT_EnableReplicaTrig':
    case 'AT_EnableTrigAll':
    case 'AT_EnableTrigUser':
    case 'AT_DisableTrig':
    case 'AT_DisableTrigAll':
    case 'AT_DisableTrigUser':
      return 'share row exclusive';
    case 'AT_AddConstraint':
      return bodyOf(command.def, 'Constraint')?.contype === 'CONSTR_FOREIGN'
        ? 'share row exclusive'
        : 'access exclusive';
    default:
      return 'access exclusive';
  }
}

/** The locks of a command on other relations. */
export function commandLocks(command: Body<'AlterTableCmd'>, relation: Relation): readonly Taken[] {
  switch (command.subtype) {
    case 'AT_AddColumn':
      return referencedBy(bodyOf(command.def, 'ColumnDef')?.constraints);
    case 'AT_AddConstraint':
      return command.def === undefined ? [] : referencedBy([command.def]);
    case 'AT_DropColumn':
    case 'AT_DropConstraint':
    case 'AT_AlterColumnType':
      // Where a foreign key goes with it, or is made again, its other table is locked alike.
      return lockBehind('access exclusive', 'tables of foreign keys', relation);
    case 'AT_AlterConstraint': {
      const altered = bodyOf(command.def, 'ATAlterConstraint');
      if (altered?.alterEnforceability !== true) return [];
      const mode = altered.is_enforced === true ? 'share row exclusive' : 'access exclusive';
      return lockBehind(mode, 'tables of foreign keys', relation);
    }
    case 'AT_ValidateConstraint':
      return lockBehind('row share', 'tables of foreign keys', relation);
    case 'AT_AddInherit':
      return lock('share update exclusive', bodyOf(command.def, 'RangeVar'));
    case 'AT_DropInherit':
      return lock('access share', bodyOf(command.def, 'RangeVar'));
    default:
      return [];
  }
}

/** The tables that new foreign keys refer to: they get triggers. */
export function referencedBy(constraints: Body<'ColumnDef'>['constraints']): Taken[] {
  return bodiesOf(constraints, 'Constraint').flatMap(({ pktable }) =>
    lock('share row exclusive', pktable),
  );
}
