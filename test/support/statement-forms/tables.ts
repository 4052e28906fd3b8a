/** Forms that create, change and drop whole tables. */

import type { FormFamily } from './form.ts';

/** Creating tables. */
export const NEW_TABLES: FormFamily = {
  title: 'New tables',
  forms: [
    { title: 'create a table', sql: 'create table x (id bigint primary key, a int check (a > 0))' },
    {
      title: 'create a table that may be there',
      sql: 'create table if not exists items (id bigint)',
    },
    { title: 'create a temporary table', sql: 'create temporary table x (id bigint)' },
    {
      title: 'create a table that refers to another',
      sql: 'create table x (id bigint references orgs, other bigint, foreign key (other) references users)',
    },
    {
      title: 'create a table that refers to itself',
      sql: 'create table x (id bigint primary key, parent bigint references x)',
    },
    { title: 'create a table like another', sql: 'create table x (like items including all)' },
    { title: 'create a table that inherits', sql: 'create table x (b int) inherits (tree)' },
    { title: 'create a table of a type', sql: 'create table x of pair' },
    {
      title: 'create a table with partitions',
      sql: 'create table x (id bigint) partition by list (id)',
    },
    {
      title: 'create a partition',
      sql: 'create table x partition of logs for values from (200) to (300)',
    },
    {
      title: 'create a partition beside a default partition',
      sql: 'create table x partition of events for values from (200) to (300)',
    },
    { title: 'create a default partition', sql: 'create table x partition of logs default' },
    {
      title: 'create a partition of a table with a foreign key',
      sql: 'create table x partition of logs for values from (200) to (300)',
      setup: 'alter table logs add foreign key (id) references orgs',
    },
    { title: 'create a table as a query', sql: 'create table x as select * from items' },
    {
      title: 'create a table as a query without its rows',
      sql: 'create table x as select * from items with no data',
    },
    { title: 'select into', sql: 'select * into x from items' },
    { title: 'create a foreign table', sql: 'create foreign table x (a int) server elsewhere' },
    { title: 'create a schema with a table', sql: 'create schema x create table y (id bigint)' },
  ],
};

/** Changing tables. */
export const TABLE_SETTINGS: FormFamily = {
  title: 'Tables',
  forms: [
    { title: 'rename a table', sql: 'alter table items rename to x' },
    { title: 'move a table to another schema', sql: 'alter table items set schema attic' },
    { title: 'change the owner of a table', sql: 'alter table items owner to pg_monitor' },
    { title: 'set fillfactor', sql: 'alter table items set (fillfactor = 70)' },
    {
      title: 'set autovacuum options',
      sql: 'alter table items set (autovacuum_vacuum_scale_factor = 0.01, toast.autovacuum_enabled = false)',
    },
    { title: 'set parallel workers', sql: 'alter table items set (parallel_workers = 4)' },
    { title: 'set toast_tuple_target', sql: 'alter table items set (toast_tuple_target = 4000)' },
    { title: 'set user_catalog_table', sql: 'alter table items set (user_catalog_table = true)' },
    { title: 'reset options', sql: 'alter table items reset (fillfactor)' },
    { title: 'set unlogged', sql: 'alter table parts set unlogged' },
    {
      title: 'set logged',
      sql: 'alter table parts set logged',
      setup: 'alter table parts set unlogged',
    },
    {
      title: 'set logged where it is',
      sql: 'alter table parts set logged',
      idle: { 'rewrite parts': 'it is logged already' },
    },
    { title: 'set tablespace', sql: 'alter table items set tablespace forms_space' },
    {
      title: 'set the access method',
      sql: 'alter table items set access method heap2',
      setup: 'create access method heap2 type table handler heap_tableam_handler',
      since: 15,
    },
    {
      title: 'set the access method it has',
      sql: 'alter table items set access method heap',
      since: 15,
      idle: { 'rewrite items': 'it has this access method already' },
    },
    { title: 'cluster on', sql: 'alter table items cluster on items_a' },
    { title: 'set without cluster', sql: 'alter table items set without cluster' },
    { title: 'replica identity full', sql: 'alter table items replica identity full' },
    {
      title: 'replica identity using index',
      sql: 'alter table items replica identity using index items_key',
    },
    { title: 'enable row security', sql: 'alter table items enable row level security' },
    { title: 'force row security', sql: 'alter table items force row level security' },
    { title: 'disable row security', sql: 'alter table items disable row level security' },
    { title: 'disable a trigger', sql: 'alter table items disable trigger items_touch' },
    { title: 'disable all triggers', sql: 'alter table orders disable trigger all' },
    { title: 'enable a trigger', sql: 'alter table items enable trigger items_touch' },
    {
      title: 'enable a trigger always',
      sql: 'alter table items enable always trigger items_touch',
    },
    {
      title: 'enable a trigger on replicas',
      sql: 'alter table items enable replica trigger items_touch',
    },
    { title: 'disable a rule', sql: 'alter table ruled disable rule ruled_rule' },
    {
      title: 'inherit',
      sql: 'alter table parts inherit tree',
      setup: 'alter table tree drop column a cascade; alter table tree add column a int',
    },
    { title: 'no longer inherit', sql: 'alter table leaf no inherit tree' },
    {
      title: 'make a table one of a type',
      sql: 'alter table points of pair',
      setup: 'create table points (x int, y int)',
    },
    { title: 'make a table none of a type', sql: 'alter table pairs not of' },
    {
      title: 'several commands: the strongest lock',
      sql: 'alter table items alter column a set statistics 100, alter column b set default 1',
    },
    {
      title: 'alter a table that may be there',
      sql: 'alter table if exists items alter column a set statistics 100',
    },
    { title: 'change a foreign table', sql: 'alter foreign table remote add column b int' },
    {
      title: 'change the options of a foreign table',
      sql: "alter foreign table remote options (add x 'y')",
    },
  ],
};

/** Dropping and emptying tables. */
export const DROPPED_TABLES: FormFamily = {
  title: 'Dropping tables',
  forms: [
    { title: 'drop a table', sql: 'drop table parts' },
    { title: 'drop a table that may be there', sql: 'drop table if exists parts' },
    { title: 'drop several tables', sql: 'drop table parts, amounts' },
    { title: 'drop a table with a foreign key', sql: 'drop table orders' },
    { title: 'drop a table that others refer to', sql: 'drop table orgs cascade' },
    {
      title: 'drop a table that a view reads',
      sql: 'drop table items cascade',
      besides: {
        items_view: ['access exclusive', 'what goes with it is in the catalog alone'],
        totals: ['access exclusive', 'what goes with it is in the catalog alone'],
      },
    },
    { title: 'drop a partition', sql: 'drop table events_1' },
    { title: 'drop a table with partitions', sql: 'drop table events' },
    { title: 'drop a foreign table', sql: 'drop foreign table remote' },
    { title: 'truncate a table', sql: 'truncate parts' },
    { title: 'truncate a table with partitions', sql: 'truncate events' },
    {
      title: 'truncate a table that others refer to',
      sql: 'truncate users cascade',
      spared: { orgs: 'it refers to nothing that is emptied' },
    },
    { title: 'truncate and restart sequences', sql: 'truncate counted restart identity' },
    { title: 'drop a schema', sql: 'drop schema attic' },
    {
      title: 'drop a schema with what is in it',
      sql: 'drop schema room cascade',
      setup: 'create schema room; create table room.x (a int)',
    },
  ],
};
