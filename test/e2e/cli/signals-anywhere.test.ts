/** SIGTERM where no plain statement runs, and SIGTERM to the first process of a pod. */

import { spawn, spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import { failureOf, program, serverRuns, until } from '../../support/cli.ts';
import { createPlace, createUpgraded, type Place } from '../../support/projects.ts';

/** The contract says two seconds on a machine of one's own; tests share theirs. */
const STOP_LIMIT_MS = 15_000;

const onlyFirst = async (place: Place) => {
  await until(async () =>
    expect(
      await place.query(
        "select 1 from pg_stat_activity where datname = current_database() and application_name like 'slipway/%'",
      ),
    ).toEqual([]),
  );
  expect(await place.query('select id from slipway.revision')).toEqual([{ id: 'r1' }]);
};

describe('SIGTERM', { concurrent: true }, () => {
  it('while rows are copied in cancels the copy and rolls back', async () => {
    const place = await createUpgraded({
      id: 'r1',
      up: `create table item (id int);
create function slowly() returns trigger language plpgsql as 'begin perform pg_sleep(30); return new; end';
create trigger slowly before insert on item for each row execute function slowly();`,
    });
    await place.project.add({ id: 'r2', up: 'copy item from stdin;\n1\n2\n3\n\\.' });
    const run = place.start(['upgrade']);
    await serverRuns(place.url, 'copy item%');
    run.kill('SIGTERM');
    const outcome = await run.ended;
    expect(failureOf(outcome, 24, 'SLIPWAY_INTERRUPTED')).toMatchObject({ rolledBack: true });
    expect(outcome.stoppedInMs).toBeLessThan(STOP_LIMIT_MS);
    await onlyFirst(place);
  });

  it('in a verify section rolls the revision back', async () => {
    const place = await createUpgraded({ id: 'r1', up: 'create table item ();' });
    await place.project.add({
      id: 'r2',
      up: 'create table other ();',
      verify: 'select pg_sleep(60) is not null;',
    });
    const run = place.start(['upgrade']);
    await serverRuns(place.url, '%pg_sleep%');
    run.kill('SIGTERM');
    const outcome = await run.ended;
    failureOf(outcome, 24, 'SLIPWAY_INTERRUPTED');
    expect(outcome.stoppedInMs).toBeLessThan(STOP_LIMIT_MS);
    await onlyFirst(place);
  });

  it.each([
    ['waits for something else', 'await new Promise((resolve) => setTimeout(resolve, 300_000));'],
    ['asks again and again', "for (;;) await db.query('select 1');"],
    ['catches every error at once', "for (;;) await db.query('select 1').catch(() => undefined);"],
    [
      'catches every error',
      "for (;;) await db.query('select pg_sleep(0.1)').catch(() => new Promise((go) => setTimeout(go, 10)));",
    ],
  ])('in a TypeScript revision that %s ends it', async (_, code) => {
    const place = await createUpgraded({ id: 'r1', up: 'create table item ();' });
    await place.project.write(
      'migrations/20260201000000_second.ts',
      `import { defineRevision } from 'slipway';
export default defineRevision({
  revision: 'r2', revises: 'r1', description: 'Second',
  async up(db) {
    await db.query('create table other ()');
    await db.query('insert into item default values');
    ${code}
  },
  async down() {},
});
`,
    );
    const run = place.start(['upgrade', '--log-level', 'debug']);
    await until(() => {
      const started = run.log().filter(({ event }) => event === 'statement.started');
      expect(started.length).toBeGreaterThanOrEqual(2);
    });
    run.kill('SIGTERM');
    const outcome = await run.ended;
    failureOf(outcome, 24, 'SLIPWAY_INTERRUPTED');
    expect(outcome.stoppedInMs).toBeLessThan(STOP_LIMIT_MS);
    await onlyFirst(place);
  });

  it('between revisions keeps those that are done', async () => {
    const place = await createPlace(
      ...Array.from({ length: 400 }, (_, i) => ({ id: `r${i}`, up: `create table t${i} ();` })),
    );
    const run = place.start(['upgrade']);
    await run.logged('revision.applied');
    run.kill('SIGTERM');
    const outcome = await run.ended;
    const failure = failureOf(outcome, 24, 'SLIPWAY_INTERRUPTED');
    expect(outcome.stoppedInMs).toBeLessThan(STOP_LIMIT_MS);
    const [applied] = await place.query('select count(*)::int as n from slipway.revision');
    expect(failure['finished']).toHaveLength(Number(applied?.['n']));
    expect((await place.succeed(['upgrade'])).log.at(-1)).toMatchObject({ heads: ['r399'] });
  });
});

const canIsolate = spawnSync('unshare', ['--pid', '--fork', '--mount-proc', 'true']).status === 0;
if (!canIsolate) console.warn('skipped: no rights to make a PID namespace');

describe.skipIf(!canIsolate)('SIGTERM to process 1', { concurrent: true }, () => {
  it.each([
    ['in a statement', 'statement'],
    ['waiting for the migration lock', 'lock'],
    ['waiting for a table', 'table'],
  ] as const)('%s ends it cleanly', async (_, where) => {
    const place = await createUpgraded({ id: 'r1', up: 'create table item ();' });
    await place.project.add({
      id: 'r2',
      up: where === 'table' ? 'alter table item add a int;' : 'select pg_sleep(60);',
    });
    const other = new Client({ connectionString: place.url });
    await other.connect();
    if (where === 'table') await other.query('begin; lock table item');
    const holder = where === 'lock' ? place.start(['upgrade']) : undefined;
    if (holder !== undefined) await serverRuns(place.url, '%pg_sleep%');
    const first = startAsFirst(place, ['upgrade', '--lock-timeout', '60s']);
    if (where === 'statement') await serverRuns(place.url, '%pg_sleep%');
    if (where === 'lock') await until(() => expect(first.stderr()).toContain('lock.waiting'));
    if (where === 'table') await until(() => expect(first.stderr()).toContain('blocked.waiting'));
    process.kill(await first.pid(), 'SIGTERM');
    const { exitCode, stoppedInMs } = await first.ended;
    await other.end();
    holder?.kill('SIGTERM');
    await holder?.ended;
    expect(exitCode, first.stderr()).toBe(24);
    expect(stoppedInMs).toBeLessThan(STOP_LIMIT_MS);
    await onlyFirst(place);
  });
});

/** Runs the program as process 1 of a PID namespace, as the init container of a pod does. */
function startAsFirst(place: Place, args: readonly string[]) {
  const child = spawn(
    'unshare',
    ['--pid', '--fork', '--kill-child', '--mount-proc', process.execPath, program, ...args],
    {
      cwd: place.project.root,
      env: { PATH: process.env['PATH'], DATABASE_URL: place.url, HOME: '/nonexistent' },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  let killedAt = 0;
  return {
    stderr: () => stderr,
    /** Its number out here. */
    async pid(): Promise<number> {
      const children = await readFile(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8');
      killedAt = performance.now();
      return Number(children.trim());
    },
    ended: new Promise<{ exitCode: number | null; stoppedInMs: number }>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (exitCode) =>
        resolve({ exitCode, stoppedInMs: performance.now() - killedAt }),
      );
    }),
  };
}
