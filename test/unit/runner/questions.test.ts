/** What asks and never writes: wait, status, the preview. */

import { describe, expect, it } from 'vitest';
import { DEFAULT_HAZARD_POLICIES } from '../../../src/core/hazards.ts';
import { parseTarget } from '../../../src/core/target.ts';
import { previewUpgrade } from '../../../src/runner/preview.ts';
import { readStatus } from '../../../src/runner/status.ts';
import { waitForRelease } from '../../../src/runner/wait.ts';
import { revision } from '../../support/graph.ts';
import { errorOf, OTHER_POD, world } from './support.ts';

type World = ReturnType<typeof world>;

function waiting(run: World, timeoutMs = 60_000, phase: 'all' | 'expand' = 'all') {
  const options = { phase, onAhead: 'refuse', timeoutMs } as const;
  return waitForRelease(run.db, run.release, options, run.surroundings);
}

describe('wait', () => {
  it('ends at once where the database serves the release', async () => {
    const run = world(['a']);
    await run.upgrade();
    expect(await waiting(run)).toMatchObject({ outcome: 'nothing-to-do', heads: ['a'] });
    expect(run.surroundings.sleeps).toEqual([]);
  });

  it('ends when somebody else has migrated', async () => {
    const run = world(['a', 'b<-a']);
    run.surroundings.at(7000, async () => {
      await world(['a', 'b<-a'], run).upgrade();
    });
    expect((await waiting(run)).heads).toEqual(['b']);
    expect(run.surroundings.now()).toBeLessThan(Date.UTC(2026, 0, 2, 3, 4, 5) + 9000);
  });

  it('ends at the expand phase where it waits for that only', async () => {
    const run = world(['a', 'b<-a phase:contract']);
    await run.upgrade({ phase: 'expand' });
    expect((await waiting(run, 60_000, 'expand')).outcome).toBe('nothing-to-do');
    expect((await errorOf(waiting(run))).code).toBe('SLIPWAY_WAIT_TIMEOUT');
  });

  it('never takes the lock and never writes', async () => {
    const run = world(['a']);
    run.server.holdLock(OTHER_POD);
    const before = run.server.state;
    await errorOf(waiting(run));
    expect(run.server.state).toBe(before);
    expect(await run.db.lock.holder()).toBe(OTHER_POD);
  });

  it('gives up after its limit, and says what is pending', async () => {
    const error = await errorOf(waiting(world(['a', 'b<-a'])));
    expect([error.code, error.exitCode]).toEqual(['SLIPWAY_WAIT_TIMEOUT', 22]);
    expect(error.details).toMatchObject({ pending: ['a', 'b'], waitedMs: 60_000 });
  });

  it('tells now and then who migrates', async () => {
    const run = world(['a']);
    run.server.holdLock(OTHER_POD);
    await errorOf(waiting(run));
    const [first] = run.surroundings.reporter.of('schema.waiting');
    expect(first).toMatchObject({ pending: 1, holder: { pid: 4711 }, waitedMs: 0 });
    expect(run.surroundings.reporter.of('schema.waiting').length).toBeLessThan(8);
  });

  it('refuses a database that is ahead and breaks the release', async () => {
    const first = world(['a', 'b<-a compatible:no']);
    await first.upgrade();
    expect((await errorOf(waiting(world(['a'], first)))).code).toBe('SLIPWAY_SCHEMA_AHEAD');
  });

  it('stops when it is told to', async () => {
    const run = world(['a']);
    run.surroundings.at(2000, run.surroundings.interrupt);
    expect((await errorOf(waiting(run))).code).toBe('SLIPWAY_INTERRUPTED');
  });
});

describe('status', () => {
  it('of a database that was never migrated has all pending', async () => {
    const run = world(['a', 'b<-a']);
    expect(await readStatus(run.db, run.release)).toMatchObject({
      managed: false,
      summary: undefined,
      relation: 'behind',
      last: undefined,
      pending: [{ id: 'a', description: 'Revision a' }, { id: 'b' }],
    });
    expect(run.server.state.summary).toBeUndefined();
  });

  it('shows what is unknown, changed and partial, who migrates, and what was last', async () => {
    const bad = revision('p<-a transaction:none', { up: 'select 1/0;' });
    const first = world(['a', 'b<-a', bad]);
    await errorOf(first.upgrade());
    first.server.holdLock(OTHER_POD);
    const run = world([revision('a', { up: '' }), bad], first);
    expect(await readStatus(run.db, run.release)).toMatchObject({
      managed: true,
      relation: 'diverged',
      unknown: [{ id: 'b' }],
      changed: [{ id: 'a' }],
      partial: [{ id: 'p' }],
      holder: { pid: 4711 },
      last: { event: 'failure' },
    });
  });
});

describe('the preview of an upgrade', () => {
  it('has the steps that would run, and writes nothing', async () => {
    const run = world(['a', 'b<-a']);
    await run.upgrade({ target: 'a' });
    const before = run.server.state;
    const preview = await previewUpgrade(run.db, run.release, {
      target: parseTarget('heads'),
      phase: 'all',
      onAhead: 'refuse',
      lockWaitMs: 0,
      limits: { lockTimeoutMs: 0, lockRetries: 0, statementTimeoutMs: 0, single: false },
      gate: {
        hazards: DEFAULT_HAZARD_POLICIES,
        hazardBytes: 0,
        approvals: new Set<string>(),
        approvedBy: 'environment',
        allowDataLoss: false,
      },
    });
    expect(preview.heads).toEqual(['a']);
    expect(preview.steps.map((step) => step.script.statements.map(({ text }) => text))).toEqual([
      ['create table b (id int)'],
    ]);
    expect(run.server.state).toBe(before);
  });
});
