/** The rule about new columns that need a value nobody gives them yet. */

import { newColumn } from '../../analysis/created.ts';
import { columnAdded } from '../../analysis/new-columns.ts';
import { type Body, relationName, words } from '../../analysis/tree.ts';
import { AFTER_ROLLOUT, BEFORE_ROLLOUT, nameSql, revisionSteps } from '../revision-text.ts';
import { backfillDirective, chosenName, KEY_NOTE, relationSql } from '../rewrite.ts';
import type { Problem, Rule, RuleContext } from '../rule.ts';
import {
  addedColumn,
  columnConstraint,
  existingTableCommands,
  type TableCommand,
} from '../table-commands.ts';

/** `required-column`. */
export const REQUIRED_COLUMN: Rule = {
  id: 'required-column',
  severity: 'error',
  title: 'a new column is `not null` and has no default',
  why: `Postgres refuses it at once for any table that has rows: they have no value for it. And where the table is empty, code of the previous release, which does not know the column, fails at its next \`insert\`.`,
  instead: `Give it a default: since Postgres 11 a constant one costs nothing, whatever the size of the table. Or add the column nullable, let the new release fill it, fill the old rows with a backfill, and make it \`not null\` in contract revisions.`,
  examples: [
    {
      bad: 'alter table recipe add column public boolean not null;',
      good: 'alter table recipe add column public boolean not null default false;',
    },
    {
      bad: 'alter table recipe add column author text not null;',
      good: 'alter table recipe add column author text;',
    },
  ],
  covers: ['squawk:adding-required-field', 'atlas:MF103'],
  statement(linted, context) {
    if (linted.section !== 'up') return [];
    return existingTableCommands(linted, context).flatMap((each): readonly Problem[] => {
      const column = addedColumn(each);
      const notNull = columnConstraint(column, 'CONSTR_NOTNULL');
      // The rule about primary keys has more to say about those.
      const isKey = columnConstraint(column, 'CONSTR_PRIMARY') !== undefined;
      const state = columnAdded(column);
      if (column === undefined || notNull === undefined || isKey || state.value !== 'null') {
        return [];
      }
      const { relation } = each.statement;
      if (newColumn(context.created, relation, column.colname) !== undefined) return [];
      return [
        {
          message: `adds column ${words([...relationName(relation), column.colname ?? ''])} as not null without a default`,
          ...(notNull.location === undefined ? {} : { at: linted.placeOf(notNull.location) }),
          why: 'It fails where the table has a row already. Where it has none, pods of the previous release fail at their next insert.',
          rewrite: withoutNotNull(each, column, context),
        },
      ];
    });
  },
};

function withoutNotNull(
  { statement, command }: TableCommand,
  column: Body<'ColumnDef'>,
  context: RuleContext,
): string {
  const { relation } = statement;
  const table = relationSql(relation);
  const name = nameSql([column.colname ?? '']);
  const constraints = (column.constraints ?? []).filter(
    (each) => !('Constraint' in each && each.Constraint.contype === 'CONSTR_NOTNULL'),
  );
  const nullable = context.deparse({
    AlterTableStmt: {
      ...statement,
      cmds: [
        {
          AlterTableCmd: {
            ...command,
            missing_ok: false,
            def: { ColumnDef: { ...column, constraints } },
          },
        },
      ],
    },
  });
  const check = nameSql([chosenName(relation, [column.colname ?? ''], 'not_null')]);
  const backTo = `alter table ${table} add constraint ${check} check (${name} is not null) not valid;`;
  return `-- with a value for rows that nobody fills: ${nullable} not null default <value>;
-- without one:

${revisionSteps([
  {
    when: BEFORE_ROLLOUT,
    header: ['phase expand'],
    up: `${nullable};`,
    down: `alter table ${table} drop column ${name};`,
  },
  {
    when: `${AFTER_ROLLOUT}: the rows from before`,
    header: ['phase contract', 'transaction none'],
    up: `${backfillDirective(relation)}
${KEY_NOTE}
update ${table} set ${name} = <value>
where id between :from and :to and ${name} is null;`,
    down: '',
  },
  {
    when: AFTER_ROLLOUT,
    header: ['phase contract'],
    up: backTo,
    down: `alter table ${table} drop constraint ${check};`,
  },
  {
    when: AFTER_ROLLOUT,
    header: ['phase contract'],
    up: `alter table ${table} validate constraint ${check};`,
    down: '',
  },
  {
    when: AFTER_ROLLOUT,
    header: ['phase contract'],
    up: `alter table ${table} alter column ${name} set not null;
alter table ${table} drop constraint ${check};`,
    down: `${backTo}
alter table ${table} alter column ${name} drop not null;`,
  },
])}`;
}
