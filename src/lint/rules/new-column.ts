/** Rules about new columns whose values differ from row to row. */

import { words } from '../../analysis/tree.ts';
import { quoteIdentifier, quoteLiteral, quoteQualified } from '../../sql/identifiers.ts';
import { fillColumn, makeStrict } from '../column-steps.ts';
import {
  addWithout,
  type CostlyColumn,
  costlyColumns,
  REWRITES_TABLE,
  STRICT,
} from '../costly-column.ts';
import { chosenName, relationSql, writeRevisions } from '../rewrite.ts';
import type { Rule, RuleContext } from '../rule.ts';
import { columnConstraint } from '../table-commands.ts';
import type { RewritingConstraint } from '../volatility.ts';

/** `volatile-default`. */
export const VOLATILE_DEFAULT: Rule = {
  id: 'volatile-default',
  severity: 'error',
  title: 'a new column of an existing table whose default differs from row to row',
  why: `A default that is the same for all rows, such as \`0\`, \`'{}'\` or \`now()\`, is kept in the catalog, whatever the size of the table. A volatile one, such as \`gen_random_uuid()\`, \`random()\`, \`clock_timestamp()\` or \`nextval(…)\`, must be evaluated for each row. ${REWRITES_TABLE}

Functions of your own are volatile unless they are declared \`stable\` or \`immutable\`; slipway cannot see how they were declared.`,
  instead: `Add the column without the default, and set the default in a command of its own: it then holds for new rows only. Fill the old ones with a backfill, where \`default\` is evaluated for each row.`,
  examples: [
    {
      bad: 'alter table users add column token uuid default gen_random_uuid();',
      good: `alter table users add column token uuid;
alter table users alter column token set default gen_random_uuid();`,
    },
    {
      bad: 'alter table users add column seen_at timestamptz not null default clock_timestamp();',
      good: 'alter table users add column seen_at timestamptz not null default now();',
    },
  ],
  covers: [
    'squawk:adding-field-with-default',
    'strong_migrations:add_column_default',
    'strong_migrations:add_column_default_callable',
    'atlas:PG302',
  ],
  statement(linted, context) {
    return costlyColumns(linted, context).flatMap((each) => {
      const { cause, table, name } = each;
      if (cause.kind !== 'default') return [];
      const { call } = cause;
      const reason = call.isKnown
        ? `${call.name}() answers anew for each row`
        : `${call.name}() may answer anew for each row: slipway does not know how it was declared`;
      return [
        {
          message: `${table} is rewritten to add ${words([name])}, since ${reason}`,
          ...(call.location === undefined ? {} : { at: linted.placeOf(call.location) }),
          why: `An access exclusive lock on ${table} is held while every row is written anew: reads and writes wait.`,
          rewrite: laterDefault(each, cause, context),
        },
      ];
    });
  },
};

function laterDefault(
  each: CostlyColumn,
  { constraint }: Extract<RewritingConstraint, { kind: 'default' }>,
  context: RuleContext,
): string {
  const { statement, column, name } = each;
  const { relation } = statement;
  const isRequired = columnConstraint(column, 'CONSTR_NOTNULL') !== undefined;
  const expression =
    constraint.raw_expr === undefined ? 'null' : context.deparse(constraint.raw_expr);
  const set = `alter table ${relationSql(relation)} alter column ${quoteIdentifier(name)} set default ${expression}`;
  return writeRevisions([
    {
      purpose: 'the column, and its default for new rows',
      up: [addWithout(each, STRICT, context), set],
    },
    fillColumn(relation, name, 'default'),
    ...makeStrict(relation, column, { isRequired }),
  ]);
}

/** `serial-column`. */
export const SERIAL_COLUMN: Rule = {
  id: 'serial-column',
  severity: 'error',
  title: 'a new column of an existing table that counts by itself',
  why: `A \`serial\` or identity column takes a number from a sequence for each row that is there. ${REWRITES_TABLE}

The numbers follow the order in which the rows lie on the disk, and a replica that is fed by logical replication may get others.`,
  instead: `Add an integer column, create the sequence, and make \`nextval\` the default in a command of its own: it then holds for new rows only. Number the old ones with a backfill. A table that has no key at all to walk by is better copied into a new one.`,
  examples: [
    {
      bad: 'alter table cities add column number bigserial;',
      good: `create sequence cities_number_seq;
alter table cities add column number bigint;
alter table cities alter column number set default nextval('cities_number_seq');
alter sequence cities_number_seq owned by cities.number;`,
    },
    {
      bad: 'alter table cities add column id bigint generated always as identity;',
      good: 'create table cities (id bigint generated always as identity primary key, name text);',
    },
  ],
  covers: ['strong_migrations:add_column_auto_incrementing'],
  statement(linted, context) {
    return costlyColumns(linted, context).flatMap((each) => {
      const { cause, column, table, name } = each;
      if (cause.kind !== 'serial' && cause.kind !== 'identity') return [];
      return [
        {
          message: `${table} is rewritten to number its rows in ${words([name])}`,
          ...(column.location === undefined ? {} : { at: linted.placeOf(column.location) }),
          why: `An access exclusive lock on ${table} is held while every row gets its number and is written anew: reads and writes wait.`,
          rewrite: laterNumbers(each, context),
        },
      ];
    });
  },
};

function laterNumbers(each: CostlyColumn, context: RuleContext): string {
  const { relation } = each.statement;
  const table = relationSql(relation);
  const column = quoteIdentifier(each.name);
  const sequence = chosenName(relation, [each.name], 'seq');
  const called = quoteQualified(relation?.schemaname, sequence);
  const literal = quoteLiteral(called);
  return writeRevisions([
    {
      purpose: 'the column, and numbers for new rows',
      up: [
        `create sequence ${called}`,
        addWithout(each, [...STRICT, 'CONSTR_IDENTITY'], context),
        `alter table ${table} alter column ${column} set default nextval(${literal})`,
        `alter sequence ${called} owned by ${table}.${column}`,
      ],
    },
    fillColumn(relation, each.name, 'default'),
    ...makeStrict(relation, each.column, { isRequired: true }),
  ]);
}
