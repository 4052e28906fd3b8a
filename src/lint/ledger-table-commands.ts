/** How the commands of `alter table` are entered into a ledger of objects. */

import { type Body, bodyOf, relationName, stringsOf } from '../analysis/tree.ts';
import {
  columnsIn,
  create,
  type Entry,
  isKnown,
  named,
  type Relation,
  relationNamed,
  tableOf,
} from './ledger-names.ts';
import { chosenName } from './rewrite.ts';

/** Enters what a command does to columns, constraints and partitions. */
export function tableCommand(
  s: Body<'AlterTableStmt'>,
  command: Body<'AlterTableCmd'>,
  entry: Entry,
): void {
  const isType = s.objtype === 'OBJECT_TYPE';
  const owner = entry.ledger.known(
    isType ? named('OBJECT_TYPE', relationName(s.relation)) : relationNamed('table', s.relation),
  );
  const part = (name: string | undefined, kind = isType ? 'attribute' : 'column') => ({
    ...{ namespace: kind, kind, schema: undefined, name: name ?? '', owner },
  });
  switch (command.subtype) {
    case 'AT_AddColumn':
      create(part(bodyOf(command.def, 'ColumnDef')?.colname), entry, command.missing_ok);
      break;
    case 'AT_DropColumn': {
      const column = part(command.name);
      if (command.missing_ok !== true || isKnown(column, entry)) {
        entry.ledger.dropColumn(column, entry.cause);
      }
      break;
    }
    case 'AT_AddConstraint':
      addConstraint(s.relation, bodyOf(command.def, 'Constraint'), entry);
      break;
    case 'AT_DropConstraint': {
      const constraint = part(command.name, 'constraint');
      if (command.missing_ok !== true || isKnown(constraint, entry)) {
        entry.ledger.drop(constraint, entry.cause);
      }
      break;
    }
    case 'AT_AttachPartition': {
      const partition = bodyOf(command.def, 'PartitionCmd')?.name;
      const known = entry.ledger.known(relationNamed('table', partition));
      if (known.born !== 'before') known.owner = owner;
      break;
    }
    default:
      break;
  }
}

const SUFFIXES: Readonly<Record<string, string>> = {
  CONSTR_PRIMARY: 'pkey',
  CONSTR_UNIQUE: 'key',
  CONSTR_FOREIGN: 'fkey',
  CONSTR_CHECK: 'check',
  CONSTR_EXCLUSION: 'excl',
  CONSTR_NOTNULL: 'not_null',
};

function addConstraint(
  relation: Relation,
  constraint: Body<'Constraint'> | undefined,
  entry: Entry,
): void {
  if (constraint === undefined) return;
  const { contype = '', keys, fk_attrs, raw_expr, exclusions, indexname } = constraint;
  const columns = [
    ...stringsOf([...(keys ?? []), ...(fk_attrs ?? [])]),
    ...columnsIn([raw_expr, exclusions]),
  ];
  // The constraint takes the index over.
  if (indexname !== undefined) {
    entry.ledger.drop({ ...relationNamed('index', relation), name: indexname }, entry.cause);
  }
  const isCheckOfSeveral = contype === 'CONSTR_CHECK' && new Set(columns).size !== 1;
  const named = contype === 'CONSTR_PRIMARY' || isCheckOfSeveral ? [] : [...new Set(columns)];
  const name =
    constraint.conname ?? indexname ?? chosenName(relation, named, SUFFIXES[contype] ?? '');
  const owner = tableOf(relation, entry);
  const about = { namespace: 'constraint', kind: 'constraint', schema: undefined };
  entry.ledger.create({ ...about, name, owner }, { ...entry, columns });
}
