/** Pods with a release bundle wait in the fast path, and hand over to the full program in turn. */

import { describe, expect, it } from 'vitest';
import { until } from '../../support/cli.ts';
import { createPlace, type Place } from '../../support/projects.ts';

const ENV = { SLIPWAY_BUNDLE: 'release.bundle' };

const GATED = `do $$ begin
  while not exists (select from gate where open) loop
    perform pg_sleep(0.02);
  end loop;
end $$;`;

/** A database at r1, and a bundle whose r2 runs until the gate is opened. */
async function createGated(): Promise<Place> {
  const place = await createPlace(
    { id: 'r1', up: 'create table gate (open boolean);' },
    { id: 'r2', up: GATED },
    { id: 'r3', up: 'create table ran (a int);\ninsert into ran values (1);' },
  );
  await place.succeed(['build', '--out', 'release.bundle']);
  await place.succeed(['upgrade', '+1'], { env: ENV });
  return place;
}

const startHolder = async (place: Place) => {
  const holder = place.start(['upgrade'], { env: { ...ENV, POD_NAME: 'holder' } });
  await holder.logged('plan.ready');
  return holder;
};

describe('pods with a bundle', { timeout: 120_000 }, () => {
  it('apply each revision once on an empty database, thirty of them', async () => {
    const place = await createPlace(
      { id: 'r1', up: 'create table ran (a int);\ninsert into ran values (1);' },
      { id: 'r2', up: 'insert into ran values (2);' },
    );
    await place.succeed(['build', '--out', 'release.bundle']);
    const outcomes = await Promise.all(
      Array.from({ length: 30 }, () => place.run(['upgrade'], { env: ENV })),
    );
    expect(outcomes.filter(({ exitCode }) => exitCode !== 0).map(({ stderr }) => stderr)).toEqual(
      [],
    );
    expect(await place.query('select a from ran order by a')).toEqual([{ a: 1 }, { a: 2 }]);
    expect(await place.query('select count(*)::int as n from slipway.revision')).toEqual([
      { n: 2 },
    ]);
  });

  it('name the pod they wait for, and become their command when it is done', async () => {
    const place = await createGated();
    const holder = await startHolder(place);
    const waiter = place.start(['run', '--', 'sh', '-c', 'echo started'], { env: ENV });
    expect(await waiter.logged('lock.waiting')).toMatchObject({
      holder: { pod: 'default/holder' },
      total: 2,
    });
    expect(waiter.stdout()).toBe('');
    await place.query('insert into gate values (true)');
    expect((await holder.ended).exitCode).toBe(0);
    const outcome = await waiter.ended;
    expect(outcome.exitCode, outcome.stderr).toBe(0);
    expect(outcome.stdout).toBe('started\n');
    expect(outcome.log.map(({ event }) => event)).not.toContain('revision.applied');
    expect(await place.query('select a from ran')).toEqual([{ a: 1 }]);
  });

  it('take over when the pod they wait for dies', async () => {
    const place = await createGated();
    const holder = await startHolder(place);
    const waiter = place.start(['upgrade'], { env: ENV });
    await waiter.logged('lock.waiting');
    holder.kill('SIGKILL');
    await holder.ended;
    await place.query('insert into gate values (true)');
    const outcome = await waiter.ended;
    expect(outcome.exitCode, outcome.stderr).toBe(0);
    expect(await place.query('select a from ran')).toEqual([{ a: 1 }]);
    expect(
      await place.query("select count(*)::int as n from slipway.log where event = 'upgrade'"),
    ).toEqual([{ n: 3 }]);
  });

  it('connect again when their session is ended while they wait', async () => {
    const place = await createGated();
    const holder = await startHolder(place);
    const waiter = place.start(['upgrade'], { env: { ...ENV, POD_NAME: 'waiter' } });
    await waiter.logged('lock.waiting');
    await place.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'slipway/default/waiter'",
    );
    await until(async () => {
      const sessions = await place.query(
        "select pid from pg_stat_activity where application_name = 'slipway/default/waiter'",
      );
      expect(sessions).toHaveLength(1);
    });
    await place.query('insert into gate values (true)');
    expect((await holder.ended).exitCode).toBe(0);
    const outcome = await waiter.ended;
    expect(outcome.exitCode, outcome.stderr).toBe(0);
    expect(outcome.log.at(-1)).toMatchObject({ event: 'run.finished' });
  });

  it('stop cleanly at SIGTERM, and give up after the lock wait with the holder named', async () => {
    const place = await createGated();
    const holder = await startHolder(place);
    const stopped = place.start(['upgrade'], { env: ENV });
    await stopped.logged('lock.waiting');
    stopped.kill('SIGTERM');
    expect((await stopped.ended).exitCode).toBe(24);

    const impatient = await place.run(['upgrade'], { env: { ...ENV, SLIPWAY_LOCK_WAIT: '300ms' } });
    expect(impatient.exitCode).toBe(22);
    expect(impatient.log.at(-1)).toMatchObject({
      code: 'SLIPWAY_LOCK_TIMEOUT',
      msg: expect.stringContaining('pod default/holder'),
    });
    await place.query('insert into gate values (true)');
    expect((await holder.ended).exitCode).toBe(0);
  });
});
