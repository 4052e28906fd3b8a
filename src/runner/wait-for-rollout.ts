/** Waits until no pod of an older release is left, and watches that none comes back (DESIGN §7.5). */

import { ClusterError, Interrupted, LockError } from '../core/errors.ts';
import { isSameRollout, type RolloutMark, type RolloutView } from '../core/rollout.ts';
import { olderPodsText } from '../core/rollout-text.ts';
import type { Rollout, Surroundings } from './ports.ts';
import type { Step } from './step.ts';

const POLL_MS = 2000;
const FIRST_REPORT_MS = 5000;

/** A look at a Deployment that shows something. */
export type Seen = Extract<RolloutView, { kind: 'seen' }>;

/**
 * Resolves when the Deployment's rollout is complete and the pods of all its older ReplicaSets are
 * gone, with what makes this rollout this one.
 * @throws ClusterError `SLIPWAY_ROLLOUT_CHANGED`, `SLIPWAY_CLUSTER_FORBIDDEN`, `SLIPWAY_CLUSTER_SETTINGS`
 * @throws LockError `SLIPWAY_ROLLOUT_TIMEOUT`
 * @throws Interrupted
 */
export async function waitForRollout(
  rollout: Rollout,
  timeoutMs: number,
  surroundings: Surroundings,
): Promise<RolloutMark> {
  const { now, random, reporter } = surroundings;
  const start = now();
  let first: Seen | undefined;
  let last: Seen | undefined;
  let reportAtMs = 0;
  for (;;) {
    const view = await rollout.look();
    stopIfTold(surroundings);
    if (view.kind === 'unknown') refuseForGood(view);
    else {
      refuseAnother(first, view);
      // Until the controller has seen it, the template is the new one and the revision the old one.
      if (view.isObserved) first ??= view;
      last = view;
    }
    const waitedMs = now() - start;
    if (view.kind === 'seen' && first !== undefined && isOver(view)) {
      const { deployment, mark } = view;
      reporter.report({ type: 'rollout.complete', deployment, rollout: mark.revision, waitedMs });
      return mark;
    }
    if (waitedMs >= timeoutMs) throw timedOut(view, last, waitedMs);
    if (waitedMs >= reportAtMs) {
      reportAtMs = Math.max(FIRST_REPORT_MS, reportAtMs * 2);
      reporter.report({
        type: 'rollout.waiting',
        deployment: last?.deployment ?? 'that was asked for',
        reason: reasonOf(view),
        olderPods: view.kind === 'seen' ? namesOf(view) : [],
        waitedMs,
        limitMs: timeoutMs,
      });
    }
    await surroundings.sleep(Math.min(POLL_MS * (0.5 + random()), timeoutMs - waitedMs));
  }
}

/**
 * To be asked before each revision: the contract ones run only while the rollout is the one of `mark`
 * and no older pod is there.
 * @throws ClusterError `SLIPWAY_ROLLOUT_CHANGED`, `SLIPWAY_CLUSTER_FORBIDDEN`, `SLIPWAY_CLUSTER_SETTINGS`
 * @throws LockError `SLIPWAY_ROLLOUT_TIMEOUT` where the cluster does not answer
 */
export function contractGuard(
  rollout: Rollout,
  mark: RolloutMark,
  surroundings: Surroundings,
): (step: Step) => Promise<void> {
  return async ({ revision }) => {
    if (revision.phase !== 'contract') return;
    const view = await rollout.look();
    stopIfTold(surroundings);
    if (view.kind === 'unknown') {
      refuseForGood(view);
      throw new LockError(
        'SLIPWAY_ROLLOUT_TIMEOUT',
        `cannot tell whether older pods came back before revision "${revision.id}": ${view.reason}`,
        { hint: NOT_RUN, details: { revision: revision.id, reason: view.reason } },
      );
    }
    refuseChanged(mark, view);
  };
}

/**
 * Refuses what breaks older pods where one may be there, or is on its way.
 * @throws ClusterError `SLIPWAY_ROLLOUT_CHANGED`
 */
export function refuseChanged(mark: RolloutMark, view: Seen): void {
  refuseAnother({ mark }, view);
  if (view.olderPods.length > 0) {
    throw changed(view, `pods of an older ReplicaSet came back: ${olderPodsText(namesOf(view))}`);
  }
}

const NOT_RUN = 'The revision was not run; try again once the cluster answers.';

/** Whether the rollout is complete and the pods of older ReplicaSets are gone. */
export function isOver(view: Seen): boolean {
  return view.isObserved && view.waitingFor === undefined && view.olderPods.length === 0;
}

function reasonOf(view: RolloutView): string | undefined {
  return view.kind === 'seen' ? view.waitingFor : view.reason;
}

/** The older pods, with their states where those say something. */
export function namesOf({ olderPods }: Seen): readonly string[] {
  return olderPods.map(({ name, state }) => (state === 'Running' ? name : `${name} (${state})`));
}

/** What does not get better by waiting. */
function refuseForGood({ trouble, reason }: Extract<RolloutView, { kind: 'unknown' }>): void {
  if (trouble === 'unreachable') return;
  const isDenied = trouble === 'denied';
  throw new ClusterError(
    isDenied ? 'SLIPWAY_CLUSTER_FORBIDDEN' : 'SLIPWAY_CLUSTER_SETTINGS',
    `cannot watch the rollout: ${reason}`,
    {
      hint: isDenied
        ? 'Its service account needs a Role with "list" on pods, "list" on replicasets and "get" on deployments, the last two in apiGroups: [apps]; k8s/signals/role.yaml has it, the chart with rbac.create.'
        : 'Name the Deployment with --wait-rollout deployment/NAME and --namespace, and mount a service account token or set KUBECONFIG; without a cluster: --now.',
      details: { reason },
    },
  );
}

/** @throws ClusterError `SLIPWAY_ROLLOUT_CHANGED` */
function refuseAnother(first: Pick<Seen, 'mark'> | undefined, view: Seen): void {
  if (view.otherRelease !== undefined) {
    throw changed(view, `it runs ${view.otherRelease}, which is another release than this one`);
  }
  if (first === undefined || isSameRollout(first.mark, view.mark)) return;
  throw changed(
    view,
    first.mark.revision === view.mark.revision
      ? 'its pod template was changed, so that another rollout begins'
      : `another rollout began (revision ${first.mark.revision} became ${view.mark.revision})`,
  );
}

function changed({ deployment, mark }: Seen, what: string): ClusterError {
  return new ClusterError(
    'SLIPWAY_ROLLOUT_CHANGED',
    `the contract phase stops, because Deployment ${deployment} is on its way to something else: ${what}`,
    {
      hint: 'Contract revisions that were not run stay pending, which harms nobody: the next release that is rolled out runs them.',
      details: { deployment, rollout: mark.revision, reason: what },
    },
  );
}

function timedOut(view: RolloutView, last: Seen | undefined, waitedMs: number): LockError {
  const olderPods = last === undefined ? [] : namesOf(last);
  const why = [reasonOf(view), olderPodsText(olderPods)].filter((each) => each !== undefined);
  const whose = last === undefined ? '' : ` of Deployment ${last.deployment}`;
  return new LockError(
    'SLIPWAY_ROLLOUT_TIMEOUT',
    `the rollout${whose} is not over after ${Math.round(waitedMs / 1000)} s: ${why.join('; ')}`,
    {
      hint: 'No contract revision was run. See why those pods do not go or do not start, or wait longer with --rollout-timeout.',
      details: { deployment: last?.deployment, olderPods, waitedMs, reason: reasonOf(view) },
    },
  );
}

function stopIfTold({ signal }: Surroundings): void {
  if (!signal.aborted) return;
  throw new Interrupted('SLIPWAY_INTERRUPTED', 'stopped while watching the rollout', {
    hint: 'The next run continues from here.',
  });
}
