/** Made-up rows on a real server: every type, every constraint that can be satisfied, and the reason where none can. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sampleRows } from '../../src/postgres/sample-rows.ts';
import { openSession } from '../../src/postgres/session.ts';
import { readTableRows } from '../../src/postgres/table-rows.ts';
import { createDatabase, query, type TestDatabase, withClient } from '../support/postgres.ts';

let database: TestDatabase;
let samples: ReturnType<typeof sampleRows>;

beforeEach(async () => {
  database = await createDatabase();
  samples = sampleRows('slipway');
});
afterEach(() => database.drop());

describe('made-up rows', () => {
  it('are of every type', async () => {
    const types =
      `smallint integer bigint numeric numeric(3,1) numeric(2,2) real float8 money boolean text
      varchar varchar(3) char(2) name date time timetz timestamp timestamptz interval uuid json jsonb bytea inet cidr
      macaddr macaddr8 bit(5) varbit(3) xml tsvector tsquery pg_lsn oid point line lseg box path polygon circle
      integer[] text[][] mood mood[] short pair int4range tstzrange datemultirange regclass "char"`
        .split(/\s+/)
        .filter((type) => type !== 'xml')
        .map((type, index) => `c${index} ${type} not null`);
    await query(
      database.url,
      `create type mood as enum ('sad', 'it''s "ok"'); create domain short as varchar(4) check (length(value) > 1);
       create type pair as (a integer, b integer); create table every (${types.join(', ')})`,
    );
    expect(await fill()).toEqual([]);
    expect(await count('every')).toBe(4);
  });

  it('satisfy checks, uniqueness, domains and partitions', async () => {
    await query(
      database.url,
      `create domain email as text check (value ~ '^[^@]+@[^@]+$');
       create table strict (
         id integer primary key, code char(2) not null unique check (code = upper(code)),
         status text not null check (status in ('open', 'done')), kind varchar(10) not null check (kind <> ''),
         low integer not null, high integer not null, check (low < high), mail email not null,
         percent numeric(5, 2) not null check (percent between 50 and 60), born date not null, died date, check (died > born)
       );
       create table log (at date not null, what text) partition by range (at);
       create table log_may partition of log for values from ('2031-05-01') to ('2031-06-01');
       create table places (land text not null) partition by list (land);
       create table places_se partition of places for values in ('Sverige')`,
    );
    expect(await fill()).toEqual([]);
    expect(await count('strict')).toBe(4);
    expect(await count('log')).toBeGreaterThan(0);
    expect(await count('places')).toBeGreaterThan(0);
  });

  it('lead from table to table, in circles and to themselves', async () => {
    await query(
      database.url,
      `create table item (id serial primary key, shop integer not null, maker integer not null);
       create table shop (id integer generated always as identity primary key, best integer references item);
       create table maker (id integer primary key, boss integer not null references maker);
       create table tree (id integer generated always as identity primary key, above integer references tree);
       create table tenant (id integer primary key);
       create table member (tenant integer references tenant, id integer, primary key (tenant, id));
       create table visit (tenant integer not null references tenant, member integer not null, at date not null,
         foreign key (tenant, member) references member (tenant, id));
       alter table item add foreign key (shop) references shop`,
    );
    const empty = await fill();
    expect(await count('item')).toBe(4);
    expect(await count('visit')).toBe(4);
    expect(await count('tree')).toBe(4);
    expect(await query(database.url, 'select from tree where above is not null')).not.toEqual([]);
    expect(empty).toEqual([
      { table: 'public.maker', reason: 'its rows refer to rows of its own (maker_boss_fkey)' },
    ]);
  });

  it('have nulls and defaults as well', async () => {
    await query(database.url, `create table t (id integer, a text default 'standard', b text)`);
    await fill();
    const rows = await query<{ a: string | null; b: string | null }>(
      database.url,
      'select a, b from t',
    );
    expect(rows.filter(({ b }) => b === null)).not.toEqual([]);
    expect(rows.filter(({ b }) => b !== null)).not.toEqual([]);
    expect(rows.map(({ a }) => a)).toEqual(expect.arrayContaining(['standard', null]));
  });

  it('are added where a table gets a column, and nowhere else', async () => {
    await query(
      database.url,
      'create table a (id integer primary key); create table b (id integer primary key)',
    );
    await fill();
    await query(database.url, 'alter table a add column more text');
    await fill();
    expect([await count('a'), await count('b')]).toEqual([8, 4]);
    expect(await query(database.url, 'select from a where more is not null')).not.toEqual([]);
  });

  it('say why a table stays empty', async () => {
    await query(
      database.url,
      `create table never (id integer check (id is null and id is not null));
       create function refuse() returns trigger language plpgsql as 'begin raise exception ''not today''; end';
       create table shut (id integer);
       create trigger refuse before insert on shut for each row execute function refuse()`,
    );
    expect(await fill()).toEqual([
      { table: 'public.never', reason: expect.stringContaining('never_id_check') },
      { table: 'public.shut', reason: 'not today' },
    ]);
  });
});

describe('digests of rows', () => {
  it('do not depend on the order of rows or on settings, and tell duplicates', async () => {
    await query(
      database.url,
      `create table t (a text, at timestamptz); insert into t values ('x', '2026-01-01'), ('y', null)`,
    );
    const before = await rows();
    await query(database.url, `update t set a = a where a = 'x'`);
    await query(
      database.url,
      `do $$ begin execute format('alter database %I set timezone = ''Asia/Tokyo''', current_database()); end $$`,
    );
    expect(await rows()).toEqual(before);
    await query(database.url, `insert into t values ('y', null)`);
    expect(await rows()).not.toEqual(before);
    expect(before).toMatchObject([{ table: 'public.t', rows: 2 }]);
    expect(before[0]?.columns.get('at')?.present).toBe(1);
  });

  it('cover partitions once, wide tables and names that need quotes', async () => {
    const columns = Array.from({ length: 300 }, (_, index) => `c${index} integer default 1`);
    await query(
      database.url,
      `create table p (a integer) partition by list (a); create table p1 partition of p for values in (1); insert into p values (1);
       create table "Wide Table" ("select" integer, ${columns.join(', ')}); insert into "Wide Table" default values;
       create table nothing (); insert into nothing default values`,
    );
    expect((await rows()).map(({ table, rows }) => [table, rows])).toEqual([
      ['public."Wide Table"', 1],
      ['public.nothing', 1],
      ['public.p', 1],
    ]);
  });
});

function rows() {
  return withClient(database.url, (client) =>
    readTableRows(
      openSession(client, { role: undefined, signal: new AbortController().signal }),
      'slipway',
    ),
  );
}

function fill() {
  return withClient(database.url, (client) =>
    samples.fill(openSession(client, { role: undefined, signal: new AbortController().signal })),
  );
}

async function count(table: string): Promise<number> {
  const [row] = await query<{ rows: number }>(
    database.url,
    `select count(*)::integer as rows from ${table}`,
  );
  return row?.rows ?? 0;
}
