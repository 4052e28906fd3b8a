/** Forms of `alter table` on columns. */

import type { FormFamily } from './form.ts';

const REWRITTEN_AS_WHOLE = 'its values are stored alike';

/** Columns. */
export const COLUMNS: FormFamily = {
  title: 'Columns',
  forms: [
    { title: 'add a column', sql: 'alter table items add column x text' },
    {
      title: 'add a column with a constant default',
      sql: 'alter table items add column x int default 5',
    },
    {
      title: 'add a column with a stable default',
      sql: 'alter table items add column x timestamptz default now()',
    },
    {
      title: 'add a required column with a constant default',
      sql: 'alter table items add column x int not null default 5',
    },
    {
      title: 'add a column with a volatile default',
      sql: 'alter table items add column x uuid default gen_random_uuid()',
    },
    {
      title: "add a column whose default calls a function of one's own",
      sql: 'alter table items add column x int default answer()',
    },
    {
      title: "add a column whose default calls a stable function of one's own",
      sql: 'alter table items add column x int default one()',
      setup: "create function one() returns int stable language sql as 'select 1'",
      idle: { 'rewrite items': 'the function is stable' },
    },
    {
      title: 'add a required column without a default',
      sql: 'alter table parts add column x int not null',
      setup: 'truncate parts',
    },
    { title: 'add a serial column', sql: 'alter table items add column x bigserial' },
    {
      title: 'add an identity column',
      sql: 'alter table items add column x bigint generated always as identity',
    },
    {
      title: 'add a stored generated column',
      sql: 'alter table items add column x int generated always as (a + 1) stored',
    },
    {
      title: 'add a virtual generated column',
      sql: 'alter table items add column x int generated always as (a + 1) virtual',
      since: 18,
    },
    {
      title: 'add a required virtual generated column',
      sql: 'alter table items add column x int generated always as (a + 1) virtual not null',
      since: 18,
    },
    {
      title: 'add a column with a check',
      sql: 'alter table items add column x int default 5 check (x > 0)',
    },
    {
      title: 'add a column with a check and no default',
      sql: 'alter table items add column x int check (x > 0)',
    },
    {
      title: 'add a column that refers to a table',
      sql: 'alter table items add column x bigint references orgs',
    },
    {
      title: 'add a column with a default that refers to a table',
      sql: 'alter table items add column x bigint default 1 references orgs',
    },
    { title: 'add a unique column', sql: 'alter table items add column x int unique' },
    {
      title: 'add a column that is the primary key',
      sql: 'alter table parts add column x bigint generated always as identity primary key',
    },
    {
      title: "add a column of a type of one's own",
      sql: "alter table items add column x mood default 'sad'",
    },
    {
      title: 'add a column of a domain with a check',
      sql: 'alter table items add column x positive',
      extra: { 'rewrite items': 'only the catalog knows that the domain has a check' },
    },
    {
      title: 'add a column of a domain without a check',
      sql: 'alter table items add column x alias',
    },
    {
      title: 'add a column that may be there',
      sql: 'alter table items add column if not exists b text',
    },
    {
      title: 'add several columns',
      sql: 'alter table items add column x int, add column y uuid default gen_random_uuid()',
    },
    {
      title: 'add a column to a table with partitions',
      sql: 'alter table events add column x int',
    },
    {
      title: 'add a column to a table that others inherit from',
      sql: 'alter table tree add column x int',
    },
    { title: 'drop a column', sql: 'alter table items drop column b' },
    {
      title: 'drop a column with a foreign key',
      sql: 'alter table users drop column org_id',
      spared: { orders: 'its foreign key is on another column' },
    },
    {
      title: 'drop a column and what depends on it',
      sql: 'alter table items drop column a cascade',
      besides: {
        items_view: ['access exclusive', 'what goes with it is in the catalog alone'],
        totals: ['access exclusive', 'what goes with it is in the catalog alone'],
      },
    },
    { title: 'rename a column', sql: 'alter table items rename column b to x' },
    { title: 'change a type', sql: 'alter table items alter column o type text' },
    {
      title: 'change a type with an expression',
      sql: 'alter table parts alter column a type text using a || id::text',
    },
    { title: 'change int to bigint', sql: 'alter table parts alter column a type bigint' },
    {
      title: 'change varchar to a longer one',
      sql: 'alter table items alter column c type varchar(50)',
      idle: { 'rewrite items': REWRITTEN_AS_WHOLE },
    },
    {
      title: 'change varchar to a shorter one',
      sql: 'alter table items alter column c type varchar(10)',
    },
    {
      title: 'change varchar to text',
      sql: 'alter table items alter column c type text',
      idle: { 'rewrite items': REWRITTEN_AS_WHOLE },
    },
    {
      title: 'change varchar to text with a cast',
      sql: 'alter table items alter column c type text using c::text',
      idle: { 'rewrite items': REWRITTEN_AS_WHOLE },
    },
    {
      title: 'change numeric to a wider one',
      sql: 'alter table items alter column n type numeric(12, 2)',
      idle: { 'rewrite items': REWRITTEN_AS_WHOLE },
    },
    {
      title: 'change numeric to another scale',
      sql: 'alter table items alter column n type numeric(12, 4)',
    },
    {
      title: 'change the type of a column with a check',
      sql: 'alter table users alter column age type bigint',
      setup: 'alter table users add constraint grown check (age > 0)',
      spared: {
        orgs: 'its foreign key is on another column',
        orders: 'its foreign key is on another column',
      },
    },
    {
      title: 'change the type of a column that is referred to',
      sql: 'alter table users alter column id type numeric',
      spared: { orgs: 'its foreign key is on another column' },
      extra: { 'scan orders': 'the foreign key is checked again' },
    },
    {
      title: 'change the type of a column with a foreign key',
      sql: 'alter table orders alter column user_id type int',
    },
    { title: 'set a default', sql: 'alter table items alter column b set default 1' },
    { title: 'drop a default', sql: 'alter table items alter column at drop default' },
    { title: 'require a column', sql: 'alter table items alter column b set not null' },
    {
      title: 'require a column that is required',
      sql: 'alter table items alter column a set not null',
      idle: { 'scan items': 'it is required already' },
    },
    {
      title: 'require a column behind a valid check',
      sql: 'alter table items alter column b set not null',
      setup: 'alter table items add constraint b_there check (b is not null)',
      idle: { 'scan items': 'the check proves it' },
    },
    {
      title: 'require a column behind a check that is not valid',
      sql: 'alter table items alter column b set not null',
      setup: 'alter table items add constraint b_there check (b is not null) not valid',
    },
    { title: 'let a column be null', sql: 'alter table items alter column a drop not null' },
    { title: 'set statistics', sql: 'alter table items alter column a set statistics 500' },
    { title: 'set column options', sql: 'alter table items alter column a set (n_distinct = 5)' },
    { title: 'reset column options', sql: 'alter table items alter column a reset (n_distinct)' },
    { title: 'set storage', sql: 'alter table items alter column b set storage external' },
    { title: 'set compression', sql: 'alter table items alter column b set compression pglz' },
    {
      title: 'add an identity',
      sql: 'alter table items alter column a add generated by default as identity',
    },
    {
      title: 'change an identity',
      sql: 'alter table counted alter column id set generated always',
    },
    { title: 'restart an identity', sql: 'alter table counted alter column id restart with 100' },
    { title: 'drop an identity', sql: 'alter table counted alter column id drop identity' },
    { title: 'drop an expression', sql: 'alter table counted alter column g drop expression' },
    {
      title: 'change an expression',
      sql: 'alter table counted alter column g set expression as (a + 2)',
      since: 17,
    },
    {
      title: 'change the expression of a virtual column',
      sql: 'alter table counted alter column x set expression as (a + 2)',
      setup: 'alter table counted add column x int generated always as (a + 1) virtual',
      since: 18,
      idle: { 'rewrite counted': 'nothing of it is stored' },
    },
  ],
};
