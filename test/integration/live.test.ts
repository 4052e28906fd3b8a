/** What the live database says: sizes, what names lead to, locks of others, conditions. */

import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { LockTarget } from '../../src/core/locks.ts';
import { liveDatabase } from '../../src/postgres/live.ts';
import { openSession } from '../../src/postgres/session.ts';
import type { LiveDatabase } from '../../src/runner/ports.ts';
import { createDatabase, type TestDatabase } from '../support/postgres.ts';

async function connected(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  await client.connect();
  return client;
}

let database: TestDatabase;
let live: LiveDatabase;
let withPath: LiveDatabase;
let close: () => Promise<void>;

beforeAll(async () => {
  database = await createDatabase();
  const client = await connected(database.url);
  await client.query(`
    create schema app;
    create type mood as enum ('ok');
    create table "T one" (id int primary key, name text, m mood);
    create table many (id int primary key references "T one");
    create view seen as select id from "T one";
    create table app.parts (id int, at date) partition by range (at);
    create table app.parts_1 partition of app.parts for values from ('2026-01-01') to ('2027-01-01');
    create index parts_at on app.parts (at);
    insert into "T one" select g, repeat('x', 100) from generate_series(1, 10000) g;
    insert into app.parts select g, '2026-05-01' from generate_series(1, 10000) g;
    analyze;`);
  const session = openSession(client, { role: undefined, signal: new AbortController().signal });
  live = liveDatabase(session, undefined);
  withPath = liveDatabase(session, 'nowhere, app');
  close = () => session.close();
});
afterAll(async () => {
  await close();
  await database.drop();
});

const named = (name: string, target: LockTarget = 'relation', schema?: string) => ({
  schema,
  name,
  target,
});

it('gives the size and the rows of a table, in any spelling', async () => {
  const [table] = (await live.relations([named('T one')])) ?? [];
  expect(table).toMatchObject({ relation: 'public."T one"', kind: 'table', rows: 10_000 });
  expect(table?.bytes).toBeGreaterThan(10_000 * 100);
  expect(table?.indexBytes).toBeGreaterThan(10_000);
});

it('adds up the partitions of a table', async () => {
  const [table] = (await live.relations([named('parts', 'relation', 'app')])) ?? [];
  expect(table).toMatchObject({ relation: 'app.parts', kind: 'partitioned table', rows: 10_000 });
  expect(table?.bytes).toBeGreaterThan(100_000);
});

it.each([
  ['the table of an index', named('T one_pkey', 'table of index'), ['public."T one"']],
  ['the tables of a view', named('seen', 'tables of view'), ['public."T one"']],
  ['both ends of foreign keys', named('T one', 'tables of foreign keys'), ['public.many']],
  ['the other end', named('many', 'tables of foreign keys'), ['public."T one"']],
  ['the tables of a type', named('mood', 'tables of type'), ['public."T one"']],
  ['nothing for what is not there', named('nobody'), []],
])('finds %s', async (_, name, expected) => {
  expect((await live.relations([name]))?.map(({ relation }) => relation)).toEqual(expected);
});

it('looks names up where revisions do', async () => {
  expect(await live.relations([named('parts')])).toEqual([]);
  expect(await withPath.relations([named('parts')])).toMatchObject([{ relation: 'app.parts' }]);
});

it('sees who holds which lock, and waits for nobody', async () => {
  const [table] = (await live.relations([named('T one')])) ?? [];
  const other = await connected(database.url);
  await other.query('begin; lock table "T one" in access exclusive mode');
  const [locked] = (await live.relations([named('T one')])) ?? [];
  expect(locked?.bytes).toBeGreaterThan(10_000 * 100);
  const holders = await live.lockHolders([table?.oid ?? 0]);
  expect(holders).toMatchObject([
    {
      oid: table?.oid,
      mode: 'access exclusive',
      granted: true,
      session: { state: expect.any(String) },
    },
  ]);
  await other.query('rollback');
  expect(await live.lockHolders([table?.oid ?? 0])).toEqual([]);
  await other.end();
});

it('knows the oldest transaction, the replicas and the size of the database', async () => {
  const before = await live.conditions();
  expect(before).toMatchObject({ oldestTransaction: undefined, replicas: [] });
  expect(before.version).toBeGreaterThan(140_000);
  expect(before.databaseBytes).toBeGreaterThan(1_000_000);
  const other = await connected(database.url);
  await other.query('begin; select 1 from pg_class');
  expect((await live.conditions()).oldestTransaction).toMatchObject({
    state: 'idle in transaction',
  });
  await other.end();
});

it('does without what the role may not see', async () => {
  const client = await connected(database.url);
  await client.query('create role curious; set role curious');
  const session = openSession(client, { role: undefined, signal: new AbortController().signal });
  const curious = liveDatabase(session, undefined);
  expect(await curious.relations([named('T one')])).toMatchObject([{ rows: 10_000 }]);
  expect(await curious.conditions()).toMatchObject({ diskFreeBytes: undefined });
  await client.query('reset role; drop role curious');
  await session.close();
});
