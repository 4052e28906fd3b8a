import { describe, expect, it } from 'vitest';
import { factsOfLast, scriptOf } from './support.ts';

const index = (rest: string, other: object = {}) => ({
  kind: 'index-valid',
  schema: undefined,
  index: 'i',
  definition: { table: 'users', unique: false, rest, ifNotExists: false, ...other },
});
const object = (type: string, name: readonly string[], present = true, args: string[] = []) => ({
  kind: 'object',
  type,
  name,
  args,
  present,
});
const partition = (attached: boolean) => ({
  kind: 'partition',
  parent: { schema: 'app', name: 'm' },
  partition: { schema: undefined, name: 'p' },
  attached,
});

describe('the evidence a statement leaves in the catalog', () => {
  it.each([
    ['create index concurrently i on users (email)', index('(email)')],
    [
      'create unique index concurrently if not exists i on users using btree (lower(email)) where a',
      index('using btree (lower(email)) where a', { unique: true, ifNotExists: true }),
    ],
    [
      'create index concurrently "I on x" /* on */ on only -- on users (a)\n "App x" . "on" (email)',
      {
        ...index('(email)', { table: 'on' }),
        schema: 'App x',
        index: 'I on x',
      },
    ],
    ['create index concurrently on users(email)', { ...index('(email)'), index: undefined }],
    ['create index i on app.users (email)', object('index', ['app', 'i'])],
    ['create index on users (email)', undefined],
    ['drop index concurrently i', { kind: 'index-absent', schema: undefined, index: 'i' }],
    ['drop index concurrently app.i', { kind: 'index-absent', schema: 'app', index: 'i' }],
    ['drop index i', object('index', ['i'], false)],
    [
      'reindex (concurrently, verbose) table app.users',
      { kind: 'no-reindex-remnants', of: 'table', schema: 'app', name: 'users' },
    ],
    [
      'reindex schema concurrently app',
      { kind: 'no-reindex-remnants', of: 'schema', schema: undefined, name: 'app' },
    ],
    ['reindex table users', undefined],
    [
      "alter type app.mood add value if not exists 'it''s'",
      { kind: 'enum-label', schema: 'app', type: 'mood', label: "it's" },
    ],
    ["alter type mood rename value 'a' to 'b'", undefined],
    [
      'alter table users validate constraint c',
      {
        kind: 'constraint-valid',
        table: { schema: undefined, name: 'users' },
        constraint: 'c',
      },
    ],
    ['alter table app.m detach partition p concurrently', partition(false)],
    ['alter table app.m detach partition p finalize', partition(false)],
    ['alter table app.m attach partition p default', partition(true)],
    ['alter table users add column a int', object('table column', ['users', 'a'])],
    ['alter table users drop column if exists a', object('table column', ['users', 'a'], false)],
    ['alter table users add column a int, add column b int', undefined],
    ['alter table users add check (a > 0)', undefined],
    [
      'alter table users add constraint c check (a > 0)',
      object('table constraint', ['users', 'c']),
    ],
    ['create table app.t (id int)', object('table', ['app', 't'])],
    ['create temp table pg_temp.t (id int)', undefined],
    ['create materialized view v as select 1', object('materialized view', ['v'])],
    ['create or replace view v as select 1', undefined],
    [
      'create function f(a int, out b text, c varchar(3)[], d "My Type") language sql return 1',
      object('function', ['f'], true, ['pg_catalog.int4', 'pg_catalog."varchar"[]', '"My Type"']),
    ],
    ['drop function f', undefined],
    ['drop function f(int)', object('function', ['f'], false, ['pg_catalog.int4'])],
    ['create database app', object('database', ['app'])],
    ['drop database app', object('database', ['app'], false)],
    ["create tablespace fast location '/fast'", object('tablespace', ['fast'])],
    ["create subscription s connection 'host=a' publication p", object('subscription', ['s'])],
    ['drop table a, b', undefined],
    ['vacuum users', undefined],
  ])('of %s', async (sql, postcondition) => {
    expect((await factsOfLast(sql)).postcondition).toEqual(postcondition);
  });
});

describe('an interruption outside a transaction block', () => {
  it.each([
    ['create table t (id int)', 'atomic'],
    ["alter type mood add value 'x'", 'atomic'],
    ['alter table users validate constraint c', 'repeatable'],
    ['alter table users set (fillfactor = 70)', 'repeatable'],
    ['alter table users alter column a set statistics 500', 'repeatable'],
    ['alter database app set work_mem = 1', 'repeatable'],
    ['update users set a = 1', 'atomic'],
    ['alter table m detach partition p finalize', 'atomic'],
    ['create index concurrently i on users (email)', 'unknown'],
    ['alter table m detach partition p concurrently', 'unknown'],
    ['create database app', 'unknown'],
    ['call pay()', 'unknown'],
    ['do $$ begin commit; end $$', 'unknown'],
    ['select create_distributed_table_concurrently(1)', 'unknown'],
    ['with x as (delete from a returning 1) select * from x', 'unknown'],
    ["copy users to program 'mail'", 'unknown'],
    ['alter subscription s add publication p', 'unknown'],
    ['alter table users set (fillfactor = 70), add column a int', 'atomic'],
    ['drop table if exists a, b', 'repeatable'],
    ['drop table a', 'atomic'],
    ['create or replace view v as select 1', 'repeatable'],
    ['create table if not exists t (id int)', 'atomic'],
    ['select 1', 'repeatable'],
    ['vacuum users', 'repeatable'],
    ['analyze users', 'repeatable'],
    ['cluster users', 'repeatable'],
    ['checkpoint', 'repeatable'],
    ['reindex table concurrently users', 'repeatable'],
    ['alter system set work_mem = 1', 'repeatable'],
    ['refresh materialized view concurrently totals', 'repeatable'],
    ['alter database app set tablespace fast', 'repeatable'],
    ['alter subscription s refresh publication', 'repeatable'],
  ])('of %s', async (sql, interruption) => {
    expect((await factsOfLast(sql)).interruption).toBe(interruption);
  });

  it('of what the parser does not understand is unknown', async () => {
    const script = await scriptOf('create gadget x;');
    expect(script.statements.map(({ facts }) => facts.interruption)).toEqual(['unknown']);
  });
});
