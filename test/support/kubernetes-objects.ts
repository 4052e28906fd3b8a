/** A Deployment with ReplicaSets and pods, as its controllers leave them, drawn from what matters. */

import type { KubernetesApi } from './kubernetes-api.ts';
import type { ApiObject, Resource } from './kubernetes-handlers.ts';

/** A ReplicaSet of the Deployment `web` in the namespace `shop`. */
export interface SetDrawing {
  /** `deployment.kubernetes.io/revision`. */
  readonly revision: string;
  /** Names of its pods behind its own name, each with a mark: `a`, `b (Terminating)`, `c (Failed)`. */
  readonly pods?: readonly string[];
  readonly createdAt?: string;
  readonly image?: string;
  /** Gone, as with `revisionHistoryLimit: 0`; its pods are not. */
  readonly isGone?: boolean;
}

export interface Drawing {
  /** ReplicaSets by their template hashes. */
  readonly sets: Readonly<Record<string, SetDrawing>>;
  /** The template hash of the ReplicaSet that the Deployment wants. */
  readonly current: string;
  /** The Deployment's revision, where it is not that of `current`. */
  readonly revision?: string;
  readonly generation?: number;
  readonly observed?: number;
  readonly replicas?: number;
  readonly status?: Readonly<Record<string, number>>;
  /** Reason of the condition Progressing. */
  readonly progressing?: string | undefined;
  readonly uid?: string;
}

/** The objects by kind. */
export interface Drawn {
  readonly deployment: ApiObject;
  readonly replicaSets: readonly ApiObject[];
  readonly pods: readonly ApiObject[];
}

const NAMESPACE = 'shop';
const CREATED = '2026-01-01T00:00:00Z';

/** Makes the objects. */
export function draw(drawing: Drawing): Drawn {
  const { sets, current, generation = 3, observed = generation, replicas = 2 } = drawing;
  const wanted = sets[current];
  if (wanted === undefined) throw new Error(`no ReplicaSet ${current}`);
  const revision = drawing.revision ?? wanted.revision;
  const uid = drawing.uid ?? 'uid-web';
  const alive = Object.entries(sets).filter(([, set]) => set.isGone !== true);
  const progressing = 'progressing' in drawing ? drawing.progressing : 'NewReplicaSetAvailable';
  return {
    deployment: {
      metadata: {
        name: 'web',
        namespace: NAMESPACE,
        uid,
        generation,
        creationTimestamp: CREATED,
        annotations: revision === '' ? {} : { 'deployment.kubernetes.io/revision': revision },
      },
      spec: {
        replicas,
        selector: { matchLabels: { app: 'web' } },
        template: templateOf(wanted, {}),
      },
      status: {
        observedGeneration: observed,
        replicas,
        updatedReplicas: replicas,
        availableReplicas: replicas,
        ...drawing.status,
        conditions:
          progressing === undefined
            ? []
            : [{ type: 'Progressing', status: 'True', reason: progressing, message: '' }],
      },
    },
    replicaSets: alive.map(([hash, set]) => ({
      metadata: {
        name: `web-${hash}`,
        namespace: NAMESPACE,
        uid: `uid-web-${hash}`,
        creationTimestamp: set.createdAt ?? CREATED,
        labels: { app: 'web', 'pod-template-hash': hash },
        annotations: { 'deployment.kubernetes.io/revision': set.revision },
        ownerReferences: [owner('Deployment', 'web', uid)],
      },
      spec: {
        selector: { matchLabels: { app: 'web', 'pod-template-hash': hash } },
        template: templateOf(set, { 'pod-template-hash': hash }),
      },
      status: { replicas: set.pods?.length ?? 0 },
    })),
    pods: Object.entries(sets).flatMap(([hash, set]) =>
      (set.pods ?? []).map((drawn) => podOf(hash, set, drawn)),
    ),
  };
}

function podOf(hash: string, set: SetDrawing, drawn: string): ApiObject {
  const [, suffix = drawn, state = 'Running'] = /^(\S+) \((\w+)\)$/.exec(drawn) ?? [];
  const isTerminating = state === 'Terminating';
  const { spec } = templateOf(set, {});
  return {
    metadata: {
      name: `web-${hash}-${suffix}`,
      namespace: NAMESPACE,
      uid: `uid-web-${hash}-${suffix}`,
      labels: { app: 'web', 'pod-template-hash': hash },
      ownerReferences: [owner('ReplicaSet', `web-${hash}`, `uid-web-${hash}`)],
      ...(isTerminating ? { deletionTimestamp: CREATED } : {}),
    },
    spec,
    status: { phase: isTerminating ? 'Running' : state },
  };
}

function templateOf({ image = 'registry.test/web:1' }: SetDrawing, labels: Record<string, string>) {
  return {
    metadata: { labels: { app: 'web', ...labels } },
    spec: { containers: [{ name: 'web', image }] },
  };
}

function owner(kind: string, name: string, uid: string) {
  return { apiVersion: 'apps/v1', kind, name, uid, controller: true, blockOwnerDeletion: true };
}

/** Puts the objects in place of all that are there. */
export function putDrawing(api: KubernetesApi, drawing: Drawing): void {
  const { deployment, replicaSets, pods } = draw(drawing);
  const wanted: Readonly<Record<Exclude<Resource, 'events'>, readonly ApiObject[]>> = {
    deployments: [deployment],
    replicasets: replicaSets,
    pods,
  };
  for (const resource of ['deployments', 'replicasets', 'pods'] as const) {
    const names = new Set(wanted[resource].map(({ metadata }) => metadata.name));
    for (const { metadata } of api.list(resource)) {
      if (!names.has(metadata.name)) api.remove(resource, metadata.name ?? '');
    }
    for (const object of wanted[resource]) api.put(resource, object);
  }
}
