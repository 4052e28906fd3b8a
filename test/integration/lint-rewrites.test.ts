/** What lint says of changes of types, and the SQL it proposes, held against a real server. */

import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scanSql } from '../../src/sql/lexer.ts';
import { lintText } from '../support/lint.ts';
import { createDatabase, type TestDatabase, withClient } from '../support/postgres.ts';

let database: TestDatabase;
let major = 0;

beforeAll(async () => {
  database = await createDatabase();
  await withClient(database.url, async (client) => {
    const { rows } = await client.query<{ version: string }>(
      `select current_setting('server_version_num') as version`,
    );
    major = Math.floor(Number(rows[0]?.version) / 10_000);
  });
});

afterAll(() => database.drop());

describe('a change of a type', () => {
  const TYPES = [
    ...['varchar(5)', 'varchar(10)', 'varchar', 'text', 'char(5)', 'name'],
    ...['numeric', 'numeric(8,2)', 'numeric(10,2)', 'numeric(10,3)', 'smallint', 'int', 'bigint'],
    ...['timestamp', 'timestamp(3)', 'timestamptz', 'timestamptz(3)', 'date'],
    ...['time', 'time(3)', 'interval', 'interval(3)', 'interval day to second', 'interval year'],
    ...['bit(3)', 'varbit(3)', 'varbit(5)', 'varbit', 'cidr', 'inet', 'json', 'jsonb'],
    ...['text[]', 'varchar[]', 'varchar(5)[]', 'varchar(10)[]', 'oid', 'real', 'double precision'],
  ];

  const change = (to: string) => `alter table t alter column c type ${to}`;

  /** Whether the server writes the table anew; undefined where it refuses the change. */
  const rewrites = async (
    client: Client,
    from: string,
    to: string,
  ): Promise<boolean | undefined> => {
    const node = async () => {
      const { rows } = await client.query("select pg_relation_filenode('t') as node");
      return rows[0]?.node;
    };
    await client.query('begin');
    try {
      await client.query(`create table t (c ${from})`);
      const before = await node();
      await client.query(change(to));
      return (await node()) !== before;
    } catch {
      return undefined;
    } finally {
      await client.query('rollback');
    }
  };

  const verdict = async (from: string, to: string): Promise<string> => {
    const found = await lintText(`alter table t add column c ${from};\n${change(to)};`);
    const rule = found.find((each) => each.rule.startsWith('column-type'))?.rule;
    return rule === undefined ? 'free' : rule === 'column-type-rewrite' ? 'rewrite' : 'perhaps';
  };

  it('is judged as the server does it, for every pair of types', { timeout: 120_000 }, async () => {
    const wrong: string[] = [];
    let seen = 0;
    await withClient(database.url, async (client) => {
      for (const from of TYPES) {
        for (const to of TYPES) {
          await client.query(`set timezone = 'UTC'`);
          const inUtc = await rewrites(client, from, to);
          if (inUtc === undefined) continue;
          await client.query(`set timezone = 'Europe/Berlin'`);
          const elsewhere = await rewrites(client, from, to);
          const truth = inUtc ? 'rewrite' : elsewhere ? 'perhaps' : 'free';
          const said = await verdict(from, to);
          if (said !== truth) wrong.push(`${from} to ${to}: ${said}, but ${truth}`);
          seen += 1;
        }
      }
    });
    expect(wrong).toEqual([]);
    expect(seen).toBeGreaterThan(300);
  });
});

describe('a rewrite', () => {
  const SETUP = `
    create schema "App";
    create table "App"."Orders" (shop int, id int, primary key (shop, id));
    create table "App".lines (number int, shop int, "Order" int, price int not null, "Amount" int not null, state text);
    insert into "App"."Orders" values (1, 1);
    insert into "App".lines select n, 1, 1, 5, n, 'open' from generate_series(1, 20) n;
    create table cities (id bigint primary key, name text not null);
    insert into cities select n, 'c' || n from generate_series(1, 20) n;
    create index "By Name" on cities (name);
    create table parts (id int not null, day date not null) partition by range (day);
    create table parts_2024 (id int not null, day date not null);
    insert into parts_2024 values (1, '2024-05-01');
    create materialized view names as select id from cities;
    create unique index names_key on names (id);
    create domain word as text;
    create table words (word word);`;

  const STATEMENTS: readonly string[] = [
    'create index lines_price on "App".lines (price)',
    'create index if not exists "Lines Price" on "App".lines (price, "Amount")',
    'drop index if exists "By Name"',
    'reindex (verbose) table "App".lines',
    'refresh materialized view names',
    `alter table parts attach partition parts_2024 for values from ('2024-01-01') to ('2025-01-01')`,
    'alter table "App".lines add foreign key (shop, "Order") references "App"."Orders" (shop, id) on delete cascade deferrable initially deferred',
    'alter table "App".lines add column a bigint default 1 references cities (id), add column b text',
    'alter table "App".lines add check ("Amount" > 0 and price > 0), add column d int',
    'alter table "App".lines add constraint "Line No" unique (number, "Order") include (state) with (fillfactor=70) deferrable initially deferred, add column e int',
    'alter table "App".lines add primary key ("Order", number)',
    'alter table "App".lines alter column "Order" set not null',
    'alter table cities add column token uuid not null unique default gen_random_uuid()',
    'alter table cities add column "Number" bigserial',
    'alter table cities add column nr int generated always as identity',
    'alter table cities add column long text generated always as (name || id) stored',
    'alter table cities alter column name type varchar(30) using upper(name)',
    'alter domain word add constraint short check (length(value) < 10)',
    'alter table cities alter column name set not null; alter table cities alter column name type varchar(5)',
    "update cities set name = 'x' where name is null",
    "delete from cities where name like 'c1%'",
  ];

  /** The statements of a rewrite, with the whole table as the range of a backfill. */
  const statementsOf = (rewrite: string): readonly string[] => {
    const sql = rewrite
      .replaceAll(':from', '1')
      .replaceAll(':to', '20')
      .replaceAll('partition_key', 'day');
    return [...scanSql(sql)].flatMap((token) =>
      token.kind === 'statement' ? [sql.slice(token.start, token.end)] : [],
    );
  };

  it.each(STATEMENTS)('is understood by the server: %s', async (sql) => {
    const found = await lintText(`${sql};`, { postgres: major });
    const rewrites = found.flatMap(({ rule, rewrite }) =>
      rewrite === undefined || rule.startsWith('unique-index') || rule === 'breaking-change'
        ? []
        : [{ rule, rewrite }],
    );
    expect(rewrites.length).toBeGreaterThan(0);
    for (const { rewrite } of rewrites) {
      await using own = await createDatabase();
      await withClient(own.url, async (client) => {
        await client.query(SETUP);
        for (const statement of statementsOf(rewrite)) {
          await client.query(statement).catch((error: Error) => {
            throw new Error(`${statement}\n${error.message}\nin\n${rewrite}`);
          });
        }
      });
    }
  });
});
