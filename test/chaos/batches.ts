/** Which cases make up a campaign: random ones, or one fault at every message of a run. */

import type { Batch } from './campaign.ts';
import { type Act, CASES_PER_SET, type CasePlan, casePlan, type Operation } from './faults.ts';
import { revisionSet } from './revision-set.ts';

/** The random cases from `from` up to and without `to`. */
export function* randomBatches(seed: number, from: number, to: number): Generator<Batch> {
  const last = Math.ceil(to / CASES_PER_SET);
  for (let number = Math.floor(from / CASES_PER_SET); number < last; number++) {
    const set = revisionSet(seed, number);
    yield {
      set,
      *plans() {
        const end = Math.min(to, (number + 1) * CASES_PER_SET);
        for (let i = Math.max(from, number * CASES_PER_SET); i < end; i++) yield casePlan(set, i);
      },
    };
  }
}

/** One fault, again and again. */
export interface Sweep {
  readonly seed: number;
  /** Number of the revision set. */
  readonly set: number;
  readonly act: Act;
  readonly operation: Operation;
  /** This message only. */
  readonly message?: number;
  /** How many share the work. */
  readonly workers: number;
}

/** The fault after every message of the run: of all messages, each worker takes its part. */
export function* sweepBatches(sweep: Sweep): Generator<Batch> {
  const { seed, act, operation, message, workers } = sweep;
  const set = revisionSet(seed, sweep.set);
  for (let part = 0; part < workers; part++) {
    yield {
      set,
      *plans({ upgraded, downgraded }) {
        const down = operation === 'downgrade' || operation === 'turn-up';
        const { messages } = down ? downgraded : upgraded;
        const planAt = (k: number): CasePlan => ({
          ...{ seed, number: k, operation, runners: 1 },
          replay: `--sweep ${act} --operation ${operation} --set ${seed}:${sweep.set} --message ${k}`,
          faults: [{ act, at: { message: k }, passOnFirst: true, holdMs: 50, waitMs: 0 }],
        });
        if (message !== undefined) yield planAt(message);
        else for (let k = part; k < messages; k += workers) yield planAt(k);
      },
    };
  }
}
