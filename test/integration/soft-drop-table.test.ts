/** Tables that are hidden and come back, on real Postgres: the catalog as before, and no row lost. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { revision } from '../support/graph.ts';
import { catalogOf, hiding, type SoftDropPlace, softDropPlace } from '../support/soft-drops.ts';

let place: SoftDropPlace;

beforeEach(async () => {
  place = await softDropPlace();
});
afterEach(() => place.close());

const base = (sql: string) => revision('a', { up: sql, down: 'select 1;' });

const AUDIT = `create table audit (id bigserial primary key, what text not null unique, at date default '2026-01-01');
  create index audit_at on audit (at); insert into audit (what) values ('first');`;

interface Case {
  readonly name: string;
  readonly setup: string;
  readonly hide: readonly string[];
  /** What code of the new release does meanwhile. */
  readonly meanwhile: string;
  readonly ask: string;
  readonly rows: readonly object[];
  readonly notices?: readonly RegExp[];
}

const CASES: readonly Case[] = [
  {
    name: 'a table, with its sequence and indexes out of the way of a new one',
    setup: `${AUDIT} create statistics audit_stats on what, at from audit`,
    hide: ['table audit'],
    meanwhile: `${AUDIT} create statistics audit_stats on what, at from audit; drop table audit`,
    ask: 'select id, what from audit',
    rows: [{ id: '1', what: 'first' }],
  },
  {
    name: 'a quoted table with identity, in its schema',
    setup: `create schema "My App"; create table "My App"."Audit ""x""" (id int generated always as identity primary key, v text);
      insert into "My App"."Audit ""x""" (v) values ('one')`,
    hide: ['table "My App"."Audit ""x"""'],
    meanwhile: 'select 1',
    ask: 'select * from "My App"."Audit ""x"""',
    rows: [{ id: 1, v: 'one' }],
  },
  {
    name: 'foreign keys in both directions: nobody is held up meanwhile',
    setup: `create table users (id int primary key); create table audit (id int primary key, by int references users on delete cascade, before int references audit);
      create table notes (audit int references audit deferrable initially deferred, constraint "also to" foreign key (audit) references audit (id) not valid);
      insert into users values (1), (2); insert into audit values (1, 1, null), (2, 1, 1); insert into notes values (1)`,
    hide: ['table audit'],
    meanwhile: 'delete from users where id = 2; insert into notes values (2), (null)',
    ask: 'select * from audit order by id',
    rows: [
      { id: 1, by: 1, before: null },
      { id: 2, by: 1, before: 1 },
    ],
  },
  {
    name: 'views, triggers, policies, grants and a publication',
    setup: `${AUDIT} create view shown as select what from audit;
      create function note() returns trigger language plpgsql as 'begin return new; end';
      create trigger noting before insert on audit for each row execute function note();
      alter table audit enable row level security; create policy mine on audit using (id > 0);
      grant select on audit to public; comment on table audit is 'who did what';
      set client_min_messages = error; create publication said for table audit`,
    hide: ['table audit'],
    meanwhile: 'select * from shown',
    ask: 'select * from shown',
    rows: [{ what: 'first' }],
  },
  {
    name: 'a table with partitions of partitions',
    setup: `create table events (id int, at date, primary key (id, at)) partition by range (at);
      create table events_25 partition of events for values from ('2025-01-01') to ('2026-01-01') partition by hash (id);
      create table events_25_0 partition of events_25 for values with (modulus 1, remainder 0);
      create table events_rest partition of events default;
      create table users (id int primary key); alter table events add foreign key (id) references users;
      insert into users values (1); insert into events values (1, '2025-02-03'), (1, '2027-02-03')`,
    hide: ['table events'],
    meanwhile:
      'create table events_25_0 (id int constraint events_pkey primary key); drop table events_25_0',
    ask: 'select count(*)::int from events',
    rows: [{ count: 2 }],
  },
  {
    name: 'two tables that refer to each other, and a hidden column of one',
    setup: `create table one (id int primary key, v text not null); create table two (id int primary key, one int not null references one);
      alter table one add two int references two; insert into one values (1, 'x'); insert into two values (1, 1); update one set two = 1`,
    hide: ['column one.v', 'table one', 'table two'],
    meanwhile: 'create table one (id int)  ; drop table one',
    ask: 'select v, one, two from one, lateral (select one.id as one) as o',
    rows: [{ v: 'x', one: 1, two: 1 }],
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
    expect(place.notices()).toEqual(notices.map((each) => expect.stringMatching(each)));
    expect(await place.query('select * from slipway.soft_drop')).toEqual([]);
  });
});

it('is out of sight for old code while it is hidden', async () => {
  const a = base(AUDIT);
  await place.up(a, hiding('b<-a', 'table audit'));
  await expect(place.query('select * from audit')).rejects.toMatchObject({ code: '42P01' });
  expect(
    await place.query('select kind, schema_name, table_name, revision from slipway.soft_drop'),
  ).toEqual([{ kind: 'table', schema_name: 'public', table_name: 'audit', revision: 'b' }]);
});

it('comes back in another order than it was hidden in, with its foreign keys', async () => {
  const a = base(
    'create table one (id int primary key); create table two (id int primary key, one int references one)',
  );
  await place.up(a);
  const before = await catalogOf(place.url);
  for (const order of [
    ['one', 'two'],
    ['two', 'one'],
  ]) {
    const b = revision('b<-a', {
      up: '-- slipway:soft-drop table one\n-- slipway:soft-drop table two',
      down: order.map((name) => `-- slipway:soft-restore table ${name}`).join('\n'),
    });
    await place.up(a, b);
    await place.down('a');
    expect(await catalogOf(place.url)).toEqual(before);
  }
  expect(place.notices()).toEqual([]);
});

it('comes back although rows of others refer to rows that it never had', async () => {
  const a = base(
    'create table audit (id int primary key); create table notes (audit int references audit)',
  );
  await place.up(a, hiding('b<-a', 'table audit'));
  await place.query('insert into notes values (7)');
  await place.down('a');
  expect(place.notices()).toEqual([
    expect.stringMatching(
      /^WARNING: constraint notes_audit_fkey of public.notes is back for new rows, and not all/,
    ),
  ]);
  await expect(place.query('insert into notes values (8)')).rejects.toThrow(/foreign key/);
});

it('does not come back over a newer table of its name', async () => {
  const a = base(AUDIT);
  await place.up(a, hiding('b<-a', 'table audit'));
  await place.query('create table audit (id int)');
  await expect(place.down('a')).rejects.toMatchObject({
    code: 'SLIPWAY_REVISION_FAILED',
    message: expect.stringMatching(
      /cannot restore table audit: there is another relation public.audit by now$/,
    ),
    details: {
      sqlState: '42P07',
      hint: expect.stringContaining('alter table public.audit rename to'),
    },
  });
  await place.query('drop table audit');
  await place.down('a');
  expect(await place.query('select what from audit')).toEqual([{ what: 'first' }]);
});

it('comes back although an index of it lost its name to another one', async () => {
  const a = base(AUDIT);
  await place.up(a, hiding('b<-a', 'table audit'));
  await place.query('create table other (id int); create index audit_at on other (id)');
  await place.down('a');
  expect(place.notices()).toEqual([
    expect.stringMatching(
      /^WARNING: index public.audit_at keeps its hidden name _slipway_dropped_\w{8}_\d_audit_at: /,
    ),
  ]);
});

describe('what cannot be hidden', () => {
  it.each([
    ['nope', AUDIT, /relation "nope" does not exist/],
    [
      'shown',
      `${AUDIT} create view shown as select * from audit`,
      /cannot soft-drop table shown: it is not a table/,
    ],
    [
      'p1',
      'create table p (k int) partition by range (k); create table p1 partition of p default',
      /rows belong to table public.p/,
    ],
    [
      'p',
      'create table p (k int); create table c () inherits (p)',
      /table public.c inherits from it/,
    ],
  ])('%s', async (table, sql, message) => {
    const a = base(sql);
    await place.up(a);
    const before = await catalogOf(place.url);
    await expect(place.up(a, hiding('b<-a', `table ${table}`))).rejects.toMatchObject({
      code: 'SLIPWAY_REVISION_FAILED',
      message: expect.stringMatching(message),
      details: { line: 7, column: 1, hint: expect.any(String), where: undefined },
    });
    expect(await catalogOf(place.url)).toEqual(before);
  });

  it('is hidden already', async () => {
    const a = base(AUDIT);
    const b = hiding('b<-a', 'table audit');
    await place.up(a, b);
    await expect(place.up(a, b, hiding('c<-b', 'table audit'))).rejects.toMatchObject({
      details: { hint: 'Revision "b" has hidden a table of this name already.' },
    });
  });
});

it('has the same hidden names each time, and others in another revision', async () => {
  const a = base(AUDIT);
  const b = hiding('b<-a', 'column audit.what', 'table audit');
  const names = async () =>
    (await place.query('select hidden_name from slipway.soft_drop order by id')).map(
      (row) => row['hidden_name'],
    );
  await place.up(a, b);
  const first = await names();
  await place.down('a');
  await place.up(a, b);
  expect(await names()).toEqual(first);
  const again = revision('c<-b', {
    up: `${AUDIT}\n-- slipway:soft-drop column audit.what\n-- slipway:soft-drop table audit`,
    down: '-- slipway:soft-restore table audit\n-- slipway:soft-restore column audit.what\ndrop table audit;',
  });
  await place.up(a, b, again);
  expect(new Set(await names()).size).toBe(4);
});
