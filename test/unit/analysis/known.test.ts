import { describe, expect, it } from 'vitest';
import { nothingCreated } from '../../../src/analysis/created.ts';
import { prepareScript } from '../../../src/analysis/script.ts';
import { factsOfLast, revisionOf, scriptOf } from './support.ts';

/** Work and locks of the last statement, with what those before it told. */
async function linesOfLast(sql: string): Promise<string[]> {
  const { locks, work } = await factsOfLast(sql);
  return [
    ...work.map(({ kind, name }) => `${kind} ${name}`),
    ...locks.map(({ target, name }) => (target === 'relation' ? name : `${target} ${name}`)),
  ];
}

const REQUIRE = 'alter table users alter column a set not null';

describe('what earlier statements tell spares a scan for nulls', () => {
  it.each([
    `alter table users add constraint c check (a is not null) not valid; alter table users validate constraint c; ${REQUIRE}`,
    `alter table users add constraint c check (a is not null and b > 0); ${REQUIRE}`,
    `alter table users rename b to c; alter table users add constraint c check (a is not null); ${REQUIRE}`,
    `alter table users alter column a set not null; ${REQUIRE}`,
    `create table users (a int primary key); ${REQUIRE}`,
    `create table users (a int not null); alter table users add column b int; ${REQUIRE}`,
    `alter table users alter column b set not null; alter table users rename b to a; ${REQUIRE}`,
    "alter table users alter column a set not null; update users set b = lower(b); select setval('s', 1); alter table users add primary key (a)",
  ])('%s', async (sql) => {
    expect((await linesOfLast(sql)).filter((line) => line.startsWith('scan'))).toEqual([]);
  });
});

describe('what may have changed since is forgotten', () => {
  const known = 'alter table users add constraint c check (a is not null)';
  it.each([
    [known, 'alter table users drop constraint c'],
    [known, 'alter table users alter constraint c deferrable'],
    [known, 'alter table users rename constraint c to d; alter table users drop constraint d'],
    [known, 'alter table users drop column a; alter table users add column a int'],
    [known, 'alter table users rename a to b; alter table users add column a int'],
    [known, 'alter table users rename to people; alter table others rename to users'],
    [known, 'alter table users set schema attic'],
    [known, 'drop table users; create table users (a int)'],
    [known, 'do $$ begin end $$'],
    [known, 'select fill()'],
    [known, 'set search_path = app'],
    [known, "select set_config('search_path', 'app', true)"],
    [known, 'savepoint s; rollback to s'],
    [known, 'drop type t cascade'],
    [
      'alter table users alter column a set not null',
      'alter table users alter column a drop not null',
    ],
    [
      'alter table users alter column a set not null',
      'alter table users drop constraint users_a_not_null',
    ],
    ['alter table users add constraint n not null a', 'alter table users drop constraint n'],
    ['alter table users add constraint c check (a is not null) not valid', 'select 1'],
    ['alter table users add constraint c check (a is not null) no inherit', 'select 1'],
    ['alter table users add check (a is not null)', 'select 1'],
    ['alter table users add constraint c check (a is not null or b > 0)', 'select 1'],
    ['alter table users add constraint c check (a is null)', 'select 1'],
    ['alter table app.users alter column a set not null', 'select 1'],
    ['create table if not exists users (a int not null)', 'select 1'],
    ['-- slipway:only-if select false\nalter table users alter column a set not null', 'select 1'],
  ])('%s; %s', async (before, after) => {
    expect(await linesOfLast(`${before}; ${after}; ${REQUIRE}`)).toContain('scan users');
  });

  it('is kept for a table whose name says its schema, whatever the search path', async () => {
    const sql = 'alter table app.users alter column a set not null; set search_path = x; ';
    const require = 'alter table app.users alter column a set not null';
    expect(await linesOfLast(`${sql}${require}`)).toEqual(['users']);
  });
});

describe('a change of type', () => {
  const column = (type: string, change: string) =>
    `alter table t add column a ${type}; alter table t alter column a type ${change}`;

  it.each([
    ['varchar(20)', 'varchar(50)'],
    ['varchar(20)', 'varchar'],
    ['varchar(20)', 'text'],
    ['text', 'varchar'],
    ['varchar(20)', 'text using a::text'],
    ['numeric(8, 2)', 'numeric(12, 2)'],
    ['numeric(8, 2)', 'numeric'],
    ['timestamp(3)', 'timestamp'],
    ['timestamptz(3)', 'timestamptz(6)'],
    ['varbit(5)', 'varbit'],
    ['cidr', 'inet'],
    ['int', 'integer'],
    ['text[]', 'text[]'],
  ])('from %s to %s goes through nothing', async (from, to) => {
    expect((await factsOfLast(column(from, to))).work).toEqual([]);
  });

  it.each([
    ['int', 'bigint'],
    ['varchar(50)', 'varchar(20)'],
    ['text', 'varchar(20)'],
    ['varchar', 'varchar(20)'],
    ['char(5)', 'char(10)'],
    ['numeric(8, 2)', 'numeric(12, 4)'],
    ['numeric', 'numeric(8, 2)'],
    ['timestamp', 'timestamptz'],
    ['timestamp', 'timestamp(3)'],
    ['inet', 'cidr'],
    ['varchar(20)', 'text using a::varchar(5)'],
    ['varchar(20)', 'text using lower(a)'],
    ['varchar(20)', 'text collate "C"'],
    ['varchar(20) collate "C"', 'text'],
    ['varchar(20)[]', 'text[]'],
    ['varchar(20)', 'mood'],
    // Checks and expressions of indexes are made again: rows are read after all.
    ["varchar(20) check (a <> '')", 'text'],
    ["varchar(20); alter table t add check (a <> '')", 'text'],
    ['varchar(20); create index on t (lower(a))', 'text'],
    ["varchar(20); create index on t (id) where a <> ''", 'text'],
    ['varchar(20); alter table t add check (t is not null)', 'text'],
    [
      'varchar(20); alter table t rename a to b; alter table t rename b to a; do $$ begin end $$',
      'text',
    ],
  ])('from %s to %s may rewrite the table', async (from, to) => {
    expect((await linesOfLast(column(from, to)))[0]).toBe('rewrite t');
  });

  it('of a column that was there before may rewrite, whatever it was changed to since', async () => {
    const change =
      'alter table t alter column a type varchar(20); alter table t alter column a type text';
    expect((await linesOfLast(change))[0]).toBe('rewrite t');
  });

  it('is known of a column under its new name', async () => {
    const sql =
      'create table t (a varchar(20)); alter table t rename a to b; alter table t alter b type text';
    expect((await factsOfLast(sql)).work).toEqual([]);
  });
});

describe('names that lead to other tables are resolved', () => {
  it.each([
    ['create index i on users (a); drop index i', ['users', 'i']],
    ['create index i on app.users (a); drop index concurrently app.i', ['users', 'i']],
    ['create index i on users (a); drop index app.i', ['table of index i', 'i']],
    ['create index if not exists i on users (a); drop index i', ['table of index i', 'i']],
    [
      'create index i on users (a); alter index i rename to j; drop index j',
      ['table of index j', 'j'],
    ],
    [
      'alter table users add constraint u unique (a); reindex index u',
      ['build index u', 'users', 'u'],
    ],
    ['alter table t add constraint c check (a > 0); alter table t drop constraint c', ['t']],
    [
      'alter table t add constraint f foreign key (a) references users; alter table t drop constraint f',
      ['t', 'users'],
    ],
    ['alter table t drop constraint f', ['t', 'tables of foreign keys t']],
    [
      'alter table t add constraint c check (a > 0); alter table t drop constraint c, drop column b',
      ['t', 'tables of foreign keys t'],
    ],
    [
      'alter table t add constraint u unique (a); alter table t drop constraint u cascade',
      ['t', 'tables of foreign keys t'],
    ],
  ])('%s', async (sql, expected) => {
    expect(await linesOfLast(sql)).toEqual(expected);
  });
});

describe('what is known before the release', () => {
  it('is handed to it, while nothing of it is new', async () => {
    const before = nothingCreated();
    await scriptOf('create table users (a varchar(20) not null)', before);
    const release = nothingCreated(before.known);
    const { statements } = await scriptOf('alter table users alter column a type text', release);
    expect(statements[0]?.facts.work).toEqual([]);
    expect(statements[0]?.facts.locks).toMatchObject([{ name: 'users', isNew: false }, {}]);
  });

  it('does not take a temporary table for one of the same name', async () => {
    const before = nothingCreated();
    await scriptOf('create temporary table users (a int not null)', before);
    const { statements } = await scriptOf(REQUIRE, nothingCreated(before.known));
    expect(statements[0]?.facts.work).toMatchObject([{ kind: 'scan' }]);
  });

  it('is forgotten behind a revision in TypeScript', async () => {
    const before = nothingCreated();
    await scriptOf('create table users (a int not null)', before);
    const { up } = revisionOf('');
    await prepareScript(
      { id: 'r1', file: '2_fill.ts', source: '', transaction: 'one' },
      up,
      before,
    );
    const { statements } = await scriptOf(REQUIRE, nothingCreated(before.known));
    expect(statements[0]?.facts.work).toMatchObject([{ kind: 'scan' }]);
  });

  it('has no influence on what is compatible or lost', async () => {
    const before = nothingCreated();
    await scriptOf('create table users (a varchar(20) not null)', before);
    for (const sql of [
      'alter table users alter column a type varchar(10)',
      'alter table users alter column a set not null',
      'alter table users drop column a',
    ]) {
      const [withKnown] = (await scriptOf(sql, nothingCreated(before.known))).statements;
      const [without] = (await scriptOf(sql)).statements;
      expect(withKnown?.facts.compatibility).toEqual(without?.facts.compatibility);
      expect(withKnown?.facts.dataLoss).toEqual(without?.facts.dataLoss);
    }
  });
});
