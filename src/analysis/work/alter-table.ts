/** What the commands of `alter table` go through. */

import { type KnownSchema, refusesNulls, typeKnown } from '../known.ts';
import { type Body, bodiesOf, bodyOf, relationWords, stringsOf, words } from '../tree.ts';
import { addColumnWork } from './add-column.ts';
import { typeChangeWords } from './column-type.ts';
import { constraintWork } from './constraint.ts';
import { type Done, relationNamed, relationOf, type Workers, work } from './done.ts';

/** Work of `alter table` and `alter domain`. */
export const alter: Workers = {
  AlterTableStmt: (s, known) =>
    withoutPartsOfRewrite(
      bodiesOf(s.cmds, 'AlterTableCmd').flatMap((command) => commandWork(s, command, known)),
      s.relation,
    ),
  AlterDomainStmt: (s) => {
    const name = stringsOf(s.typeName);
    const constraint = bodyOf(s.def, 'Constraint');
    const isChecked =
      s.subtype === 'O' ||
      s.subtype === 'V' ||
      (s.subtype === 'C' && constraint?.skip_validation !== true);
    if (!isChecked) return [];
    const reason = `every value of domain ${words(name)} is checked`;
    return [{ kind: 'scan', relation: relationNamed(name), target: 'tables of type', reason }];
  },
};

function commandWork(
  s: Body<'AlterTableStmt'>,
  command: Body<'AlterTableCmd'>,
  known: KnownSchema | undefined,
): readonly Done[] {
  const { relation } = s;
  const name = words([command.name ?? '']);
  const what = relationWords(relation);
  // Views, sequences, foreign tables and types hold no rows of their own.
  if (!HOLDS_ROWS.has(s.objtype ?? '')) return [];
  switch (command.subtype) {
    case 'AT_AddColumn':
      return addColumnWork(relation, bodyOf(command.def, 'ColumnDef'));
    case 'AT_AlterColumnType': {
      const type = typeKnown(known, relation, command.name ?? '');
      const reason = typeChangeWords(command, type);
      return reason === undefined ? [] : work('rewrite', relation, reason);
    }
    case 'AT_SetNotNull':
      if (refusesNulls(known, relation, command.name ?? '')) return [];
      return work(
        'scan',
        relation,
        `rows are searched for nulls in ${name}, unless a valid check proves that there are none`,
      );
    case 'AT_SetExpression':
      return work(
        'rewrite',
        relation,
        `column ${name} is computed anew in every row, unless it is virtual`,
      );
    case 'AT_AddConstraint': {
      const constraint = bodyOf(command.def, 'Constraint');
      if (constraint === undefined) return [];
      const isProven = (column: string): boolean => refusesNulls(known, relation, column);
      return constraintWork(relation, constraint, { isProven });
    }
    case 'AT_ValidateConstraint':
      return work('scan', relation, `every row is held against constraint ${name}`);
    case 'AT_AlterConstraint':
      return enforced(relation, command);
    case 'AT_SetLogged':
      return work(
        'rewrite',
        relation,
        `${what} is written to the log, unless it is logged already`,
      );
    case 'AT_SetUnLogged':
      return work('rewrite', relation, `${what} is copied, unless it is unlogged already`);
    case 'AT_SetAccessMethod':
      return work(
        'rewrite',
        relation,
        `${what} is copied, unless it has this access method already`,
      );
    case 'AT_SetTableSpace':
      return work(
        'rewrite',
        relation,
        `${what} is copied, unless it is in this tablespace already`,
      );
    case 'AT_AttachPartition':
      return s.objtype === 'OBJECT_INDEX' ? [] : attach(relation, command);
    default:
      return [];
  }
}

const HOLDS_ROWS = new Set(['OBJECT_TABLE', 'OBJECT_MATVIEW', 'OBJECT_INDEX']);

/** Only foreign keys can be enforced later: both tables are read as when they are added. */
function enforced(
  relation: Body<'RangeVar'> | undefined,
  command: Body<'AlterTableCmd'>,
): readonly Done[] {
  const altered = bodyOf(command.def, 'ATAlterConstraint');
  if (altered?.alterEnforceability !== true || altered.is_enforced !== true) return [];
  const name = words([altered.conname ?? '']);
  const done = work('scan', relation, `every row is held against constraint ${name}`);
  const reason = `rows of ${relationWords(relation)} are looked up`;
  return done.flatMap((each) => [each, { ...each, target: 'tables of foreign keys', reason }]);
}

function attach(parent: Body<'RangeVar'> | undefined, command: Body<'AlterTableCmd'>): Done[] {
  const partition = bodyOf(command.def, 'PartitionCmd');
  const done = work(
    'scan',
    partition?.name,
    'every row is held against the bound of the partition, unless a valid check proves it',
  );
  done.push(
    ...work(
      'build index',
      partition?.name,
      'indexes are built, unless the partition has one like each of its parent',
    ),
  );
  // The default partition itself has no other to be compared with.
  if (parent === undefined || partition?.bound?.is_default === true) return done;
  return [...done, scanOfDefault(parent)];
}

/** Rows for a new partition may be in the default partition, where they must not be. */
export function scanOfDefault(parent: Body<'RangeVar'>): Done {
  return {
    kind: 'scan',
    relation: relationOf(parent),
    target: 'default partition',
    reason:
      'rows that belong into the new partition are searched for, unless a valid check proves that there are none',
  };
}

/** What is rewritten is checked on the way, and its indexes are built. */
function withoutPartsOfRewrite(
  done: readonly Done[],
  table: Body<'RangeVar'> | undefined,
): readonly Done[] {
  if (!done.some(({ kind }) => kind === 'rewrite')) return done;
  const isPart = ({ kind, relation, target }: Done): boolean =>
    kind !== 'rewrite' &&
    target === undefined &&
    relation.name === table?.relname &&
    relation.schema === table.schemaname;
  return done.filter((each) => !isPart(each));
}
