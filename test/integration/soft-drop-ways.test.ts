/** Soft drops in scripts, outside of transactions, on large tables, and beside other histories. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { softDropText } from '../../src/postgres/soft-drop-statement.ts';
import { releaseOf, revision } from '../support/graph.ts';
import { openHistory } from '../support/history-database.ts';
import { psql, psqlProgram, scriptOf } from '../support/offline.ts';
import { withClient } from '../support/postgres.ts';
import { catalogOf, hiding, type SoftDropPlace, softDropPlace } from '../support/soft-drops.ts';

let place: SoftDropPlace;

beforeEach(async () => {
  place = await softDropPlace();
});
afterEach(() => place.close());

const USERS = `create table users (id int primary key, phone text not null, tenant int);
  create table audit (id serial primary key, what text, by int references users);
  insert into users values (1, 'one', 1); insert into audit (what, by) values ('first', 1);`;
const base = revision('a', { up: USERS, down: 'drop table audit; drop table users;' });
const hides = hiding('b<-a', 'column users.phone', 'table audit');

describe.skipIf(psqlProgram === undefined)('a script', () => {
  it('hides and brings back as a run does, with only-if too', async () => {
    const release = releaseOf(
      base,
      hides,
      revision('c<-b', {
        up: '-- slipway:only-if select true\n-- slipway:soft-drop column users.tenant\nselect 1;',
        down: '-- slipway:only-if select to_regclass($$users$$) is null\n-- slipway:soft-restore column users.tenant',
      }),
    );
    await place.up(base);
    const before = await catalogOf(place.url);
    const up = await psql(place.url, await scriptOf(release, { name: 'upgrade', range: 'a:head' }));
    expect(up.exitCode, up.stderr).toBe(0);
    expect(
      await place.query('select revision, kind, column_name from slipway.soft_drop order by id'),
    ).toEqual([
      { revision: 'b', kind: 'column', column_name: 'phone' },
      { revision: 'b', kind: 'table', column_name: null },
      { revision: 'c', kind: 'column', column_name: 'tenant' },
    ]);
    const down = await psql(
      place.url,
      await scriptOf(release, { name: 'downgrade', range: 'head:a' }),
    );
    expect(down.exitCode, down.stderr).toBe(0);
    const rest = await place.query(
      'select column_name as name, hidden_name from slipway.soft_drop',
    );
    expect(rest).toMatchObject([{ name: 'tenant' }]);
    await place.query(`alter table users rename column ${rest[0]?.['hidden_name']} to tenant`);
    expect(await catalogOf(place.url)).toEqual(before);
    expect(await place.query('select * from users')).toEqual([{ id: 1, phone: 'one', tenant: 1 }]);
  });

  it('ends where there is nothing to bring back, and leaves everything as it is', async () => {
    await place.up(base, hides);
    await place.query('update slipway.soft_drop set purged_at = now()');
    const script = await scriptOf(releaseOf(base, hides), { name: 'downgrade', range: 'b:a' });
    const { exitCode, stderr } = await psql(place.url, script);
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(/cannot restore table audit: it was purged on 2/);
    expect(await place.query('select heads from slipway.summary')).toEqual([{ heads: ['b'] }]);
  });
});

describe('outside of a transaction', () => {
  const outside = (before: string, after: string) =>
    revision('b<-a transaction:none', {
      up: `${before}\n-- slipway:soft-drop column users.phone\n${after}`,
      down: '-- slipway:soft-restore column users.phone',
    });

  it('comes back when the revision was interrupted behind it', async () => {
    await place.up(base);
    const before = await catalogOf(place.url);
    await expect(place.up(base, outside('', 'select 1 / 0;'))).rejects.toThrow(/division by zero/);
    await expect(place.query('select phone from users')).rejects.toThrow(/does not exist/);
    await place.down('a');
    expect(await catalogOf(place.url)).toEqual(before);
  });

  it('is left alone when the revision was interrupted before it', async () => {
    await place.up(base);
    const before = await catalogOf(place.url);
    await expect(place.up(base, outside('select 1 / 0;', ''))).rejects.toThrow(/division by zero/);
    await place.down('a');
    expect(await catalogOf(place.url)).toEqual(before);
    expect(await place.query('select * from slipway.soft_drop')).toEqual([]);
  });

  it('is not done twice when the revision goes on', async () => {
    await place.up(base);
    const fails = outside('', 'select 1 / (select tenant - 1 from users);');
    await expect(place.up(base, fails)).rejects.toThrow(/division by zero/);
    await place.query('update users set tenant = 2');
    await place.up(base, fails);
    expect(await place.query('select count(*)::int from slipway.soft_drop')).toEqual([
      { count: 1 },
    ]);
  });
});

describe('a table too big to be gone through under its lock', () => {
  const own = { schema: 'slipway', role: undefined, smallBytes: 0 };
  const restore = async (): Promise<readonly string[]> => {
    const said: string[] = [];
    await withClient(place.url, async (client) => {
      client.on('notice', ({ message }) => said.push(message ?? ''));
      const object = {
        kind: 'column',
        schema: undefined,
        table: 'users',
        column: 'phone',
      } as const;
      await client.query(softDropText({ action: 'restore', object, revision: 'b' }, own));
    });
    return said;
  };
  const definitions = () =>
    place.query(
      `select conname, convalidated from pg_constraint
       where conrelid = 'users'::regclass and contype in ('c', 'n', 'f') and conname ~ 'phone|to' order by 1`,
    );

  it('gets its constraints back for new rows, and says how to check the old ones', async () => {
    const a = revision('a', {
      up: `create table phones (no text primary key); insert into phones values ('one');
        create table users (id int primary key, phone text not null constraint phone_to references phones,
          constraint phone_given check (phone is not null and phone <> ''));
        insert into users values (1, 'one')`,
      down: 'select 1;',
    });
    await place.up(a, hiding('b<-a', 'column users.phone'));
    const said = await restore();
    expect(said).toEqual([
      expect.stringMatching(
        /^column public.users.phone takes no nulls for new rows; check the old ones when there is time: alter table public.users validate constraint users_phone_not_null$/,
      ),
      expect.stringMatching(/^constraint phone_given of public.users is back for new rows/),
      expect.stringMatching(/^constraint phone_to of public.users is back for new rows/),
    ]);
    expect(await definitions()).toEqual([
      { conname: 'phone_given', convalidated: false },
      { conname: 'phone_to', convalidated: false },
      { conname: 'users_phone_not_null', convalidated: false },
    ]);
    for (const each of said) await place.query(each.slice(each.indexOf('alter table')));
    await expect(place.query('insert into users values (2)')).rejects.toThrow(/null|phone_given/);
  });

  it('does not get a not null that its rows break', async () => {
    await place.up(base, hiding('b<-a', 'column users.phone'));
    await place.query('insert into users values (2)');
    expect(await restore()).toEqual([
      expect.stringMatching(/^column public.users.phone takes nulls from now on, since 1 rows/),
    ]);
    await place.query('update users set tenant = 3 where id = 2');
  });
});

it('does not take the column of another history for its own', async () => {
  await place.up(
    revision('a', {
      up: `create schema one; create schema two; create table one.t (v int); create table two.t (v int);
        insert into one.t values (1); insert into two.t values (2)`,
      down: 'select 1;',
    }),
  );
  const other = await openHistory(place.url, { schema: 'other', searchPath: 'two' });
  const mine = await openHistory(place.url, { schema: 'mine', searchPath: 'one' });
  try {
    const hide = hiding('b', 'column t.v');
    const { statements: up } = await releaseOf(hide).script(hide, 'up');
    const { statements: down } = await releaseOf(hide).script(hide, 'down');
    const options = {
      lockTimeoutMs: 1000,
      statementTimeoutMs: 0,
      durable: true,
      expectedDigest: '',
    };
    for (const each of [other, mine]) {
      await each.db.applied.prepare();
      await each.db.sql.transaction(options, (tx) => tx.run(up));
    }
    await other.db.sql.transaction(options, (tx) => tx.run(down));
    expect(await place.query('select v from two.t')).toEqual([{ v: 2 }]);
    await expect(place.query('select v from one.t')).rejects.toThrow(/does not exist/);
    expect(await mine.db.softDrops.list()).toMatchObject([
      { place: { schema: 'one', table: 't' } },
    ]);
  } finally {
    await Promise.all([other.close(), mine.close()]);
  }
});

it('waits for the lock no longer than it may, and nothing has changed', async () => {
  await place.up(base);
  await withClient(place.url, async (client) => {
    await client.query('begin; select * from users');
    await expect(place.up(base, hides)).rejects.toMatchObject({
      code: 'SLIPWAY_OBJECT_LOCK_TIMEOUT',
      exitCode: 23,
    });
    await client.query('commit');
  });
  expect(await place.query('select * from slipway.soft_drop')).toEqual([]);
  await place.query('select phone from users');
});
