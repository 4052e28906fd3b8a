/** What others suffer from a migration: waiters of the holder, and the application of what waits. */

import { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import { until } from '../../support/cli.ts';
import { createUpgraded, type Place } from '../../support/projects.ts';

async function connect(place: Place): Promise<Client> {
  const client = new Client({ connectionString: place.url });
  // A test that fails leaves it open until its database is dropped.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

describe('twenty waiters', () => {
  it('neither block nor deadlock the holder that builds an index concurrently', {
    timeout: 120_000,
  }, async () => {
    const place = await createUpgraded({
      id: 'r1',
      up: `create table item (id int, name text);
insert into item select n, md5(n::text) from generate_series(1, 300000) n;`,
    });
    await place.project.add({
      id: 'r2',
      header: ['transaction none'],
      up: 'create index concurrently item_name on item (name);',
    });
    // Keeps the build in its first phase until everybody waits.
    const other = await connect(place);
    await other.query('begin; lock table item in row exclusive mode');
    const holder = place.start(['upgrade', '--lock-timeout', '60s'], {
      env: { POD_NAME: 'holder' },
    });
    await holder.logged('blocked.waiting');
    const waiters = Array.from({ length: 20 }, (_, i) =>
      place.start(['upgrade'], { env: { POD_NAME: `waiter-${i}` } }),
    );
    await Promise.all(waiters.map((waiter) => waiter.logged('lock.waiting')));

    // From here on whoever stands in the way of the build is seen, many times a second.
    const inTheWay = new Set<string>();
    let samples = 0;
    let building = true;
    const watch = async () => {
      while (building) {
        const { rows } = await watcher.query<{ name: string }>(
          `select b.application_name as name
           from pg_stat_activity a, unnest(pg_blocking_pids(a.pid)) as p (pid)
           join pg_stat_activity b on b.pid = p.pid
           where a.application_name = 'slipway/default/holder'`,
        );
        for (const { name } of rows) inTheWay.add(name);
        samples += 1;
      }
    };
    const watcher = await connect(place);
    const watching = watch();
    await other.query('rollback');
    const outcome = await holder.ended;
    building = false;
    await watching;
    const left = await Promise.all(waiters.map(({ ended }) => ended));

    expect(outcome.exitCode, outcome.stderr).toBe(0);
    expect(left.filter(({ exitCode }) => exitCode !== 0).map(({ stderr }) => stderr)).toEqual([]);
    expect(new Set(left.map(({ log }) => log.at(-1)?.['outcome']))).toEqual(
      new Set(['done-by-another']),
    );
    expect(samples).toBeGreaterThan(10);
    expect([...inTheWay].filter((name) => name.startsWith('slipway/'))).toEqual([]);
    expect(
      await place.query(
        'select deadlocks::int as n from pg_stat_database where datname = current_database()',
      ),
    ).toEqual([{ n: 0 }]);
    expect(
      await place.query(
        "select indisvalid as valid from pg_index where indexrelid = 'item_name'::regclass",
      ),
    ).toEqual([{ valid: true }]);
    await Promise.all([other.end(), watcher.end()]);
  });
});

describe('the application', { concurrent: true }, () => {
  /** A table that an idle transaction has read, and a revision that wants it for itself. */
  async function createBusy(): Promise<{ readonly place: Place; readonly idle: Client }> {
    const place = await createUpgraded({
      id: 'r1',
      up: 'create table item (id int primary key);\ninsert into item values (1);',
    });
    await place.project.add({ id: 'r2', up: 'alter table item add column name text;' });
    const idle = await connect(place);
    await idle.query('begin; select from item');
    return { place, idle };
  }

  /** Reads again and again until told to stop; what waits longer than this fails. */
  async function reader(place: Place, patience: string) {
    const client = await connect(place);
    await client.query(`set lock_timeout = '${patience}'`);
    let stopped = false;
    let failure: unknown;
    let reads = 0;
    const reading = (async () => {
      while (!stopped && failure === undefined) {
        await client.query('select from item where id = 1').then(
          () => {
            reads += 1;
          },
          (error: unknown) => {
            failure = error;
          },
        );
      }
    })();
    return {
      failed: () => failure,
      async stop() {
        stopped = true;
        await reading;
        await client.end();
        return { failure, reads };
      },
    };
  }

  it('never queues longer than lock_timeout behind a migration that waits', async () => {
    const { place, idle } = await createBusy();
    // Ten times as long: the rest is for a busy machine.
    const readers = await Promise.all(Array.from({ length: 3 }, () => reader(place, '3s')));
    const run = place.start(['upgrade', '--lock-timeout', '300ms', '--lock-retries', '50']);
    await until(() => {
      const tries = run.log().filter(({ event }) => event === 'revision.retrying');
      expect(tries.length).toBeGreaterThanOrEqual(4);
    });
    const results = await Promise.all(readers.map((each) => each.stop()));
    await idle.end();
    const outcome = await run.ended;
    expect(outcome.exitCode, outcome.stderr).toBe(0);
    for (const { failure, reads } of results) {
      expect(failure).toBeUndefined();
      expect(reads).toBeGreaterThan(0);
    }
    const blocked = outcome.log.find(({ event }) => event === 'revision.retrying');
    expect(blocked?.['blockers']).toMatchObject([{ state: 'idle in transaction' }]);
  });

  it('would queue for as long as the migration waits, if that had no lock_timeout', async () => {
    const { place, idle } = await createBusy();
    const run = place.start(['upgrade', '--lock-timeout', '60s']);
    await run.logged('blocked.waiting');
    const impatient = await reader(place, '500ms');
    await until(() => expect(impatient.failed()).toMatchObject({ code: '55P03' }));
    await impatient.stop();
    await idle.end();
    expect((await run.ended).exitCode).toBe(0);
  });
});
