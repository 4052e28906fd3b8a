/** Canaries, limits, reports to go on from, shards, signals: in which order a fleet is worked through. */

import { appendFile, readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { until } from '../../support/cli.ts';
import { COUNTED, endOf, type Fleet, fleetOfSchemas, linesOf } from '../../support/fleets.ts';

const TARGETS = ['upgrade', '--targets', 'targets'];

/** Makes the first revision fail in a target. */
const poison = (fleet: Fleet, name: string) =>
  fleet.query(`create table ${name}.ran (other integer)`);
const cure = (fleet: Fleet, name: string) => fleet.query(`drop table ${name}.ran`);

const startedIn = (fleet: Fleet, outcome: Parameters<typeof linesOf>[0]) =>
  fleet.names.filter((name) => linesOf(outcome, name).length > 0);

describe('canaries', { timeout: 120_000 }, () => {
  it('that fail keep all others from being started', async () => {
    const fleet = await fleetOfSchemas(8);
    await poison(fleet, 't2');
    const outcome = await fleet.run([...TARGETS, '--canary', '2', '--ready-file', 'ready']);
    expect(outcome.exitCode, outcome.stderr).toBe(12);
    expect(startedIn(fleet, outcome)).toEqual(['t1', 't2']);
    expect(endOf(outcome)).toMatchObject({
      stopped: 'canary',
      changed: 1,
      failed: 1,
      notStarted: 6,
    });
    await expect(readFile(fleet.project.path('ready'), 'utf8')).rejects.toThrow('ENOENT');

    await cure(fleet, 't2');
    const again = await fleet.succeed([...TARGETS, '--canary', '2', '--ready-file', 'ready']);
    const firsts = again.log.filter(({ event }) => event === 'run.finished').slice(0, 2);
    expect(firsts.map((line) => line['target']).sort()).toEqual(['t1', 't2']);
    expect(await readFile(fleet.project.path('ready'), 'utf8')).toBe('r2\n');
    expect(await fleet.at(['r2'])).toEqual(fleet.names);
  });
});

describe('a limit of failures', { timeout: 120_000 }, () => {
  it('ends the fleet after what was under way', async () => {
    const fleet = await fleetOfSchemas(8);
    for (const name of ['t2', 't3']) await poison(fleet, name);
    const limits = ['--max-failures', '2', '--concurrency', '1'];
    const outcome = await fleet.run([...TARGETS, ...limits]);
    expect(outcome.exitCode, outcome.stderr).toBe(12);
    expect(startedIn(fleet, outcome)).toEqual(['t1', 't2', 't3']);
    expect(endOf(outcome)).toMatchObject({ stopped: 'max-failures', failed: 2, notStarted: 5 });
  });
});

describe('a report', { timeout: 120_000 }, () => {
  it('says what was done, so that another run passes it over', async () => {
    const fleet = await fleetOfSchemas(6);
    await poison(fleet, 't4');
    const resumed = [...TARGETS, '--resume', 'report'];
    expect((await fleet.run(resumed)).exitCode).toBe(12);
    // Cut off in the middle of a line.
    await appendFile(fleet.project.path('report'), '{"target":"t4","outco');
    await cure(fleet, 't4');
    const second = await fleet.succeed(resumed);
    expect(startedIn(fleet, second)).toEqual(['t4']);
    expect(endOf(second)).toMatchObject({ total: 6, skipped: 5, changed: 1, exitCode: 0 });
    const third = await fleet.succeed(resumed);
    expect(endOf(third)).toMatchObject({ total: 6, skipped: 6, changed: 0 });

    // Another release is another matter.
    await fleet.project.add({ id: 'r3', up: 'alter table ran add column three integer;' });
    expect(endOf(await fleet.succeed(resumed))).toMatchObject({ skipped: 0, changed: 6 });
    expect(await fleet.at(['r3'])).toEqual(fleet.names);
    // One that failed later than it succeeded is not done.
    await appendFile(
      fleet.project.path('report'),
      '{"target":"t1","outcome":"failed","code":"X","exitCode":12,"message":"","durationMs":1}\n',
    );
    expect(endOf(await fleet.succeed(resumed))).toMatchObject({ skipped: 5, unchanged: 1 });
  });

  it('is written anew with --report, a line for each target', async () => {
    const fleet = await fleetOfSchemas(3);
    await fleet.project.write('report', 'what was there before\n');
    await fleet.succeed([...TARGETS, '--report', 'report']);
    const lines = (await readFile(fleet.project.path('report'), 'utf8')).trim().split('\n');
    const [first, ...results] = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(first).toMatchObject({ format: 1, command: 'upgrade', target: 'head', phase: 'all' });
    expect(results.map((line) => line['target']).sort()).toEqual(['t1', 't2', 't3']);
    expect(results).toContainEqual({
      target: 't2',
      outcome: 'done',
      heads: ['r2'],
      revisions: 2,
      durationMs: expect.any(Number),
    });
  });

  it('is refused where the file is something else', async () => {
    const fleet = await fleetOfSchemas(1);
    await fleet.project.write('report', '{"some":"thing"}\n');
    const outcome = await fleet.run([...TARGETS, '--resume', 'report']);
    expect(outcome.exitCode, outcome.stderr).toBe(10);
    expect(await fleet.at(['r2'])).toEqual([]);
  });
});

describe('shards', { timeout: 120_000 }, () => {
  it('have every target exactly once between them, as an Indexed Job runs them', async () => {
    const fleet = await fleetOfSchemas(12);
    const seen: string[] = [];
    for (let index = 0; index < 3; index++) {
      const outcome = await fleet.succeed(TARGETS, {
        env: { JOB_COMPLETION_INDEX: String(index), JOB_COMPLETION_COUNT: '3' },
      });
      expect(outcome.log[0]).toMatchObject({ event: 'fleet.started', shard: `${index + 1}/3` });
      seen.push(...startedIn(fleet, outcome));
      const byFlag = await fleet.succeed([...TARGETS, '--shard', `${index + 1}/3`, '--json']);
      expect(JSON.parse(byFlag.stdout)).toMatchObject({ changed: 0 });
    }
    expect(seen.sort()).toEqual(fleet.names.toSorted());
    expect(await fleet.at(['r2'])).toEqual(fleet.names);
  });

  it('need to know how many there are', async () => {
    const fleet = await fleetOfSchemas(1);
    for (const env of [
      { JOB_COMPLETION_INDEX: '0' },
      { JOB_COMPLETION_INDEX: '3', JOB_COMPLETION_COUNT: '3' },
    ]) {
      const outcome = await fleet.run(TARGETS, { env });
      expect(outcome.exitCode, outcome.stderr).toBe(10);
      expect(outcome.log.at(-1)?.msg).toContain('JOB_COMPLETION_COUNT');
    }
  });
});

describe('told to stop', { timeout: 120_000 }, () => {
  it('all that run stop cleanly, no other is started, and the next run goes on', async () => {
    const fleet = await fleetOfSchemas(6, [
      ...COUNTED,
      {
        id: 'r3',
        up: `create table half_done ();
select pg_sleep(case when exists (select from public.speed where fast) then 0 else 60 end);`,
      },
    ]);
    await fleet.query('create table public.speed (fast boolean)');
    const run = fleet.start([...TARGETS, '--concurrency', '3'], {
      env: { SLIPWAY_TERMINATION_LOG: fleet.project.path('termination') },
    });
    await until(async () => {
      const sleeping = await fleet.query(
        "select pid from pg_stat_activity where datname = current_database() and state = 'active' and query ilike '%pg_sleep%' and pid <> pg_backend_pid()",
      );
      expect(sleeping).toHaveLength(3);
    });
    run.kill('SIGTERM');
    const outcome = await run.ended;
    expect(outcome.exitCode, outcome.stderr).toBe(24);
    // Two seconds on a machine of one's own; tests share theirs.
    expect(outcome.stoppedInMs).toBeLessThan(15_000);
    expect(endOf(outcome)).toMatchObject({ stopped: 'interrupted', failed: 3, notStarted: 3 });
    expect(await fleet.at(['r2'])).toEqual(['t1', 't2', 't3']);
    expect(await fleet.query("select from pg_class where relname = 'half_done'")).toEqual([]);
    expect(await readFile(fleet.project.path('termination'), 'utf8')).toContain(
      'upgrade of 6 targets: 0 changed, 0 unchanged, 3 failed, 3 not started',
    );
    await fleet.query('insert into public.speed values (true)');
    await fleet.succeed(TARGETS);
    expect(await fleet.at(['r3'])).toEqual(fleet.names);
  });
});

describe('what is said of a fleet', { timeout: 120_000 }, () => {
  it('is in the termination message: counts, the first failure, within 1 KiB', async () => {
    const fleet = await fleetOfSchemas(30);
    for (const name of fleet.names.slice(5)) await poison(fleet, name);
    const outcome = await fleet.run(TARGETS, {
      env: { SLIPWAY_TERMINATION_LOG: fleet.project.path('termination') },
    });
    expect(outcome.exitCode).toBe(12);
    const message = await readFile(fleet.project.path('termination'), 'utf8');
    expect(Buffer.byteLength(message)).toBeLessThanOrEqual(1024);
    expect(message).toMatch(
      /^upgrade of 30 targets: 5 changed, 0 unchanged, 25 failed in .* \(exit 12\)/,
    );
    expect(message).toMatch(
      /^first: t\d+: SLIPWAY_REVISION_FAILED \(exit 12\): revision "r1" failed/m,
    );
    expect(message).toMatch(/^failed: t\d+, t\d+, .*…$/m);
  });

  it('is one line for each target on a terminal', async () => {
    const fleet = await fleetOfSchemas(2);
    await poison(fleet, 't2');
    const outcome = await fleet.run([...TARGETS, '--log-format', 'pretty']);
    const lines = outcome.stderr.split('\n');
    expect(lines.filter((line) => line.startsWith('[t1]'))).toEqual([
      expect.stringContaining('upgrade done: 2 revisions'),
    ]);
    expect(outcome.stderr).toContain('[t2] ✗ revision "r1" failed');
  });

  it('is what status answers: where each is, and which cannot be asked', async () => {
    const fleet = await fleetOfSchemas(3);
    await fleet.run([...TARGETS, '--shard', '1/1']);
    await fleet.project.add({ id: 'r3', up: 'select 1;' });
    await fleet.query('drop schema t3 cascade; drop schema slipway_t3 cascade');
    const status = ['status', '--targets', 'targets'];
    const outcome = await fleet.run(status);
    expect(outcome.exitCode, outcome.stderr).toBe(21);
    const [title, ...rows] = outcome.stdout.trimEnd().split('\n');
    expect(title).toMatch(/^TARGET +STATE +PENDING +AHEAD +LOCK +AT$/);
    expect(rows[0]).toMatch(/^t1 +behind +1 +0 +free +r2$/);
    expect(rows[2]).toMatch(/^t3 +unknown .* SLIPWAY_SCHEMA_MISSING: there is no schema "t3"/);
    const asJson = await fleet.run([...status, '--json']);
    expect(JSON.parse(asJson.stdout)).toMatchObject({
      targets: [
        { target: 't1', state: 'behind', heads: ['r2'], pending: 1, ahead: 0 },
        { target: 't2', state: 'behind' },
        { target: 't3', state: 'unknown', code: 'SLIPWAY_SCHEMA_MISSING', exitCode: 21 },
      ],
    });
  });
});
