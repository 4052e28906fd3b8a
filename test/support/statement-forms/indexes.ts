/** Forms on indexes. */

import type { FormFamily } from './form.ts';

const WRITER = 'lock table items in row exclusive mode';
const BUSY = 'lock table items in share update exclusive mode';

/** Indexes. */
export const INDEXES: FormFamily = {
  title: 'Indexes',
  forms: [
    { title: 'create an index', sql: 'create index x on items (b)' },
    { title: 'create a unique index', sql: 'create unique index x on items (a)' },
    {
      title: 'create an index that may be there',
      sql: 'create index if not exists items_a on items (a)',
      idle: { 'build index items': 'it is there' },
    },
    {
      title: 'create an index on an expression',
      sql: 'create index x on items (lower(b)) where a > 5',
    },
    {
      title: 'create an index with gin',
      sql: "create index x on items using gin (to_tsvector('simple', b))",
    },
    {
      title: 'create an index concurrently',
      sql: 'create index concurrently x on items (b)',
      held: [WRITER, BUSY],
    },
    {
      title: 'create a unique index concurrently',
      sql: 'create unique index concurrently x on items (a)',
      held: [WRITER],
    },
    { title: 'create an index on a materialized view', sql: 'create index x on totals (n)' },
    { title: 'drop an index', sql: 'drop index items_a' },
    {
      title: 'drop an index concurrently',
      sql: 'drop index concurrently items_a',
      held: [WRITER, BUSY],
    },
    { title: 'rename an index', sql: 'alter index items_a rename to x' },
    { title: 'rename an index as a table', sql: 'alter table items_a rename to x' },
    { title: 'set fillfactor of an index', sql: 'alter index items_a set (fillfactor = 70)' },
    {
      title: 'set fastupdate of an index',
      sql: 'alter index x set (fastupdate = off)',
      setup: "create index x on items using gin (to_tsvector('simple', b))",
    },
    {
      title: 'set buffering of an index',
      sql: 'alter index x set (buffering = off)',
      setup: 'create index x on items using gist (tsvector(b))',
    },
    {
      title: 'set pages_per_range of an index',
      sql: 'alter index x set (pages_per_range = 64)',
      setup: 'create index x on items using brin (a)',
    },
    {
      title: 'set statistics of an index',
      sql: 'alter index x alter column 1 set statistics 500',
      setup: 'create index x on items (lower(b))',
    },
    {
      title: 'move an index to another tablespace',
      sql: 'alter index items_a set tablespace forms_space',
    },
    { title: 'reindex an index', sql: 'reindex index items_a' },
    { title: 'reindex a table', sql: 'reindex table items' },
    {
      title: 'reindex an index concurrently',
      sql: 'reindex index concurrently items_a',
      held: [WRITER, BUSY],
    },
    {
      title: 'reindex a table concurrently',
      sql: 'reindex table concurrently items',
      held: [WRITER, BUSY],
    },
    { title: 'reindex with the option', sql: 'reindex (concurrently) table items', held: [WRITER] },
  ],
};
