/** The rule about generated columns that are stored in rows that are there. */

import { type Node, words } from '../../analysis/tree.ts';
import { fillColumn, makeStrict } from '../column-steps.ts';
import {
  addWithout,
  type CostlyColumn,
  costlyColumns,
  REWRITES_TABLE,
  STRICT,
} from '../costly-column.ts';
import { writeRevisions } from '../rewrite.ts';
import { rowTrigger } from '../row-trigger.ts';
import type { Rule, RuleContext } from '../rule.ts';
import { columnConstraint } from '../table-commands.ts';
import type { RewritingConstraint } from '../volatility.ts';

/** `stored-generated-column`. */
export const STORED_GENERATED_COLUMN: Rule = {
  id: 'stored-generated-column',
  severity: 'error',
  title: 'a new generated column of an existing table that is stored',
  why: `A stored generated column is computed for each row that is there. ${REWRITES_TABLE}

A \`virtual\` one, since Postgres 18, is computed when it is read: adding it changes the catalog alone. It cannot be indexed, and its expression calls functions of Postgres only.`,
  examples: [
    {
      bad: 'alter table orders add column total int generated always as (price * amount) stored;',
      good: `-- slipway:revision r2
-- slipway:revises r1
-- slipway:compatible yes the trigger only fills the new column
-- Orders have a total

-- slipway:up
alter table orders add column total int;
create function orders_total() returns trigger language plpgsql as $$
begin
  new.total := new.price * new.amount;
  return new;
end $$;
create trigger orders_total before insert or update on orders
  for each row execute function orders_total();

-- slipway:down
drop trigger orders_total on orders;
drop function orders_total();
alter table orders drop column total;`,
    },
  ],
  covers: ['strong_migrations:add_column_generated_stored'],
  statement(linted, context) {
    return costlyColumns(linted, context).flatMap((each) => {
      const { cause, table, name } = each;
      if (cause.kind !== 'stored') return [];
      const { location } = cause.constraint;
      return [
        {
          message: `${table} is rewritten to compute ${words([name])}`,
          ...(location === undefined ? {} : { at: linted.placeOf(location) }),
          why: `An access exclusive lock on ${table} is held while every row is computed and written anew: reads and writes wait.`,
          rewrite: notStored(each, cause, context),
        },
      ];
    });
  },
};

function notStored(
  each: CostlyColumn,
  { constraint }: Extract<RewritingConstraint, { kind: 'stored' }>,
  context: RuleContext,
): string {
  const { statement, name, column } = each;
  const expression: Node = constraint.raw_expr ?? { A_Const: { isnull: true } };
  const value = context.deparse(expression);
  const add = addWithout(each, [...STRICT, 'CONSTR_GENERATED'], context);
  if (context.settings.postgres >= VIRTUAL && (statement.cmds ?? []).length === 1) {
    return `${add} generated always as (${value}) virtual;`;
  }
  const isRequired = columnConstraint(column, 'CONSTR_NOTNULL') !== undefined;
  return writeRevisions([
    {
      purpose: 'the column, and a trigger that fills it in rows that are written',
      up: [
        add,
        ...rowTrigger({ relation: statement.relation, column: name, expression }, context.deparse),
      ],
    },
    fillColumn(statement.relation, name, value),
    ...makeStrict(statement.relation, column, { isRequired }),
  ]);
}

/** The first major with virtual generated columns. */
const VIRTUAL = 18;
