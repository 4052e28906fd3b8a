/** What a cluster says about the rollout of a Deployment, and what follows from it for the schema. */

import type { AppliedRevision } from './applied.ts';

/** Where this pod's ReplicaSet stands among those of its Deployment. */
export type Standing =
  | {
      /** It is the one that the Deployment wants. */
      readonly kind: 'current';
      /** `namespace/name`. */
      readonly deployment: string;
      readonly replicaSet: string;
      /** The Deployment's revision, as in `kubectl rollout history`. */
      readonly revision: string;
      /** When the ReplicaSet was created; ISO 8601. */
      readonly createdAt: string | undefined;
      /** The controller has not finished rolling it out. */
      readonly isRollingOut: boolean;
    }
  | {
      /** The Deployment wants another one: this pod is on its way out. */
      readonly kind: 'superseded';
      readonly deployment: string;
      readonly replicaSet: string;
      /** Of this pod's ReplicaSet; undefined where it has none. */
      readonly revision: string | undefined;
      readonly currentRevision: string;
    }
  | { readonly kind: 'unknown'; readonly reason: string };

/** What makes a rollout this one and no other. */
export interface RolloutMark {
  /** Of the Deployment: one that was deleted and created anew is another one. */
  readonly uid: string;
  /** Goes up with each rollout, also with one that goes back. */
  readonly revision: string;
  /** Digest of the pod template: it changes before the controller has seen that it did. */
  readonly template: string;
}

/** A pod of an older ReplicaSet that still exists. */
export interface OlderPod {
  readonly name: string;
  /** `Running`, `Pending`, `Terminating`, … */
  readonly state: string;
}

/** Why a cluster does not answer. */
export type ClusterTrouble =
  /** A right is missing. */
  | 'denied'
  /** What was asked for is not there. */
  | 'missing'
  /** There is no cluster to ask, or the settings for it make no sense. */
  | 'outside'
  /** No answer, or none that makes sense: may pass by itself. */
  | 'unreachable';

/** One look at a Deployment. */
export type RolloutView =
  | {
      readonly kind: 'seen';
      /** `namespace/name`. */
      readonly deployment: string;
      readonly mark: RolloutMark;
      /** The controller has seen the newest change: the mark is that of one rollout, not of two. */
      readonly isObserved: boolean;
      /** What its rollout still waits for, in the words of `kubectl rollout status`. */
      readonly waitingFor: string | undefined;
      readonly olderPods: readonly OlderPod[];
      /** Which other release it runs than this process is of, where the images tell. */
      readonly otherRelease: string | undefined;
    }
  | { readonly kind: 'unknown'; readonly trouble: ClusterTrouble; readonly reason: string };

/** Whether both are the same rollout. */
export function isSameRollout(a: RolloutMark, b: RolloutMark): boolean {
  return a.uid === b.uid && a.revision === b.revision && a.template === b.template;
}

/**
 * Why a pod of this standing must not take back `newer`, in words; undefined where it may.
 *
 * Being the Deployment's current ReplicaSet is not enough. A Job that migrates before the rollout, or
 * another Deployment on the same database, puts the database ahead of pods that are current and stay
 * so for a while: one of them that restarts just then is no rollback. It is one when the ReplicaSet
 * became current after the revisions were applied. That is so when the controller is still rolling it
 * out (its first pods are those that ask), or it was created after them, or pods of other ReplicaSets
 * of the same Deployment had applied them.
 */
export function reasonAgainstDowngrade(
  standing: Standing,
  newer: readonly AppliedRevision[],
): string | undefined {
  switch (standing.kind) {
    case 'unknown':
      return standing.reason;
    case 'superseded':
      return `ReplicaSet ${standing.replicaSet}${standing.revision === undefined ? '' : ` (revision ${standing.revision})`} is not the current one of Deployment ${standing.deployment} (revision ${standing.currentRevision}): an old pod restarts, which is no rollback`;
    case 'current': {
      const before = newer.find((row) => !cameBefore(row, standing));
      if (standing.isRollingOut || before === undefined) return undefined;
      return `the rollout of ReplicaSet ${standing.replicaSet} was complete when revision "${before.id}" was applied from elsewhere: Deployment ${standing.deployment} was not rolled back`;
    }
    default:
      return standing satisfies never;
  }
}

/** Whether the revision was surely applied before the ReplicaSet became current. */
function cameBefore(
  { appliedAt, provenance }: AppliedRevision,
  { createdAt, deployment, replicaSet }: Extract<Standing, { kind: 'current' }>,
): boolean {
  if (createdAt !== undefined && Date.parse(appliedAt) < Date.parse(createdAt)) return true;
  const [namespace = '', name = ''] = deployment.split('/');
  const { pod } = provenance;
  if (pod === undefined || provenance.namespace !== namespace) return false;
  const owner = withoutSuffix(pod);
  return owner !== undefined && owner !== replicaSet && withoutSuffix(owner) === name;
}

/**
 * The name without its last part. Names of ReplicaSets are those of their Deployment with a hash,
 * names of pods those of their ReplicaSet with five letters or digits. Both parts are written in an
 * alphabet without vowels, which spares words (k8s.io/apimachinery/pkg/util/rand).
 */
function withoutSuffix(name: string): string | undefined {
  return /^(.+)-[bcdfghjklmnpqrstvwxz2456789]{1,10}$/.exec(name)?.[1];
}
