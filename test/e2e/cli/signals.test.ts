/** Told to stop, killed, cut off: what is left in the database, and that the next run converges. */

import { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import { failureOf, serverRuns, until } from '../../support/cli.ts';
import { createPlace, createUpgraded, type Place, placeAt } from '../../support/projects.ts';
import { startProxy, type TcpProxy } from '../../support/tcp-proxy.ts';

const slow = {
  id: 'r2',
  up: `create table half_done ();
select pg_sleep(case when exists (select from speed where fast) then 0 else 60 end);`,
};

/** A place with one revision applied and one pending that runs for a minute, unless told not to. */
async function slowPlace(): Promise<Place> {
  const place = await createUpgraded({ id: 'r1', up: 'create table speed (fast boolean);' });
  await place.project.add(slow);
  return place;
}

async function expectConverges(place: Place): Promise<void> {
  expect(await place.query("select to_regclass('half_done') as it")).toEqual([{ it: null }]);
  await place.query('insert into speed values (true)');
  const outcome = await place.succeed(['upgrade']);
  expect(outcome.log.at(-1)).toMatchObject({ outcome: 'done', applied: 1, heads: ['r2'] });
  expect(await place.query("select to_regclass('half_done')::text as it")).toEqual([
    { it: 'half_done' },
  ]);
}

function sessionsOf(place: Place) {
  return place.query(
    "select pid, query from pg_stat_activity where datname = current_database() and application_name like 'slipway/%'",
  );
}

/** The contract says two seconds on a machine of one's own; tests share theirs. The statement takes a minute. */
const STOP_LIMIT_MS = 15_000;

describe('told to stop', { concurrent: true }, () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    '%s in a long statement cancels it, rolls back and is audited',
    async (signal) => {
      const place = await slowPlace();
      const run = place.start(['upgrade'], { env: { POD_NAME: 'shop-1' } });
      await serverRuns(place.url, '%pg_sleep%');
      run.kill(signal);
      const outcome = await run.ended;
      const failure = failureOf(outcome, 24, 'SLIPWAY_INTERRUPTED');
      expect(failure).toMatchObject({ revision: 'r2', rolledBack: true, heads: ['r1'] });
      expect(outcome.stoppedInMs).toBeLessThan(STOP_LIMIT_MS);
      expect(outcome.log).toContainEqual(
        expect.objectContaining({ event: 'run.interrupting', signal }),
      );
      await until(async () => expect(await sessionsOf(place)).toEqual([]));
      expect(
        await place.query(
          "select event, revision, pod, detail->>'code' as code from slipway.log order by id desc limit 1",
        ),
      ).toEqual([
        { event: 'interruption', revision: 'r2', pod: 'shop-1', code: 'SLIPWAY_INTERRUPTED' },
      ]);
      await expectConverges(place);
    },
  );

  it.each(['SIGTERM', 'SIGINT'] as const)(
    '%s while waiting for the migration lock ends at once and changes nothing',
    async (signal) => {
      const place = await slowPlace();
      const holder = place.start(['upgrade']);
      await serverRuns(place.url, '%pg_sleep%');
      const waiter = place.start(['upgrade']);
      await waiter.logged('lock.waiting');
      waiter.kill(signal);
      const outcome = await waiter.ended;
      failureOf(outcome, 24, 'SLIPWAY_INTERRUPTED');
      expect(outcome.stoppedInMs).toBeLessThan(STOP_LIMIT_MS);
      holder.kill('SIGTERM');
      failureOf(await holder.ended, 24, 'SLIPWAY_INTERRUPTED');
      await expectConverges(place);
    },
  );

  it('SIGTERM is never forgotten, however early it comes', async () => {
    const place = await slowPlace();
    await place.succeed(['build', '--out', 'release.bundle']);
    const moments = Array.from({ length: 12 }, (_, index) => 20 + index * 20);
    for (const afterMs of moments) {
      const run = place.start(['upgrade', '--bundle', 'release.bundle']);
      setTimeout(() => run.kill('SIGTERM'), afterMs);
      const { exitCode, signal, stderr } = await run.ended;
      // Before it listens, it ends as any program does.
      expect(signal === 'SIGTERM' ? 24 : exitCode, `after ${afterMs} ms: ${stderr}`).toBe(24);
    }
    await expectConverges(place);
  });

  it('SIGTERM between two tries to connect ends at once', async () => {
    const { project } = await createPlace(slow);
    const run = placeAt(project, 'postgres://app@127.0.0.1:1/shop').start(['upgrade']);
    await run.logged('connection.retrying');
    run.kill('SIGTERM');
    const outcome = await run.ended;
    failureOf(outcome, 24, 'SLIPWAY_INTERRUPTED');
    expect(outcome.stoppedInMs).toBeLessThan(STOP_LIMIT_MS);
  });

  it('SIGTERM while the server says nothing ends at once', async () => {
    const place = await createPlace(slow);
    await using proxy = await proxyBefore(place);
    proxy.pause();
    const run = placeAt(place.project, through(place, proxy)).start(['upgrade']);
    await until(() => expect(proxy.connections).toBe(1));
    run.kill('SIGTERM');
    const outcome = await run.ended;
    failureOf(outcome, 24, 'SLIPWAY_INTERRUPTED');
    expect(outcome.stoppedInMs).toBeLessThan(STOP_LIMIT_MS);
  });

  it('SIGTERM while an object is locked leaves without it', async () => {
    const place = await slowPlace();
    const other = await connect(place);
    await other.query('begin; lock table speed');
    const run = place.start(['upgrade', '--lock-timeout', '60s']);
    await run.logged('blocked.waiting');
    run.kill('SIGTERM');
    const outcome = await run.ended;
    await other.end();
    failureOf(outcome, 24, 'SLIPWAY_INTERRUPTED');
    expect(outcome.stoppedInMs).toBeLessThan(STOP_LIMIT_MS);
    await expectConverges(place);
  });

  it('a second signal ends the process at once, as that signal would', async () => {
    const place = await slowPlace();
    await using proxy = await proxyBefore(place);
    const run = placeAt(place.project, through(place, proxy)).start(['upgrade']);
    await serverRuns(place.url, '%pg_sleep%');
    // With the network silent the cancel request cannot help, and the clean end takes its time.
    proxy.pause();
    run.kill('SIGTERM');
    await run.logged('run.interrupting');
    run.kill('SIGTERM');
    const outcome = await run.ended;
    expect(outcome.exitCode).toBe(143);
    proxy.cut();
    await until(async () => expect(await sessionsOf(place)).toEqual([]));
    await expectConverges(place);
  });

  it('SIGTERM ends within the limit even when the network is silent', async () => {
    const place = await slowPlace();
    await using proxy = await proxyBefore(place);
    const run = placeAt(place.project, through(place, proxy)).start(['upgrade']);
    await serverRuns(place.url, '%pg_sleep%');
    proxy.pause();
    run.kill('SIGTERM');
    const outcome = await run.ended;
    failureOf(outcome, 24, 'SLIPWAY_INTERRUPTED');
    expect(outcome.stoppedInMs).toBeLessThan(STOP_LIMIT_MS);
    proxy.cut();
    await until(async () => expect(await sessionsOf(place)).toEqual([]));
    await expectConverges(place);
  });

  it('SIGTERM in a statement outside a transaction leaves what the next run completes', async () => {
    const place = await createUpgraded({
      id: 'r1',
      up: `create table item (name text);
insert into item select 'item ' || n from generate_series(1, 1000) n;`,
    });
    await place.project.add({
      id: 'r2',
      header: ['transaction none'],
      up: 'create index concurrently item_name on item (name);',
    });
    // An old transaction keeps the index build waiting in its last phase.
    const other = await connect(place);
    await other.query('begin; lock table item in row exclusive mode');
    const run = place.start(['upgrade', '--lock-timeout', '60s']);
    await serverRuns(place.url, 'create index concurrently%');
    await until(async () =>
      expect(await place.query("select 1 from pg_class where relname = 'item_name'")).toHaveLength(
        1,
      ),
    );
    run.kill('SIGTERM');
    const outcome = await run.ended;
    await other.end();
    const failure = failureOf(outcome, 24, 'SLIPWAY_INTERRUPTED');
    expect(failure).toMatchObject({ revision: 'r2', rolledBack: false });
    await place.succeed(['upgrade']);
    expect(
      await place.query(
        "select indisvalid as valid from pg_index where indrelid = 'item'::regclass",
      ),
    ).toEqual([{ valid: true }]);
  });
});

describe('ended without warning', { concurrent: true }, () => {
  it('a killed process leaves nothing: the server notices, and the next run converges', async () => {
    const place = await slowPlace();
    const run = place.start(['upgrade']);
    await serverRuns(place.url, '%pg_sleep%');
    run.kill('SIGKILL');
    expect((await run.ended).signal).toBe('SIGKILL');
    await until(async () => expect(await sessionsOf(place)).toEqual([]));
    await expectConverges(place);
  });

  it('a run that starts while the dead one still has the lock waits and converges', async () => {
    const place = await slowPlace();
    const run = place.start(['upgrade']);
    await serverRuns(place.url, '%pg_sleep%');
    run.kill('SIGKILL');
    await place.query('insert into speed values (true)');
    await run.ended;
    const next = await place.succeed(['upgrade']);
    expect(next.log.at(-1)).toMatchObject({ heads: ['r2'] });
  });

  it('a connection that is cut ends with 20, and the next run converges', async () => {
    const place = await slowPlace();
    await using proxy = await proxyBefore(place);
    const run = placeAt(place.project, through(place, proxy)).start(['upgrade']);
    await serverRuns(place.url, '%pg_sleep%');
    proxy.cut();
    const failure = failureOf(await run.ended, 20, 'SLIPWAY_DB_CONNECTION_LOST');
    expect(failure).toMatchObject({ revision: 'r2', finished: [] });
    await until(async () => expect(await sessionsOf(place)).toEqual([]));
    await expectConverges(place);
  });

  it('a session that somebody terminates ends with 20, and the next run converges', async () => {
    const place = await slowPlace();
    const run = place.start(['upgrade']);
    const pid = await serverRuns(place.url, '%pg_sleep%');
    await place.query('select pg_terminate_backend($1)', [pid]);
    failureOf(await run.ended, 20, 'SLIPWAY_DB_CONNECTION_LOST');
    await expectConverges(place);
  });

  it('a statement that somebody else cancels fails with 12, not as if it was told to stop', async () => {
    const place = await slowPlace();
    const run = place.start(['upgrade']);
    const pid = await serverRuns(place.url, '%pg_sleep%');
    await place.query('select pg_cancel_backend($1)', [pid]);
    const failure = failureOf(await run.ended, 12, 'SLIPWAY_REVISION_FAILED');
    expect(failure).toMatchObject({ sqlState: '57014', rolledBack: true });
    await expectConverges(place);
  });
});

function proxyBefore(place: Place): Promise<TcpProxy> {
  const { hostname: host, port } = new URL(place.url);
  return startProxy({ host, port: Number(port) });
}

function through(place: Place, proxy: TcpProxy): string {
  const url = new URL(place.url);
  url.port = String(proxy.port);
  return url.href;
}

async function connect(place: Place): Promise<Client> {
  const client = new Client({ connectionString: place.url });
  // A test that fails leaves it open until its database is dropped.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}
