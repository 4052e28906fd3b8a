import { describe, expect, it } from 'vitest';
import { nothingCreated } from '../../../src/analysis/created.ts';
import { prepareScript } from '../../../src/analysis/script.ts';
import { factsOfLast, revisionOf } from './support.ts';

describe('on objects of the same script, code of the previous release cannot be disturbed by', () => {
  it.each([
    'create table t (a int); alter table t add column b int not null',
    'create table t (a int); alter table t add constraint c check (a > 0)',
    'create table t (a int); alter table t add primary key (a)',
    'create table t (a int); alter table t alter column a set not null',
    'create table t (a int); alter table t alter column a type smallint',
    'create table t (a int); alter table t drop column a',
    'create table t (a int); alter table t rename column a to b',
    'create table t (a int); alter table t rename to u; drop table u',
    'create table t (a int); alter table t set schema app; drop table app.t',
    'create table t (a int); alter table t owner to app',
    'create table t (a int); alter table t enable row level security',
    'create table t (a int); create unique index i on t (a)',
    'create table t (a int); create trigger g before insert on t execute function f()',
    'create table t (a int); create policy p on t as restrictive',
    'create table t (a int); create policy p on t; alter policy p on t using (false)',
    'create table t (a int); create rule r as on delete to t do instead nothing; drop rule r on t',
    'create table t (a int); revoke all on t from public',
    'create table t (a int); truncate t',
    'create table t (a int); delete from t',
    'create table t (a int); create publication p for table t',
    'create table t (a int); drop table t',
    'create table t (a int); drop table t cascade',
    'create table p partition of m default; drop table p',
    'create table p (a int); alter table m attach partition p default',
    'create temp table if not exists t (a int); drop table t',
    'create table t as select 1 as a; drop table t',
    'select 1 as a into t; drop table t',
    'create schema app; create table if not exists app.t (a int); drop table app.t',
    'create schema app; drop schema app',
    'create view v as select 1 as a; drop view v',
    'create view v as select 1 as a; alter view v rename to w',
    'create sequence s; drop sequence s',
    "create type mood as enum ('a'); alter type mood rename value 'a' to 'b'; drop type mood",
    'create type pair as (a int); alter type pair add attribute b int',
    'create domain d as int; alter domain d set not null',
    "create function f(a int, out b int) language sql as 'select 1'; drop function f(int)",
    "create function f(a int) returns int language sql as 'select 1'; drop function f",
    'create aggregate agg(int) (sfunc = f, stype = int); alter aggregate agg(int) owner to app',
    'create extension hstore; drop extension hstore',
    'create role app; alter role app nologin; drop role app',
    'alter table users add column a int; alter table users drop column a',
    'alter table users add column a int; alter table users rename a to b; alter table users drop b',
    'alter table users add column a int; alter table users alter column a type bigint using 0',
    'alter table users add column a int default 1; alter table users alter column a set not null',
    'alter table users add column a int; alter table users alter column a set default 1; update users set a = 1; alter table users alter column a set not null',
    'alter table users add column a int default 1; alter table users alter column a drop default',
    'alter table users add column a int; alter table users add constraint c check (a > 0) not valid',
    'alter table users add column a int; alter table users add foreign key (a) references orgs',
    'alter table users add column a int; alter table users add foreign key (a, b) references pairs',
    'alter table users add column a int default 1; alter table users add foreign key (a) references orgs',
    'alter table users add column a int; create unique index i on users (a)',
    'alter table users add column a int; alter table users add unique (a, email)',
    'alter table users add column a uuid not null default gen_random_uuid(); alter table users add unique (a)',
    'alter table users add column a int; alter table users add exclude using gist (a with =)',
  ])('%s', async (sql) => {
    const facts = await factsOfLast(sql);
    expect(facts.compatibility).toMatchObject({ verdict: 'yes' });
    expect(facts.dataLoss).toEqual([]);
  });
});

describe('what looks new but may be old is judged as old', () => {
  it.each<readonly [string, readonly string[]]>([
    ['create table if not exists t (a int); drop table t', ['table t']],
    ['create table t (a int); drop table public.t', ['table public.t']],
    ['create table t (a int); set search_path = app; drop table t', ['table t']],
    [
      "create table t (a int); select set_config('search_path', 'app', true); drop table t",
      ['table t'],
    ],
    ['create table t (a int); drop table t; drop table t', ['table t']],
    ['create table t (a int); alter table t rename to u; drop table t', ['table t']],
    [
      'create table t (a int); drop table t; alter table users rename to t; drop table t',
      ['table t'],
    ],
    ['savepoint s; create table t (a int); rollback to s; drop table t', ['table t']],
    ['-- slipway:only-if select true\ncreate table t (a int); drop table t', ['table t']],
    [
      'create schema app; alter table users set schema app; drop table app.users',
      ['table app.users'],
    ],
    ['create schema app; drop schema app cascade', ['schema app (cascade)']],
    ["create type mood as enum ('a'); drop type mood cascade", ['columns of type mood (cascade)']],
    [
      'create table p (a int) partition by list (a); alter table p attach partition users default; drop table p',
      ['table p'],
    ],
    ['create table p (a int); alter table users inherit p; drop table p', ['table p']],
    ['create view v as select * from users; delete from v', ['rows of table v']],
    [
      'create table t (a int); truncate t cascade',
      ['rows of table t and of all that refer to it (cascade)'],
    ],
    [
      'alter table users add column if not exists a int; alter table users drop column a',
      ['column users.a'],
    ],
    [
      'alter table users add column a int; alter table users rename to old; alter table people rename to users; alter table users drop column a',
      ['column users.a'],
    ],
    [
      'create temp table users (a int); alter table users add column b int; drop table users; alter table users drop column b',
      ['column users.b'],
    ],
  ])('%s', async (sql, loss) => {
    expect((await factsOfLast(sql)).dataLoss).toEqual(loss);
  });

  it.each([
    'alter table users add column a int; alter table users alter column a set not null',
    'alter table users add column a int not null default 1; alter table users alter column a drop default',
    'alter table users add column a int default 1; create unique index i on users (a)',
    'alter table users add column a int; create unique index i on users (a) nulls not distinct',
    'alter table users add column a int; alter table users add check (a is not null)',
    'alter table users add column a int; alter table users add check (a > 0 or email is null)',
    'alter table users add column a int; alter table users add primary key (a)',
    'alter table users add column a int default 1; alter table users add foreign key (a, b) references pairs',
    'alter table users add column a int; alter table users add foreign key (a, b) references pairs match full',
    'create or replace view v as select 1 as a; drop view v',
    "create or replace function f() returns int language sql as 'select 1'; drop function f()",
    "create function f(a int) returns int language sql as 'select 1'; drop function f(text)",
    'create schema if not exists app; drop schema app',
  ])('%s', async (sql) => {
    expect((await factsOfLast(sql)).compatibility.verdict).toBe('no');
  });
});

describe('scripts of one release', () => {
  async function lastLoss(header: readonly string[], ...scripts: readonly string[]) {
    const created = nothingCreated();
    let loss: readonly string[] | undefined;
    for (const sql of scripts) {
      const revision = revisionOf(sql, header);
      const script = await prepareScript(revision, revision.up, created);
      loss = script.statements.at(-1)?.facts.dataLoss;
    }
    return loss;
  }

  it('know what an earlier one created', async () => {
    expect(await lastLoss([], 'create table t (a int)', 'drop table t')).toEqual([]);
  });

  it('do not take a temporary table of an earlier one for their own', async () => {
    expect(await lastLoss([], 'create temp table t (a int)', 'drop table t')).toEqual(['table t']);
  });

  it('do not trust a name that an earlier one created under another search_path', async () => {
    const scripts = ['set local search_path = app; create table t (a int)', 'drop table t'];
    expect(await lastLoss([], ...scripts)).toEqual(['table t']);
  });

  it('know nothing new after SQL that the parser does not understand', async () => {
    const scripts = ['create table t (a int)', 'frobnicate t', 'drop table t'];
    expect(await lastLoss([], ...scripts)).toEqual(['table t']);
  });

  it('trust no temporary table outside of a transaction', async () => {
    const sql = 'create temp table t (a int) on commit drop; drop table t';
    expect(await lastLoss(['transaction none'], sql)).toEqual(['table t']);
    expect(await lastLoss([], sql)).toEqual([]);
  });
});
