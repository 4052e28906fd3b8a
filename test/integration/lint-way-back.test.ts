/** What lint says of the way back, of names and of renames, held against a real server. */

import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Finding } from '../../src/lint/finding.ts';
import { applyFixes } from '../../src/lint/fix.ts';
import { parseRevisionFile } from '../../src/sql/revision-file.ts';
import { lintText, wholeFile } from '../support/lint.ts';
import { createDatabase, type TestDatabase, withClient } from '../support/postgres.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

/** Runs `use` in a transaction that leaves nothing behind. */
async function rolledBack<T>(use: (client: Client) => Promise<T>): Promise<T> {
  return withClient(database.url, async (client) => {
    await client.query('begin');
    try {
      return await use(client);
    } finally {
      await client.query('rollback');
    }
  });
}

async function finding(rule: string, text: string): Promise<Finding> {
  const found = (await lintText(text)).find((each) => each.rule === rule);
  if (found === undefined) throw new Error(`${rule} found nothing`);
  return found;
}

/** The sections of the revisions that a rewrite consists of. */
function sectionsOf(rewrite: string | undefined) {
  return (rewrite ?? '')
    .split(/^-- \w+ revision: .*\n/m)
    .slice(1)
    .map((text, index) => {
      const { up, down } = parseRevisionFile(`-- slipway:revision w${index}\n${text}`, 'w.sql');
      return { up: up.text, down: down?.text ?? '' };
    });
}

/** Every object that somebody made, by kind and name. */
async function objects(client: Client): Promise<readonly string[]> {
  const { rows } = await client.query<{ object: string }>(`
    select (i).type || ' ' || (i).identity as object
    from (
      select pg_identify_object(classid, objid, 0) as i
      from (
        select 'pg_class'::regclass as classid, oid as objid, relnamespace as schema from pg_class
        union all select 'pg_constraint'::regclass, oid, connamespace from pg_constraint
        union all select 'pg_proc'::regclass, oid, pronamespace from pg_proc
        union all select 'pg_type'::regclass, oid, typnamespace from pg_type
        union all select 'pg_trigger'::regclass, t.oid, c.relnamespace
          from pg_trigger t join pg_class c on c.oid = t.tgrelid
        union all select 'pg_policy'::regclass, p.oid, c.relnamespace
          from pg_policy p join pg_class c on c.oid = p.polrelid
        union all select 'pg_namespace'::regclass, oid, oid from pg_namespace
      ) objects
      join pg_namespace n on n.oid = schema
      where nspname !~ '^pg_' and nspname <> 'information_schema'
    ) identified
    union all
    select 'column ' || attrelid::regclass || '.' || attname
    from pg_attribute join pg_class c on c.oid = attrelid
    join pg_namespace n on n.oid = relnamespace
    where attnum > 0 and not attisdropped and nspname !~ '^pg_' and nspname <> 'information_schema'
    order by 1`);
  return rows.map(({ object }) => object);
}

const OLD = `
create schema app;
create table app."Users" (id bigint primary key, name text, email text, state text);
create table orders (id bigint primary key, user_id bigint, total numeric, day date);
create table days (day date primary key);
create view names as select name from app."Users";
create function stamp() returns trigger language plpgsql as 'begin return new; end';`;

describe('the down section that lint writes for an empty one', () => {
  it.each([
    [`create table a (id bigint primary key, b text unique check (b <> ''), c serial);`],
    [`create index on app."Users" (lower(email), name) include (state);`],
    ['create unique index on orders (user_id, day);'],
    [`create index on app."Users" (lower(name), lower(email), (name || email), (state || name));`],
    [
      `create index on orders (coalesce(total, 0), nullif(user_id, 0), (total::int), (id::text collate "C"));`,
    ],
    [
      `create index on orders ((case when total > 0 then id else user_id end), (case when id > 0 then 1 end));`,
    ],
    [
      `create index on orders (greatest(id, user_id), least(id, user_id), (1::bigint), (array[id]));`,
    ],
    ['alter table orders add check (total >= 0);'],
    ['alter table orders add check (total >= 0 or day is null);'],
    ['alter table orders add unique (user_id, day);'],
    ['alter table orders add foreign key (day) references days;'],
    ['alter table app."Users" add column "Phone" text, add column age int default 0;'],
    ['alter table app."Users" rename column name to full_name;'],
    ['alter table orders rename constraint orders_pkey to orders_key;'],
    ['alter table app."Users" rename to people;\nalter table app.people add column phone text;'],
    ['alter table orders set schema app;'],
    ['alter view names rename to all_names;'],
    [`create type app.status as enum ('open');\ncreate table t (s app.status);`],
    ['create domain positive as int check (value > 0);'],
    ['create trigger stamp before insert on orders for each row execute function stamp();'],
    ['create policy own on app."Users" using (true);'],
    ['create policy own on orders using (true);\nalter policy own on orders rename to all_rows;'],
    [
      'create schema reports;\ncreate table reports.totals (id bigint);\ncreate view reports.v as select 1;',
    ],
    [
      'create materialized view totals as select sum(total) as total from orders;\ncreate index on totals (total);',
    ],
    [`create function one() returns int language sql as 'select 1';`],
    ['create sequence numbers;\nalter sequence numbers rename to more_numbers;'],
    [
      `create table m (at date not null) partition by range (at);
create table m_2026 partition of m for values from ('2026-01-01') to ('2027-01-01');
create index on m (at);`,
    ],
  ])('takes back %s', async (up) => {
    const { rewrite = '' } = await finding(
      'missing-down',
      `-- slipway:revision r2
-- slipway:revises r1
-- slipway:phase contract
-- An example

-- slipway:up
${up}

-- slipway:down
`,
    );
    await rolledBack(async (client) => {
      await client.query(OLD);
      const before = await objects(client);
      await client.query(up);
      expect(await objects(client)).not.toEqual(before);
      await client.query(rewrite);
      expect(await objects(client)).toEqual(before);
    });
  });
});

describe('the revisions that lint writes for a rename', () => {
  it('leave code of both releases a table', async () => {
    const { rewrite } = await finding('rename-table', 'alter table app."Users" rename to people;');
    const [expand, contract] = sectionsOf(rewrite);
    await rolledBack(async (client) => {
      await client.query(OLD);
      const start = await objects(client);
      await client.query(expand?.up ?? '');
      await client.query(`insert into app."Users" (id, name) values (1, 'old')`);
      await client.query(`insert into app.people (id, name) values (2, 'new')`);
      const between = await objects(client);
      await client.query(contract?.up ?? '');
      const { rows } = await client.query('select name from app.people order by id');
      expect(rows).toEqual([{ name: 'old' }, { name: 'new' }]);
      await client.query(contract?.down ?? '');
      expect(await objects(client)).toEqual(between);
      await client.query(expand?.down ?? '');
      expect(await objects(client)).toEqual(start);
    });
  });

  it('keep two columns the same, whoever writes', async () => {
    const { rewrite } = await finding(
      'rename-column',
      'alter table app."Users" rename column name to "Full Name";',
    );
    const [expand, backfill, contract] = sectionsOf(rewrite?.replace('<type of name>', 'text'));
    await rolledBack(async (client) => {
      await client.query(OLD);
      await client.query(`insert into app."Users" (id, name) values (1, 'before')`);
      const start = await objects(client);
      await client.query(expand?.up ?? '');
      const after = await objects(client);
      await client.query(`insert into app."Users" (id, name) values (2, 'old'), (3, 'old')`);
      await client.query(`insert into app."Users" (id, "Full Name") values (4, 'new')`);
      await client.query(`update app."Users" set name = 'changed by old' where id = 2`);
      await client.query(`update app."Users" set "Full Name" = 'changed by new' where id = 3`);
      await client.query(`update app."Users" set state = 'x' where id = 4`);
      await client.query((backfill?.up ?? '').replace(':from', '1').replace(':to', '9'));
      const { rows } = await client.query(
        'select id::int, name, "Full Name" as full from app."Users" order by id',
      );
      expect(rows).toEqual([
        { id: 1, name: 'before', full: 'before' },
        { id: 2, name: 'changed by old', full: 'changed by old' },
        { id: 3, name: 'changed by new', full: 'changed by new' },
        { id: 4, name: 'new', full: 'new' },
      ]);
      await client.query('savepoint two_columns');
      await client.query('drop view names');
      await client.query(contract?.up ?? '');
      await client.query('rollback to two_columns');
      expect(await objects(client)).toEqual(after);
      await client.query(expand?.down ?? '');
      expect(await objects(client)).toEqual(start);
    });
  });
});

describe('what lint says', () => {
  it('of names that are cut is what the server keeps', async () => {
    const names = ['a'.repeat(70), 'é'.repeat(40), '👩‍👧'.repeat(10)];
    const text = wholeFile(`create table t (${names.map((name) => `"${name}" int`).join(', ')});`);
    const fixes = (await lintText(text)).map(({ fix }) => fix);
    const { text: fixed } = applyFixes(text, fixes);
    const kept = async (sql: string) =>
      rolledBack(async (client) => {
        await client.query(sql);
        const { rows } = await client.query(
          `select attname from pg_attribute where attrelid = 't'::regclass and attnum > 0 order by attnum`,
        );
        return rows.map(({ attname }) => attname);
      });
    expect(fixes).toHaveLength(3);
    expect(await kept(fixed)).toEqual(await kept(text));
    expect(await lintText(fixed)).toEqual([]);
  });

  it.each([
    ['create table t (a int, a text)'],
    ['create table t as select 1 as a, 2 as a'],
    ['create view v (a, a) as select 1, 2'],
    ['create view v as select 1 as a, 2 as a'],
    ['insert into orders (id, day, id) values (1, null, 2)'],
    [`insert into orders (id) values (1) on conflict (id) do update set total = 1, total = 2`],
    ['update orders set total = 1, total = 2 where id = 1'],
    ['update orders set (total, day) = (1, null), total = 3 where id = 1'],
    ['alter table orders add column a int, add column a text'],
    ['merge into orders using days on true when matched then update set total = 1, total = 2'],
  ])('of columns that are named twice is what the server says: %s', async (sql) => {
    expect((await lintText(`${sql};`)).map(({ rule }) => rule)).toContain('duplicate-column');
    await rolledBack(async (client) => {
      await client.query(OLD);
      await expect(client.query(sql)).rejects.toMatchObject({
        code: expect.stringMatching(/^(?:42701|42601|0A000)$/),
      });
    });
  });

  it.each([['alter table orders drop constraint orders_day_fkey'], ['drop table orders']])(
    'of foreign keys is what is locked: %s',
    async (sql) => {
      const locked = await withClient(database.url, async (client) => {
        await client.query(OLD);
        await client.query(
          'alter table orders add constraint orders_day_fkey foreign key (day) references days',
        );
        // Only what the statement itself locks, in a transaction of its own.
        await client.query('begin');
        await client.query(sql);
        const { rows } = await client.query<{ name: string }>(
          `select relation::regclass::text as name from pg_locks
         where pid = pg_backend_pid() and mode = 'AccessExclusiveLock'
           and relation = 'days'::regclass`,
        );
        await client.query('rollback');
        await client.query(
          'drop view names; drop schema app cascade; drop table orders, days; drop function stamp()',
        );
        return rows;
      });
      expect(locked).toEqual([{ name: 'days' }]);
    },
  );

  it('of json is what the server says', async () => {
    await rolledBack(async (client) => {
      await client.query('create table t (a json)');
      await expect(client.query('select distinct * from t')).rejects.toMatchObject({
        code: '42883',
      });
    });
  });
});
