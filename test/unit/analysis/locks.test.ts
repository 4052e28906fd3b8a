import { describe, expect, it } from 'vitest';
import type { RelationLock } from '../../../src/core/locks.ts';
import { factsOfLast } from './support.ts';

/** Locks in one line each: `share row exclusive users`, `access exclusive table of index users_a`. */
async function locksOfLast(sql: string): Promise<string[]> {
  const { locks } = await factsOfLast(sql);
  return locks.map(lineOf);
}

function lineOf({ mode, target, schema, name, isNew, since, before }: RelationLock): string {
  const path = schema === undefined ? name : `${schema}.${name}`;
  const led = target === 'relation' ? path : `${target} ${path}`;
  const range = [
    since === undefined ? '' : ` ${since}+`,
    before === undefined ? '' : ` <${before}`,
  ];
  return `${mode} ${led}${isNew ? ' (new)' : ''}${range.join('')}`;
}

describe('locks of a statement', () => {
  it.each([
    ['alter table users add column a int', ['access exclusive users']],
    ['alter table App."Users" add column a int', ['access exclusive app.Users']],
    [
      'alter table a.orders add foreign key (user_id) references b.users',
      ['share row exclusive a.orders', 'share row exclusive b.users'],
    ],
    [
      'alter table orders add column user_id bigint references users, alter column a set statistics 1',
      ['access exclusive orders', 'share row exclusive users'],
    ],
    [
      'alter table users alter column a set statistics 1, set (fillfactor = 70)',
      ['share update exclusive users'],
    ],
    ['alter view v set (security_barrier)', ['access exclusive v']],
    ['alter table users reset (fillfactor, user_catalog_table)', ['access exclusive users']],
    ['create index concurrently on app.users (a)', ['share update exclusive app.users']],
    [
      'drop index a.i, j',
      [
        'access exclusive table of index a.i',
        'access exclusive a.i',
        'access exclusive table of index j',
        'access exclusive j',
      ],
    ],
    ['lock table a, b in row share mode', ['row share a', 'row share b']],
    ['lock table a', ['access exclusive a']],
    ['grant select on users to app', ['access share users 18+']],
    ['grant usage on schema app to app', []],
    ['comment on column app.users.name is null', ['share update exclusive app.users']],
    ['comment on schema app is null', []],
    ['create table users (id bigint primary key)', []],
    ['create table if not exists users (id bigint references users)', []],
    [
      'create schema app create table users (id bigint references orgs) create view v as select from users',
      ['share row exclusive orgs', 'access share users'],
    ],
    [
      'create table p partition of app.events for values in (1)',
      [
        'access exclusive app.events',
        'access exclusive default partition app.events',
        'share row exclusive tables of foreign keys app.events',
      ],
    ],
    ['create or replace view v as select from users', ['access share users', 'access exclusive v']],
    ['do $$ begin end $$', []],
    ["set lock_timeout = '1s'", []],
  ])('%s', async (sql, expected) => {
    expect(await locksOfLast(sql)).toEqual(expected);
  });

  it('are the strongest on each relation, where several parts lock it', async () => {
    expect(
      await locksOfLast('insert into users select * from users u, only users for update of u'),
    ).toEqual(['row exclusive users']);
  });
});

describe('locks of queries', () => {
  it.each([
    ['with users as (select from orgs) select from users', ['access share orgs']],
    ['with users as (select from users) select from users', ['access share users']],
    ['with recursive t as (select from t union select from a) select from t', ['access share a']],
    [
      'with a as (select from b), b as (select from a) select from b, app.b',
      ['access share b', 'access share app.b'],
    ],
    ['select (with t as (select 1) select count(*) from t) from t', ['access share t']],
    ['select from a join b on true for no key update', ['row share a', 'row share b']],
    ['select from a x, a y, b for share of x', ['row share a', 'access share b']],
    ['with t as (select from a) select from t for update', ['access share a']],
    [
      'with gone as (delete from a using b returning *) insert into c select * from gone',
      ['row exclusive a', 'access share b', 'row exclusive c'],
    ],
    [
      'merge into a using b on a.id = b.id when matched then delete',
      ['row exclusive a', 'access share b'],
    ],
    ['copy (select from a) to stdout', ['access share a']],
    [
      "select nextval('app.\"Users_id_seq\"'), setval('Tickets', 1)",
      ['row exclusive app.Users_id_seq', 'row exclusive tickets'],
    ],
    ['select nextval(name) from sequences', ['access share sequences']],
    ['select * into x from a', ['access share a']],
    [
      "insert into a values (1, (select max(id) from b)), (abs(nextval('s')), 2)",
      ['row exclusive a', 'access share b', 'row exclusive s'],
    ],
    ['explain delete from a', ['row exclusive a']],
  ])('%s', async (sql, expected) => {
    expect([...(await locksOfLast(sql))].sort()).toEqual([...expected].sort());
  });

  it('are found however deep a query is nested', async () => {
    const depth = 300;
    const sql = `${'select * from ('.repeat(depth)}select * from a${') x'.repeat(depth)}`;
    expect(await locksOfLast(sql)).toEqual(['access share a']);
  });
});

describe('what is new in the release', () => {
  it.each([
    ['create table t (a int); alter table t add column b int', ['access exclusive t (new)']],
    ['create table t (a int); create index i on t (a)', ['share t (new)']],
    [
      'create table t (a int); alter table t add foreign key (a) references users',
      ['share row exclusive t (new)', 'share row exclusive users'],
    ],
    // The index is new, its table is not.
    [
      'create index i on users (a); drop index i',
      ['access exclusive users', 'access exclusive i (new)'],
    ],
    ['alter table pg_temp.t add column a int', ['access exclusive pg_temp.t (new)']],
    ['create table t (a int); set search_path = app; drop view t', ['access exclusive t']],
  ])('is said of its locks: %s', async (sql, expected) => {
    expect(await locksOfLast(sql)).toEqual(expected);
  });
});
