/** Rules about constraints for which every row is read while others wait. */

import { type Body, descendants, relationWords, stringsOf, words } from '../../analysis/tree.ts';
import { quoteIdentifier } from '../../sql/identifiers.ts';
import { outsideFix } from '../edits.ts';
import {
  addConstraint,
  alterTable,
  chosenName,
  notValid,
  outsideTransaction,
  relationSql,
  withoutConstraint,
} from '../rewrite.ts';
import type { LintedStatement, Problem, Rule, RuleContext } from '../rule.ts';
import {
  type AddedConstraint,
  addedConstraints,
  columnConstraint,
  existingTableCommands,
  isUnchecked,
} from '../table-commands.ts';
import { rewritingConstraint } from '../volatility.ts';

const IN_STEPS = `Add the constraint \`not valid\`: it then binds every new row at once and looks at none of the old ones. \`validate constraint\` reads those under a share update exclusive lock, which lets reads and writes through. The two must not share a transaction, since the first one's lock would be kept while the second reads: with \`transaction none\` each statement is a transaction of its own.`;

/** `foreign-key-validates`. */
export const FOREIGN_KEY_VALIDATES: Rule = {
  id: 'foreign-key-validates',
  severity: 'error',
  title: 'a foreign key for which every row of an existing table is looked up while writes wait',
  why: `Adding a foreign key takes a share row exclusive lock on both tables, and keeps it while every row of the table is looked up in the other one. Nobody can insert, update or delete in either of them meanwhile.

${IN_STEPS} A partitioned table takes \`not valid\` foreign keys since Postgres 18 only; before, add them to its partitions.

A column that is added without a default and with \`references\` needs no scan, since it holds nothing yet.`,
  examples: [
    {
      bad: `alter table orders add constraint orders_customer_id_fkey
  foreign key (customer_id) references customers (id);`,
      good: `-- slipway:revision r2
-- slipway:revises r1
-- slipway:compatible yes every release writes ids of customers only
-- slipway:transaction none
-- Orders belong to customers

-- slipway:up
alter table orders add constraint orders_customer_id_fkey
  foreign key (customer_id) references customers (id) not valid;
alter table orders validate constraint orders_customer_id_fkey;

-- slipway:down
alter table orders drop constraint orders_customer_id_fkey;`,
    },
    {
      bad: 'alter table orders add column shop_id bigint default 1 references shops (id);',
      good: 'alter table orders add column shop_id bigint references shops (id);',
    },
  ],
  covers: [
    'squawk:adding-foreign-key-constraint',
    'strong_migrations:add_foreign_key',
    'strong_migrations:add_reference',
  ],
  statement(linted, context) {
    const commands = existingTableCommands(linted, context);
    return addedConstraints(commands, 'CONSTR_FOREIGN').flatMap((added) => {
      const { constraint, column, statement, table } = added;
      if (isUnchecked(constraint)) return [];
      // A new column without a default holds nothing to look up; with one, even `null`, it is checked.
      const isEmpty =
        column !== undefined && columnConstraint(column, 'CONSTR_DEFAULT') === undefined;
      if (isEmpty) return [];
      const columns =
        column?.colname === undefined ? stringsOf(constraint.fk_attrs) : [column.colname];
      const name = constraint.conname ?? chosenName(statement.relation, columns, 'fkey');
      const other = relationWords(constraint.pktable);
      return [
        {
          message: `foreign key ${words([name])} of ${table} is checked while writes to ${table} and ${other} wait`,
          ...placeOfConstraint(linted, constraint),
          why: `It holds a share row exclusive lock on ${table} and on ${other} while every row of ${table} is looked up.`,
          rewrite: inSteps(added, context, {
            ...constraint,
            conname: name,
            fk_attrs: columns.map((sval) => ({ String: { sval } })),
          }),
          ...stepsFix(linted, added),
        },
      ];
    });
  },
};

/** `check-validates`. */
export const CHECK_VALIDATES: Rule = {
  id: 'check-validates',
  severity: 'error',
  title:
    'a check constraint for which every row of an existing table is read while everybody waits',
  why: `Adding a check constraint takes an access exclusive lock on the table, and keeps it while every row is read. Nobody can read or write the table meanwhile. That holds for the check of a new column as well, although the column is empty.

${IN_STEPS}`,
  examples: [
    {
      bad: 'alter table accounts add constraint positive_balance check (balance >= 0);',
      good: `-- slipway:revision r2
-- slipway:revises r1
-- slipway:compatible yes no release books a negative balance
-- slipway:transaction none
-- Refuse negative balances

-- slipway:up
alter table accounts add constraint positive_balance check (balance >= 0) not valid;
alter table accounts validate constraint positive_balance;

-- slipway:down
alter table accounts drop constraint positive_balance;`,
    },
  ],
  covers: [
    'squawk:constraint-missing-not-valid',
    'strong_migrations:add_check_constraint',
    'atlas:PG305',
  ],
  statement(linted, context) {
    const commands = existingTableCommands(linted, context);
    return addedConstraints(commands, 'CONSTR_CHECK').flatMap((added) => {
      const { constraint, column, statement, table } = added;
      // A column for which the table is rewritten anyway has a rule of its own.
      if (isUnchecked(constraint) || rewritingConstraint(column) !== undefined) return [];
      const columns = columnsOf(constraint, column);
      const middle = columns.length === 1 ? columns : [];
      const name = constraint.conname ?? chosenName(statement.relation, middle, 'check');
      return [
        {
          message: `check ${words([name])} is held against every row of ${table} while reads and writes wait`,
          ...placeOfConstraint(linted, constraint),
          why: `It holds an access exclusive lock on ${table} while every row is read.`,
          rewrite: inSteps(added, context, { ...constraint, conname: name }),
          ...stepsFix(linted, added),
        },
      ];
    });
  },
};

function columnsOf(
  constraint: Body<'Constraint'>,
  column: Body<'ColumnDef'> | undefined,
): readonly string[] {
  if (column?.colname !== undefined) return [column.colname];
  const names = descendants(constraint.raw_expr, 'ColumnRef').flatMap(
    ({ fields }) => stringsOf(fields).at(-1) ?? [],
  );
  return [...new Set(names)];
}

function placeOfConstraint(
  linted: LintedStatement,
  { location }: Body<'Constraint'>,
): Pick<Problem, 'at'> {
  return location === undefined ? {} : { at: linted.placeOf(location) };
}

/** What the statement did, with the constraint `not valid` first and validated afterwards. */
function inSteps(
  added: AddedConstraint,
  { deparse }: RuleContext,
  named: Body<'Constraint'>,
): string {
  const rest = withoutConstraint(added);
  const { statement } = added;
  const name = quoteIdentifier(named.conname ?? '');
  return outsideTransaction([
    ...(rest === undefined ? [] : [deparse(rest)]),
    deparse(alterTable(statement, [addConstraint(notValid(named))])),
    `alter table ${relationSql(statement.relation)} validate constraint ${name}`,
  ]);
}

/** The same steps in the file; only for a constraint that is named, in a statement of its own. */
function stepsFix(
  linted: LintedStatement,
  { statement, constraint, column }: AddedConstraint,
): Pick<Problem, 'fix'> {
  const { conname } = constraint;
  if (conname === undefined || column !== undefined || (statement.cmds ?? []).length > 1) return {};
  const validate = `alter table ${relationSql(statement.relation)} validate constraint ${quoteIdentifier(conname)}`;
  const offset = linted.statement.offset + linted.statement.text.length;
  return outsideFix(linted, [{ offset, length: 0, text: ` not valid;\n${validate}` }]);
}
