/**
 * The contract phase of a pod that goes on living: once the rollout is over, one of the pods runs the
 * contract revisions, and stops when another rollout begins (DESIGN §8.4).
 */

import { ClusterError, LockError, SlipwayError } from '../core/errors.ts';
import type { RolloutMark } from '../core/rollout.ts';
import { ownFailure } from './failure.ts';
import type { LoggedEntry, Rollout, Surroundings } from './ports.ts';
import type { SchemaWatch } from './schema-watch.ts';
import type { Step } from './step.ts';
import { contractGuard, isOver, namesOf, refuseChanged } from './wait-for-rollout.ts';

/** What the phase needs beside the cluster. */
export interface ContractRuns {
  /**
   * Applies what is pending, if nobody else has the migration lock. `signal` stops it as SIGTERM does.
   * @throws LockError `SLIPWAY_LOCK_TIMEOUT` where somebody has it
   * @throws SlipwayError as `upgrade`
   */
  run(guard: (step: Step) => Promise<void>, signal: AbortSignal): Promise<void>;
  /** The newest entries of the audit log. */
  recentLog(): Promise<readonly LoggedEntry[]>;
  /** Says that a run failed. */
  failed(error: SlipwayError): void;
}

/** First and longest pause between two looks at the cluster: every pod of a rollout asks. */
const FIRST_LOOK_MS = 5000;
const LONGEST_LOOK_MS = 60_000;
/** How often the rollout is looked at while contract revisions run: only one pod does. */
const GUARD_MS = 5000;
/** Pause where somebody else has the lock. */
const BUSY_MS = 15_000;
/** After a right that is missing, a run that failed, in whichever pod: nothing passes sooner. */
const TROUBLE_MS = 600_000;

/** Runs contract revisions whenever there are some and the rollout is over; until told to stop. */
export async function keepContracting(
  watch: SchemaWatch,
  { rollout, runs }: { readonly rollout: Rollout; readonly runs: ContractRuns },
  options: { readonly idleMs: number },
  surroundings: Surroundings,
): Promise<never> {
  const { random } = surroundings;
  const pause = (ms: number): Promise<void> => surroundings.sleep(ms * (0.5 + random()));
  const postponed = postponements(surroundings);
  await watch.check();
  for (;;) {
    if (!hasContracts(watch)) {
      await pause(options.idleMs);
      continue;
    }
    let retryMs: number;
    try {
      const mark = await untilOver(rollout, watch, surroundings);
      retryMs = mark === undefined ? 0 : await contract(mark);
      postponed.forget();
    } catch (thrown) {
      const error = ownFailure(thrown, 'the contract phase: working with the history schema');
      if (surroundings.signal.aborted || !(error instanceof SlipwayError)) throw error;
      const mayPass = error.transient || error.code === 'SLIPWAY_ROLLOUT_CHANGED';
      retryMs = mayPass ? LONGEST_LOOK_MS : TROUBLE_MS;
      if (isAboutCluster(error)) postponed.tell(error.code, error.message, retryMs);
      else runs.failed(error);
    }
    await watch.check();
    await pause(retryMs);
  }

  /** Answers how long to wait before the next look. */
  async function contract(mark: RolloutMark): Promise<number> {
    const entries = await runs.recentLog().catch(() => undefined);
    // A database that does not answer is the business of the watch.
    if (entries === undefined) return BUSY_MS;
    const failure = failedLately(entries, surroundings.now());
    if (failure !== undefined) {
      postponed.tell(undefined, failure, TROUBLE_MS);
      return TROUBLE_MS;
    }
    try {
      await guarded(mark, { rollout, runs, surroundings });
      return options.idleMs;
    } catch (error) {
      // Another pod leads, or a newer release migrates.
      if (error instanceof LockError && error.code === 'SLIPWAY_LOCK_TIMEOUT') return BUSY_MS;
      throw error;
    }
  }
}

/** Contract revisions are all that is missing: what an operator took back is not applied again. */
function hasContracts({ latest }: SchemaWatch): boolean {
  return latest?.state === 'ready' && (latest.contracts ?? 0) > 0;
}

/** The same, under the lock. */
function onlyContracts(guard: (step: Step) => Promise<void>): (step: Step) => Promise<void> {
  return async (step) => {
    const { id, phase } = step.revision;
    if (phase !== 'contract') {
      throw new ClusterError(
        'SLIPWAY_ROLLOUT_CHANGED',
        `the contract phase stops, because revision "${id}" of the expand phase was taken back meanwhile`,
        { hint: 'Restart a pod to have it applied again.', details: { revision: id } },
      );
    }
    await guard(step);
  };
}

/** The mark of a rollout that is over; undefined where there is nothing left to run. */
async function untilOver(
  rollout: Rollout,
  watch: SchemaWatch,
  surroundings: Surroundings,
): Promise<RolloutMark | undefined> {
  const { reporter, now, random } = surroundings;
  const start = now();
  let lookMs = FIRST_LOOK_MS;
  let reportAtMs = 0;
  for (;;) {
    if (!hasContracts(watch)) return undefined;
    const view = await rollout.look();
    const waitedMs = now() - start;
    if (view.kind === 'unknown' && view.trouble !== 'unreachable') {
      throw new ClusterError(
        view.trouble === 'denied' ? 'SLIPWAY_CLUSTER_FORBIDDEN' : 'SLIPWAY_CLUSTER_SETTINGS',
        `the rollout cannot be watched: ${view.reason}`,
      );
    }
    if (view.kind === 'seen' && view.otherRelease === undefined && isOver(view)) {
      const { deployment, mark } = view;
      reporter.report({ type: 'rollout.complete', deployment, rollout: mark.revision, waitedMs });
      return mark;
    }
    if (waitedMs >= reportAtMs) {
      reportAtMs = Math.max(LONGEST_LOOK_MS, reportAtMs * 2);
      reporter.report({
        type: 'rollout.waiting',
        deployment: view.kind === 'seen' ? view.deployment : 'of this pod',
        reason: view.kind === 'seen' ? (view.waitingFor ?? view.otherRelease) : view.reason,
        olderPods: view.kind === 'seen' ? namesOf(view) : [],
        waitedMs,
        limitMs: undefined,
      });
    }
    await surroundings.sleep(lookMs * (0.5 + random()));
    lookMs = Math.min(lookMs * 1.5, LONGEST_LOOK_MS);
  }
}

/**
 * Runs while the rollout stays the one of `mark`: it is asked before each revision and every few
 * seconds within one, which is cancelled when an undo begins.
 * @throws ClusterError `SLIPWAY_ROLLOUT_CHANGED`
 */
async function guarded(
  mark: RolloutMark,
  all: {
    readonly rollout: Rollout;
    readonly runs: ContractRuns;
    readonly surroundings: Surroundings;
  },
): Promise<void> {
  const { rollout, runs, surroundings } = all;
  const over = new AbortController();
  const stop = new AbortController();
  const watching = watchRollout();
  try {
    await runs.run(
      onlyContracts(contractGuard(rollout, mark, surroundings)),
      AbortSignal.any([surroundings.signal, stop.signal]),
    );
  } catch (error) {
    const { reason } = stop.signal;
    throw stop.signal.aborted && !surroundings.signal.aborted ? reason : error;
  } finally {
    over.abort();
    await watching;
  }

  async function watchRollout(): Promise<void> {
    const ended = new Promise<void>((resolve) => {
      over.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    while (!over.signal.aborted && !surroundings.signal.aborted) {
      await Promise.race([surroundings.sleep(GUARD_MS).catch(() => undefined), ended]);
      if (over.signal.aborted) return;
      const view = await rollout.look();
      if (view.kind === 'unknown') continue;
      try {
        refuseChanged(mark, view);
      } catch (error) {
        stop.abort(error);
        return;
      }
    }
  }
}

/** Nothing went wrong with a revision: the cluster said no, or nothing. */
function isAboutCluster(error: SlipwayError): boolean {
  return error instanceof ClusterError || error.code === 'SLIPWAY_ROLLOUT_TIMEOUT';
}

/** A failure that any pod has had a short while ago, in words: a hundred pods must not repeat it. */
function failedLately(entries: readonly LoggedEntry[], now: number): string | undefined {
  const [entry] = entries.filter(
    ({ event, revision }) => FAILURES.has(event) && revision !== undefined,
  );
  if (entry === undefined || now - Date.parse(entry.at) >= TROUBLE_MS) return undefined;
  const { pod } = entry.provenance;
  return `revision "${entry.revision}" failed at ${entry.at}${pod === undefined ? '' : ` in pod ${pod}`}`;
}

const FAILURES: ReadonlySet<string> = new Set(['failure', 'refusal']);

/** Says each reason once. */
function postponements({ reporter }: Surroundings) {
  let said: string | undefined;
  return {
    tell(code: SlipwayError['code'] | undefined, reason: string, retryMs: number): void {
      if (reason === said) return;
      said = reason;
      reporter.report({ type: 'contract.postponed', code, reason, retryMs });
    },
    forget(): void {
      said = undefined;
    },
  };
}
