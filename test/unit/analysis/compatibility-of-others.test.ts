import { describe, expect, it } from 'vitest';
import { factsOfLast } from './support.ts';

type Case = readonly [sql: string, verdict: 'yes' | 'no' | 'unknown'];

const views: readonly Case[] = [
  ['create view active as select * from users', 'yes'],
  ['create or replace view active as select * from users', 'yes'],
  ['drop view active', 'no'],
  ['alter view active rename to live', 'no'],
  ['alter view active set (security_barrier = true)', 'unknown'],
  ['create materialized view totals as select 1 as a', 'yes'],
  ['refresh materialized view concurrently totals', 'yes'],
  ['drop materialized view totals', 'no'],
];

const routines: readonly Case[] = [
  ["create function f(a int) returns int language sql as 'select 1'", 'yes'],
  ["create or replace function f(a int) returns int language sql as 'select 1'", 'yes'],
  ["create procedure p() language sql as 'select 1'", 'yes'],
  ['drop function f(int)', 'no'],
  ['drop procedure if exists p', 'no'],
  ['alter function f(int) rename to g', 'no'],
  ['alter function f(int) set schema app', 'no'],
  ['alter function f(int) owner to app', 'unknown'],
  ['alter function f(int) immutable', 'yes'],
  ['create aggregate longest(text) (sfunc = pick, stype = text)', 'yes'],
  ['drop aggregate longest(text)', 'no'],
  ['create operator === (leftarg = int, rightarg = int, function = same)', 'yes'],
  ['drop operator === (int, int)', 'no'],
  ['create cast (text as mood) with inout', 'yes'],
  ['create cast (text as mood) with inout as implicit', 'unknown'],
  ['drop cast (text as mood)', 'no'],
  ['create trigger t before insert on users execute function f()', 'unknown'],
  ['create or replace trigger t after update on users execute function f()', 'unknown'],
  ['drop trigger t on users', 'unknown'],
  ['alter trigger t on users rename to u', 'yes'],
  ['create rule r as on delete to users do instead nothing', 'unknown'],
  ['drop rule r on users', 'unknown'],
  ['create event trigger e on ddl_command_start execute function f()', 'unknown'],
  ['drop event trigger e', 'yes'],
];

const types: readonly Case[] = [
  ["create type mood as enum ('sad')", 'yes'],
  ['create type pair as (a int, b int)', 'yes'],
  ['create type span as range (subtype = int)', 'yes'],
  ["alter type mood add value 'happy' after 'sad'", 'yes'],
  ["alter type mood rename value 'sad' to 'blue'", 'no'],
  ['alter type mood rename to feeling', 'no'],
  ['alter type pair rename attribute a to x', 'no'],
  ['alter type pair add attribute c int', 'no'],
  ['alter type pair drop attribute b', 'no'],
  ['alter type pair alter attribute b type bigint', 'no'],
  ['drop type mood', 'no'],
  ["create domain email as text check (value like '%@%')", 'yes'],
  ['alter domain email add check (length(value) < 100)', 'no'],
  ['alter domain email add check (length(value) < 100) not valid', 'no'],
  ['alter domain email validate constraint c', 'yes'],
  ['alter domain email drop constraint c', 'yes'],
  ['alter domain email set not null', 'no'],
  ['alter domain email drop not null', 'yes'],
  ["alter domain email set default ''", 'yes'],
  ['alter domain email drop default', 'no'],
  ['alter domain email rename constraint c to d', 'yes'],
  ['drop domain email', 'no'],
  ["create collation german (locale = 'de_DE')", 'yes'],
  ['drop collation german', 'no'],
];

const schemas: readonly Case[] = [
  ['create schema app', 'yes'],
  ['create schema if not exists app authorization joe', 'yes'],
  ['drop schema app', 'no'],
  ['alter schema app rename to core', 'no'],
  ['create extension if not exists pgcrypto', 'yes'],
  ["alter extension pgcrypto update to '2'", 'unknown'],
  ['drop extension pgcrypto', 'no'],
  ['create sequence s', 'yes'],
  ['alter sequence s restart', 'yes'],
  ['alter sequence s owned by users.id', 'yes'],
  ['alter sequence s rename to r', 'no'],
  ['drop sequence s', 'no'],
  ["comment on table users is 'people'", 'yes'],
  ['create publication p', 'yes'],
  ['create publication p for table users', 'unknown'],
  ['create publication p for all tables', 'unknown'],
  ['alter publication p add table orders', 'unknown'],
  ['alter publication p drop table orders', 'yes'],
  ['drop publication p', 'yes'],
  ["create subscription s connection 'host=a' publication p", 'unknown'],
  ['create server s foreign data wrapper postgres_fdw', 'yes'],
  ["alter server s options (set host 'b')", 'unknown'],
  ['drop server s', 'no'],
];

const access: readonly Case[] = [
  ['grant select on users to app', 'yes'],
  ['revoke select on users from app', 'no'],
  ['revoke all on all tables in schema public from app', 'no'],
  ['grant admin to joe', 'yes'],
  ['revoke admin from joe', 'no'],
  ['alter default privileges in schema app grant select on tables to joe', 'yes'],
  ['alter default privileges in schema app revoke select on tables from joe', 'yes'],
  ['create policy p on users using (true)', 'yes'],
  ['create policy p on users as restrictive using (true)', 'no'],
  ['alter policy p on users using (false)', 'unknown'],
  ['drop policy p on users', 'no'],
  ['create role app', 'yes'],
  ['alter role app nologin', 'unknown'],
  ["alter role app set search_path = 'app'", 'unknown'],
  ['drop role app', 'no'],
  ['reassign owned by app to joe', 'unknown'],
  ['drop owned by app', 'no'],
  ["alter database app set work_mem = '1MB'", 'unknown'],
  ["alter system set work_mem = '1MB'", 'unknown'],
];

const rows: readonly Case[] = [
  ['insert into users (id) values (1)', 'yes'],
  ['insert into users select f(x) from old', 'yes'],
  ['update users set active = true', 'yes'],
  ['delete from users where not active', 'yes'],
  ['truncate users', 'yes'],
  ['merge into a using b on a.id = b.id when matched then delete', 'yes'],
  ['copy users from stdin;\n1\n\\.', 'yes'],
  ["copy users from '/rows'", 'yes'],
  ['copy users to stdout', 'yes'],
  ["copy users to program 'mail'", 'unknown'],
  ['select phone from users limit 0', 'yes'],
  ["select pg_catalog.set_config('search_path', '', false)", 'yes'],
  ["select setval('s', 10)", 'yes'],
  ['select count(*) from users', 'yes'],
  ['select create_everything()', 'unknown'],
  ['select app.count(*) from users', 'unknown'],
  ['with x as (select f()) select * from x', 'unknown'],
  ["do $$ begin execute 'drop table users'; end $$", 'unknown'],
  ['call rebuild()', 'unknown'],
  ['execute prepared', 'unknown'],
  ['explain delete from users', 'yes'],
  ['explain analyze select create_everything()', 'unknown'],
  ["set lock_timeout = '1s'", 'yes'],
  ['reset all', 'yes'],
  ['lock table users in exclusive mode', 'yes'],
  ['savepoint a', 'yes'],
  ['notify reload', 'yes'],
  ['analyze users', 'yes'],
  ['vacuum users', 'yes'],
  ['cluster users', 'yes'],
  ['checkpoint', 'yes'],
  ["load 'library'", 'unknown'],
];

describe.each([
  ['views', views],
  ['functions and triggers', routines],
  ['types', types],
  ['schemas and their like', schemas],
  ['access', access],
  ['rows and sessions', rows],
])('the compatibility of a statement on %s', (_, cases) => {
  it.each(cases)('%s: %s', async (sql, verdict) => {
    expect((await factsOfLast(sql)).compatibility.verdict).toBe(verdict);
  });
});

describe('the reason of a verdict', () => {
  it.each([
    ['alter table users drop column phone', 'users.phone'],
    ['alter table app.users drop column phone', 'app.users.phone'],
    ['alter table users add column phone text not null', 'users.phone'],
    [
      'alter table users add constraint positive check (age > 0)',
      'check constraint positive on users',
    ],
    ['drop table audit', 'table audit'],
    ['drop function app.f(int)', 'app.f'],
    ['drop trigger t on app.users', 'trigger t of app.users'],
    ['drop materialized view totals', 'materialized view totals'],
    ['drop operator class c using btree', 'operator class c,'],
    ['drop cast (integer as text)', 'cast integer as text'],
    ['alter table users rename column a to b', 'column users.a to b'],
    ['alter domain d rename constraint a to b', 'constraint d.a to b'],
    ['alter schema a rename to b', 'schema a to b'],
    ['alter table users alter column price type numeric(10, 2)[]', 'numeric(10, 2)[]'],
    ['alter table users alter column gap type interval day to second', 'interval,'],
    ['drop table "weird\nname"', 'table "weird\\nname"'],
    ['drop table 사용자', 'table 사용자'],
    ['select app.create_everything()', 'function app.create_everything'],
    ['revoke select on a, b.c from joe', 'table a, b.c'],
  ])('of %s names %s', async (sql, name) => {
    const { reason } = (await factsOfLast(sql)).compatibility;
    expect(reason).toContain(name);
    expect(reason).toMatch(/^[a-z][^\n]*[^.]$/);
  });
});
