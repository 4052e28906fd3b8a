/** Upgrades that go well, and the decisions they follow. */

import { describe, expect, it } from 'vitest';
import { progressMeter, UNMEASURED } from '../../../src/core/progress.ts';
import { revision } from '../../support/graph.ts';
import { statementOf } from '../../support/port-fixture.ts';
import { errorOf, OTHER_POD, world } from './support.ts';

describe('upgrade', () => {
  it('applies what is pending, in order, and records each revision', async () => {
    const run = world(['a', 'c<-a', 'b<-a', 'd<-b,c']);
    expect(await run.upgrade()).toEqual({
      outcome: 'done',
      heads: ['d'],
      revisions: ['a', 'b', 'c', 'd'],
    });
    expect(run.applied).toEqual(['a', 'b', 'c', 'd']);
    expect(run.objects).toEqual(['a', 'b', 'c', 'd']);
    expect(run.server.state.summary).toMatchObject({ heads: ['d'], applied: 4 });
    expect(run.server.state.log.map((entry) => entry.event)).toEqual(Array(4).fill('upgrade'));
  });

  it('tells the story in order', async () => {
    const run = world(['a', 'b<-a']);
    await run.upgrade();
    const story = run.surroundings.reporter.events.map((event) =>
      'revision' in event ? `${event.type} ${event.revision}` : event.type,
    );
    expect(story).toEqual([
      'lock.acquired',
      'plan.ready',
      'revision.started a',
      'statement.started a',
      'revision.applied a',
      'revision.started b',
      'statement.started b',
      'revision.applied b',
    ]);
    expect(run.surroundings.reporter.of('plan.ready')).toMatchObject([
      { direction: 'upgrade', applied: 0, revisions: [{ id: 'a' }, { id: 'b' }] },
    ]);
    expect(run.surroundings.reporter.of('revision.applied')).toMatchObject([
      { index: 1, total: 2, statements: 1, description: 'Revision a' },
      { index: 2, total: 2 },
    ]);
  });

  it('does nothing, without the lock, when everything is applied', async () => {
    const run = world(['a']);
    await run.upgrade();
    const release = run.server.holdLock({ ...(await holderOf(run)), pid: 1 });
    const again = await run.upgrade();
    release();
    expect(again).toEqual({ outcome: 'nothing-to-do', heads: ['a'], revisions: [] });
    expect(run.server.sent).toEqual(['create table a (id int)']);
  });

  it('flushes the last commit of a run to disk, and only that', async () => {
    const run = world(['a', 'b<-a', 'c<-b']);
    await run.upgrade();
    expect(run.server.commits.map((commit) => commit.durable)).toEqual([false, false, true]);
  });

  it('gives back the lock when it is done, and when it failed', async () => {
    const run = world(['a', revision('b<-a', { up: 'select 1/0;' })]);
    await errorOf(run.upgrade());
    expect(await run.db.lock.holder()).toBeUndefined();
    await run.upgrade({ target: 'a' });
    expect(await run.db.lock.holder()).toBeUndefined();
  });

  it.each([
    ['+1', ['a']],
    ['+2', ['a', 'b']],
    ['b', ['a', 'b']],
    ['head', ['a', 'b', 'c']],
  ])('stops at its target: %s', async (target, expected) => {
    const run = world(['a', 'b<-a', 'c<-b']);
    await run.upgrade({ target });
    expect(run.applied).toEqual(expected);
  });

  it('leaves trailing contract revisions to the contract phase', async () => {
    const run = world(['a', 'b<-a', 'c<-b phase:contract']);
    await run.upgrade({ phase: 'expand' });
    expect(run.applied).toEqual(['a', 'b']);
    expect((await run.upgrade({ phase: 'expand' })).outcome).toBe('nothing-to-do');
    await run.upgrade({ phase: 'contract' });
    expect(run.applied).toEqual(['a', 'b', 'c']);
  });

  it('uses the limits of the revision before those of the run', async () => {
    const run = world([
      revision('a', { header: ['lock-timeout 7s', 'statement-timeout 9s'] }),
      'b<-a',
    ]);
    await run.upgrade({ limits: { lockTimeoutMs: 100, statementTimeoutMs: 200 } });
    expect(run.server.commits).toMatchObject([
      { lockTimeoutMs: 7000, statementTimeoutMs: 9000 },
      { lockTimeoutMs: 100, statementTimeoutMs: 200 },
    ]);
  });

  it('passes on what the server says while a revision runs', async () => {
    const run = world(['a']);
    run.server.notice('said too early');
    run.server.trap({ operation: 'statement', act: () => run.server.notice('identifier cut') });
    await run.upgrade();
    run.server.notice('said too late');
    expect(run.surroundings.reporter.of('statement.notice')).toMatchObject([
      { revision: 'a', severity: 'NOTICE', message: 'identifier cut' },
    ]);
  });

  it('says of which revision and where the statement is that takes long', async () => {
    const run = world(['a']);
    const statement = await statementOf('create table a ();');
    const progress = {
      ...progressMeter()(UNMEASURED, 0),
      statement,
      elapsedMs: 5000,
      waitingFor: [OTHER_POD],
    };
    run.server.progress(progress);
    run.server.trap({ operation: 'statement', act: () => run.server.progress(progress) });
    await run.upgrade();
    run.server.progress(progress);
    const { file } = revision('a');
    expect(run.surroundings.reporter.of('statement.progress')).toEqual([
      {
        type: 'statement.progress',
        revision: 'a',
        command: 'create table',
        location: `${file}:${statement.line}:${statement.column}`,
        elapsedMs: 5000,
        waitingFor: [OTHER_POD],
        ...progressMeter()(UNMEASURED, 0),
      },
    ]);
  });

  describe('all in one transaction', () => {
    it('commits once, durably', async () => {
      const run = world(['a', 'b<-a']);
      expect((await run.upgrade({ limits: { single: true } })).revisions).toEqual(['a', 'b']);
      expect(run.server.commits.map((commit) => commit.durable)).toEqual([true]);
      expect(run.server.state.summary).toMatchObject({ heads: ['b'], applied: 2 });
    });

    it('keeps nothing when one of them fails', async () => {
      const run = world(['a', revision('b<-a', { up: 'select 1/0;' })]);
      const error = await errorOf(run.upgrade({ limits: { single: true } }));
      expect(error.details).toMatchObject({ revision: 'b', rolledBack: true, finished: [] });
      expect(error.details['heads']).toEqual([]);
      expect([run.applied, run.objects]).toEqual([[], []]);
    });

    it('runs nothing when one of them cannot run in a transaction', async () => {
      const index = revision('i<-a transaction:none', {
        up: 'create index concurrently i on a (id);',
        down: 'drop index concurrently i;',
      });
      const run = world(['a', index]);
      const error = await errorOf(run.upgrade({ limits: { single: true } }));
      expect([10, 11]).toContain(error.exitCode);
      expect(run.server.sent).toEqual([]);
    });
  });

  describe('verify', () => {
    it('is asked after the statements, inside their transaction', async () => {
      const run = world([revision('a', { verify: "select to_regclass('a') is not null;" })]);
      expect((await run.upgrade()).outcome).toBe('done');
    });

    it('rolls the revision back when it answers false', async () => {
      const run = world([
        'a',
        revision('b<-a', { verify: "select true;\nselect to_regclass('b') is null;" }),
      ]);
      const error = await errorOf(run.upgrade());
      expect(error.code).toBe('SLIPWAY_VERIFY_FAILED');
      expect(error.details).toMatchObject({ revision: 'b', line: 11, column: 1, rolledBack: true });
      expect([run.applied, run.objects]).toEqual([['a'], ['a']]);
    });

    it('says what was kept, like every other failure', async () => {
      const run = world(['a', revision('b<-a', { verify: 'select false;' })]);
      const error = await errorOf(run.upgrade());
      expect(error.details).toMatchObject({ finished: ['a'], heads: ['a'] });
    });
  });

  describe('only-if', () => {
    it('skips the statement whose condition is not true, and says so', async () => {
      const up = [
        'create table b (id int);',
        "-- slipway:only-if select to_regclass('b') is null",
        'create table c (id int);',
        "-- slipway:only-if select to_regclass('b') is not null",
        'create table d (id int);',
      ].join('\n');
      const run = world([revision('a', { up })]);
      await run.upgrade();
      expect(run.objects).toEqual(['b', 'd']);
      expect(run.surroundings.reporter.of('statement.skipped')).toMatchObject([
        {
          revision: 'a',
          why: 'only-if',
          evidence: "select to_regclass('b') is null",
          location: 'migrations/a.sql:8:1',
        },
      ]);
    });
  });

  describe('a database that is ahead', () => {
    it('is started with when all that is unknown is compatible', async () => {
      const { server } = await upgraded(['a', 'b<-a']);
      const old = world(['a'], { server });
      expect(await old.upgrade()).toEqual({ outcome: 'ahead', heads: ['b'], revisions: [] });
      expect(old.surroundings.reporter.of('schema.ahead')).toMatchObject([
        { policy: 'compatible', unknown: ['b'], heads: ['b'] },
      ]);
    });

    it('is refused when it breaks this release, and the refusal is audited', async () => {
      const { server } = await upgraded(['a', 'b<-a compatible:no']);
      const old = world(['a'], { server });
      expect((await errorOf(old.upgrade())).code).toBe('SLIPWAY_SCHEMA_AHEAD');
      expect(server.state.log.at(-1)).toMatchObject({
        event: 'refusal',
        revision: 'b',
        detail: { code: 'SLIPWAY_SCHEMA_AHEAD' },
      });
    });

    it('is started with all the same where the policy says ignore', async () => {
      const { server } = await upgraded(['a', 'b<-a compatible:no']);
      const old = world(['a'], { server });
      expect((await old.upgrade({ onAhead: 'ignore' })).outcome).toBe('ahead');
      expect(old.surroundings.reporter.of('schema.ahead')).toMatchObject([{ policy: 'ignored' }]);
    });
  });

  it('refuses to run when an applied file changed', async () => {
    const { server } = await upgraded(['a']);
    const changed = world([revision('a', { up: 'create table other (id int);' }), 'b<-a'], {
      server,
    });
    const error = await errorOf(changed.upgrade());
    expect(error.code).toBe('SLIPWAY_APPLIED_CHECKSUM_CHANGED');
    expect(changed.applied).toEqual(['a']);
  });
});

async function upgraded(parts: Parameters<typeof world>[0]) {
  const run = world(parts);
  await run.upgrade();
  return run;
}

async function holderOf(run: ReturnType<typeof world>) {
  await run.db.lock.tryAcquire();
  const holder = await run.db.lock.holder();
  await run.db.lock.release();
  if (holder === undefined) throw new Error('nobody holds the lock');
  return holder;
}
