/** `alter table` and its relatives: every command on a relation, judged one after the other. */

import type { Compatibility } from '../../core/revision.ts';
import { isNew, isNewRelation, namespaceOf, withOwnColumns } from '../created.ts';
import {
  asNew,
  breaking,
  compatible,
  type Effect,
  type FactsContext,
  type Handlers,
  only,
  together,
  undecided,
} from '../effect.ts';
import { recordTableCommand } from '../record-created.ts';
import {
  type Body,
  bodiesOf,
  bodyOf,
  kindWords,
  relationName,
  relationWords,
  words,
} from '../tree.ts';
import { columnEffect } from './alter-column.ts';
import { constraintCompatibility } from './constraint.ts';

/** Facts about `alter table`, `alter view`, `alter index`, `alter sequence` and `alter type`. */
export const alterTable: Handlers = {
  AlterTableStmt: (statement, context) => {
    // A later command sees the columns that an earlier one added.
    const created = withOwnColumns(context.created);
    const effects = bodiesOf(statement.cmds, 'AlterTableCmd').map((command) => {
      const effect = commandEffect(statement, command, { created });
      recordTableCommand(created, statement.relation, command);
      return effect;
    });
    return together(effects, compatible('changes nothing'));
  },

  AlterTableMoveAllStmt: () => only(compatible('moves relations to another tablespace')),
};

function commandEffect(
  statement: Body<'AlterTableStmt'>,
  command: Body<'AlterTableCmd'>,
  context: FactsContext,
): Effect {
  const partition = bodyOf(command.def, 'PartitionCmd');
  const what = `${kindWords(statement.objtype)} ${relationWords(statement.relation)}`;
  const effect =
    columnEffect(statement, command, context) ??
    only(relationCompatibility(statement, command, context));
  const transactional = partition?.concurrent !== true;
  const namespace = namespaceOf(statement.objtype);
  if (!isNew(context.created, namespace, relationName(statement.relation))) {
    return { ...effect, transactional };
  }
  // A partition is attached for the sake of its own rows, which may be old.
  if (partition !== undefined && command.subtype === 'AT_AttachPartition') return effect;
  return {
    transactional,
    compatibility: asNew(`changes ${what}`),
  };
}

function relationCompatibility(
  statement: Body<'AlterTableStmt'>,
  command: Body<'AlterTableCmd'>,
  context: FactsContext,
): Compatibility {
  const { created } = context;
  const relation = relationWords(statement.relation);
  const what = `${kindWords(statement.objtype)} ${relation}`;
  const name = words([command.name ?? '']);
  switch (command.subtype) {
    case 'AT_AddConstraint': {
      const constraint = bodyOf(command.def, 'Constraint');
      if (constraint === undefined) break;
      return constraintCompatibility(constraint, { created, relation: statement.relation });
    }
    case 'AT_ValidateConstraint':
      return compatible(`validates constraint ${name} of ${what}, which new writes obey already`);
    // What an upsert names in `on conflict` may go with it, which the statement does not show.
    case 'AT_DropConstraint':
      return compatible(`drops constraint ${name} of ${what}, which only allows more`);
    case 'AT_AlterConstraint':
      return alteredConstraint(bodyOf(command.def, 'ATAlterConstraint'), what);

    case 'AT_AttachPartition': {
      if (statement.objtype === 'OBJECT_INDEX') return compatible(`attaches an index to ${what}`);
      const partition = bodyOf(command.def, 'PartitionCmd')?.name;
      const attaches = `attaches partition ${relationWords(partition)} to ${relation}`;
      return isNewRelation(created, partition)
        ? compatible(attaches)
        : breaking(`${attaches}, whose bound writes of the previous release may violate`);
    }
    case 'AT_DetachPartition':
    case 'AT_DetachPartitionFinalize': {
      const partition = bodyOf(command.def, 'PartitionCmd')?.name;
      const detaches = `detaches partition ${relationWords(partition)} from ${relation}`;
      return isNewRelation(created, partition)
        ? asNew(`${detaches}`)
        : breaking(`${detaches}, where code of the previous release looks for its rows`);
    }
    case 'AT_AddInherit': {
      const parent = relationWords(bodyOf(command.def, 'RangeVar'));
      return undecided(`shows the rows of ${relation} in ${parent}`);
    }
    case 'AT_DropInherit': {
      const parent = relationWords(bodyOf(command.def, 'RangeVar'));
      return breaking(`hides the rows of ${relation} from ${parent}, which code may read there`);
    }

    case 'AT_EnableRowSecurity':
    case 'AT_ForceRowSecurity':
      return breaking(`turns on row security of ${what}, which may hide rows from code`);
    case 'AT_DisableRowSecurity':
    case 'AT_NoForceRowSecurity':
      return compatible(`turns off row security of ${what}, which only allows more`);

    case 'AT_EnableTrig':
    case 'AT_EnableAlwaysTrig':
    case 'AT_EnableReplicaTrig':
    case 'AT_EnableTrigAll':
    case 'AT_EnableTrigUser':
    case 'AT_DisableTrig':
    case 'AT_DisableTrigAll':
    case 'AT_DisableTrigUser':
    case 'AT_EnableRule':
    case 'AT_EnableAlwaysRule':
    case 'AT_EnableReplicaRule':
    case 'AT_DisableRule':
      return undecided(`changes which triggers or rules act on writes to ${what}`);

    case 'AT_ChangeOwner':
      return undecided(`changes the owner of ${what}, and with it who may use it`);
    case 'AT_AddOf':
    case 'AT_GenericOptions':
      return undecided(`changes what ${what} is bound to`);

    case 'AT_ReplicaIdentity':
      return bodyOf(command.def, 'ReplicaIdentityStmt')?.identity_type === 'n'
        ? undecided(
            `leaves ${what} no replica identity, without which a publication refuses updates`,
          )
        : storage(what);
    case 'AT_SetRelOptions':
    case 'AT_ResetRelOptions':
    case 'AT_ReplaceRelOptions':
      return statement.objtype === 'OBJECT_VIEW'
        ? undecided(`changes the options of ${what}, which decide what it lets through`)
        : storage(what);
    case 'AT_ClusterOn':
    case 'AT_DropCluster':
    case 'AT_SetLogged':
    case 'AT_SetUnLogged':
    case 'AT_SetAccessMethod':
    case 'AT_SetTableSpace':
    case 'AT_DropOf':
      return storage(what);
    default:
      break;
  }
  return undecided(`slipway does not know what this change of ${what} does`);
}

function storage(what: string): Compatibility {
  return compatible(`changes how ${what} is stored, not its shape`);
}

function alteredConstraint(
  change: Body<'ATAlterConstraint'> | undefined,
  what: string,
): Compatibility {
  const constraint = `constraint ${words([change?.conname ?? ''])} of ${what}`;
  if (change?.alterEnforceability === true) {
    return change.is_enforced === true
      ? breaking(`enforces ${constraint}, which writes of the previous release may violate`)
      : compatible(`no longer enforces ${constraint}, which only allows more`);
  }
  if (change?.alterDeferrability === true && change.deferrable !== true) {
    return breaking(`makes ${constraint} not deferrable, which code may count on`);
  }
  return compatible(`changes when ${constraint} is checked`);
}
