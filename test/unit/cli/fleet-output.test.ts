/** The table of a fleet at a terminal. */

import { describe, expect, it } from 'vitest';
import { fleetTable } from '../../../src/cli/fleet-output.ts';
import type { TargetResult } from '../../../src/core/fleet.ts';

const same = (target: string): TargetResult => ({
  target,
  outcome: 'nothing-to-do',
  heads: ['b'],
  revisions: 0,
  durationMs: 4,
});
const done = (target: string): TargetResult => ({
  ...{ target, outcome: 'done', heads: ['b'], revisions: 2, durationMs: 1200 },
});
const failed = (target: string): TargetResult => ({
  ...{ target, outcome: 'failed', code: 'SLIPWAY_LOCK_TIMEOUT', exitCode: 22 },
  message: 'the lock is held',
  durationMs: 300_000,
});

describe('the table of a fleet', () => {
  it('has each target, and those that failed last', () => {
    expect(fleetTable([failed('a'), done('b'), same('c')], { colour: false })).toBe(
      [
        'TARGET  OUTCOME        TIME   AT',
        'b       done: 2        1.2 s  b',
        'c       nothing-to-do  4 ms   b',
        'a       failed (22)    5 min  SLIPWAY_LOCK_TIMEOUT: the lock is held',
        '',
      ].join('\n'),
    );
  });

  it('of many has only those with something to tell', () => {
    const many = Array.from({ length: 60 }, (_, i) => same(`t${i}`));
    const lines = fleetTable([...many, done('x'), failed('y')], { colour: false }).split('\n');
    expect(lines).toHaveLength(5);
    expect(lines[3]).toBe('and 60 with nothing to do');
    expect(fleetTable(many, { colour: false })).toBe('and 60 with nothing to do\n');
  });
});
