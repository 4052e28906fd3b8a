/** What the termination message says of a fleet: the counts and the first failure, within 1 KiB. */

import { describe, expect, it } from 'vitest';
import type { SlipwayEvent } from '../../../src/core/events.ts';
import { terminationText } from '../../../src/kubernetes/termination-message.ts';
import { SAMPLES } from '../logging/samples.ts';

type Finished = Extract<SlipwayEvent, { type: 'fleet.finished' }>;
const finished = SAMPLES['fleet.finished'] as Finished;

describe('the termination message of a fleet', () => {
  it('tells how far it is', () => {
    expect(terminationText(SAMPLES['fleet.started'])).toBe(
      'upgrade of 997 targets, 4 at a time, the first 2 as canaries; 3 more are done already; shard 2/8',
    );
    expect(terminationText(SAMPLES['fleet.progress'])).toBe(
      '120 of 997 targets are done, 1 of them failed, first acme: revision "c" failed at m/c.sql:3:1; about 1 min 5 s left',
    );
  });

  it('tells how it ended', () => {
    expect(terminationText(finished)?.split('\n')).toEqual([
      'upgrade of 1000 targets: 900 changed, 90 unchanged, 3 done before, 2 failed, 5 not started in 1 min 1 s (exit 12)',
      'stopped because too many targets failed',
      'first: acme: SLIPWAY_REVISION_FAILED (exit 12): revision "c" failed at m/c.sql:3:1',
      'failed: acme, globex',
      'more: slipway explain SLIPWAY_REVISION_FAILED',
    ]);
    const { firstFailure: _, ...rest } = finished;
    const good: Finished = {
      ...{ ...rest, failed: 0, notStarted: 0, skipped: 0, exitCode: 0 },
      stopped: undefined,
      failedTargets: [],
    };
    expect(terminationText(good)).toBe(
      'upgrade of 1000 targets: 900 changed, 90 unchanged in 1 min 1 s (exit 0)',
    );
  });

  it('has all its parts within 1 KiB, however much there is to say', () => {
    const failedTargets = Array.from({ length: 20 }, (_, i) => `${'테넌트'.repeat(60)}${i}`);
    const text = terminationText({
      ...{ ...finished, failed: 900, failedTargets },
      firstFailure: {
        target: failedTargets[0] ?? '',
        outcome: 'failed',
        code: 'SLIPWAY_OBJECT_LOCK_TIMEOUT',
        exitCode: 23,
        message: 'm'.repeat(5000),
        durationMs: 1,
      },
    });
    expect(Buffer.byteLength(text ?? '')).toBeLessThan(1024);
    expect(text?.split('\n').map((line) => line.slice(0, 8))).toEqual([
      'upgrade ',
      'stopped ',
      'first: 테',
      'failed: ',
      'more: sl',
    ]);
  });
});
