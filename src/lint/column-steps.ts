/** How a column gets a value in rows that are there: added empty, filled in batches, then made strict. */

import type { Body } from '../analysis/tree.ts';
import { quoteIdentifier } from '../sql/identifiers.ts';
import {
  backfillDirective,
  chosenName,
  KEY_NOTE,
  type RewrittenRevision,
  relationSql,
} from './rewrite.ts';
import { columnConstraint } from './table-commands.ts';

type Relation = Body<'AlterTableStmt'>['relation'];

/** The backfill that sets a column where it is null still. */
export function fillColumn(relation: Relation, column: string, value: string): RewrittenRevision {
  const name = quoteIdentifier(column);
  // The column that is filled cannot be what the table is walked by.
  const key = column === 'id' ? 'other_key' : 'id';
  return {
    purpose: 'the rows that are there',
    header: ['transaction none'],
    up: [
      KEY_NOTE,
      `${backfillDirective(relation, key)}
update ${relationSql(relation)} set ${name} = ${value}
where ${key} between :from and :to and ${name} is null`,
    ],
  };
}

/** What a filled column is still to become: `not null`, unique, a primary key; nothing for none of it. */
export function makeStrict(
  relation: Relation,
  column: Body<'ColumnDef'>,
  { isRequired }: { readonly isRequired: boolean },
): readonly RewrittenRevision[] {
  const table = relationSql(relation);
  const name = quoteIdentifier(column.colname ?? '');
  const isKey = columnConstraint(column, 'CONSTR_PRIMARY') !== undefined;
  const isUnique = columnConstraint(column, 'CONSTR_UNIQUE') !== undefined;
  const notNull = makeNotNull(relation, [column.colname ?? '']);
  const index = quoteIdentifier(
    isKey ? chosenName(relation, [], 'pkey') : chosenName(relation, [column.colname ?? ''], 'key'),
  );
  const constraint = [
    `create unique index concurrently ${index} on ${table} (${name})`,
    `alter table ${table} add constraint ${index} ${isKey ? 'primary key' : 'unique'} using index ${index}`,
  ];
  const up = [...(isRequired || isKey ? notNull : []), ...(isKey || isUnique ? constraint : [])];
  return up.length === 0
    ? []
    : [{ purpose: 'what every row has from now on', header: ['transaction none'], up }];
}

/** Statements that make columns \`not null\` without a scan under a lock, on every major. */
export function makeNotNull(relation: Relation, columns: readonly string[]): readonly string[] {
  const table = relationSql(relation);
  const check = quoteIdentifier(chosenName(relation, columns, 'not_null'));
  const names = columns.map(quoteIdentifier);
  return [
    `alter table ${table} add constraint ${check} check (${names.map((name) => `${name} is not null`).join(' and ')}) not valid`,
    `alter table ${table} validate constraint ${check}`,
    `alter table ${table} ${names.map((name) => `alter column ${name} set not null`).join(', ')}`,
    `alter table ${table} drop constraint ${check}`,
  ];
}
