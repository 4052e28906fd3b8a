/** The sidecar from its start to its end: probes, metrics, a database that goes and comes, signals. */

import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { METRICS } from '../../../src/sidecar/metric-names.ts';
import { failureOf, serverRuns } from '../../support/cli.ts';
import { query } from '../../support/postgres.ts';
import { createPlace, createUpgraded, type Place, placeAt } from '../../support/projects.ts';
import { metricValue } from '../../support/prometheus.ts';
import { buildRelease } from '../../support/releases.ts';
import { ask, startSidecar } from '../../support/sidecar.ts';
import { startProxy } from '../../support/tcp-proxy.ts';

const EVENTUALLY = { timeout: 30_000 };
const SOON = ['--check-interval', '300ms'];
const FIRST = { id: 'r1', up: 'create table one (id int);', down: 'drop table one;' };
const SECOND = { id: 'r2', up: 'create table two (id int);', down: 'drop table two;' };
const GATED = {
  id: 'r2',
  up: `do $$ begin
  while not exists (select from gate where open) loop perform pg_sleep(0.02); end loop;
end $$;`,
};
const GATE = { id: 'r1', up: 'create table gate (open boolean);' };
const openGate = (place: Place) => place.query('insert into gate values (true)');

describe('slipway serve', { timeout: 120_000 }, () => {
  it('holds the next containers back until the schema is there', async () => {
    const place = await createPlace(GATE, GATED);
    const sidecar = await startSidecar(place, SOON);
    await serverRuns(place.url, '%from gate%');
    const early = await sidecar.probe('startupz');
    expect(early).toMatchObject({
      status: 503,
      body: {
        status: 'upgrading',
        doing: expect.stringContaining('running revision 2 of 2: r2'),
        revision: { id: 'r2', index: 2, total: 2 },
      },
    });
    expect(await sidecar.probe('readyz')).toMatchObject({ status: 503 });
    expect(await sidecar.probe('livez')).toMatchObject({ status: 200 });
    const during = await sidecar.metrics();
    expect(metricValue(during, 'slipway_schema_ready')).toBe(0);
    expect(metricValue(during, 'slipway_revisions_pending')).toBe(1);
    await openGate(place);
    await sidecar.answers('startupz', 200);
    expect(await sidecar.answers('readyz', 200)).toMatchObject({ body: { status: 'ready' } });
    const after = await sidecar.metrics();
    expect(metricValue(after, 'slipway_schema_ready')).toBe(1);
    expect(metricValue(after, 'slipway_revisions_applied_total')).toBe(2);
    expect(metricValue(after, 'slipway_run_result', { outcome: 'done' })).toBe(1);
    const outcome = await sidecar.stop();
    expect(outcome.exitCode, outcome.stderr).toBe(0);
    expect(outcome.stoppedInMs).toBeLessThan(2000);
    expect(outcome.log.at(-1)).toMatchObject({ event: 'sidecar.stopped', signal: 'SIGTERM' });
    expect(outcome.log.map(({ event }) => event)).not.toContain('run.failed');
    expect(outcome.stdout).toBe('');
  });

  it('names the pod that it waits for, and nothing of what that one runs', async () => {
    const place = await createPlace(GATE, GATED);
    const holder = place.start(['upgrade'], { env: { POD_NAME: 'holder' } });
    await serverRuns(place.url, '%from gate%');
    const sidecar = await startSidecar(place, SOON);
    await sidecar.process.logged('lock.waiting');
    const { status, body } = await sidecar.probe('startupz');
    expect(status).toBe(503);
    expect(body).toMatchObject({
      status: 'waiting',
      doing: expect.stringContaining('held by default/holder'),
    });
    expect(JSON.stringify(body)).not.toContain('pg_sleep');
    expect(metricValue(await sidecar.metrics(), 'slipway_lock_wait_seconds')).toBeGreaterThan(0);
    await openGate(place);
    expect((await holder.ended).exitCode).toBe(0);
    await sidecar.answers('startupz', 200);
    expect((await sidecar.stop()).exitCode).toBe(0);
  });

  it('ends with the exit code of an upgrade that fails, and its diagnosis', async () => {
    const place = await createPlace(FIRST, { id: 'r2', up: 'select nothing from nowhere;' });
    const message = place.project.path('termination');
    const run = place.start(['serve', '--port', '0'], {
      env: { SLIPWAY_TERMINATION_LOG: message },
    });
    failureOf(await run.ended, 12, 'SLIPWAY_REVISION_FAILED');
    expect(await readFile(message, 'utf8')).toContain('SLIPWAY_REVISION_FAILED (exit 12)');
  });

  it('is ready again by itself when the database was gone', async () => {
    const place = await createUpgraded(FIRST);
    const real = new URL(place.url);
    await using proxy = await startProxy({ host: real.hostname, port: Number(real.port) });
    const url = new URL(place.url);
    url.port = String(proxy.port);
    const sidecar = await startSidecar(placeAt(place.project, url.href), SOON);
    await sidecar.process.logged('schema.checked');
    await proxy.refuse(true);
    proxy.cut();
    const gone = await sidecar.answers('readyz', 503);
    expect(gone.body).toMatchObject({ status: 'unreachable', code: 'SLIPWAY_DB_UNREACHABLE' });
    expect(await sidecar.probe('livez')).toMatchObject({ status: 200 });
    expect(await sidecar.probe('startupz')).toMatchObject({ status: 200 });
    expect(metricValue(await sidecar.metrics(), 'slipway_schema_ready')).toBe(0);
    await proxy.refuse(false);
    await sidecar.answers('readyz', 200);
    const checks = sidecar.process.log().filter(({ event }) => event === 'schema.checked');
    expect(checks.map(({ state, level }) => [state, level])).toEqual([
      ['ready', 'info'],
      ['unreachable', 'warn'],
      ['ready', 'info'],
    ]);
    expect((await sidecar.stop()).exitCode).toBe(0);
  });

  it('notices within seconds that the server says nothing any more, and stops in time all the same', async () => {
    const place = await createUpgraded(FIRST);
    const real = new URL(place.url);
    await using proxy = await startProxy({ host: real.hostname, port: Number(real.port) });
    const url = new URL(place.url);
    url.port = String(proxy.port);
    const sidecar = await startSidecar(placeAt(place.project, url.href), SOON);
    await sidecar.answers('readyz', 200);
    proxy.pause();
    const { body } = await sidecar.answers('readyz', 503);
    expect(body).toMatchObject({ status: 'unreachable' });
    const outcome = await sidecar.stop();
    expect(outcome.exitCode, outcome.stderr).toBe(0);
    expect(outcome.stoppedInMs).toBeLessThan(2000);
  });

  it('stays ready over a session that somebody ends', async () => {
    const place = await createUpgraded(FIRST);
    const sidecar = await startSidecar(place, SOON, { env: { POD_NAME: 'web-1' } });
    await sidecar.process.logged('schema.checked');
    const before =
      metricValue(await sidecar.metrics(), 'slipway_checks_total', { state: 'ready' }) ?? 0;
    const ended = await place.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where application_name = 'slipway/default/web-1'`,
    );
    expect(ended).toHaveLength(1);
    await expect
      .poll(
        async () =>
          metricValue(await sidecar.metrics(), 'slipway_checks_total', { state: 'ready' }),
        EVENTUALLY,
      )
      .toBeGreaterThan(before + 2);
    expect(
      metricValue(await sidecar.metrics(), 'slipway_checks_total', { state: 'unreachable' }),
    ).toBe(0);
    expect((await sidecar.stop()).exitCode).toBe(0);
  });

  it('follows a password that is rotated in its file, and keeps both out of all it says', async () => {
    const place = await createUpgraded(FIRST);
    const role = `sidecar_${place.database}`;
    const give = (password: string) =>
      query(place.url, `alter role ${role} login password '${password}'`);
    await query(place.url, `create role ${role} superuser`);
    await give('before-secret');
    const urlOf = (password: string) => {
      const url = new URL(place.url);
      url.username = role;
      url.password = password;
      return url.href;
    };
    const file = await place.project.write('url', urlOf('before-secret'));
    const sidecar = await startSidecar(place, SOON, {
      url: undefined,
      env: { DATABASE_URL_FILE: file },
    });
    await sidecar.answers('readyz', 200);
    const pidOf = async () => {
      const rows = await place.query('select pid from pg_stat_activity where usename = $1', [role]);
      return rows.map(({ pid }) => pid);
    };
    const [pid] = await pidOf();
    await give('after-secret');
    await writeFile(file, urlOf('after-secret'));
    await expect
      .poll(async () => (await pidOf()).some((each) => each !== pid), EVENTUALLY)
      .toBe(true);
    expect(await sidecar.probe('readyz')).toMatchObject({ status: 200 });
    const { text } = await ask(`${sidecar.url}/metrics`);
    const outcome = await sidecar.stop();
    expect(outcome.exitCode).toBe(0);
    expect(text + outcome.stderr).not.toMatch(/before-secret|after-secret/);
    expect(outcome.log.filter(({ state }) => state === 'unreachable')).toEqual([]);
    await query(place.url, `drop role ${role}`);
  });

  it('is not ready while an operator has taken revisions back, and does not fight him', async () => {
    const place = await createUpgraded(FIRST, SECOND);
    const sidecar = await startSidecar(place, SOON);
    await sidecar.answers('readyz', 200);
    await place.succeed(['downgrade', '-1', '--allow-data-loss']);
    const { body } = await sidecar.answers('readyz', 503);
    expect(body).toMatchObject({ status: 'behind', pending: 1 });
    expect(metricValue(await sidecar.metrics(), 'slipway_revisions_pending')).toBe(1);
    await place.succeed(['upgrade']);
    await sidecar.answers('readyz', 200);
    expect((await sidecar.stop()).exitCode).toBe(0);
  });

  it('serves a database that is ahead as long as it is compatible', async () => {
    const place = await createPlace();
    const old = await buildRelease(place, 'v1', [FIRST]);
    await old.succeed(['upgrade']);
    const sidecar = await startSidecar(place, SOON, { env: old.env });
    await sidecar.answers('readyz', 200);
    const next = await buildRelease(place, 'v2', [SECOND]);
    await next.succeed(['upgrade']);
    await expect
      .poll(
        async () =>
          metricValue(await sidecar.metrics(), 'slipway_schema_ahead', { compatible: 'true' }),
        EVENTUALLY,
      )
      .toBe(1);
    expect(await sidecar.probe('readyz')).toMatchObject({ status: 200, body: { ahead: 1 } });
    const breaking = await buildRelease(place, 'v3', [{ id: 'r3', up: 'drop table one;' }]);
    await breaking.succeed(['upgrade'], { SLIPWAY_APPROVE: 'r3' });
    const { body } = await sidecar.answers('readyz', 503);
    expect(body).toMatchObject({ status: 'ahead', code: 'SLIPWAY_SCHEMA_AHEAD' });
    expect(
      metricValue(await sidecar.metrics(), 'slipway_schema_ahead', { compatible: 'false' }),
    ).toBe(2);
    expect((await sidecar.stop()).exitCode).toBe(0);
    const again = place.start(['serve', '--port', '0'], { env: old.env });
    failureOf(await again.ended, 14, 'SLIPWAY_SCHEMA_AHEAD');
  });

  it('ends with 24 within two seconds when it is told to stop in the middle of a revision', async () => {
    const place = await createPlace(GATE, GATED);
    const sidecar = await startSidecar(place);
    await serverRuns(place.url, '%from gate%');
    const outcome = await sidecar.stop();
    failureOf(outcome, 24, 'SLIPWAY_INTERRUPTED');
    expect(outcome.stoppedInMs).toBeLessThan(2000);
    expect(await place.query('select id from slipway.revision')).toEqual([{ id: 'r1' }]);
  });

  it('ends at once at a second signal', async () => {
    const place = await createPlace(GATE, GATED);
    const real = new URL(place.url);
    await using proxy = await startProxy({ host: real.hostname, port: Number(real.port) });
    const url = new URL(place.url);
    url.port = String(proxy.port);
    const sidecar = await startSidecar(placeAt(place.project, url.href), SOON);
    await serverRuns(place.url, '%from gate%');
    // The statement cannot be cancelled, which takes a while to give up.
    proxy.pause();
    sidecar.process.kill('SIGTERM');
    await sidecar.process.logged('run.interrupting');
    sidecar.process.kill('SIGTERM');
    const outcome = await sidecar.process.ended;
    expect(outcome.exitCode).toBe(143);
    expect(outcome.stoppedInMs).toBeLessThan(500);
  });

  it('has exactly the documented metrics, and those of the process on request', async () => {
    const place = await createUpgraded(FIRST);
    const plain = await startSidecar(place, SOON, { env: { SLIPWAY_RELEASE: 'v1 "quoted"' } });
    await plain.answers('readyz', 200);
    const metrics = await plain.metrics();
    expect([...metrics.keys()].toSorted()).toEqual(Object.keys(METRICS).toSorted());
    for (const [name, { type, help }] of Object.entries(METRICS)) {
      expect(metrics.get(name)).toMatchObject({ type, help });
    }
    expect(metricValue(metrics, 'slipway_build_info', { release: 'v1 "quoted"' })).toBe(1);
    expect((await plain.stop()).exitCode).toBe(0);
    const full = await startSidecar(place, ['--default-metrics', ...SOON]);
    await full.answers('readyz', 200);
    expect([...(await full.metrics()).keys()]).toContain('process_resident_memory_bytes');
    expect((await full.stop()).exitCode).toBe(0);
  });

  it('answers scrapes in a migration without holding it up', async () => {
    const steps = Array.from({ length: 60 }, (_, index) => ({
      id: `s${index}`,
      up: `create table s${index} (id int primary key);`,
    }));
    const quiet = await createPlace(GATE, GATED, ...steps);
    const asked = await createPlace(GATE, GATED, ...steps);
    const timeOf = async (place: Place, scrapes: number): Promise<number> => {
      const sidecar = await startSidecar(place, SOON);
      await serverRuns(place.url, '%from gate%');
      await openGate(place);
      const scraped = Array.from({ length: scrapes }, () => sidecar.metrics());
      expect(await Promise.all(scraped)).toHaveLength(scrapes);
      const { durationMs } = await sidecar.process.logged('run.finished');
      const applied = sidecar.process.log().filter(({ event }) => event === 'revision.applied');
      expect(applied).toHaveLength(62);
      await sidecar.stop();
      const times = applied.slice(2).map((line) => Date.parse(String(line['time'])));
      expect(Number(durationMs)).toBeGreaterThan(0);
      return Math.max(...times) - Math.min(...times);
    };
    const without = await timeOf(quiet, 0);
    const withScrapes = await timeOf(asked, 20);
    expect(withScrapes).toBeLessThan(without * 2 + 500);
  });

  it.each([
    ['a phase that never starts', ['--phase', 'contract']],
    ['two wishes about contract revisions', ['--phase', 'all', '--contract', 'after-rollout']],
    ['a port that is none', ['--port', '70000']],
  ])('refuses %s', async (_, args) => {
    const place = await createPlace(FIRST);
    expect((await place.run(['serve', ...args])).exitCode).toBe(10);
  });

  it('says that its port is taken', async () => {
    const place = await createUpgraded(FIRST);
    const sidecar = await startSidecar(place);
    const second = await place.run([
      'serve',
      '--host',
      '127.0.0.1',
      '--port',
      String(sidecar.port),
    ]);
    failureOf(second, 10, 'SLIPWAY_LISTEN_FAILED');
    await sidecar.stop();
  });
});
