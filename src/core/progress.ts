/** How far something that takes long has come: its rate, the time left, and when to tell. */

/** What is counted. */
export type Unit = 'blocks' | 'tuples' | 'sessions' | 'indexes' | 'tables' | 'bytes' | 'keys';

/** One look at something that takes long. */
export interface Measurement {
  /** What the server is at, in its own words; undefined where it does not say. */
  readonly phase: string | undefined;
  readonly unit: Unit | undefined;
  /** Of this phase. */
  readonly done: number | undefined;
  readonly total: number | undefined;
  /** Concluded from how much was written: the server itself does not say. */
  readonly isEstimate: boolean;
}

/** A measurement with what follows from those before it. */
export interface Progress extends Measurement {
  readonly percent: number | undefined;
  readonly perSecond: number | undefined;
  /** Until the end of this phase. */
  readonly remainingMs: number | undefined;
}

/** Nothing is known but that it runs. */
export const UNMEASURED: Measurement = {
  phase: undefined,
  unit: undefined,
  done: undefined,
  total: undefined,
  isEstimate: false,
};

/** The rate is that of the last half minute: one of an hour ago says little about the next. */
const WINDOW_MS = 30_000;

/** Makes progress of measurements that are taken one after another. */
export function progressMeter(): (measured: Measurement, elapsedMs: number) => Progress {
  let samples: { readonly done: number; readonly atMs: number }[] = [];
  let before: Measurement | undefined;
  return (measured, elapsedMs) => {
    const { phase, unit, done, total } = measured;
    if (before?.phase !== phase || before?.unit !== unit || (before?.done ?? 0) > (done ?? 0)) {
      samples = [];
    }
    before = measured;
    if (done === undefined || !isSteady(unit)) {
      return { ...measured, percent: undefined, perSecond: undefined, remainingMs: undefined };
    }
    samples.push({ done, atMs: elapsedMs });
    while ((samples[1]?.atMs ?? elapsedMs) <= elapsedMs - WINDOW_MS) samples.shift();
    const perSecond = rateOf(samples);
    return {
      ...measured,
      percent: total === undefined ? undefined : percentOf(measured, done, total),
      perSecond,
      remainingMs:
        total === undefined || perSecond === undefined || perSecond === 0
          ? undefined
          : Math.round((Math.max(0, total - done) / perSecond) * 1000),
    };
  };
}

/** When sessions end says nothing about when the next one does. */
function isSteady(unit: Unit | undefined): boolean {
  return unit !== 'sessions';
}

function rateOf(
  samples: readonly { readonly done: number; readonly atMs: number }[],
): number | undefined {
  const first = samples[0];
  const last = samples.at(-1);
  if (first === undefined || last === undefined || last.atMs <= first.atMs) return undefined;
  return ((last.done - first.done) / (last.atMs - first.atMs)) * 1000;
}

/** An estimate never claims to have come to the end. */
function percentOf({ isEstimate }: Measurement, done: number, total: number): number | undefined {
  if (total <= 0) return undefined;
  return Math.min(Math.floor((done / total) * 100), isEstimate ? 99 : 100);
}

/** After how long the first report of something that takes long is due. */
const FIRST_REPORT_MS = 5000;
const LAST_DOUBLING_MS = 40_000;
const LONGEST_PAUSE_MS = 60_000;

/**
 * When, after a report at `elapsedMs`, the next one is due where reports are kept: after 5 s, 10 s,
 * 20 s, 40 s, then every minute. Without a report yet: the first.
 */
export function nextReportMs(elapsedMs?: number): number {
  let dueMs = FIRST_REPORT_MS;
  while (elapsedMs !== undefined && dueMs <= elapsedMs) {
    dueMs += dueMs < LAST_DOUBLING_MS ? dueMs : LONGEST_PAUSE_MS;
  }
  return dueMs;
}
