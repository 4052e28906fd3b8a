/** The rule about columns that become `not null` while every row is read. */

import { words } from '../../analysis/tree.ts';
import { quoteIdentifier } from '../../sql/identifiers.ts';
import { makeNotNull } from '../column-steps.ts';
import { findWords } from '../edits.ts';
import { searchedForNulls } from '../passes.ts';
import { chosenName, outsideTransaction, relationSql } from '../rewrite.ts';
import type { Rule, RuleContext } from '../rule.ts';
import { existingTableCommands, type TableCommand } from '../table-commands.ts';

/** The first major with `add constraint … not null … not valid`. */
const NOT_NULL_NOT_VALID = 18;

/** `set-not-null-scans`. */
export const SET_NOT_NULL_SCANS: Rule = {
  id: 'set-not-null-scans',
  severity: 'error',
  title: 'a column of an existing table that becomes `not null` while every row is read',
  why: `\`set not null\` takes an access exclusive lock on the table, and keeps it while every row is read: nobody can read or write the table meanwhile. It fails where a row holds a null.

Postgres skips the scan where a valid check constraint says \`<column> is not null\`. Such a check can be added \`not valid\`, which takes no time, and validated while everybody works. Since Postgres 18 the \`not null\` itself can be: \`add constraint … not null <column> not valid\`.

Nulls that are there must be filled before, with a [backfill](../guides/backfills.md), after the application stopped to write them.`,
  examples: [
    {
      bad: 'alter table recipes alter column view_count set not null;',
      good: `-- slipway:revision r2
-- slipway:revises r1
-- slipway:compatible yes no release writes recipes without a count
-- slipway:transaction none
-- Every recipe has a count

-- slipway:up
alter table recipes add constraint recipes_view_count_not_null check (view_count is not null) not valid;
alter table recipes validate constraint recipes_view_count_not_null;
alter table recipes alter column view_count set not null;
alter table recipes drop constraint recipes_view_count_not_null;

-- slipway:down
alter table recipes alter column view_count drop not null;`,
    },
  ],
  covers: [
    'squawk:adding-not-nullable-field',
    'strong_migrations:change_column_null_postgresql',
    'atlas:PG303',
    'atlas:MF104',
  ],
  statement(linted, context) {
    return existingTableCommands(linted, context).flatMap((each) => {
      const { table, statement } = each;
      const column = searchedForNulls(each, linted, context);
      if (column === undefined) return [];
      const name = words([column]);
      const found = findWords(linted, [column, 'set', 'not', 'null']);
      return [
        {
          message: `every row of ${table} is read to make ${name} not null while reads and writes wait`,
          ...(found === undefined ? {} : { at: found.start }),
          why: `It holds an access exclusive lock on ${table} while it looks for nulls, unless a valid check says already that there are none.`,
          rewrite: rewriteOf(statement.relation, column, context),
        },
      ];
    });
  },
};

function rewriteOf(
  relation: TableCommand['statement']['relation'],
  column: string,
  { settings }: RuleContext,
): string {
  if (settings.postgres < NOT_NULL_NOT_VALID) {
    return outsideTransaction(makeNotNull(relation, [column]));
  }
  const table = relationSql(relation);
  const name = quoteIdentifier(chosenName(relation, [column], 'not_null'));
  return outsideTransaction([
    `alter table ${table} add constraint ${name} not null ${quoteIdentifier(column)} not valid`,
    `alter table ${table} validate constraint ${name}`,
  ]);
}
