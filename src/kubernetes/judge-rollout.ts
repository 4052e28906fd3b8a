/** What Pod, ReplicaSets and Deployment say about a rollout. Pure: objects in, answer out. */

import { createHash } from 'node:crypto';
import type { V1Deployment, V1Pod, V1PodSpec, V1ReplicaSet } from '@kubernetes/client-node';
import type { OlderPod, RolloutMark, Standing } from '../core/rollout.ts';

/** Set by the Deployment controller on Deployments and their ReplicaSets. */
export const REVISION = 'deployment.kubernetes.io/revision';
const TEMPLATE_HASH = 'pod-template-hash';

/** The controller of an object, where that is of the wanted kind; else why it is not, in words. */
export function controllerOf(
  object: { readonly metadata?: V1Pod['metadata'] },
  kind: 'ReplicaSet' | 'Deployment',
): { readonly name: string; readonly uid: string } | string {
  const { name = 'without a name', ownerReferences = [] } = object.metadata ?? {};
  const owner = ownerReferences.find((each) => each.controller === true);
  if (owner === undefined) return `${name} is controlled by nobody`;
  if (owner.kind !== kind || !/^apps\//.test(owner.apiVersion)) {
    return `${name} is controlled by ${owner.kind} ${owner.name}, which is no ${kind}`;
  }
  return { name: owner.name, uid: owner.uid };
}

/** Whether the Deployment controller has seen the newest change of the Deployment. */
export function isObserved({ metadata, status }: V1Deployment): boolean {
  return (status?.observedGeneration ?? 0) >= (metadata?.generation ?? 0);
}

/** The objects above a pod, and what the pod was told of itself. */
export interface Lineage {
  readonly pod: V1Pod;
  readonly replicaSet: V1ReplicaSet;
  readonly deployment: V1Deployment;
  /** `metadata.uid` and the label `pod-template-hash`, from the Downward API. */
  readonly podUid?: string | undefined;
  readonly templateHash?: string | undefined;
}

/**
 * Whether the pod's ReplicaSet is the Deployment's current one: the controller gives each rollout a
 * revision, also one that goes back, and writes it on the Deployment and on the ReplicaSet of that
 * rollout (kubernetes.io, "Deployments", "Rolling Back a Deployment").
 */
export function standingOf({
  pod,
  replicaSet,
  deployment,
  podUid,
  templateHash,
}: Lineage): Standing {
  const name = `${deployment.metadata?.namespace ?? ''}/${deployment.metadata?.name ?? ''}`;
  const set = replicaSet.metadata?.name ?? '';
  if (podUid !== undefined && pod.metadata?.uid !== podUid) {
    return unknown(`pod ${pod.metadata?.name} of the cluster is another one than this`);
  }
  if (pod.metadata?.deletionTimestamp !== undefined) {
    return unknown(`this pod (${pod.metadata.name}) is being deleted`);
  }
  const gone = [deployment, replicaSet].find(
    (object) => object.metadata?.deletionTimestamp !== undefined,
  );
  if (gone !== undefined) return unknown(`${gone.metadata?.name} is being deleted`);
  const hashes = [pod, replicaSet].map((object) => object.metadata?.labels?.[TEMPLATE_HASH]);
  if (new Set([...hashes, templateHash ?? hashes[0]]).size > 1) {
    return unknown(`this pod and ReplicaSet ${set} are of different templates`);
  }
  if (!isObserved(deployment)) {
    return unknown(`the newest change of Deployment ${name} is not yet seen by its controller`);
  }
  const currentRevision = deployment.metadata?.annotations?.[REVISION];
  const revision = replicaSet.metadata?.annotations?.[REVISION];
  if (currentRevision === undefined) return unknown(`Deployment ${name} has no revision yet`);
  if (revision !== currentRevision) {
    return { kind: 'superseded', deployment: name, replicaSet: set, revision, currentRevision };
  }
  return {
    kind: 'current',
    deployment: name,
    replicaSet: set,
    revision,
    createdAt: replicaSet.metadata?.creationTimestamp?.toISOString(),
    isRollingOut: isRollingOut(deployment),
  };
}

/**
 * Whether the controller is at work on the newest rollout. Its condition `Progressing` keeps the
 * reason NewReplicaSetAvailable from the end of one rollout to the beginning of the next, also when
 * pods fail or the Deployment is scaled meanwhile (pkg/controller/deployment/progress.go). In the
 * first moments of the next, the numbers of replicas tell.
 */
function isRollingOut({ status }: V1Deployment): boolean {
  const progressing = status?.conditions?.find(({ type }) => type === 'Progressing');
  if (progressing !== undefined && progressing.reason !== 'NewReplicaSetAvailable') return true;
  return (status?.replicas ?? 0) !== (status?.updatedReplicas ?? 0);
}

/**
 * What the rollout still waits for; undefined where it is complete. Judged as `kubectl rollout status`
 * does (kubectl, polymorphichelpers/rollout_status.go).
 */
export function waitingFor(deployment: V1Deployment): string | undefined {
  const { spec, status } = deployment;
  if (!isObserved(deployment)) return 'its newest change is not yet seen by the controller';
  const updated = status?.updatedReplicas ?? 0;
  const total = status?.replicas ?? 0;
  const available = status?.availableReplicas ?? 0;
  const wanted = spec?.replicas ?? 1;
  const late = status?.conditions?.some(
    ({ type, reason }) => type === 'Progressing' && reason === 'ProgressDeadlineExceeded',
  );
  const suffix = late === true ? ' (its progress deadline has passed)' : '';
  if (updated < wanted) return `${updated} out of ${wanted} new replicas are there${suffix}`;
  if (total > updated) return `${total - updated} old replicas are pending termination${suffix}`;
  if (available < updated) return `${available} of ${updated} new replicas are available${suffix}`;
  return undefined;
}

/** What makes the newest rollout this one; the server writes the same template the same way. */
export function markOf({ metadata, spec }: V1Deployment): RolloutMark {
  return {
    uid: metadata?.uid ?? '',
    revision: metadata?.annotations?.[REVISION] ?? '',
    template: createHash('sha256')
      .update(JSON.stringify(spec?.template ?? null))
      .digest('hex'),
  };
}

/** The Deployment's selector as a query: `app=web,tier in (a,b)`. */
export function selectorText({ spec }: V1Deployment): string {
  const { matchLabels = {}, matchExpressions = [] } = spec?.selector ?? {};
  return [
    ...Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`),
    ...matchExpressions.map(({ key, operator, values = [] }) => {
      if (operator === 'Exists') return key;
      if (operator === 'DoesNotExist') return `!${key}`;
      return `${key} ${operator.toLowerCase()} (${values.join(',')})`;
    }),
  ].join(',');
}

/**
 * Pods of the Deployment's other ReplicaSets that may still run code. A ReplicaSet may be gone before
 * its last pod (`revisionHistoryLimit: 0`): its name, which is the Deployment's with the template's
 * hash, is still on the pod.
 */
export function olderPodsOf(
  deployment: V1Deployment,
  replicaSets: readonly V1ReplicaSet[],
  pods: readonly V1Pod[],
): readonly OlderPod[] {
  const { uid, name, annotations } = deployment.metadata ?? {};
  const own = replicaSets.filter((set) => {
    const owner = controllerOf(set, 'Deployment');
    return typeof owner !== 'string' && owner.uid === uid;
  });
  const current = new Set(
    own
      .filter((set) => set.metadata?.annotations?.[REVISION] === annotations?.[REVISION])
      .map((set) => set.metadata?.uid),
  );
  const known = new Set(own.map((set) => set.metadata?.uid));
  return pods.flatMap((pod): readonly OlderPod[] => {
    const owner = controllerOf(pod, 'ReplicaSet');
    if (typeof owner === 'string' || current.has(owner.uid)) return [];
    const hash = pod.metadata?.labels?.[TEMPLATE_HASH];
    if (!known.has(owner.uid) && owner.name !== `${name}-${hash}`) return [];
    const phase = pod.status?.phase ?? 'Unknown';
    if (phase === 'Succeeded' || phase === 'Failed') return [];
    const isTerminating = pod.metadata?.deletionTimestamp !== undefined;
    return [{ name: pod.metadata?.name ?? '', state: isTerminating ? 'Terminating' : phase }];
  });
}

/**
 * The image of the Deployment that is of another release than `mine`: of the same repository, with
 * another tag or digest. Where no repository is the same, images tell nothing.
 */
export function otherReleaseOf(
  deployment: V1Deployment,
  mine: readonly string[],
): string | undefined {
  const theirs = imagesOf(deployment.spec?.template.spec);
  if (mine.some((image) => theirs.includes(image))) return undefined;
  const repositories = new Set(mine.map(repositoryOf));
  return theirs.find((image) => repositories.has(repositoryOf(image)));
}

/** All images of a pod. */
export function imagesOf(spec: V1PodSpec | undefined): readonly string[] {
  return [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])].flatMap(
    ({ image }) => image ?? [],
  );
}

/** `registry:5000/shop` of `registry:5000/shop:1.2@sha256:…`. */
function repositoryOf(image: string): string {
  return image.replace(/@.*$/, '').replace(/:[^/:]*$/, '');
}

function unknown(reason: string): Standing {
  return { kind: 'unknown', reason };
}
