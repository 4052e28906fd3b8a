/** Whatever the fleet: shards have every target once, and reports forget nothing that was done. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { doneBefore, openReport } from '../../src/cli/fleet-report.ts';
import type { TargetResult } from '../../src/core/fleet.ts';
import type { RunOutcome } from '../../src/core/outcome.ts';
import { runFleet } from '../../src/runner/fleet.ts';
import { shardOf, targetsOfShard } from '../../src/runner/fleet-shard.ts';
import { testSurroundings } from '../support/surroundings.ts';

const names = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 20 }), { maxLength: 200 });
const DONE: RunOutcome = { outcome: 'done', heads: ['a'], revisions: ['a'] };

describe('shards', () => {
  it('have every target exactly once between them, in the order of the list', () => {
    fc.assert(
      fc.property(names, fc.integer({ min: 1, max: 40 }), (list, count) => {
        const targets = list.map((name) => ({ name }));
        const shards = Array.from({ length: count }, (_, index) =>
          targetsOfShard(targets, { index, count }),
        );
        expect(shards.flat().toSorted(byName)).toEqual(targets.toSorted(byName));
        for (const shard of shards) {
          const places = shard.map((target) => targets.indexOf(target));
          expect(places).toEqual(places.toSorted((a, b) => a - b));
        }
      }),
    );
  });

  it('keep a target whatever else is listed', () => {
    fc.assert(
      fc.property(names, fc.integer({ min: 1, max: 40 }), (list, count) => {
        const half = list.filter((_, index) => index % 2 === 0);
        for (const name of half) expect(shardOf(name, count)).toBe(shardOf(name, count));
        const of = (some: readonly string[], index: number) =>
          targetsOfShard(
            some.map((name) => ({ name })),
            { index, count },
          ).map(({ name }) => name);
        const whole = of(list, 0);
        expect(of(half, 0)).toEqual(whole.filter((name) => half.includes(name)));
      }),
    );
  });

  it('are about as large as each other', () => {
    const targets = Array.from({ length: 10_000 }, (_, i) => ({ name: `tenant_${i}` }));
    for (let index = 0; index < 8; index++) {
      const { length } = targetsOfShard(targets, { index, count: 8 });
      expect(length).toBeGreaterThan(1100);
      expect(length).toBeLessThan(1400);
    }
  });
});

describe('a fleet', () => {
  it('works on each target once, whatever the limits, and accounts for all', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 40 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 0, max: 45 }),
        async (count, concurrency, canary) => {
          const targets = Array.from({ length: count }, (_, i) => ({ name: String(i) }));
          const seen: string[] = [];
          const report = await runFleet(
            targets,
            {
              ...{ concurrency, canary, maxFailures: undefined, skipped: 0 },
              onResult: () => undefined,
              work: async ({ name }) => {
                seen.push(name);
                await Promise.resolve();
                return DONE;
              },
            },
            testSurroundings(),
          );
          expect(seen).toEqual(targets.map(({ name }) => name));
          expect(report.counts).toMatchObject({ total: count, changed: count, notStarted: 0 });
        },
      ),
    );
  });
});

describe('a report', () => {
  it('knows what was done last, of whatever names', () => {
    const dir = mkdtempSync(join(tmpdir(), 'slipway-report-'));
    const path = join(dir, 'report');
    const result = fc.record({ target: fc.string({ minLength: 1 }), ok: fc.boolean() });
    try {
      fc.assert(
        fc.property(fc.array(result, { maxLength: 30 }), fc.boolean(), (results, split) => {
          const subject = { command: 'upgrade', release: 'd', target: 'head', phase: 'all' };
          const half = split ? Math.floor(results.length / 2) : 0;
          for (const [resume, part] of [
            [false, results.slice(0, half)],
            [true, results.slice(half)],
          ] as const) {
            const report = openReport(path, subject, { resume, startedAt: 0 });
            for (const { target, ok } of part) report.add(resultOf(target, ok));
            report.close();
          }
          const last = new Map(results.map(({ target, ok }) => [target, ok]));
          const done = [...last].flatMap(([target, ok]) => (ok ? [target] : []));
          expect([...doneBefore(path, subject)].toSorted()).toEqual(done.toSorted());
          expect(doneBefore(path, { ...subject, release: 'e' }).size).toBe(0);
        }),
      );
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});

function resultOf(target: string, ok: boolean): TargetResult {
  return ok
    ? { target, outcome: 'done', heads: [], revisions: 1, durationMs: 1 }
    : { target, outcome: 'failed', code: 'X', exitCode: 12, message: 'm', durationMs: 1 };
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}
