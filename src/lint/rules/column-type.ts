/** Rules about columns whose type changes. */

import { type Body, type Node, typeWords, words } from '../../analysis/tree.ts';
import { quoteIdentifier } from '../../sql/identifiers.ts';
import { fillColumn } from '../column-steps.ts';
import { findWords } from '../edits.ts';
import { type TypeChange, typeChange } from '../passes.ts';
import { relationSql, writeRevisions } from '../rewrite.ts';
import { columnNode, rowTrigger, withoutRowTrigger } from '../row-trigger.ts';
import type { LintedStatement, Problem, Rule, RuleContext } from '../rule.ts';
import { existingTableCommands, type TableCommand } from '../table-commands.ts';

const FREE = `These changes touch the catalog alone: \`varchar(n)\` to a longer one, to \`varchar\` or to \`text\`; \`text\` to \`varchar\` without a length; \`numeric(p, s)\` to more digits with the same scale, or to \`numeric\`; \`timestamp\`, \`time\` and \`interval\` to more digits; \`varbit\` to a longer one; \`cidr\` to \`inet\`; \`timestamp\` to \`timestamptz\` and back in a session whose time zone is UTC. slipway knows the old type where the revisions it looks at tell it.`;

const STEPS = `Add a column of the new type, keep it in step with a trigger, fill it with a backfill, let the next release read and write it, and drop the old one in a contract revision.`;

/** `column-type-rewrite`. */
export const COLUMN_TYPE_REWRITE: Rule = {
  id: 'column-type-rewrite',
  severity: 'error',
  title: 'a change of a column’s type for which the table is written anew',
  why: `Most changes of a type, such as \`int\` to \`bigint\`, store every value in another form. Postgres takes an access exclusive lock on the table, and writes every row and every index anew: nobody can read or write the table meanwhile. Check constraints over the column are held against every row again, also where the change itself is free.

${FREE}`,
  instead: STEPS,
  examples: [
    {
      bad: 'alter table orders alter column customer_id type bigint;',
      good: `-- slipway:revision r2
-- slipway:revises r1
-- slipway:compatible yes the trigger only fills the new column
-- A wider customer id beside the old one

-- slipway:up
alter table orders add column customer_id_new bigint;
create function orders_customer_id_new() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    new.customer_id_new := coalesce(new.customer_id_new, new.customer_id);
  elsif new.customer_id is distinct from old.customer_id then
    new.customer_id_new := new.customer_id;
  end if;
  return new;
end $$;
create trigger orders_customer_id_new before insert or update on orders
  for each row execute function orders_customer_id_new();

-- slipway:down
drop trigger orders_customer_id_new on orders;
drop function orders_customer_id_new();
alter table orders drop column customer_id_new;`,
    },
  ],
  covers: [
    'squawk:changing-column-type',
    'squawk:prefer-text-field',
    'strong_migrations:change_column',
    'strong_migrations:change_column_with_not_null',
    'strong_migrations:change_column_constraint',
    'atlas:PG301',
  ],
  statement: (linted, context) => typeProblems(linted, context, 'rewrite'),
};

/** `column-type-may-rewrite`. */
export const COLUMN_TYPE_MAY_REWRITE: Rule = {
  id: 'column-type-may-rewrite',
  severity: 'warning',
  title: 'a change of a column’s type that is free or not, depending on the old type',
  why: `The statement does not say what the column is now. From a near relation the change touches the catalog alone; from any other type Postgres takes an access exclusive lock on the table, and writes every row and every index anew.

${FREE}`,
  instead: `Look at the old type. Where the change is free, accept the finding with that reason: \`-- slipway:ignore column-type-may-rewrite it is varchar(20) so far\`. Else: ${STEPS.charAt(0).toLowerCase()}${STEPS.slice(1)}`,
  examples: [
    {
      bad: 'alter table users alter column name type varchar(100);',
      good: `create table users (id bigint primary key, name varchar(50));
alter table users alter column name type varchar(100);`,
    },
  ],
  covers: [],
  statement: (linted, context) => typeProblems(linted, context, 'perhaps'),
};

function typeProblems(
  linted: LintedStatement,
  context: RuleContext,
  wanted: TypeChange['verdict'],
): readonly Problem[] {
  return existingTableCommands(linted, context).flatMap((each) => {
    const { command, table } = each;
    const change = typeChange(each, linted, context);
    if (change?.verdict !== wanted) return [];
    const { definition, old } = change;
    const column = words([command.name ?? '']);
    const what = `the type of ${column} ${old === undefined ? '' : `from ${typeWords(old)} `}to ${typeWords(definition.typeName)}`;
    const found = findWords(linted, [command.name ?? '', 'type']);
    const place = found ?? findWords(linted, [command.name ?? '', 'set', 'data', 'type']);
    return [
      {
        message:
          wanted === 'rewrite'
            ? `${table} is rewritten to change ${what}`
            : `${table} is rewritten to change ${what}, unless the old type is a near relation`,
        ...(place === undefined ? {} : { at: place.start }),
        why: `An access exclusive lock on ${table} is held while every row and every index is written anew: reads and writes wait.`,
        rewrite: rewriteOf(each, definition, context),
      },
    ];
  });
}

function rewriteOf(
  { statement, command }: TableCommand,
  definition: Body<'ColumnDef'>,
  { deparse }: RuleContext,
): string {
  const { relation } = statement;
  const table = relationSql(relation);
  const column = command.name ?? '';
  const added = `${column}_new`;
  const expression: Node = definition.raw_default ?? columnNode(column);
  const type = definition.typeName === undefined ? '' : deparse({ TypeName: definition.typeName });
  const kept = { relation, column: added, expression, successorOf: column };
  return writeRevisions([
    {
      purpose: 'a new column that is kept in step',
      up: [
        `alter table ${table} add column ${quoteIdentifier(added)} ${type}`,
        ...rowTrigger(kept, deparse),
      ],
    },
    fillColumn(relation, added, deparse(expression)),
    {
      purpose: 'its constraints and indexes are made like those of the old one',
      header: ['transaction none'],
      up: ['-- create index concurrently …, add constraint … not valid, validate constraint …'],
    },
    {
      purpose: 'once no release reads or writes the old column',
      header: ['phase contract', `approve data-loss its values are in ${words([added])}`],
      up: [
        ...withoutRowTrigger(kept),
        `alter table ${table} drop column ${quoteIdentifier(column)}`,
      ],
    },
  ]);
}
