/** Rules about constraints for which an index is built while everybody waits. */

import { type Body, type Node, stringsOf, words } from '../../analysis/tree.ts';
import { quoteIdentifier } from '../../sql/identifiers.ts';
import { makeNotNull } from '../column-steps.ts';
import { chosenName, outsideTransaction, relationSql, withoutConstraint } from '../rewrite.ts';
import type { LintedStatement, Problem, Rule, RuleContext } from '../rule.ts';
import {
  type AddedConstraint,
  addedConstraints,
  existingTableCommands,
} from '../table-commands.ts';
import { rewritingConstraint } from '../volatility.ts';

/** `unique-constraint-builds-index`. */
export const UNIQUE_CONSTRAINT_BUILDS_INDEX: Rule = {
  id: 'unique-constraint-builds-index',
  severity: 'error',
  title: 'a unique constraint of an existing table, whose index is built while everybody waits',
  why: `Adding a unique constraint takes an access exclusive lock on the table, and keeps it while its index is built: nobody can read or write the table meanwhile. That holds for a new column that is \`unique\`, too: it is empty, but the index gets an entry for every row.

Build the unique index concurrently, then make it the constraint's with \`using index\`, which changes the catalog alone. The build fails where two rows have the same value; look before.`,
  examples: [
    {
      bad: 'alter table distributors add constraint distributors_code_key unique (code);',
      good: `-- slipway:revision r2
-- slipway:revises r1
-- slipway:compatible yes codes were always unique
-- slipway:transaction none
-- Codes of distributors are unique

-- slipway:up
create unique index concurrently distributors_code_key on distributors (code);
alter table distributors add constraint distributors_code_key unique using index distributors_code_key;

-- slipway:down
alter table distributors drop constraint distributors_code_key;`,
    },
  ],
  covers: [
    'squawk:disallowed-unique-constraint',
    'strong_migrations:add_unique_constraint',
    'atlas:PG105',
  ],
  statement: (linted, context) => builtIndexes(linted, context, 'CONSTR_UNIQUE'),
};

/** `primary-key-builds-index`. */
export const PRIMARY_KEY_BUILDS_INDEX: Rule = {
  id: 'primary-key-builds-index',
  severity: 'error',
  title: 'a primary key of an existing table, whose index is built while everybody waits',
  why: `Adding a primary key takes an access exclusive lock on the table, and keeps it while its index is built, and while every row is read where a column may be null so far: nobody can read or write the table meanwhile.

Build a unique index concurrently, make the columns \`not null\` without a scan (see \`set-not-null-scans\`), then add the primary key with \`using index\`, which changes the catalog alone.`,
  examples: [
    {
      bad: 'alter table accounts add primary key (id);',
      good: `-- slipway:revision r2
-- slipway:revises r1
-- slipway:compatible yes ids were always unique and not null
-- slipway:transaction none
-- Give accounts a primary key

-- slipway:up
create unique index concurrently accounts_pkey on accounts (id);
alter table accounts add constraint accounts_pkey primary key using index accounts_pkey;

-- slipway:down
alter table accounts drop constraint accounts_pkey;`,
    },
  ],
  covers: ['squawk:adding-serial-primary-key-field', 'atlas:PG104', 'atlas:PG304'],
  statement: (linted, context) => builtIndexes(linted, context, 'CONSTR_PRIMARY'),
};

function builtIndexes(
  linted: LintedStatement,
  context: RuleContext,
  contype: 'CONSTR_UNIQUE' | 'CONSTR_PRIMARY',
): readonly Problem[] {
  const added = addedConstraints(existingTableCommands(linted, context), contype);
  return added.flatMap((each) => {
    const { constraint, column, table } = each;
    // The table is rewritten anyway, with all its indexes: that has a rule of its own.
    if (constraint.indexname !== undefined || rewritingConstraint(column) !== undefined) return [];
    const what = contype === 'CONSTR_UNIQUE' ? 'unique constraint' : 'primary key';
    const rewrite = rewriteOf(each, context);
    return [
      {
        message: `the index of ${what} ${words([nameOf(each)])} of ${table} is built while reads and writes wait`,
        ...(constraint.location === undefined ? {} : { at: linted.placeOf(constraint.location) }),
        why: `It holds an access exclusive lock on ${table} while every row is read and sorted.`,
        ...(rewrite === undefined ? {} : { rewrite }),
      },
    ];
  });
}

function nameOf({ constraint, column, statement }: AddedConstraint): string {
  if (constraint.conname !== undefined) return constraint.conname;
  return constraint.contype === 'CONSTR_PRIMARY'
    ? chosenName(statement.relation, [], 'pkey')
    : chosenName(statement.relation, columnsOf(constraint, column), 'key');
}

function columnsOf(
  { keys }: Body<'Constraint'>,
  column: Body<'ColumnDef'> | undefined,
): readonly string[] {
  return column?.colname === undefined ? stringsOf(keys) : [column.colname];
}

function rewriteOf(added: AddedConstraint, { deparse }: RuleContext): string | undefined {
  const { constraint, column, statement } = added;
  // Its index is one of another kind, which cannot be built beforehand.
  if (constraint.without_overlaps === true || statement.relation === undefined) return undefined;
  const name = nameOf(added);
  const element = (each: string): Node => ({
    IndexElem: {
      name: each,
      ordering: 'SORTBY_DEFAULT',
      nulls_ordering: 'SORTBY_NULLS_DEFAULT',
    },
  });
  const index: Node = {
    IndexStmt: {
      idxname: name,
      relation: { ...statement.relation, inh: true },
      accessMethod: 'btree',
      indexParams: columnsOf(constraint, column).map(element),
      indexIncludingParams: stringsOf(constraint.including).map(element),
      ...(constraint.options === undefined ? {} : { options: constraint.options }),
      ...(constraint.indexspace === undefined ? {} : { tableSpace: constraint.indexspace }),
      ...(constraint.nulls_not_distinct === true ? { nulls_not_distinct: true } : {}),
      unique: true,
      concurrent: true,
    },
  };
  const rest = withoutConstraint(added);
  const what = constraint.contype === 'CONSTR_PRIMARY' ? 'primary key' : 'unique';
  const timing = `${constraint.deferrable === true ? ' deferrable' : ''}${constraint.initdeferred === true ? ' initially deferred' : ''}`;
  const quoted = quoteIdentifier(name);
  return outsideTransaction([
    ...(rest === undefined ? [] : [deparse(rest)]),
    ...(constraint.contype === 'CONSTR_PRIMARY' ? notNullFirst(added) : []),
    deparse(index),
    `alter table ${relationSql(statement.relation)} add constraint ${quoted} ${what} using index ${quoted}${timing}`,
  ]);
}

/** Else Postgres looks for nulls under the lock. */
function notNullFirst({ constraint, column, statement }: AddedConstraint): readonly string[] {
  const columns = columnsOf(constraint, column);
  const note =
    column === undefined
      ? '-- where a column may be null so far; else leave it out'
      : '-- when every row has a value';
  return [note, ...makeNotNull(statement.relation, columns)];
}

/** `exclusion-constraint`. */
export const EXCLUSION_CONSTRAINT: Rule = {
  id: 'exclusion-constraint',
  severity: 'error',
  title: 'an exclusion constraint of an existing table, whose index is built while everybody waits',
  why: `Adding an exclusion constraint takes an access exclusive lock on the table, and keeps it while its index is built and every row is held against the others: nobody can read or write the table meanwhile. It can be neither \`not valid\` nor made from an index that is there.`,
  instead: `Postgres knows no way to add it to a table without blocking it. A table that is small enough will do: look at its size, and accept the finding with a reason. Else create a new table that has the constraint, keep both in step with a trigger, move the rows with a backfill, and change the names.`,
  examples: [
    {
      bad: 'alter table bookings add constraint bookings_overlap exclude using gist (during with &&);',
      good: `create table bookings (
  id bigint generated always as identity primary key,
  during tstzrange not null,
  constraint bookings_overlap exclude using gist (during with &&)
);`,
    },
  ],
  covers: ['strong_migrations:add_exclusion_constraint'],
  statement(linted, context) {
    const commands = existingTableCommands(linted, context);
    return addedConstraints(commands, 'CONSTR_EXCLUSION').map(({ constraint, table }) => ({
      message: `the index of an exclusion constraint of ${table} is built while reads and writes wait`,
      ...(constraint.location === undefined ? {} : { at: linted.placeOf(constraint.location) }),
      why: `It holds an access exclusive lock on ${table} while every row is read and held against the others; Postgres knows no other way.`,
    }));
  },
};
