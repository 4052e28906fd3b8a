/** Runners that meet: waiting for the migration lock, with and without a pooler. */

import { describe, expect, it } from 'vitest';
import { fakeServer } from '../../support/fake-database.ts';
import { errorOf, OTHER_POD, world } from './support.ts';

describe('a migration lock that another runner holds', () => {
  it('is waited for', async () => {
    const run = world(['a']);
    const free = run.server.holdLock(OTHER_POD);
    run.surroundings.at(10_000, free);
    expect((await run.upgrade()).outcome).toBe('done');
    const [acquired] = run.surroundings.reporter.of('lock.acquired');
    expect(acquired?.waitedMs).toBeGreaterThanOrEqual(10_000);
    expect(acquired?.waitedMs).toBeLessThan(12_000);
  });

  it('ends the wait as soon as the work is done, while it is still held', async () => {
    const run = world(['a', 'b<-a']);
    const free = run.server.holdLock(OTHER_POD);
    run.surroundings.at(5000, async () => {
      free();
      await world(['a', 'b<-a'], { server: run.server }).upgrade();
      run.server.holdLock(OTHER_POD);
    });
    expect(await run.upgrade()).toEqual({
      outcome: 'done-by-another',
      heads: ['b'],
      revisions: [],
    });
    expect(run.surroundings.reporter.of('lock.acquired')).toEqual([]);
    expect(run.server.sent).toHaveLength(2);
  });

  it('that is free again leaves only what the other one did not do', async () => {
    const run = world(['a', 'b<-a']);
    const free = run.server.holdLock(OTHER_POD);
    run.surroundings.at(100, async () => {
      free();
      await world(['a'], { server: run.server }).upgrade();
    });
    expect(await run.upgrade()).toEqual({ outcome: 'done', heads: ['b'], revisions: ['b'] });
  });

  it('is reported at growing intervals, with its holder and the progress', async () => {
    const run = world(['a', 'b<-a']);
    run.server.holdLock(OTHER_POD);
    await errorOf(run.upgrade({ lockWaitMs: 60_000 }));
    const reports = run.surroundings.reporter.of('lock.waiting');
    expect(reports.length).toBeGreaterThan(2);
    expect(reports.length).toBeLessThan(10);
    expect(reports[0]).toMatchObject({
      holder: { pid: 4711, pod: 'shop/web-2' },
      limitMs: 60_000,
      done: 0,
      total: 2,
    });
    const gaps = reports.slice(1).map((each, i) => each.waitedMs - (reports[i]?.waitedMs ?? 0));
    expect(gaps).toEqual([...gaps].sort((x, y) => x - y));
  });

  it('is given up after the limit, naming who has it', async () => {
    const run = world(['a']);
    run.server.holdLock(OTHER_POD);
    const error = await errorOf(run.upgrade({ lockWaitMs: 60_000 }));
    expect([error.code, error.exitCode]).toEqual(['SLIPWAY_LOCK_TIMEOUT', 22]);
    expect(error.details).toMatchObject({ waitedMs: 60_000, holder: { pid: 4711 } });
    expect(error.message).toContain('shop/web-2');
    expect([run.applied, run.server.sent]).toEqual([[], []]);
  });

  it('is tried once where no waiting is allowed', async () => {
    const run = world(['a']);
    run.server.holdLock(OTHER_POD);
    expect((await errorOf(run.upgrade({ lockWaitMs: 0 }))).code).toBe('SLIPWAY_LOCK_TIMEOUT');
    expect(run.surroundings.sleeps).toEqual([]);
  });

  it('is no longer waited for when the process is told to stop', async () => {
    const run = world(['a']);
    run.server.holdLock(OTHER_POD);
    run.surroundings.at(1000, run.surroundings.interrupt);
    expect((await errorOf(run.upgrade())).code).toBe('SLIPWAY_INTERRUPTED');
  });

  it.each(['downgrade', 'stamp'] as const)('makes %s wait too', async (command) => {
    const run = world(['a']);
    await run.upgrade();
    run.server.holdLock(OTHER_POD);
    const work = run[command]('base', { lockWaitMs: 1000 });
    expect((await errorOf(work)).code).toBe('SLIPWAY_LOCK_TIMEOUT');
    expect(run.applied).toEqual(['a']);
  });
});

describe('several runners at once', () => {
  it('apply each revision once, and all end well', async () => {
    const server = fakeServer();
    const runs = Array.from({ length: 8 }, () => world(['a', 'b<-a', 'c<-b'], { server }));
    const outcomes = await Promise.all(runs.map((run) => run.upgrade()));
    expect(server.sent).toEqual(['a', 'b', 'c'].map((name) => `create table ${name} (id int)`));
    expect(outcomes.filter(({ outcome }) => outcome === 'done')).toHaveLength(1);
    expect(outcomes.every(({ heads }) => heads.join() === 'c')).toBe(true);
  });

  it('apply each revision once behind a transaction pooler', async () => {
    const server = fakeServer();
    const runs = Array.from({ length: 4 }, () =>
      world(['a', 'b<-a', 'c<-b'], { server, pooled: true }),
    );
    const outcomes = await Promise.all(runs.map((run) => run.upgrade()));
    expect(server.state.rows.map((row) => row.id)).toEqual(['a', 'b', 'c']);
    expect(outcomes.every(({ heads }) => heads.join() === 'c')).toBe(true);
  });
});

describe('behind a transaction pooler', () => {
  it('the lock is given up after the limit too', async () => {
    const run = world(['a'], { pooled: true });
    run.server.holdLock(OTHER_POD);
    const error = await errorOf(run.upgrade({ lockWaitMs: 60_000 }));
    expect(error.code).toBe('SLIPWAY_LOCK_TIMEOUT');
  });

  it.each(['downgrade', 'stamp'] as const)('%s waits for the lock as well', async (command) => {
    const run = world(['a'], { pooled: true });
    await run.upgrade();
    const free = run.server.holdLock(OTHER_POD);
    run.surroundings.at(500, free);
    expect((await run[command]('base')).outcome).toBe('done');
    expect(run.applied).toEqual([]);
  });

  it('an upgrade that had to plan again names all revisions that it applied', async () => {
    const run = world(['a', 'b<-a'], { pooled: true });
    let free = (): void => undefined;
    run.server.trap({
      operation: 'commit',
      when: 'after',
      act: () => {
        free = run.server.holdLock(OTHER_POD);
      },
    });
    run.surroundings.at(1, () => free());
    expect((await run.upgrade()).revisions).toEqual(['a', 'b']);
  });
});
