/** In which order a fleet is worked through, what stops it, and what its exit code is. */

import { describe, expect, it } from 'vitest';
import { ERROR_CODES, EXIT, InternalError, LockError, RunError } from '../../../src/core/errors.ts';
import { WORST_FIRST, worstExit } from '../../../src/core/fleet.ts';
import type { RunOutcome } from '../../../src/core/outcome.ts';
import { type FleetOptions, runFleet } from '../../../src/runner/fleet.ts';
import { testSurroundings } from '../../support/surroundings.ts';

interface Target {
  readonly name: string;
}

const DONE: RunOutcome = { outcome: 'done', heads: ['b'], revisions: ['a', 'b'] };
const SAME: RunOutcome = { outcome: 'nothing-to-do', heads: ['b'], revisions: [] };
const failed = () => new RunError('SLIPWAY_REVISION_FAILED', 'it failed');
const locked = () => new LockError('SLIPWAY_LOCK_TIMEOUT', 'it is locked');

const targets = (count: number): Target[] =>
  Array.from({ length: count }, (_, i) => ({ name: `t${i + 1}` }));

/** Runs a fleet whose targets end as `ends` says, after a turn each. */
async function run(
  count: number,
  ends: { readonly [name: string]: RunOutcome | Error },
  options: Partial<FleetOptions<Target>> = {},
) {
  const surroundings = testSurroundings();
  const started: string[] = [];
  let atOnce = 0;
  let most = 0;
  const report = await runFleet(
    targets(count),
    {
      concurrency: 3,
      canary: 0,
      maxFailures: undefined,
      skipped: 0,
      onResult: () => undefined,
      work: async ({ name }) => {
        started.push(name);
        most = Math.max(most, ++atOnce);
        await surroundings.sleep(1000).finally(() => atOnce--);
        const end = ends[name] ?? DONE;
        if (end instanceof Error) throw end;
        return end;
      },
      ...options,
    },
    surroundings,
  );
  return { report, started, most, surroundings };
}

describe('a fleet', () => {
  it('has no more targets under way than it may, and leaves none out', async () => {
    const { report, started, most } = await run(10, { t4: SAME });
    expect(most).toBe(3);
    expect(started).toEqual(targets(10).map(({ name }) => name));
    expect(report).toMatchObject({
      counts: { total: 10, changed: 9, unchanged: 1, failed: 0, notStarted: 0 },
      stopped: undefined,
      exitCode: 0,
    });
  });

  it('starts no others before its canaries have succeeded', async () => {
    const { started, report } = await run(6, { t2: failed() }, { canary: 2 });
    expect(started).toEqual(['t1', 't2']);
    expect(report).toMatchObject({ stopped: 'canary', counts: { failed: 1, notStarted: 4 } });
    const whole = await run(6, {}, { canary: 2, concurrency: 5 });
    expect(whole.most).toBe(4);
    expect(whole.report.counts.changed).toBe(6);
    const few = await run(2, { t1: failed() }, { canary: 5 });
    expect(few.report).toMatchObject({ stopped: undefined, counts: { notStarted: 0 } });
  });

  it('stops at its limit of failures, and counts those that were under way', async () => {
    const ends = { t1: failed(), t2: locked(), t3: failed() };
    const { report, started } = await run(9, ends, { maxFailures: 1 });
    expect(started).toEqual(['t1', 't2', 't3']);
    expect(report).toMatchObject({ stopped: 'max-failures', exitCode: 12 });
    expect(report.counts).toMatchObject({ failed: 3, notStarted: 6 });
  });

  it('is not called stopped when nothing was left to start', async () => {
    const { report } = await run(1, { t1: failed() }, { maxFailures: 1 });
    expect(report).toMatchObject({ stopped: undefined, exitCode: 12 });
  });

  it('starts nothing after it was told to stop', async () => {
    const surroundings = testSurroundings();
    const started: string[] = [];
    const report = await runFleet(
      targets(5),
      {
        ...{ concurrency: 2, canary: 0, maxFailures: undefined, skipped: 3 },
        onResult: () => undefined,
        work: async ({ name }) => {
          started.push(name);
          surroundings.interrupt();
          return DONE;
        },
      },
      surroundings,
    );
    expect(started).toEqual(['t1']);
    expect(report).toMatchObject({
      stopped: 'interrupted',
      exitCode: 24,
      counts: { total: 8, changed: 1, skipped: 3, notStarted: 4 },
    });
  });

  it('lets what runs end before it passes on a bug', async () => {
    const surroundings = testSurroundings();
    const ended: string[] = [];
    const work = async ({ name }: Target) => {
      if (name === 't1') throw new TypeError('a bug');
      await surroundings.sleep(1000);
      ended.push(name);
      return DONE;
    };
    const options = { concurrency: 2, canary: 0, maxFailures: undefined, skipped: 0 };
    const fleet = runFleet(
      targets(2),
      { ...options, work, onResult: () => undefined },
      surroundings,
    );
    await expect(fleet).rejects.toThrow('a bug');
    expect(ended).toEqual(['t2']);
  });

  it('tells of its first failure at once, and then at growing intervals', async () => {
    const { surroundings } = await run(60, { t2: failed(), t5: locked() }, { concurrency: 1 });
    const told = surroundings.reporter.of('fleet.progress');
    expect(told.map(({ done }) => done)).toEqual([2, 5, 10, 20, 40]);
    expect(told.at(-1)).toMatchObject({
      failed: 2,
      total: 60,
      remainingMs: 20_000,
      firstFailure: { target: 't2', code: 'SLIPWAY_REVISION_FAILED' },
    });
  });
});

describe('the exit code of a fleet', () => {
  it('is the worst: what a person must see before what passes by itself', () => {
    expect(worstExit([])).toBe(0);
    expect(worstExit([0, 20, 12, 24])).toBe(12);
    expect(worstExit([22, 20, 0])).toBe(20);
    expect(worstExit([12, 30, 10])).toBe(30);
    expect(worstExit([new InternalError('SLIPWAY_INTERNAL', '').exitCode, 30])).toBe(70);
  });

  it('has a place for each, permanent ones before transient ones', () => {
    expect(WORST_FIRST.toSorted()).toEqual(Object.values(EXIT).toSorted());
    const transient = new Set(
      Object.values(ERROR_CODES).flatMap((code) => (code.transient ? [code.exit] : [])),
    );
    const kinds = WORST_FIRST.slice(0, -1).map((code) => transient.has(code));
    expect(kinds).toEqual(kinds.toSorted());
  });
});
