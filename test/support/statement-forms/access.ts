/** Forms on triggers, rules, policies, statistics, comments, privileges and publications. */

import type { FormFamily } from './form.ts';

/** What hangs on a table. */
export const ATTACHMENTS: FormFamily = {
  title: 'Triggers, rules, policies, statistics',
  forms: [
    {
      title: 'create a trigger',
      sql: 'create trigger x after insert on items for each row execute function touch()',
    },
    {
      title: 'replace a trigger',
      sql: 'create or replace trigger items_touch before insert on items for each row execute function touch()',
    },
    {
      title: 'create a constraint trigger',
      sql: 'create constraint trigger x after insert on items from orgs for each row execute function touch()',
    },
    { title: 'rename a trigger', sql: 'alter trigger items_touch on items rename to x' },
    { title: 'drop a trigger', sql: 'drop trigger items_touch on items' },
    { title: 'create a rule', sql: 'create rule x as on insert to ruled do also nothing' },
    { title: 'rename a rule', sql: 'alter rule ruled_rule on ruled rename to x' },
    { title: 'drop a rule', sql: 'drop rule ruled_rule on ruled' },
    { title: 'create a policy', sql: 'create policy x on items using (a > 0)' },
    {
      title: 'create a policy with a query',
      sql: 'create policy x on items using (exists (select from orgs))',
    },
    { title: 'change a policy', sql: 'alter policy items_policy on items using (a > 0)' },
    { title: 'rename a policy', sql: 'alter policy items_policy on items rename to x' },
    { title: 'drop a policy', sql: 'drop policy items_policy on items' },
    { title: 'create statistics', sql: 'create statistics x on a, c from items' },
    { title: 'change statistics', sql: 'alter statistics items_stats set statistics 200' },
    { title: 'rename statistics', sql: 'alter statistics items_stats rename to x' },
    { title: 'drop statistics', sql: 'drop statistics items_stats' },
    { title: 'create a publication', sql: 'create publication x for table items' },
    { title: 'create a publication of all tables', sql: 'create publication x for all tables' },
    {
      title: 'add a table to a publication',
      sql: 'alter publication pub add table items',
      setup: 'create publication pub for table orgs',
    },
    {
      title: 'set the tables of a publication',
      sql: 'alter publication pub set table items',
      setup: 'create publication pub for table orgs',
      besides: { orgs: ['share update exclusive', 'only the catalog knows what it published'] },
    },
    {
      title: 'drop a table from a publication',
      sql: 'alter publication pub drop table orgs',
      setup: 'create publication pub for table orgs',
    },
    {
      title: 'drop a publication',
      sql: 'drop publication pub',
      setup: 'create publication pub for table orgs',
    },
  ],
};

/** Comments and privileges. */
export const DESCRIPTIONS: FormFamily = {
  title: 'Comments and privileges',
  forms: [
    { title: 'comment on a table', sql: "comment on table items is 'x'" },
    { title: 'comment on a column', sql: "comment on column items.a is 'x'" },
    { title: 'comment on a view', sql: "comment on view items_view is 'x'" },
    { title: 'comment on a column of a view', sql: "comment on column items_view.a is 'x'" },
    { title: 'comment on an index', sql: "comment on index items_a is 'x'" },
    { title: 'comment on a sequence', sql: "comment on sequence tickets is 'x'" },
    { title: 'comment on a constraint', sql: "comment on constraint a_positive on items is 'x'" },
    { title: 'comment on a trigger', sql: "comment on trigger items_touch on items is 'x'" },
    { title: 'comment on a policy', sql: "comment on policy items_policy on items is 'x'" },
    { title: 'comment on a rule', sql: "comment on rule ruled_rule on ruled is 'x'" },
    { title: 'comment on statistics', sql: "comment on statistics items_stats is 'x'" },
    { title: 'comment on a type', sql: "comment on type mood is 'x'" },
    { title: 'comment on a composite type', sql: "comment on type pair is 'x'" },
    { title: 'comment on a domain', sql: "comment on domain positive is 'x'" },
    { title: 'comment on a function', sql: "comment on function answer() is 'x'" },
    { title: 'grant on a table', sql: 'grant select on items to pg_monitor' },
    { title: 'grant on columns', sql: 'grant select (a) on items to pg_monitor' },
    { title: 'revoke on a table', sql: 'revoke select on items from pg_monitor' },
    { title: 'grant on a sequence', sql: 'grant usage on sequence tickets to pg_monitor' },
    {
      title: 'grant on all tables of a schema',
      sql: 'grant select on all tables in schema attic to pg_monitor',
    },
    {
      title: 'change default privileges',
      sql: 'alter default privileges grant select on tables to pg_monitor',
    },
  ],
};
