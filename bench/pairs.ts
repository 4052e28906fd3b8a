/** Interleaved rounds of contenders, and the ratios of one to another, pair by pair. */

import type { Usage } from './measure.ts';

/** One thing to be measured, once a round. */
export interface Contender {
  readonly name: string;
  readonly run: () => Promise<Usage>;
  /** At most so many counted rounds; all of them where absent. */
  readonly rounds?: number | undefined;
}

/** All runs of one contender in order of the rounds, and why it was given up, if it was. */
export interface Series {
  readonly name: string;
  readonly runs: readonly Usage[];
  readonly failure: string | undefined;
}

/** Quartiles of a list of ratios. */
export interface Ratio {
  readonly low: number;
  readonly median: number;
  readonly high: number;
}

/** When a run must end. */
export interface Deadline {
  /** Whether there is time for more than what must be measured once. */
  allowsMore(): boolean;
  /** Until whatever still runs is killed; at least 1. */
  remainingMs(): number;
}

/** How many rounds are counted, and how many come before them only to warm caches. */
export interface Rounds {
  readonly warmUp: number;
  readonly counted: number;
  readonly deadline: Deadline;
}

/** Runs every contender once a round, A B C A B C …; one that fails is left out from then on. */
export async function interleave(
  contenders: readonly Contender[],
  rounds: Rounds,
): Promise<readonly Series[]> {
  const entries = contenders.map((contender) => ({
    contender,
    runs: [] as Usage[],
    failure: undefined as string | undefined,
  }));
  for (let round = -rounds.warmUp; round < rounds.counted; round++) {
    if (round > 0 && !rounds.deadline.allowsMore()) break;
    for (const entry of entries) {
      if (entry.failure !== undefined) continue;
      if (round >= (entry.contender.rounds ?? rounds.counted)) continue;
      try {
        const usage = await entry.contender.run();
        if (round >= 0) entry.runs.push(usage);
      } catch (error) {
        entry.failure = messageOf(error);
      }
    }
  }
  return entries.map(({ contender, runs, failure }) => ({ name: contender.name, runs, failure }));
}

/** The text of something thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Middle value; the mean of the two middle ones where there are two. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Ratio of `series` to `base` in each round, or undefined when there is no pair. */
export function ratioOf(series: Series, base: Series, what: keyof Usage): Ratio | undefined {
  if (series.failure !== undefined || base.failure !== undefined) return undefined;
  const ratios = series.runs.flatMap((usage, round) => {
    const other = base.runs[round];
    return other === undefined ? [] : [usage[what] / other[what]];
  });
  if (ratios.length === 0) return undefined;
  return {
    low: quantile(ratios, 0.25),
    median: median(ratios),
    high: quantile(ratios, 0.75),
  };
}

/** The series with the least median wall time, or undefined when none was measured. */
export function fastestOf(series: readonly Series[]): Series | undefined {
  const walls = (one: Series): number => median(one.runs.map((usage) => usage.wallMs));
  return series
    .filter((one) => one.failure === undefined && one.runs.length > 0)
    .sort((a, b) => walls(a) - walls(b))[0];
}

function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const position = (sorted.length - 1) * q;
  const below = sorted[Math.floor(position)] ?? Number.NaN;
  const above = sorted[Math.ceil(position)] ?? Number.NaN;
  return below + (above - below) * (position - Math.floor(position));
}
