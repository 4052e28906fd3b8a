/** Tells how a backfill goes: that it begins, how far it is, that it is done. */

import type { SlipwayEvent } from '../core/events.ts';
import { nextReportMs, progressMeter } from '../core/progress.ts';
import type { Backfill } from '../core/revision.ts';
import type { Surroundings } from './ports.ts';

/** Which backfill it is. */
export type BackfillName = Pick<
  Extract<SlipwayEvent, { readonly type: 'backfill.started' }>,
  'revision' | 'location' | 'table'
>;

/** What is done, in earlier runs too. */
export interface Tally {
  readonly keys: number;
  readonly rows: number;
  readonly batches: number;
}

/** Tells of one backfill. */
export interface BackfillTeller {
  started(backfill: Backfill, tally: Tally): void;
  /** To be called often: it says something at most once a second, and nothing in the first ones. */
  progress(tally: Tally, pace: Pick<BackfillPace, 'batch' | 'throttledBy'>): void;
  finished(tally: Tally): void;
}

type BackfillPace = Extract<SlipwayEvent, { readonly type: 'backfill.progress' }>;

/** How often progress is told, at most; reporters thin it out further. */
const EVERY_MS = 1000;

/** A teller for a backfill that begins now; `estimate` is the number of keys in the table. */
export function backfillTeller(
  { reporter, now }: Pick<Surroundings, 'reporter' | 'now'>,
  name: BackfillName,
  estimate: number | undefined,
): BackfillTeller {
  const startMs = now();
  const measure = progressMeter();
  let dueMs = 0;
  const measured = ({ keys }: Tally, elapsedMs: number) => {
    const total = estimate === undefined ? undefined : Math.max(estimate, keys);
    const unit = 'keys' as const;
    return measure({ phase: undefined, unit, done: keys, total, isEstimate: true }, elapsedMs);
  };
  return {
    started({ key, batch }, tally) {
      const { total } = measured(tally, 0);
      const { keys: done } = tally;
      reporter.report({ type: 'backfill.started', ...name, key, batch, done, total });
    },
    progress(tally, pace) {
      const elapsedMs = now() - startMs;
      if (elapsedMs < dueMs) return;
      dueMs = elapsedMs + EVERY_MS;
      const { total, percent, perSecond = 0, remainingMs } = measured(tally, elapsedMs);
      if (elapsedMs < nextReportMs()) return;
      const { keys: done, rows } = tally;
      reporter.report({
        type: 'backfill.progress',
        ...name,
        ...{ done, total, rows, percent, keysPerSecond: perSecond, elapsedMs, remainingMs },
        ...pace,
      });
    },
    finished({ keys: done, rows, batches }) {
      const elapsedMs = now() - startMs;
      reporter.report({ type: 'backfill.finished', ...name, done, rows, batches, elapsedMs });
    },
  };
}
