import { describe, expect, it } from 'vitest';
import type { RelationWork } from '../../../src/core/locks.ts';
import { factsOfLast } from './support.ts';

/** Work in one line each: `rewrite users`. */
async function workOfLast(sql: string): Promise<string[]> {
  const { work } = await factsOfLast(sql);
  return work.map(lineOf);
}

function lineOf({ kind, target, schema, name, isNew }: RelationWork): string {
  const path = schema === undefined ? name : `${schema}.${name}`;
  return `${kind} ${target === 'relation' ? path : `${target} ${path}`}${isNew ? ' (new)' : ''}`;
}

describe('work of a statement', () => {
  it.each([
    ['alter table users add column a int', []],
    ['alter table users add column a int default 1 + 2', []],
    ['alter table users add column a timestamptz default current_timestamp', []],
    ["alter table users add column a text default lower('A') || md5('b')", []],
    ['alter table users add column a uuid default pg_catalog.gen_random_uuid()', ['rewrite users']],
    ['alter table users add column a uuid default ext.uuid_generate_v4()', ['rewrite users']],
    ['alter table users add column a int default coalesce(random(), 0)', ['rewrite users']],
    ['alter table users add column a int default app.now()', ['rewrite users']],
    ['alter table users add column a serial4', ['rewrite users']],
    ['alter table users add column a int generated always as (b) virtual', []],
    ['alter table users add column a int generated always as (b) stored unique', ['rewrite users']],
    ['alter table users add column a int default 1 unique', ['build index users']],
    ['alter table users add column a int default null references orgs', []],
    ['alter table users add column a int default 1 references orgs', ['scan users', 'scan orgs']],
    ['alter table users add column a int not null', ['scan users']],
    [
      'alter table users add column a uuid default gen_random_uuid() check (a is not null), add unique (b)',
      ['rewrite users'],
    ],
    ['alter view v add column a int', []],
    ['alter foreign table f add column a serial', []],
    ['alter table users alter column a set not null', ['scan users']],
    ['alter table users add primary key (id)', ['build index users', 'scan users']],
    ['alter table users add primary key using index i', ['scan users']],
    ['alter table app.users validate constraint c', ['scan app.users']],
    ['create unique index on app.users (a)', ['build index app.users']],
    ['reindex index app.i', ['build index table of index app.i']],
    ['vacuum full a, b', ['rewrite a', 'rewrite b']],
    ['analyze a', []],
    ['refresh materialized view m', ['rewrite m']],
    ['refresh materialized view m with no data', []],
    ['create table t as select * from users', ['write rows t (new)']],
    ['create table t as select * from users with no data', []],
    ['alter domain app.d add check (value > 0)', ['scan tables of type app.d']],
    ['alter domain d add check (value > 0) not valid', []],
    ['truncate users', []],
    ['drop table users', []],
  ])('%s', async (sql, expected) => {
    expect(await workOfLast(sql)).toEqual(expected);
  });

  it.each([
    ['update users set a = 1', ['write rows users']],
    ['update users set a = 1 where b > 5', ['write rows users']],
    ["update users set a = 1 where id = 5 and b = 'x'", []],
    ['update users set a = 1 where users.id in (1, 2) or email = lower($$A$$)', []],
    ['update users set a = 1 where id = other_id', ['write rows users']],
    ['update users set a = 1 where id in (select user_id from orders)', ['write rows users']],
    ['update users set a = 1 where id = 1 or b = 2', ['write rows users']],
    ['delete from users where id <> 5', ['write rows users']],
    ['delete from users where not id = 5', ['write rows users']],
    ['insert into users values (1), (2)', []],
    ['insert into users select 1 where true', []],
    ['insert into users select * from orders', ['write rows users']],
    ['insert into users select generate_series(1, 1000000)', ['write rows users']],
    ['insert into users select * from generate_series(1, 1000000)', ['write rows users']],
    ['with gone as (delete from a returning *) select from gone', ['write rows a']],
    ['explain delete from users', []],
    ['explain (analyze) delete from users', ['write rows users']],
    ["copy users from '/tmp/users'", ['write rows users']],
    ['create table t (a int); insert into t select 1 from users', ['write rows t (new)']],
  ])('of rows: %s', async (sql, expected) => {
    expect(await workOfLast(sql)).toEqual(expected);
  });

  it('does not count a batch of a backfill', async () => {
    expect(await workOfLast('update users set a = 1 where b > 1 and c between $1 and $2')).toEqual(
      [],
    );
  });

  it('says why', async () => {
    const reasons = async (sql: string) => (await factsOfLast(sql)).work.map((each) => each.reason);
    expect(await reasons('alter table t add column a int default app.f()')).toEqual([
      'the default of the new column a may be another in every row, unless function app.f is not volatile',
    ]);
    expect(await reasons('alter table t alter column a type varchar(20)')).toEqual([
      'column a becomes varchar(20), unless its values are stored alike as what it was',
    ]);
    expect(await reasons('alter table t add constraint c foreign key (a) references u')).toEqual([
      'every row is looked up in u for foreign key c',
      'rows of t are looked up',
    ]);
  });
});

describe('a statement whose text does not tell what it does', () => {
  it.each([
    'do $$ begin end $$',
    'call app.fill()',
    'select fill()',
    'select * from app.lower()',
    'insert into t values (secret())',
    'drop type t cascade',
    'alter table t drop column a cascade',
    'create extension pg_trgm',
    'drop owned by app',
    'vacuum',
    'reindex schema app',
    'explain analyze select fill()',
  ])('says so: %s', async (sql) => {
    expect((await factsOfLast(sql)).opaque).toBe(true);
  });

  it.each([
    'select lower(name), count(*), now() from users',
    "select setval('s', max(id)) from users",
    'insert into t values (gen_random_uuid(), pg_catalog.now())',
    'update t set a = coalesce(a, 1)',
    'alter table t drop column a',
    'vacuum t',
    'explain select fill()',
    'create table t (a int default fill())',
  ])('is no statement like: %s', async (sql) => {
    expect(await factsOfLast(sql)).not.toHaveProperty('opaque');
  });
});
