/** Revisions that fail, locks that are not obtained, runs that are told to stop. */

import { describe, expect, it } from 'vitest';
import { failure } from '../../support/fake-catalog.ts';
import { revision } from '../../support/graph.ts';
import { errorOf, OTHER_POD, raise, world } from './support.ts';

const THREE = ['a', 'b<-a', revision('c<-b', { up: 'create table c (id int);\nselect 1/0;' })];

describe('a revision that fails', () => {
  it('leaves those before it, and says what was kept and what was rolled back', async () => {
    const run = world(THREE);
    const error = await errorOf(run.upgrade());
    expect(error.code).toBe('SLIPWAY_REVISION_FAILED');
    expect(error.details).toMatchObject({
      revision: 'c',
      direction: 'upgrade',
      file: 'migrations/c.sql',
      line: 8,
      column: 1,
      sqlState: '22012',
      rolledBack: true,
      finished: ['a', 'b'],
      heads: ['b'],
    });
    expect([run.applied, run.objects]).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
  });

  it('is told once, and audited', async () => {
    const run = world(THREE);
    await errorOf(run.upgrade());
    expect(run.surroundings.reporter.of('revision.failed')).toMatchObject([
      { revision: 'c', direction: 'upgrade', code: 'SLIPWAY_REVISION_FAILED' },
    ]);
    expect(run.server.state.log.at(-1)).toMatchObject({ event: 'failure', revision: 'c' });
  });

  it('is tried again by the next run', async () => {
    const { server } = await failed();
    const corrected = world(['a', 'b<-a', 'c<-b'], { server });
    expect(await corrected.upgrade()).toEqual({ outcome: 'done', heads: ['c'], revisions: ['c'] });
  });

  it('is located at the character that the server complains about', async () => {
    const up = "select '😀',\n  from missing;";
    const run = world([revision('a', { up })]);
    const problem = failure('other', 'no such table', { sqlState: '42P01', position: 20 });
    run.server.trap({ operation: 'statement', act: raise(problem) });
    const error = await errorOf(run.upgrade());
    expect(error.details).toMatchObject({ line: 7, column: 8 });
    expect(String(error.details['excerpt']).split('\n').at(-1)).toMatch(/^ +\| {8}\^$/);
    expect(error.message).toContain('migrations/a.sql:7:8');
  });

  it.each([
    ['privilege', 'SLIPWAY_PRIVILEGE_MISSING', 17],
    ['read-only', 'SLIPWAY_DB_READ_ONLY', 25],
    ['connection-lost', 'SLIPWAY_DB_CONNECTION_LOST', 20],
    ['cancelled', 'SLIPWAY_REVISION_FAILED', 12],
    ['other', 'SLIPWAY_REVISION_FAILED', 12],
  ] as const)('has a code for its kind: %s', async (kind, code, exitCode) => {
    const run = world(['a']);
    run.server.trap({ operation: 'statement', act: raise(failure(kind, 'said no')) });
    const error = await errorOf(run.upgrade());
    expect([error.code, error.exitCode]).toEqual([code, exitCode]);
    expect(run.applied).toEqual([]);
  });

  async function failed() {
    const run = world(THREE);
    await errorOf(run.upgrade());
    return run;
  }
});

describe('a lock that is not obtained in time', () => {
  const busy = failure('lock-timeout', 'canceling statement due to lock timeout');

  it('is tried for again, with growing pauses, until it is there', async () => {
    const run = world(['a']);
    run.server.trap({ operation: 'statement', times: 2, act: raise(busy) });
    expect((await run.upgrade()).outcome).toBe('done');
    expect(run.surroundings.reporter.of('revision.retrying')).toMatchObject([
      { revision: 'a', attempt: 1, limit: 3 },
      { revision: 'a', attempt: 2, limit: 3 },
    ]);
    const [first = 0, second = 0] = run.surroundings.sleeps;
    expect(second).toBeGreaterThan(first);
    expect(run.server.state.summary).toMatchObject({ heads: ['a'], applied: 1 });
  });

  it('ends the run after so many tries, and names who holds it', async () => {
    const run = world(['a', 'b<-a']);
    const blocked = Object.assign(failure('lock-timeout', 'lock timeout'), {
      blockers: [OTHER_POD],
    });
    const match = /table b/;
    run.server.trap({ operation: 'statement', match, times: 9, act: raise(blocked) });
    const error = await errorOf(run.upgrade());
    expect(error.code).toBe('SLIPWAY_OBJECT_LOCK_TIMEOUT');
    expect(error.exitCode).toBe(23);
    expect(error.transient).toBe(true);
    expect(error.details).toMatchObject({
      revision: 'b',
      finished: ['a'],
      heads: ['a'],
      blockers: [{ pid: 4711, pod: 'shop/web-2' }],
    });
    expect(error.message).toContain('in 4 tries');
    expect(error.message).toContain('shop/web-2');
    expect(run.surroundings.reporter.of('revision.retrying')).toHaveLength(3);
    expect(run.applied).toEqual(['a']);
  });

  it('is not waited for where no retry is allowed', async () => {
    const run = world(['a']);
    run.server.trap({ operation: 'statement', act: raise(busy) });
    const error = await errorOf(run.upgrade({ limits: { lockRetries: 0 } }));
    expect(error.code).toBe('SLIPWAY_OBJECT_LOCK_TIMEOUT');
    expect(run.surroundings.sleeps).toEqual([]);
  });

  it('says who blocks while it waits', async () => {
    const run = world(['a']);
    run.server.trap({ operation: 'statement', act: () => run.server.blocked([OTHER_POD]) });
    await run.upgrade();
    expect(run.surroundings.reporter.of('blocked.waiting')).toMatchObject([
      { revision: 'a', blockers: [{ pid: 4711 }] },
    ]);
  });

  it('keeps the record straight when several revisions share the transaction', async () => {
    const run = world(['a compatible:no', 'b<-a compatible:no']);
    run.server.trap({ operation: 'statement', match: /table b/, times: 2, act: raise(busy) });
    await run.upgrade({ limits: { single: true } });
    expect(run.server.state.summary).toMatchObject({ heads: ['b'], applied: 2, floor: 'b' });
    expect(run.applied).toEqual(['a', 'b']);
  });
});

describe('a run that is told to stop', () => {
  it('stops between two revisions and keeps those that are done', async () => {
    const run = world(['a', 'b<-a']);
    run.server.trap({ operation: 'commit', when: 'after', act: run.surroundings.interrupt });
    const error = await errorOf(run.upgrade());
    expect([error.code, error.exitCode]).toEqual(['SLIPWAY_INTERRUPTED', 24]);
    expect(error.details).toMatchObject({ finished: ['a'], heads: ['a'] });
    expect(run.applied).toEqual(['a']);
    expect(run.server.state.log.at(-1)).toMatchObject({ event: 'interruption' });
  });

  it('rolls back the revision whose statement was cancelled', async () => {
    const run = world(['a', 'b<-a']);
    run.server.trap({
      operation: 'statement',
      match: /table b/,
      act() {
        run.surroundings.interrupt();
        throw failure('cancelled', 'canceling statement due to user request', {
          sqlState: '57014',
        });
      },
    });
    const error = await errorOf(run.upgrade());
    expect(error.code).toBe('SLIPWAY_INTERRUPTED');
    expect(error.details).toMatchObject({ revision: 'b', rolledBack: true, finished: ['a'] });
    expect([run.applied, run.objects]).toEqual([['a'], ['a']]);
  });

  it('does not wait for a lock any longer', async () => {
    const run = world(['a']);
    run.server.trap({
      operation: 'statement',
      times: 9,
      act: raise(failure('lock-timeout', 'lock timeout')),
    });
    run.surroundings.at(1, run.surroundings.interrupt);
    expect((await errorOf(run.upgrade())).code).toBe('SLIPWAY_INTERRUPTED');
    expect(run.applied).toEqual([]);
  });
});
