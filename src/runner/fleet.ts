/** Takes many targets to the same place: a few at a time, canaries first, each failing on its own. */

import { EXIT, SlipwayError } from '../core/errors.ts';
import {
  type FleetReport,
  type FleetStop,
  failedTarget,
  type TargetResult,
  worstExit,
} from '../core/fleet.ts';
import type { RunOutcome } from '../core/outcome.ts';
import { nextReportMs } from '../core/progress.ts';
import type { Surroundings } from './ports.ts';

/** How a fleet is worked through. */
export interface FleetOptions<T> {
  /** How many targets are worked on at once. */
  readonly concurrency: number;
  /** How many of the first targets must succeed before any other is started; 0: none. */
  readonly canary: number;
  /** After so many failures no other target is started; undefined: all are. */
  readonly maxFailures: number | undefined;
  /** Targets that were left out before, for the counts. */
  readonly skipped: number;
  /** Brings one target where it is to go. Failures are its own: @throws SlipwayError */
  readonly work: (target: T) => Promise<RunOutcome>;
  /** Told of each result at once. */
  readonly onResult: (result: TargetResult) => void;
}

/** What is told of a fleet while it is under way. */
type Told = Pick<Surroundings, 'now' | 'reporter' | 'signal'>;

/**
 * Works through `targets` in their order. A target that fails leaves the others alone; what is not
 * a `SlipwayError` is a bug, and ends the fleet after the targets that run.
 */
export async function runFleet<T extends { readonly name: string }>(
  targets: readonly T[],
  options: FleetOptions<T>,
  told: Told,
): Promise<FleetReport> {
  const start = told.now();
  const progress = progressOf(targets.length, start, told);
  const results: TargetResult[] = [];
  let stopped: FleetStop | undefined;

  const mayStart = (): boolean => {
    if (stopped !== undefined) return false;
    if (told.signal.aborted) stopped = 'interrupted';
    else if (progress.failed() >= (options.maxFailures ?? Infinity)) stopped = 'max-failures';
    return stopped === undefined;
  };
  const workOn = async (target: T): Promise<void> => {
    const result = await resultOf(target, options.work, told);
    results.push(result);
    options.onResult(result);
    progress.add(result);
  };
  const workThrough = (part: readonly T[]): Promise<void> =>
    forEachTarget(part, { concurrency: options.concurrency, mayStart }, workOn);

  await workThrough(targets.slice(0, options.canary));
  if (options.canary > 0 && stopped === undefined && progress.failed() > 0) stopped = 'canary';
  if (stopped === undefined) await workThrough(targets.slice(options.canary));
  // It was asked for only where there was something left to start.
  if (results.length === targets.length) stopped = undefined;
  return reportOf(results, {
    listed: targets.length,
    skipped: options.skipped,
    stopped,
    durationMs: told.now() - start,
  });
}

async function resultOf<T extends { readonly name: string }>(
  target: T,
  work: (target: T) => Promise<RunOutcome>,
  { now }: Told,
): Promise<TargetResult> {
  const start = now();
  try {
    const { outcome, heads, revisions } = await work(target);
    const durationMs = now() - start;
    return { target: target.name, outcome, heads, revisions: revisions.length, durationMs };
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error;
    return failedTarget(target.name, error, now() - start);
  }
}

/**
 * Lets `workOn` have the targets in their order, so many at once, for as long as another may be
 * started. What it throws is thrown after all that run have ended.
 */
export async function forEachTarget<T>(
  targets: readonly T[],
  options: { readonly concurrency: number; readonly mayStart: () => boolean },
  workOn: (target: T) => Promise<void>,
): Promise<void> {
  const rest = targets[Symbol.iterator]();
  const worker = async (): Promise<void> => {
    while (options.mayStart()) {
      const next = rest.next();
      if (next.done === true) return;
      await workOn(next.value);
    }
  };
  const workers = Math.min(options.concurrency, targets.length);
  await allDone(Array.from({ length: workers }, worker));
}

/** Waits for all, and only then throws what one of them has thrown. */
async function allDone(work: readonly Promise<void>[]): Promise<void> {
  const ended = await Promise.allSettled(work);
  const broken = ended.find((end) => end.status === 'rejected');
  if (broken !== undefined) throw broken.reason;
}

/** Tells how far the fleet is: at the first failure, and at growing intervals. */
function progressOf(total: number, start: number, { now, reporter }: Told) {
  let done = 0;
  let failed = 0;
  let firstFailure: TargetResult | undefined;
  let dueMs = nextReportMs();
  return {
    failed: () => failed,
    add(result: TargetResult): void {
      done += 1;
      const isFailure = result.outcome === 'failed';
      if (isFailure) failed += 1;
      const isFirst = isFailure && firstFailure === undefined;
      if (isFirst) firstFailure = result;
      const elapsedMs = now() - start;
      if (done === total || (elapsedMs < dueMs && !isFirst)) return;
      if (elapsedMs >= dueMs) dueMs = nextReportMs(elapsedMs);
      reporter.report({
        type: 'fleet.progress',
        done,
        failed,
        total,
        elapsedMs,
        remainingMs: Math.round((elapsedMs / done) * (total - done)),
        ...(firstFailure?.outcome === 'failed' ? { firstFailure } : {}),
      });
    },
  };
}

function reportOf(
  results: readonly TargetResult[],
  run: {
    readonly listed: number;
    readonly skipped: number;
    readonly stopped: FleetStop | undefined;
    readonly durationMs: number;
  },
): FleetReport {
  const { listed, skipped, stopped, durationMs } = run;
  const failures = results.filter((result) => result.outcome === 'failed');
  const changed = results.filter(
    ({ outcome }) => outcome === 'done' || outcome === 'downgraded',
  ).length;
  return {
    counts: {
      total: listed + skipped,
      changed,
      unchanged: results.length - failures.length - changed,
      failed: failures.length,
      skipped,
      notStarted: listed - results.length,
    },
    stopped,
    results,
    durationMs,
    exitCode: worstExit([
      ...failures.map(({ exitCode }) => exitCode),
      ...(stopped === 'interrupted' ? [EXIT.interrupted] : []),
    ]),
  };
}
