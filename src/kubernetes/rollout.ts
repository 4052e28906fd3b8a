/** Asks the cluster about rollouts: from this pod up to its Deployment, or about one that is named. */

import { setTimeout } from 'node:timers/promises';
import type { V1Deployment, V1Pod, V1ReplicaSet } from '@kubernetes/client-node';
import type { ClusterTrouble, RolloutView } from '../core/rollout.ts';
import type { Rollout } from '../runner/ports.ts';
import { type Answer, type Cluster, type ClusterQuestions, openCluster } from './client.ts';
import {
  controllerOf,
  isObserved,
  markOf,
  olderPodsOf,
  otherReleaseOf,
  selectorText,
  standingOf,
  waitingFor,
} from './judge-rollout.ts';
import { type ClusterEnvironment, namespaceOf, readKubeconfig } from './kubeconfig.ts';

/** What this pod was told of itself, with the Downward API. */
export interface OwnPod {
  readonly name: string | undefined;
  readonly namespace: string | undefined;
  readonly uid: string | undefined;
  readonly templateHash: string | undefined;
  /** The image that slipway runs in. */
  readonly image: string | undefined;
}

export interface RolloutOptions {
  readonly environment: ClusterEnvironment;
  readonly pod: OwnPod;
  /** The Deployment that `look` is about; this pod's own where left out. */
  readonly deployment?: string | undefined;
  /** Its namespace; this pod's where left out. */
  readonly namespace?: string | undefined;
  /** How long one answer may take, with everything that has to be asked for it. */
  readonly limitMs?: number;
  readonly signal: AbortSignal;
}

const LIMIT_MS = 5000;
const OBSERVE_PAUSE_MS = 250;

/** What the cluster says, as the environment leads to it. */
export function clusterRollout(options: RolloutOptions): Rollout {
  const { environment, pod, signal, limitMs = LIMIT_MS } = options;
  const config = readKubeconfig(environment);
  if (typeof config === 'string') {
    const unknown = { kind: 'unknown', reason: config } as const;
    return {
      standing: async () => unknown,
      look: async () => ({ ...unknown, trouble: 'outside' }),
    };
  }
  const cluster: Cluster = openCluster(config);
  const own = { ...pod, namespace: pod.namespace ?? namespaceOf(config) ?? 'default' };
  let ownImages: readonly string[] | undefined;
  return {
    async standing() {
      const questions = cluster.within(limitMs, signal);
      const deadline = performance.now() + limitMs - OBSERVE_PAUSE_MS;
      for (;;) {
        const lineage = await lineageOf(questions, own);
        if (!lineage.ok) return { kind: 'unknown', reason: lineage.reason };
        const { value } = lineage;
        // An undo that the controller has not seen yet: one moment later it has.
        if (isObserved(value.deployment) || signal.aborted || performance.now() > deadline) {
          return standingOf({ ...value, podUid: own.uid, templateHash: own.templateHash });
        }
        await setTimeout(OBSERVE_PAUSE_MS, undefined, { signal }).catch(() => undefined);
      }
    },
    async look() {
      const questions = cluster.within(limitMs, signal);
      const deployment = await deploymentOf(questions, options, own);
      if (!deployment.ok) return unseen(deployment);
      const { namespace = '' } = deployment.value.metadata ?? {};
      const selector = selectorText(deployment.value);
      const [replicaSets, pods] = await Promise.all([
        questions.replicaSets(namespace, selector),
        questions.pods(namespace, selector),
      ]);
      if (!replicaSets.ok) return unseen(replicaSets);
      if (!pods.ok) return unseen(pods);
      ownImages ??= await imagesOfThis(questions, own);
      return viewOf(deployment.value, {
        replicaSets: replicaSets.value,
        pods: pods.value,
        ownImages,
      });
    },
  };
}

type Own = OwnPod & { readonly namespace: string };

interface Objects {
  readonly pod: V1Pod;
  readonly replicaSet: V1ReplicaSet;
  readonly deployment: V1Deployment;
}

/** Pod, ReplicaSet and Deployment, each the controller of the one before. */
async function lineageOf(questions: ClusterQuestions, own: Own): Promise<Answer<Objects>> {
  const { name, namespace } = own;
  if (name === undefined) {
    return outside('POD_NAME is not set, so that this pod cannot be looked up');
  }
  const pod = await questions.pod(namespace, name);
  if (!pod.ok) return pod;
  const set = controllerOf(pod.value, 'ReplicaSet');
  if (typeof set === 'string') return outside(`pod ${set}`);
  const replicaSet = await questions.replicaSet(namespace, set.name);
  if (!replicaSet.ok) return replicaSet;
  const owner = controllerOf(replicaSet.value, 'Deployment');
  if (typeof owner === 'string') return outside(`ReplicaSet ${owner}`);
  const deployment = await questions.deployment(namespace, owner.name);
  if (!deployment.ok) return deployment;
  if (replicaSet.value.metadata?.uid !== set.uid || deployment.value.metadata?.uid !== owner.uid) {
    return outside(`the owners of pod ${name} were deleted and created anew`);
  }
  return {
    ok: true,
    value: { pod: pod.value, replicaSet: replicaSet.value, deployment: deployment.value },
  };
}

async function deploymentOf(
  questions: ClusterQuestions,
  { deployment, namespace }: RolloutOptions,
  own: Own,
): Promise<Answer<V1Deployment>> {
  if (deployment !== undefined) {
    return questions.deployment(namespace ?? own.namespace, deployment);
  }
  const lineage = await lineageOf(questions, own);
  return lineage.ok ? { ok: true, value: lineage.value.deployment } : lineage;
}

/**
 * The image of this process: as it was told, or that of the one container of this pod. With several
 * containers nobody knows which of them this is.
 */
async function imagesOfThis(questions: ClusterQuestions, own: Own): Promise<readonly string[]> {
  if (own.image !== undefined) return [own.image];
  if (own.name === undefined) return [];
  const pod = await questions.pod(own.namespace, own.name);
  const containers = pod.ok ? (pod.value.spec?.containers ?? []) : [];
  const [image] = containers.flatMap((container) => container.image ?? []);
  return image === undefined || containers.length > 1 ? [] : [image];
}

function viewOf(
  deployment: V1Deployment,
  rest: {
    readonly replicaSets: readonly V1ReplicaSet[];
    readonly pods: readonly V1Pod[];
    readonly ownImages: readonly string[];
  },
): RolloutView {
  const { namespace, name } = deployment.metadata ?? {};
  return {
    kind: 'seen',
    deployment: `${namespace}/${name}`,
    mark: markOf(deployment),
    isObserved: isObserved(deployment),
    waitingFor: waitingFor(deployment),
    olderPods: olderPodsOf(deployment, rest.replicaSets, rest.pods),
    otherRelease: otherReleaseOf(deployment, rest.ownImages),
  };
}

function outside(reason: string): Answer<never> {
  return { ok: false, trouble: 'outside', reason };
}

function unseen(answer: {
  readonly trouble: ClusterTrouble;
  readonly reason: string;
}): RolloutView {
  return { kind: 'unknown', trouble: answer.trouble, reason: answer.reason };
}
