/** Forms on views and materialized views. */

import type { FormFamily } from './form.ts';

/** Views. */
export const VIEWS: FormFamily = {
  title: 'Views',
  forms: [
    { title: 'create a view', sql: 'create view x as select id from items' },
    {
      title: 'create or replace a view that is there',
      sql: 'create or replace view items_view as select id, a from items where a > 1',
    },
    { title: 'create a view on a view', sql: 'create view x as select id from items_view' },
    { title: 'rename a view', sql: 'alter view items_view rename to x' },
    { title: 'rename a column of a view', sql: 'alter view items_view rename column a to x' },
    { title: 'set a default of a view', sql: 'alter view items_view alter column a set default 1' },
    { title: 'set options of a view', sql: 'alter view items_view set (security_barrier)' },
    { title: 'move a view to another schema', sql: 'alter view items_view set schema attic' },
    { title: 'change the owner of a view', sql: 'alter view items_view owner to pg_monitor' },
    { title: 'drop a view', sql: 'drop view items_view' },
    {
      title: 'create a materialized view',
      sql: 'create materialized view x as select id from items',
    },
    {
      title: 'create a materialized view without its rows',
      sql: 'create materialized view x as select id from items with no data',
    },
    { title: 'refresh a materialized view', sql: 'refresh materialized view totals' },
    {
      title: 'refresh a materialized view concurrently',
      sql: 'refresh materialized view concurrently totals',
      setup: 'delete from items where id = 20',
    },
    { title: 'empty a materialized view', sql: 'refresh materialized view totals with no data' },
    { title: 'rename a materialized view', sql: 'alter materialized view totals rename to x' },
    {
      title: 'set options of a materialized view',
      sql: 'alter materialized view totals set (fillfactor = 70)',
    },
    {
      title: 'move a materialized view to another tablespace',
      sql: 'alter materialized view totals set tablespace forms_space',
    },
    { title: 'drop a materialized view', sql: 'drop materialized view totals' },
  ],
};
