/** Rules about what code of the previous release still uses when it is dropped. */

import { bodyOf, words } from '../../analysis/tree.ts';
import { approvalOf, breaksOldCode } from '../breaking.ts';
import { type Dropped, dropsOf } from '../drops.ts';
import { inContract, nameSql } from '../revision-text.ts';
import type { LintedStatement, Problem, Rule, RuleContext } from '../rule.ts';
import { placeOfName } from '../word-place.ts';

const WHEN = `Give it a revision of its own with \`phase contract\`, which runs when no pod of the previous release is left, and write down why the data may go: \`approve data-loss <reason>\`. Before that, ship a release whose code does not name it any more.`;

/** `drop-column`. */
export const DROP_COLUMN: Rule = {
  id: 'drop-column',
  severity: 'error',
  title: 'a column is dropped while code may still use it',
  why: `Pods of the previous release run until the rollout is through, and again after a rollback. Their next \`insert\`, \`update\` or \`select\` that names the column fails; object mappers name all columns they saw at start.

Dropping takes \`access exclusive\` on the table, for a moment: it only marks the column. The values are out of reach at once, and no downgrade brings them back.`,
  instead: WHEN,
  examples: [
    {
      bad: 'alter table users drop column phone;',
      good: `-- slipway:revision r2
-- slipway:revises r1
-- slipway:phase contract
-- slipway:approve data-loss phones are in contacts since release 41
-- Drop users.phone

-- slipway:up
alter table users drop column phone;

-- slipway:down
alter table users add column phone text;`,
    },
  ],
  covers: ['squawk:ban-drop-column', 'strong_migrations:remove_column', 'atlas:DS103'],
  statement: (statement, context) => problems(statement, context, 'column'),
};

/** `drop-table`. */
export const DROP_TABLE: Rule = {
  id: 'drop-table',
  severity: 'error',
  title: 'a table is dropped while code may still use it',
  why: `Pods of the previous release run until the rollout is through, and again after a rollback. Everything of theirs that names the table fails from then on.

It takes \`access exclusive\` on the table and on every table that its foreign keys refer to: whoever reads one of them waits. The rows are gone with the commit.`,
  instead: `${WHEN} \`create table\` never replaces a table; a \`drop table if exists\` above it does.`,
  examples: [
    {
      bad: 'drop table audit;',
      good: `-- slipway:revision r2
-- slipway:revises r1
-- slipway:phase contract
-- slipway:approve data-loss the audit log is kept elsewhere since March
-- Drop the old audit log

-- slipway:up
drop table audit;

-- slipway:down
create table audit (id bigint primary key, entry text);`,
    },
    {
      bad: `drop table if exists sessions;
create table sessions (id uuid primary key, data jsonb);`,
      good: 'create table sessions (id uuid primary key, data jsonb);',
    },
  ],
  covers: [
    'squawk:ban-drop-table',
    'strong_migrations:create_table',
    'strong_migrations:create_join_table',
    'atlas:DS102',
  ],
  statement: (statement, context) => problems(statement, context, 'table'),
};

/** `drop-schema`. */
export const DROP_SCHEMA: Rule = {
  id: 'drop-schema',
  severity: 'error',
  title: 'a schema is dropped while code may still use it',
  why: `Code of the previous release that names the schema fails, also where it only stands in its \`search_path\` and a table of that name is expected. With \`cascade\` everything in it goes along, data included.`,
  instead: WHEN,
  examples: [
    {
      bad: 'drop schema reports;',
      good: `-- slipway:revision r2
-- slipway:revises r1
-- slipway:phase contract
-- Drop the empty schema of the reports

-- slipway:up
drop schema reports;

-- slipway:down
create schema reports;`,
    },
  ],
  covers: ['atlas:DS101'],
  statement: (statement, context) => problems(statement, context, 'schema'),
};

/** `drop-object`. */
export const DROP_OBJECT: Rule = {
  id: 'drop-object',
  severity: 'error',
  title: 'a view, function, type or the like is dropped while code may still use it',
  why: `Pods of the previous release run until the rollout is through, and again after a rollback. What they select from the view, call or cast to fails from then on.`,
  instead: `Drop it in a revision with \`phase contract\`. To change a view or a function, \`create or replace\` it under the same signature, or create the new one under another name beside it.`,
  examples: [
    {
      bad: 'drop view active_users;',
      good: `-- slipway:revision r2
-- slipway:revises r1
-- slipway:phase contract
-- Drop a view that release 41 stopped using

-- slipway:up
drop view active_users;

-- slipway:down
create view active_users as select * from users where active;`,
    },
  ],
  covers: [],
  statement: (statement, context) => problems(statement, context, 'object'),
};

/** `drop-database`. */
export const DROP_DATABASE: Rule = {
  id: 'drop-database',
  severity: 'error',
  title: 'a whole database is dropped',
  why: `All of it goes at once, outside of any transaction, and no down section brings it back. It is refused while somebody is connected, so a revision that drops one fails on the day that matters. slipway cannot drop the database it works in at all.`,
  instead: 'Leave databases to whoever operates the server.',
  examples: [
    {
      bad: 'drop database shop_old;',
      good: `-- slipway:revision r2
-- slipway:revises r1
-- slipway:phase contract
-- slipway:transaction none
-- slipway:approve data-loss a scratch database that is filled anew each night
-- slipway:ignore drop-database nobody but this revision knows it
-- slipway:irreversible it is empty
-- Drop the scratch database

-- slipway:up
drop database shop_scratch;`,
    },
  ],
  covers: ['squawk:ban-drop-database'],
  statement(statement) {
    const drop = bodyOf(statement.node, 'DropdbStmt');
    if (drop === undefined || statement.section !== 'up') return [];
    return [
      {
        message: `drops database ${words([drop.dbname ?? ''])}`,
        ...placeOfName(statement, drop.dbname),
        why: 'Everything in it is gone at once, it cannot be rolled back, and it fails while anybody is connected.',
        rewrite: `-- not in a revision: by whoever operates the server, after a dump
drop database ${nameSql([drop.dbname ?? ''])};`,
      },
    ];
  },
};

/** Rules whose rewrite asks for the approval of lost data, too. */
export const DROP_RULES: readonly Rule[] = [DROP_COLUMN, DROP_TABLE, DROP_SCHEMA, DROP_OBJECT];

function problems(
  statement: LintedStatement,
  context: RuleContext,
  kind: Dropped['kind'],
): readonly Problem[] {
  if (!breaksOldCode(statement)) return [];
  const drops = dropsOf(statement, context).filter((each) => each.kind === kind);
  const [first, ...others] = drops;
  if (first === undefined) return [];
  const { dataLoss } = statement.statement.facts;
  const isUnapproved =
    dataLoss.length > 0 && approvalOf(statement.revision, 'data-loss') === undefined;
  return [
    {
      message: `drops ${[first, ...others].map((each) => each.words).join(', ')}, which code of the previous release may still use`,
      ...placeOfName(statement, first.name),
      why: `Pods of the previous release fail at ${others.length === 0 ? 'it' : 'them'} until the rollout is through, and again after a rollback.${
        isUnapproved ? ' The data is lost for good, which nobody has approved.' : ''
      }`,
      rewrite: inContract(statement, {
        ...(kind === 'object' ? {} : { up: drops.map(({ sql }) => sql).join('\n') }),
        // Without `cascade` a schema is only dropped when it is empty.
        losesData: dataLoss.length > 0 && kind !== 'schema',
        down: drops.map(({ back }) => back).join('\n'),
      }),
    },
  ];
}
