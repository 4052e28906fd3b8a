/** Behind a real PgBouncer in transaction mode: exactly once, or refused before anything ran. */

import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { failureOf, serverRuns } from '../../support/cli.ts';
import { type PgBouncer, startPgBouncer, whyNoPgBouncer } from '../../support/pgbouncer.ts';
import { query } from '../../support/postgres.ts';
import { createPlace, type RevisionSpec } from '../../support/projects.ts';

const missing = whyNoPgBouncer();
if (missing !== undefined) console.warn(`skipped: ${missing}`);

describe.skipIf(missing !== undefined)('behind a transaction pooler', { timeout: 120_000 }, () => {
  let pooler: PgBouncer;
  beforeAll(async () => {
    pooler = await startPgBouncer(inject('adminUrl'));
  });
  afterAll(async () => {
    await pooler[Symbol.asyncDispose]();
  });

  const counted: readonly RevisionSpec[] = Array.from({ length: 5 }, (_, i) => ({
    id: `r${i}`,
    up: `${i === 0 ? 'create table ran (revision text);\n' : ''}insert into ran values ('r${i}');`,
  }));

  it('twenty runners apply each revision once, and each ends well', async () => {
    const place = await createPlace(...counted);
    const url = pooler.through(place.url);
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, () => place.run(['upgrade'], { url })),
    );
    expect(outcomes.filter(({ exitCode }) => exitCode !== 0).map(({ stderr }) => stderr)).toEqual(
      [],
    );
    const ran = await query(place.url, 'select revision from ran order by 1');
    expect(ran.map((row) => row['revision'])).toEqual(['r0', 'r1', 'r2', 'r3', 'r4']);
    const [logged] = await query(
      place.url,
      "select count(*)::int as n from slipway.log where event = 'upgrade'",
    );
    expect(logged?.['n']).toBe(5);
  });

  it('runners that say +2 at the same time mean the same two', async () => {
    const place = await createPlace(...counted);
    const url = pooler.through(place.url);
    const outcomes = await Promise.all(
      Array.from({ length: 4 }, () => place.run(['upgrade', '+2'], { url })),
    );
    expect(outcomes.map(({ exitCode }) => exitCode)).toContain(0);
    const applied = await query(place.url, 'select id from slipway.revision order by sequence');
    expect(applied.length % 2).toBe(0);
    expect(applied.slice(0, 2).map((row) => row['id'])).toEqual(['r0', 'r1']);
  });

  it('a revision outside a transaction is refused before anything ran, and runs past the pooler', async () => {
    const place = await createPlace(
      { id: 'r0', up: 'create table t (a int);' },
      { id: 'r1', header: ['transaction none'], up: 'create index concurrently t_a on t (a);' },
    );
    const url = pooler.through(place.url);
    const refused = await place.run(['upgrade'], { url });
    expect(refused.exitCode).toBe(10);
    expect(refused.log.at(-1)?.['code']).toBe('SLIPWAY_POOLER_UNSUPPORTED');
    const [state] = await query(place.url, "select to_regclass('t') as t");
    expect(state?.['t']).toBeNull();

    const direct = await place.run(['upgrade'], { url, env: { SLIPWAY_DIRECT_URL: place.url } });
    expect(direct.exitCode, direct.stderr).toBe(0);
    const [index] = await query(
      place.url,
      "select indisvalid from pg_index where indexrelid = 't_a'::regclass",
    );
    expect(index?.['indisvalid']).toBe(true);
  });

  it('twenty runners with a direct URL go past it, and apply each revision once', async () => {
    const place = await createPlace(...counted, {
      id: 'r5',
      header: ['transaction none'],
      up: 'create index concurrently ran_revision on ran (revision);',
    });
    const env = { SLIPWAY_DIRECT_URL: place.url };
    const url = pooler.through(place.url);
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, () => place.run(['upgrade'], { url, env })),
    );
    expect(outcomes.filter(({ exitCode }) => exitCode !== 0).map(({ stderr }) => stderr)).toEqual(
      [],
    );
    const ran = await query(place.url, 'select revision from ran order by 1');
    expect(ran.map((row) => row['revision'])).toEqual(['r0', 'r1', 'r2', 'r3', 'r4']);
  });

  it.each([
    ['of one server connection', { default_pool_size: '1' }],
    [
      'that resets each server connection',
      { server_reset_query: 'discard all', server_reset_query_always: '1' },
    ],
  ])('a pooler %s serves several runners', async (_, settings) => {
    await using own = await startPgBouncer(inject('adminUrl'), settings);
    const place = await createPlace(...counted);
    const url = own.through(place.url);
    const outcomes = await Promise.all(
      Array.from({ length: 6 }, () => place.run(['upgrade'], { url })),
    );
    expect(outcomes.filter(({ exitCode }) => exitCode !== 0).map(({ stderr }) => stderr)).toEqual(
      [],
    );
    const ran = await query(place.url, 'select revision from ran order by 1');
    expect(ran.map((row) => row['revision'])).toEqual(['r0', 'r1', 'r2', 'r3', 'r4']);
  });

  const gated: readonly RevisionSpec[] = [
    { id: 'r1', up: 'create table gate (open boolean);' },
    {
      id: 'r2',
      up: `do $$ begin
  while not exists (select from gate where open) loop
    perform pg_sleep(0.02);
  end loop;
end $$;`,
    },
    { id: 'r3', up: 'create table after_gate ();' },
  ];
  const open = 'insert into gate values (true)';

  it('a pooler that is paused in the middle is waited for', async () => {
    await using own = await startPgBouncer(inject('adminUrl'));
    const place = await createPlace(...gated);
    const run = place.start(['upgrade'], { url: own.through(place.url) });
    await serverRuns(place.url, 'do %');
    // It is answered once the transaction under way has ended.
    const paused = own.console('pause');
    await query(place.url, open);
    await paused;
    expect(await query(place.url, 'select id from slipway.revision order by 1')).toHaveLength(2);
    await own.console('resume');
    const outcome = await run.ended;
    expect(outcome.exitCode, outcome.stderr).toBe(0);
    expect(outcome.log.at(-1)).toMatchObject({ outcome: 'done', applied: 3 });
  });

  it('a pooler that is restarted in the middle ends the run with 20, and the next one converges', async () => {
    await using own = await startPgBouncer(inject('adminUrl'));
    const place = await createPlace(...gated);
    const url = own.through(place.url);
    const run = place.start(['upgrade'], { url });
    await serverRuns(place.url, 'do %');
    await own.restart();
    const failure = failureOf(await run.ended, 20, 'SLIPWAY_DB_CONNECTION_LOST');
    expect(failure).toMatchObject({ revision: 'r2', rolledBack: true, finished: ['r1'] });
    await query(place.url, open);
    const next = await place.run(['upgrade'], { url });
    expect(next.exitCode, next.stderr).toBe(0);
    expect(next.log.at(-1)).toMatchObject({ outcome: 'done', applied: 2, heads: ['r3'] });
  });

  it('a runner that waits names the one that is at work, and leaves when that is done', async () => {
    const place = await createPlace(...gated);
    const url = pooler.through(place.url);
    const run = place.start(['upgrade'], { url, env: { POD_NAME: 'first' } });
    await serverRuns(place.url, 'do %');
    const waiter = place.start(['upgrade'], { url, env: { POD_NAME: 'second' } });
    const waiting = await waiter.logged('lock.waiting');
    expect(waiting).toMatchObject({ holder: { pod: 'default/first' } });
    await query(place.url, open);
    const outcomes = await Promise.all([run.ended, waiter.ended]);
    expect(outcomes.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
  });
});
