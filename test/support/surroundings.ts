/** Surroundings with a clock that only sleeping moves, so that no test waits for time to pass. */

import { Interrupted } from '../../src/core/errors.ts';
import type { Surroundings } from '../../src/runner/ports.ts';
import { type RecordingReporter, recordingReporter } from './recording-reporter.ts';

/** Surroundings, and what a test does with them. */
export interface TestSurroundings extends Surroundings {
  readonly reporter: RecordingReporter;
  /** Each sleep so far, in milliseconds. */
  readonly sleeps: readonly number[];
  /** Does `action` once the clock reaches `ms` after the start. */
  at(ms: number, action: () => void | Promise<void>): void;
  /** What SIGTERM does. */
  interrupt(): void;
}

const START = Date.UTC(2026, 0, 2, 3, 4, 5);
/** More sleeps than any sensible run has: a loop without an end shows itself here. */
const MOST_SLEEPS = 5000;

/** A world in which `random` is always one half. */
export function testSurroundings(): TestSurroundings {
  const controller = new AbortController();
  const sleeps: number[] = [];
  const planned: { readonly at: number; readonly action: () => void | Promise<void> }[] = [];
  let now = START;
  const stopIfTold = (): void => {
    if (controller.signal.aborted) {
      throw new Interrupted('SLIPWAY_INTERRUPTED', 'stopped by SIGTERM while waiting');
    }
  };
  return {
    reporter: recordingReporter(),
    signal: controller.signal,
    sleeps,
    now: () => now,
    random: () => 0.5,
    async sleep(ms) {
      stopIfTold();
      if (sleeps.push(ms) > MOST_SLEEPS) throw new Error('this run never ends');
      now += ms;
      const due = planned.filter((plan) => plan.at <= now);
      for (const plan of due) {
        planned.splice(planned.indexOf(plan), 1);
        await plan.action();
      }
      await new Promise(setImmediate);
      stopIfTold();
    },
    at: (ms, action) => {
      planned.push({ at: START + ms, action });
    },
    interrupt: () => controller.abort('SIGTERM'),
  };
}
