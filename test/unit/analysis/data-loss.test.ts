import { describe, expect, it } from 'vitest';
import { factsOfLast } from './support.ts';

describe('what a statement loses', () => {
  it.each<readonly [string, readonly string[]]>([
    ['drop table audit', ['table audit']],
    ['drop table audit, app.log', ['table audit', 'table app.log']],
    ['drop table audit cascade', ['table audit (cascade)']],
    ['alter table users drop column phone', ['column users.phone']],
    ['alter table users drop column if exists phone cascade', ['column users.phone']],
    ['alter table users drop column a, drop column b', ['column users.a', 'column users.b']],
    ['alter type pair drop attribute b', ['attribute pair.b']],
    ['truncate users', ['rows of table users']],
    ['truncate users, log', ['rows of table users', 'rows of table log']],
    ['truncate users cascade', ['rows of table users and of all that refer to it (cascade)']],
    ['delete from users', ['rows of table users']],
    ['delete from users where true', ['rows of table users']],
    ['delete from users using other', ['rows of table users']],
    ['with d as (delete from users returning *) select * from d', ['rows of table users']],
    [
      'with d as (delete from users returning *) insert into old select * from d',
      ['rows of table users'],
    ],
    ['explain analyze delete from users', ['rows of table users']],
    ['drop schema app cascade', ['schema app (cascade)']],
    ['drop type mood cascade', ['columns of type mood (cascade)']],
    ['drop domain email cascade', ['columns of domain email (cascade)']],
    ['drop collation german cascade', ['columns with collation german (cascade)']],
    ['drop extension hstore cascade', ['whatever uses extension hstore (cascade)']],
    ['drop access method columnar cascade', ['tables with access method columnar (cascade)']],
    ['drop owned by joe, current_user', ['everything owned by joe, current_user']],
    ['drop database app', ['database app']],
    ["alter table users alter column phone type text using ''", ['values of column users.phone']],
    [
      'alter table users alter column phone type text using email',
      ['values of column users.phone'],
    ],
    [
      'alter table users alter column phone type text using left(phone, 5)',
      ['what left cuts off the values of column users.phone'],
    ],
  ])('%s', async (sql, loss) => {
    expect((await factsOfLast(sql)).dataLoss).toEqual(loss);
  });

  it.each([
    'drop index i',
    'drop view active',
    'drop materialized view totals cascade',
    'drop function f(int) cascade',
    'drop trigger t on users',
    'drop sequence s cascade',
    'drop schema app',
    'drop type mood',
    'drop extension hstore',
    'drop foreign table remote',
    'drop policy p on users',
    'alter table users drop constraint c cascade',
    'alter table users add column phone text',
    'alter foreign table remote drop column a',
    'alter table users alter column phone type varchar(5)',
    'alter table users alter column phone type varchar(5) using phone::varchar(5)',
    'alter table users alter column id type smallint',
    'alter table users rename to people',
    'alter table measurements detach partition p1',
    'update users set phone = null',
    'delete from users where id = 1',
    'drop table pg_temp.scratch',
    'explain delete from users',
    'do $$ begin delete from users; end $$',
  ])('%s loses nothing that is known', async (sql) => {
    expect((await factsOfLast(sql)).dataLoss).toEqual([]);
  });
});
