/** Columns that are hidden and come back, on real Postgres: the catalog as before, and no row lost. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { revision } from '../support/graph.ts';
import { catalogOf, hiding, type SoftDropPlace, softDropPlace } from '../support/soft-drops.ts';

let place: SoftDropPlace;

beforeEach(async () => {
  place = await softDropPlace();
});
afterEach(() => place.close());

const base = (sql: string) =>
  revision('a', { up: sql, down: '-- slipway:ignore none nothing to do\nselect 1;' });

interface Case {
  readonly name: string;
  readonly setup: string;
  readonly hide: readonly string[];
  /** What code of the new release does meanwhile. */
  readonly meanwhile: string;
  /** Rows afterwards. */
  readonly ask: string;
  readonly rows: readonly object[];
  /** What the log says. */
  readonly notices?: readonly (string | RegExp)[];
}

const USERS = 'create table users (id int primary key, phone text);';

const CASES: readonly Case[] = [
  {
    name: 'a column that takes nulls',
    setup: `${USERS} insert into users values (1, 'one')`,
    hide: ['column users.phone'],
    meanwhile: 'insert into users values (2)',
    ask: 'select * from users order by id',
    rows: [
      { id: 1, phone: 'one' },
      { id: 2, phone: null },
    ],
  },
  {
    name: 'a quoted name in a quoted schema',
    setup: `create schema "My App"; create table "My App"."Users" (id int, "Phone.no" text not null);
      insert into "My App"."Users" values (1, 'one')`,
    hide: ['column "My App"."Users"."Phone.no"'],
    meanwhile: 'select 1',
    ask: 'select "Phone.no" as p from "My App"."Users"',
    rows: [{ p: 'one' }],
  },
  {
    name: 'a name as long as names can be',
    setup: `create table t (id int, ${'x'.repeat(63)} int not null default 3, ${'x'.repeat(62)}y int not null);
      insert into t values (1, 2, 4)`,
    hide: [`column t.${'x'.repeat(63)}`, `column t.${'x'.repeat(62)}y`],
    meanwhile: 'select 1',
    ask: 'select * from t',
    rows: [{ id: 1, ['x'.repeat(63)]: 2, [`${'x'.repeat(62)}y`]: 4 }],
  },
  {
    name: 'not null, where nothing was written meanwhile',
    setup: `create table users (id int primary key, phone text constraint called not null);
      insert into users values (1, 'one')`,
    hide: ['column users.phone'],
    meanwhile: 'update users set id = 5',
    ask: 'select * from users',
    rows: [{ id: 5, phone: 'one' }],
  },
  {
    name: 'a plain default, which stays with its not null: new rows have it',
    setup: `create table users (id int primary key, kind text not null default 'guest',
        made timestamptz not null default now(), n numeric(5, 2) not null default 1.5, d date default current_date,
        active boolean not null default true, u uuid not null default gen_random_uuid(), s bigserial);
      insert into users (id, kind) values (1, 'admin')`,
    hide: ['kind', 'made', 'n', 'd', 'active', 'u', 's'].map((name) => `column users.${name}`),
    meanwhile: 'insert into users values (2); insert into users (id) values (3)',
    ask: `select id, kind, made is not null as made, n::text, d is not null as d, active, u is not null as u, s from users order by id`,
    rows: [
      { id: 1, kind: 'admin', made: true, n: '1.50', d: true, active: true, u: true, s: '1' },
      { id: 2, kind: 'guest', made: true, n: '1.50', d: true, active: true, u: true, s: '2' },
      { id: 3, kind: 'guest', made: true, n: '1.50', d: true, active: true, u: true, s: '3' },
    ],
  },
  {
    name: 'a default of a function of its own: filled in afterwards',
    setup: `create function made() returns text language sql as 'select ''made''';
      create table users (id int primary key, phone text not null default made());
      insert into users values (1, 'one')`,
    hide: ['column users.phone'],
    meanwhile: 'insert into users values (2), (3)',
    ask: 'select * from users order by id',
    rows: [
      { id: 1, phone: 'one' },
      { id: 2, phone: 'made' },
      { id: 3, phone: 'made' },
    ],
    notices: ['WARNING: 2 rows written meanwhile got the default of column users.phone'],
  },
  {
    name: 'a default that is filled in where a trigger waits for the commit',
    setup: `create function made() returns text language sql as 'select ''made''';
      create table users (id int primary key, phone text not null default made());
      create function note() returns trigger language plpgsql as 'begin return null; end';
      create constraint trigger noting after update on users deferrable initially deferred for each row execute function note();
      insert into users values (1, 'one')`,
    hide: ['column users.phone'],
    meanwhile: 'insert into users values (2)',
    ask: 'select * from users order by id',
    rows: [
      { id: 1, phone: 'one' },
      { id: 2, phone: 'made' },
    ],
    notices: ['WARNING: 1 rows written meanwhile got the default of column users.phone'],
  },
  {
    name: 'a setting as a default, which fails where it is not set, and takes nulls',
    setup: `create table users (id int primary key, tenant text default current_setting('app.tenant'))`,
    hide: ['column users.tenant'],
    meanwhile: 'insert into users values (2)',
    ask: 'select * from users order by id',
    rows: [{ id: 2, tenant: null }],
  },
  {
    name: 'identity',
    setup: `create table users (id int primary key, no int generated always as identity);
      insert into users values (1)`,
    hide: ['column users.no'],
    meanwhile: 'insert into users values (2)',
    ask: 'select * from users order by id',
    rows: [
      { id: 1, no: 1 },
      { id: 2, no: 2 },
    ],
  },
  {
    name: 'a generated column, and then the one that it is made of',
    setup: `create table users (id int primary key, name text not null, upper text not null generated always as (upper(name)) stored);
      insert into users values (1, 'one')`,
    hide: ['column users.upper', 'column users.name'],
    meanwhile: 'update users set id = 2',
    ask: 'select * from users',
    rows: [{ id: 2, name: 'one', upper: 'ONE' }],
  },
  {
    name: 'indexes of all kinds',
    setup: `create table users (id int primary key, tenant int, email text not null default '', unique (tenant, email));
      create unique index users_email on users (email);
      create unique index users_lower on users (lower(email)) where email <> '';
      create index on users (coalesce(email, ''));
      create statistics users_stats on tenant, email from users;
      insert into users values (1, 1, 'one')`,
    hide: ['column users.email'],
    meanwhile: 'insert into users values (2, 1), (3, 1); delete from users where id = 3',
    ask: 'select id, email from users order by id',
    rows: [
      { id: 1, email: 'one' },
      { id: 2, email: '' },
    ],
    notices: ['WARNING: 1 rows written meanwhile got the default of column users.email'],
  },
  {
    name: 'checks: those that take a null stay, those that do not are lifted',
    setup: `create table users (id int primary key, phone text not null, email text, age int, kind varchar(9),
        constraint aged check (age > 0 and age < 200), constraint kinds check (kind in ('is null', 'b')),
        constraint long check (length(phone) > 2 or phone like '+%'),
        constraint reachable check (phone is not null or email is not null),
        constraint counted check (num_nonnulls(phone, email) = 1) not valid, check (coalesce(age, 0) <> 1));
      insert into users values (1, 'one', null, 7, 'b')`,
    hide: ['column users.age', 'column users.kind', 'column users.phone', 'column users.email'],
    meanwhile: 'update users set id = 2',
    ask: 'select * from users',
    rows: [{ id: 2, phone: 'one', email: null, age: 7, kind: 'b' }],
  },
  {
    name: 'foreign keys: lifted, so that what they refer to can go, and back again',
    setup: `create table customers (id int primary key, code text, unique (id, code));
      create table orders (id int, customer int not null references customers on delete cascade,
        code text, foreign key (customer, code) references customers (id, code) match full);
      insert into customers values (1, 'a'), (2, 'b'); insert into orders values (1, 1, 'a')`,
    hide: ['column orders.customer'],
    meanwhile: 'delete from customers where id = 2',
    ask: 'select id, customer from orders',
    rows: [{ id: 1, customer: 1 }],
  },
  {
    name: 'views, materialized views, triggers, comments and grants',
    setup: `${USERS} insert into users values (1, 'one');
      create view shown as select id, phone from users;
      create materialized view counted as select phone, count(*) from users group by 1;
      create function note() returns trigger language plpgsql as 'begin return new; end';
      create trigger noting before update of phone on users for each row when (old.phone is distinct from new.phone) execute function note();
      comment on column users.phone is 'to call'; grant select (phone) on users to public`,
    hide: ['column users.phone'],
    meanwhile:
      "insert into users values (2); refresh materialized view counted; update shown set phone = 'x' where id = 2",
    ask: 'select * from shown order by id',
    rows: [
      { id: 1, phone: 'one' },
      { id: 2, phone: 'x' },
    ],
  },
  {
    name: 'a table with partitions, each with a default or a check of its own',
    setup: `create table events (id int, kind text not null, note text default 'n') partition by list (id);
      create table events_1 partition of events for values in (1);
      create table events_2 partition of events (constraint kinds check (kind is not null and kind <> '')) for values in (2);
      alter table only events_2 alter column note set default 'two';
      alter table only events_2 alter column kind set default 'k';
      create unique index on events (id, kind);
      insert into events values (1, 'a', 'b'), (2, 'c', 'd')`,
    hide: ['column events.kind', 'column events.note'],
    meanwhile: 'update events set id = id',
    ask: 'select * from events order by id',
    rows: [
      { id: 1, kind: 'a', note: 'b' },
      { id: 2, kind: 'c', note: 'd' },
    ],
  },
  {
    name: 'children by inheritance, with a not null of their own',
    setup: `create table animals (id int, name text);
      create table cats (lives int) inherits (animals);
      alter table cats alter column name set not null;
      insert into cats values (1, 'Tom', 9)`,
    hide: ['column animals.name'],
    meanwhile: 'insert into animals values (2)',
    ask: 'select * from animals order by id',
    rows: [
      { id: 1, name: 'Tom' },
      { id: 2, name: null },
    ],
  },
  {
    name: 'a table with row security on another column',
    setup: `create table users (id int primary key, tenant int not null, phone text not null);
      alter table users enable row level security;
      create policy mine on users using (tenant = 1);
      insert into users values (1, 1, 'one')`,
    hide: ['column users.phone'],
    meanwhile: 'update users set id = 2',
    ask: 'select * from users',
    rows: [{ id: 2, tenant: 1, phone: 'one' }],
  },
  {
    name: 'a published table, which is told',
    setup: `${USERS} set client_min_messages = error; create publication everything for all tables`,
    hide: ['column users.phone'],
    meanwhile: 'insert into users values (1)',
    ask: 'select * from users',
    rows: [{ id: 1, phone: null }],
    notices: [/WARNING: the hidden column _slipway_dropped_\w{8}_phone is published by everything/],
  },
  {
    name: 'a table that is renamed and moved meanwhile',
    setup: `${USERS} insert into users values (1, 'one')`,
    hide: ['column users.phone'],
    meanwhile:
      'create schema away; alter table users rename to people; alter table people set schema away; insert into away.people values (2); alter table away.people set schema public; alter table people rename to users; drop schema away',
    ask: 'select phone from users where id = 1',
    rows: [{ phone: 'one' }],
  },
];

describe.each(CASES)('$name', ({ setup, hide, meanwhile, ask, rows, notices = [] }) => {
  it('comes back as it was, with its data', async () => {
    const a = base(setup);
    await place.up(a);
    const before = await catalogOf(place.url);
    await place.up(a, hiding('b<-a', ...hide));
    await place.query(meanwhile);
    await place.down('a');
    expect(await place.query(ask)).toEqual(rows);
    expect(await catalogOf(place.url)).toEqual(before);
    expect(place.notices()).toEqual(
      notices.map((each) => (typeof each === 'string' ? each : expect.stringMatching(each))),
    );
    expect(await place.query('select * from slipway.soft_drop')).toEqual([]);
  });
});

describe('rows that were written meanwhile', () => {
  const between = async (setup: string, hide: string, meanwhile: string) => {
    const a = base(setup);
    await place.up(a);
    await place.up(a, hiding('b<-a', hide));
    await place.query(meanwhile);
    await place.down('a');
    return place.notices();
  };
  const isNotNull = async (table: string, column: string) =>
    (
      await place.query(
        `select attnotnull as it from pg_attribute where attrelid = '${table}'::regclass and attname = '${column}'`,
      )
    )[0]?.['it'];

  it('keep a not null off, and say how many there are and what to do', async () => {
    const notices = await between(
      'create table users (id int primary key, phone text not null); insert into users values (1, $$one$$)',
      'column users.phone',
      'insert into users values (2), (3)',
    );
    expect(notices).toEqual([
      'WARNING: column public.users.phone takes nulls from now on, since 2 rows written meanwhile have none; fill them, then: alter table public.users alter column phone set not null',
    ]);
    expect(await place.query('select * from users order by id')).toEqual([
      { id: 1, phone: 'one' },
      { id: 2, phone: null },
      { id: 3, phone: null },
    ]);
    await place.query(
      "update users set phone = '' where phone is null; alter table users alter column phone set not null",
    );
  });

  it('keep their nulls where the default cannot be given to all of them', async () => {
    const notices = await between(
      "create table users (id int primary key, email text not null default '' unique)",
      'column users.email',
      'insert into users values (2), (3)',
    );
    expect(notices).toEqual([
      expect.stringMatching(
        /^WARNING: rows written meanwhile could not get the default of column users.email: .*unique/,
      ),
      expect.stringMatching(
        /^WARNING: column public.users.email takes nulls from now on, since 2 rows/,
      ),
    ]);
    expect(await isNotNull('users', 'email')).toBe(false);
  });

  it('keep a check off that they do not fulfil, with the words that bring it back', async () => {
    const notices = await between(
      'create table users (id int primary key, phone text, constraint reachable check (phone is not null))',
      'column users.phone',
      'insert into users values (2)',
    );
    expect(notices).toEqual([
      'WARNING: constraint reachable of public.users stays off (rows written meanwhile do not fulfil it, or the table is too big to look); to bring it back: alter table public.users add constraint reachable CHECK ((phone IS NOT NULL))',
    ]);
    await place.query(
      "update users set phone = 'x'; alter table users add constraint reachable CHECK ((phone IS NOT NULL))",
    );
  });

  it('leave a foreign key that does not hold for all rows to hold for new ones', async () => {
    const notices = await between(
      'create table customers (id int primary key); create table orders (customer int references customers);' +
        'insert into customers values (1); insert into orders values (1)',
      'column orders.customer',
      'delete from customers',
    );
    expect(notices).toEqual([
      expect.stringMatching(
        /^WARNING: constraint orders_customer_fkey of public.orders is back for new rows, and not all old ones fulfil it: /,
      ),
    ]);
    expect(await place.query('select customer from orders')).toEqual([{ customer: 1 }]);
    await expect(place.query('insert into orders values (7)')).rejects.toThrow(/foreign key/);
  });
});

describe('a constraint over two hidden columns', () => {
  const setup = base(
    `create table users (id int primary key, phone text, email text,
       constraint reachable check (phone is not null or email is not null),
       constraint "one of" check (num_nonnulls(phone, email) < 2));
     insert into users values (1, 'one')`,
  );
  it.each([
    [['column users.phone', 'column users.email']],
    [['column users.email', 'column users.phone']],
  ])('comes back with the last of %j, in either order', async (order) => {
    await place.up(setup);
    const before = await catalogOf(place.url);
    const both = revision('b<-a', {
      up: order.map((each) => `-- slipway:soft-drop ${each}`).join('\n'),
      down: '-- slipway:soft-restore column users.phone\n-- slipway:soft-restore column users.email',
    });
    await place.up(setup, both);
    await place.query('insert into users values (2); delete from users where id = 2');
    await place.down('a');
    expect(place.notices()).toEqual([]);
    expect(await catalogOf(place.url)).toEqual(before);
  });
});

describe('the same name again', () => {
  it('can be added by the next revision, hidden again, and taken back step by step', async () => {
    const a = base(`${USERS} insert into users values (1, 'first')`);
    const b = hiding('b<-a', 'column users.phone');
    const c = revision('c<-b', {
      up: 'alter table users add column phone int not null default 7;',
      down: '-- slipway:soft-drop column users.phone',
    });
    const d = hiding('d<-c', 'column users.phone');
    await place.up(a, b, c);
    await place.query('insert into users (id, phone) values (2, 8)');
    await place.up(a, b, c, d);
    await place.query('insert into users (id) values (3)');
    await place.down('c');
    expect(await place.query('select id, phone from users order by id')).toEqual([
      { id: 1, phone: 7 },
      { id: 2, phone: 8 },
      { id: 3, phone: 7 },
    ]);
    await place.down('a');
    expect(await place.query('select id, phone from users where id < 3 order by id')).toEqual([
      { id: 1, phone: 'first' },
      { id: 2, phone: null },
    ]);
    // What the way down has hidden of c is there still.
    expect(await place.query('select revision, purged_at from slipway.soft_drop')).toEqual([
      { revision: 'c', purged_at: null },
    ]);
  });

  it('is an error where somebody else has added it, and nothing is done', async () => {
    const a = base(USERS);
    await place.up(a, hiding('b<-a', 'column users.phone'));
    await place.query('alter table users add column phone int');
    await expect(place.down('a')).rejects.toMatchObject({
      code: 'SLIPWAY_REVISION_FAILED',
      exitCode: 12,
      message: expect.stringMatching(
        /^revision "b" failed at \S+:\d+:1: cannot restore column users.phone: public.users has another column of this name by now$/,
      ),
      details: {
        sqlState: '42701',
        hint: expect.stringContaining('alter table public.users rename column phone to'),
        where: undefined,
      },
    });
    await place.query('alter table users drop column phone');
    await place.down('a');
    await place.query('select phone from users');
  });
});

it('comes back to a table that was renamed meanwhile', async () => {
  const a = base(`create table phones (no text primary key); insert into phones values ('one');
    create table users (id int primary key, phone text not null references phones check (phone is not null));
    insert into users values (1, 'one')`);
  await place.up(a, hiding('b<-a', 'column users.phone'));
  await place.query(
    'create schema away; alter table users rename to people; alter table people set schema away',
  );
  await place.down('a');
  expect(await place.query('select * from away.people')).toEqual([{ id: 1, phone: 'one' }]);
  expect(place.notices()).toEqual([]);
  const constraints = "select conname from pg_constraint where conrelid = 'away.people'::regclass";
  expect(await place.query(`${constraints} and contype in ('c', 'f') order by 1`)).toEqual([
    { conname: 'users_phone_check' },
    { conname: 'users_phone_fkey' },
  ]);
});

const NOT_THERE = { code: 'SLIPWAY_REVISION_FAILED', exitCode: 12 };

describe('what cannot be hidden', () => {
  it.each([
    ['users.nope', USERS, /column "nope" of relation "public.users" does not exist/],
    ['nope.phone', USERS, /relation "nope" does not exist/],
    ['shown.phone', `${USERS} create view shown as select * from users`, /shown is not a table/],
    ['users.id', USERS, /belongs to the primary key users_pkey/],
    [
      'p.k',
      'create table p (k int, v int) partition by range (k)',
      /table public.p is partitioned by it/,
    ],
    [
      'p.k',
      'create table p (k int, v int) partition by range ((k + 1))',
      /table public.p is partitioned by it/,
    ],
    [
      'p1.v',
      'create table p (k int, v int) partition by range (k); create table p1 partition of p default',
      /it is inherited from table public.p$/,
    ],
    [
      't.v',
      'create type pair as (k int, v int); create table t of pair',
      /one of type public.pair/,
    ],
    [
      't.v',
      'create table t (k int, v int not null unique); alter table t replica identity using index t_v_key',
      /replica identity/,
    ],
    [
      't.v',
      "create table t (k int, v text); create unique index odd on t (coalesce(v, ''))",
      /unique index public.odd has an expression/,
    ],
    [
      't.v',
      'create table t (k int, v text); create unique index odd on t (k) where v is null',
      /unique index public.odd has an expression/,
    ],
    [
      't.v',
      'create table t (v int, w int generated always as (v + 1) stored)',
      /generated column w is computed from it/,
    ],
    ['t.v', 'create table t (v int); create policy p on t using (v = 1)', /policy p looks at it/],
    [
      't.v',
      'create table t (v int unique); create table r (v int references t (v))',
      /foreign key r_v_fkey of table public.r refers to it/,
    ],
    [
      't.v',
      'create domain d as int not null; create table t (v d)',
      /its type public.d takes no null/,
    ],
  ])('%s of %s', async (column, sql, message) => {
    const a = base(sql);
    await place.up(a);
    const before = await catalogOf(place.url);
    await expect(place.up(a, hiding('b<-a', `column ${column}`))).rejects.toMatchObject({
      ...NOT_THERE,
      message: expect.stringMatching(message),
      details: { line: 7, column: 1, hint: expect.any(String), where: undefined },
    });
    expect(await catalogOf(place.url)).toEqual(before);
  });

  it('is hidden already', async () => {
    const a = base(USERS);
    const b = hiding('b<-a', 'column users.phone');
    await place.up(a, b);
    await expect(place.up(a, b, hiding('c<-b', 'column users.phone'))).rejects.toMatchObject({
      ...NOT_THERE,
      details: { hint: 'Revision "b" has hidden a column of this name already.' },
    });
  });

  it('is unique with nulls that are not distinct', async (context) => {
    const [server] = await place.query(
      "select current_setting('server_version_num')::int as version",
    );
    context.skip(Number(server?.['version']) < 150000, 'Postgres 14 knows no nulls not distinct');
    const a = base('create table t (v int unique nulls not distinct)');
    await place.up(a);
    await expect(place.up(a, hiding('b<-a', 'column t.v'))).rejects.toThrow(
      /takes a null for a value/,
    );
  });
});

it('does not come back when somebody dropped it by hand, which is said before anything runs', async () => {
  const a = base(USERS);
  await place.up(a, hiding('b<-a', 'column users.phone'));
  const [row] = await place.query('select hidden_name from slipway.soft_drop');
  await place.query(`alter table users drop column ${row?.['hidden_name']}`);
  await expect(place.down('a')).rejects.toMatchObject({
    code: 'SLIPWAY_NO_WAY_BACK',
    message: expect.stringMatching(/column users.phone was dropped by hand while it was hidden$/),
  });
});
