/** What real Postgres says of the effects of statements: neither foreign nor done where it is not so. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Evidence } from '../../src/runner/ports.ts';
import { type OpenHistory, openHistory } from '../support/history-database.ts';
import { LIMITS, statementOf } from '../support/port-fixture.ts';
import { createDatabase, query, type TestDatabase } from '../support/postgres.ts';

let database: TestDatabase;
let history: OpenHistory;

beforeEach(async () => {
  database = await createDatabase();
  history = await openHistory(database.url, { searchPath: 'app, public' });
  await run(`create schema app; create schema "o'dd";
    create table app.t (gone int, id bigint primary key, name text collate "C", tags text[], at timestamptz);
    alter table app.t drop column gone;
    create table "o'dd"."my USING t" ("a b" int, id int);
    create function app.squeeze(text) returns text immutable language sql return upper($1);
    create type app.mood as enum ('bad')`);
});
afterEach(async () => {
  await history.close();
  await database.drop();
});

async function run(sql: string): Promise<void> {
  for (const each of sql.split(';')) await query(database.url, each);
}

async function evidenceOf(sql: string): Promise<Evidence> {
  const { postcondition } = (await statementOf(`${sql};`)).facts;
  if (postcondition === undefined) throw new Error(`no evidence for ${sql}`);
  return history.db.sql.evidence(postcondition, LIMITS);
}

const verdictOf = async (sql: string) => (await evidenceOf(sql)).verdict;

/** As a build that was interrupted leaves it. */
async function invalidate(index: string): Promise<void> {
  await query(
    database.url,
    `update pg_index set indisvalid = false where indexrelid = '${index}'::regclass`,
  );
}

describe('an index that a statement describes', () => {
  it.each([
    'create index concurrently i on t (id)',
    'create index concurrently i on app.t (id)',
    'create unique index concurrently i on only app . "t" using btree (id desc nulls last)',
    'create index concurrently i on t (lower(name), (id % 7) desc)',
    'create index concurrently i on t (app.squeeze(t.name))',
    'create index concurrently i on t (squeeze(name) text_pattern_ops)',
    'create index concurrently i on t (name collate "POSIX" varchar_pattern_ops)',
    'create index concurrently i on t using gin (tags) with (fastupdate = off)',
    'create index concurrently i on t using brin (at timestamptz_minmax_multi_ops) with (pages_per_range = 8)',
    'create unique index concurrently i on t (id) include (name, at) where t.id > 0 and name <> $q$;$q$',
    'create index concurrently i on t (at) tablespace pg_default',
    'create index concurrently i /* on x (id) */ on t -- on y\n (id)',
    `create index concurrently i on "o'dd"."my USING t" ("a b", id)`,
    `create index concurrently on "o'dd"."my USING t" (("my USING t"."a b" + 1))`,
    'create index concurrently on t (lower(name))',
  ])('%s', async (sql) => {
    expect(await verdictOf(sql)).toBe('absent');
    await query(database.url, `set search_path = app, public; ${sql.replace(' concurrently', '')}`);
    expect(await verdictOf(sql)).toBe('done');
    const [made] = await query(
      database.url,
      `select indexrelid::regclass::text as name from pg_index
        where indrelid::regclass::text in ('app.t', '"o''dd"."my USING t"') and not indisprimary`,
    );
    await invalidate(String(made?.['name']).replaceAll("'", "''"));
    expect(await verdictOf(sql)).toBe('remnant');
    const { postcondition } = (await statementOf(`${sql};`)).facts;
    if (postcondition !== undefined) await history.db.sql.removeRemnant(postcondition, LIMITS);
    expect(await verdictOf(sql)).toBe('absent');
  });

  it.each([
    ['(id)', '(id desc)'],
    ['(id)', '(id) where id > 0'],
    ['(id) where id > 0', '(id) where id > 1'],
    ['(id)', '(id) include (name)'],
    ['(name)', '(name text_pattern_ops)'],
    ['(name)', '(name collate "POSIX")'],
    ['(lower(name))', '(upper(name))'],
    ['(id)', '(name)'],
    ['(id)', 'using hash (id)'],
    ['(id)', '(id) with (fillfactor = 50)'],
  ])('on %s is not the one on %s, valid or not', async (made, asked) => {
    await run(`create index i on app.t ${made}`);
    const sql = `create index concurrently i on app.t ${asked}`;
    expect(await verdictOf(sql)).toBe('foreign');
    expect(await verdictOf(sql.replace(' i ', ' if not exists i '))).toBe('done');
    expect(await verdictOf(sql.replace(' i ', ' '))).toBe('absent');
    await invalidate('app.i');
    expect(await verdictOf(sql)).toBe('foreign');
    expect(await verdictOf(sql.replace(' i ', ' if not exists i '))).toBe('foreign');
  });

  it('is not one that is unique, on another table, in another schema, or no index at all', async () => {
    await run('create table public.t (id int); create index i on public.t (id)');
    expect(await verdictOf('create index concurrently i on app.t (id)')).toBe('absent');
    expect(await verdictOf('create index concurrently i on t (id)')).toBe('absent');
    await run('create index i on app.t (id)');
    expect(await verdictOf('create unique index concurrently i on app.t (id)')).toBe('foreign');
    await run('drop index app.i; create table app.u (id int); create index i on app.u (id)');
    expect(await verdictOf('create index concurrently i on app.t (id)')).toBe('foreign');
    await run('drop table app.u; create table app.i (id int)');
    expect(await verdictOf('create index concurrently i on app.t (id)')).toBe('foreign');
  });

  it('tells apart what nulls mean in it, from Postgres 15 on', async () => {
    const [server] = await query(database.url, "select current_setting('server_version_num')");
    if (Number(server?.['current_setting']) < 150_000) return;
    const sql = 'create unique index concurrently i on app.t (id)';
    await run('create unique index i on app.t (id) nulls not distinct');
    expect(await verdictOf(sql)).toBe('foreign');
    expect(await verdictOf(`${sql} nulls not distinct`)).toBe('done');
  });

  it('is found by a role that may make no temporary tables', async () => {
    const role = `r_${database.name}`;
    await run(`create role ${role}; revoke temporary on database ${database.name} from public;
      grant all on schema app to ${role}; alter table app.t owner to ${role};
      create index i on app.t (lower(t.name))`);
    const limited = await openHistory(database.url, { role, searchPath: 'app' });
    try {
      const ask = async (sql: string) => {
        const { postcondition } = (await statementOf(`${sql};`)).facts;
        if (postcondition === undefined) throw new Error('no evidence');
        return (await limited.db.sql.evidence(postcondition, LIMITS)).verdict;
      };
      expect(await ask('create index concurrently i on t (lower(name))')).toBe('done');
      expect(await ask('create index concurrently i on t (upper(name))')).toBe('foreign');
    } finally {
      await limited.close();
      await run(`drop owned by ${role} cascade; drop role ${role}`);
    }
  });

  it('leaves no trace of the look', async () => {
    await run('create index i on app.t (id)');
    await verdictOf('create index concurrently i on app.t (id)');
    expect(
      await query(database.url, "select 1 from pg_class where relname like 'slipway_evidence%'"),
    ).toEqual([]);
  });
});

describe('remnants of a reindex', () => {
  it('are invalid, named as such, and beside an index that they are like', async () => {
    await run(`create index i on app.t (id); create index i_ccnew on app.t (id);
      create index i_ccold1 on app.t (id); create index other_ccnew on app.t (at);
      create index mine_ccnew on app.t (id)`);
    expect(await verdictOf('reindex table concurrently app.t')).toBe('absent');
    for (const name of ['i_ccnew', 'i_ccold1', 'other_ccnew']) await invalidate(`app.${name}`);
    const found = await evidenceOf('reindex index concurrently app.i');
    expect(found.verdict).toBe('remnant');
    expect(found.fact).toContain('app.i_ccnew, app.i_ccold1,');
    const { postcondition } = (await statementOf('reindex schema concurrently app;')).facts;
    if (postcondition !== undefined) await history.db.sql.removeRemnant(postcondition, LIMITS);
    expect(
      await query(
        database.url,
        "select relname from pg_class where relname ~ 'cc(new|old)' order by 1",
      ),
    ).toEqual([{ relname: 'mine_ccnew' }, { relname: 'other_ccnew' }]);
  });
});

describe('an object', () => {
  it.each([
    ['create table app.x (id int)', 'drop table app.x'],
    ['create view v as select 1 as one', 'drop view v'],
    ['create materialized view v as select 1 as one', 'drop materialized view v'],
    ['create sequence s', 'drop sequence s'],
    ['create index x on t (id)', 'drop index app.x'],
    ["create type app.kind as enum ('a')", 'drop type app.kind'],
    ['create domain d as int', 'drop domain d'],
    ['create schema "S x"', 'drop schema "S x"'],
    ['create statistics st on id, name from t', 'drop statistics st'],
    ['create publication p_evidence', 'drop publication p_evidence'],
    [
      'create function f(a int, b app.mood[], out c text) language sql return 1',
      'drop function f(int, app.mood[])',
    ],
    ["create procedure pr(text) language sql as ''", 'drop procedure pr(text)'],
    ['alter table t add column extra varchar(3)', 'alter table t drop column extra'],
    [
      'alter table t add constraint c check (id > 0)',
      'alter table app.t drop constraint if exists c',
    ],
    ['create policy po on t', 'drop policy po on t'],
  ])('%s, and %s', async (create, drop) => {
    expect(await verdictOf(create)).toBe('absent');
    expect(await verdictOf(drop)).toBe('done');
    await query(database.url, `set search_path = app, public; ${create}`);
    expect(await verdictOf(create)).toBe('done');
    expect(await verdictOf(drop)).toBe('absent');
  });

  it('of another kind is somebody else’s', async () => {
    await run('create table app.x (id int)');
    expect(await verdictOf('create view x as select 1 as one')).toBe('foreign');
  });

  it('is looked for with the search path of the revision', async () => {
    await run('create table public.only_here (id int)');
    expect(await verdictOf('create table only_here (id int)')).toBe('done');
    expect(await verdictOf('create table app.only_here (id int)')).toBe('absent');
  });
});
