/** Forms on rows, and maintenance of tables. */

import type { FormFamily } from './form.ts';

const FEW = 'as many as the statement says';
const CHECKED_BY_TRIGGER = 'foreign keys look rows up by queries of their own';

/** Queries and changes of rows. */
export const ROWS: FormFamily = {
  title: 'Rows',
  forms: [
    { title: 'select', sql: 'select * from items' },
    {
      title: 'select with a join and a subquery',
      sql: 'select * from items join orgs on orgs.id = o where exists (select from users)',
    },
    {
      title: 'select from a view',
      sql: 'select * from items_view',
      besides: {
        items: ['access share', 'a name in a query may be a view, which locks its tables alike'],
      },
    },
    { title: 'select for update', sql: 'select * from items for update' },
    {
      title: 'select for key share of one table',
      sql: 'select * from items i, orgs for key share of i',
    },
    {
      title: 'select with a query of its own',
      sql: 'with orgs as (select * from items) select * from orgs',
    },
    {
      title: 'select with a query of the same name',
      sql: 'with items as (select * from items) select * from items',
    },
    {
      title: 'insert values',
      sql: 'insert into parts values (2, 2)',
      extra: { 'write rows parts': FEW },
    },
    { title: 'insert a query', sql: 'insert into parts select id, a from items' },
    {
      title: 'insert into a table with a foreign key',
      sql: 'insert into orders values (3, 1, 5)',
      extra: { 'write rows orders': FEW },
      besides: { users: ['row share', CHECKED_BY_TRIGGER] },
    },
    {
      title: 'insert or update',
      sql: 'insert into items (id, a) values (1, 1) on conflict (id) do update set a = 2',
      extra: { 'write rows items': FEW },
    },
    { title: 'update all rows', sql: 'update items set a = a + 1' },
    { title: 'update rows by a condition', sql: "update items set a = 5 where b like 'b%'" },
    {
      title: 'update a row by its key',
      sql: 'update items set a = 5 where id = 3',
      extra: { 'write rows items': FEW },
    },
    {
      title: 'update from another table',
      sql: 'update items set a = 5 from orgs where orgs.id = o',
    },
    { title: 'delete all rows', sql: 'delete from parts' },
    { title: 'delete rows that are referred to', sql: 'delete from users where id in (7, 8)' },
    {
      title: 'delete a row by its key',
      sql: 'delete from items where id = 3',
      extra: { 'write rows items': FEW },
    },
    { title: 'delete using another table', sql: 'delete from items using orgs where orgs.id = o' },
    {
      title: 'merge',
      sql: 'merge into items using parts on parts.id = items.id when matched then update set a = 2',
      since: 15,
    },
    {
      title: 'delete and insert in one statement',
      sql: 'with gone as (delete from items returning id, a) insert into parts select * from gone',
    },
    { title: 'copy out', sql: 'copy items to stdout' },
    { title: 'copy a query out', sql: 'copy (select * from items) to stdout' },
    {
      title: 'copy in',
      sql: "copy parts from program 'true'",
      setup: 'truncate parts',
      idle: { 'write rows parts': 'the program writes nothing' },
    },
    { title: 'explain', sql: 'explain update items set a = 1' },
    { title: 'explain analyze', sql: 'explain (analyze) update items set a = 1' },
    { title: 'prepare', sql: 'prepare x as select * from items' },
    { title: 'declare a cursor', sql: 'declare x cursor for select * from items' },
    { title: 'do', sql: "do 'begin perform 1; end'" },
    { title: 'lock a table', sql: 'lock table items in share row exclusive mode' },
    { title: 'lock a table in its strongest mode', sql: 'lock table items, only tree' },
    {
      title: 'lock a view',
      sql: 'lock table items_view in share mode',
      besides: { items: ['share', 'a name may be that of a view, whose tables are locked alike'] },
    },
  ],
};

/** Maintenance. */
export const MAINTENANCE: FormFamily = {
  title: 'Maintenance',
  forms: [
    { title: 'analyze', sql: 'analyze items' },
    {
      title: 'vacuum',
      sql: 'vacuum items',
      held: ['lock table items in share update exclusive mode'],
    },
    {
      title: 'vacuum and analyze',
      sql: 'vacuum (analyze) items',
      held: ['lock table items in share update exclusive mode'],
    },
    {
      title: 'vacuum full',
      sql: 'vacuum full items',
      held: ['lock table items in access share mode'],
    },
    { title: 'cluster', sql: 'cluster items using items_a' },
    {
      title: 'cluster by the index it has',
      sql: 'cluster items',
      setup: 'alter table items cluster on items_a',
    },
  ],
};
