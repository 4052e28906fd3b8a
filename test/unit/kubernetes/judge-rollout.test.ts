/** What objects of a cluster say about a rollout, in tables. */

import type { V1Deployment, V1Pod, V1ReplicaSet } from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import {
  markOf,
  olderPodsOf,
  otherReleaseOf,
  selectorText,
  standingOf,
  waitingFor,
} from '../../../src/kubernetes/judge-rollout.ts';
import { type Drawing, draw } from '../../support/kubernetes-objects.ts';

/** As the client reads them: times are dates. */
function typed<T>(object: unknown): T {
  const text = JSON.stringify(object);
  return JSON.parse(text, (key, value) =>
    key.endsWith('Timestamp') ? new Date(value) : value,
  ) as T; // drawn as that kind
}

function read(drawing: Drawing) {
  const { deployment, replicaSets, pods } = draw(drawing);
  return {
    deployment: typed<V1Deployment>(deployment),
    replicaSets: replicaSets.map((each) => typed<V1ReplicaSet>(each)),
    pods: pods.map((each) => typed<V1Pod>(each)),
  };
}

/** The standing of the first pod of the ReplicaSet `hash`. */
function standing(
  drawing: Drawing,
  hash: string,
  told: { podUid?: string; templateHash?: string } = {},
) {
  const { deployment, replicaSets, pods } = read(drawing);
  const pod = pods.find(({ metadata }) => metadata?.labels?.['pod-template-hash'] === hash);
  const replicaSet = replicaSets.find(({ metadata }) => metadata?.name === `web-${hash}`);
  if (pod === undefined || replicaSet === undefined) throw new Error(`no ReplicaSet ${hash}`);
  return standingOf({ pod, replicaSet, deployment, ...told });
}

const rolling: Drawing = {
  sets: { old1: { revision: '1', pods: ['a', 'b'] }, new2: { revision: '2', pods: ['c'] } },
  current: 'new2',
  progressing: 'ReplicaSetUpdated',
  status: { replicas: 3, updatedReplicas: 1, availableReplicas: 2 },
};
/** `kubectl rollout undo`: the old ReplicaSet has got the newest revision. */
const undone: Drawing = {
  sets: { old1: { revision: '3', pods: ['a'] }, new2: { revision: '2', pods: ['c', 'd'] } },
  current: 'old1',
  progressing: 'ReplicaSetUpdated',
  status: { replicas: 3, updatedReplicas: 1, availableReplicas: 2 },
};
const settled: Drawing = {
  sets: { old1: { revision: '1', pods: [] }, new2: { revision: '2', pods: ['c', 'd'] } },
  current: 'new2',
};

describe('the standing of a pod’s ReplicaSet', () => {
  it('is current for the newest one while it is rolled out', () => {
    expect(standing(rolling, 'new2')).toEqual({
      kind: 'current',
      deployment: 'shop/web',
      replicaSet: 'web-new2',
      revision: '2',
      createdAt: '2026-01-01T00:00:00.000Z',
      isRollingOut: true,
    });
  });

  it('is superseded for an old pod that restarts during a rollout', () => {
    expect(standing(rolling, 'old1')).toEqual({
      kind: 'superseded',
      deployment: 'shop/web',
      replicaSet: 'web-old1',
      revision: '1',
      currentRevision: '2',
    });
  });

  it('turns with an undo', () => {
    expect(standing(undone, 'old1')).toMatchObject({ kind: 'current', revision: '3' });
    expect(standing(undone, 'new2')).toMatchObject({ kind: 'superseded', currentRevision: '3' });
  });

  it.each<[string, Partial<Drawing>, boolean]>([
    ['the controller is at work', { progressing: 'ReplicaSetUpdated' }, true],
    ['it is late', { progressing: 'ProgressDeadlineExceeded' }, true],
    ['older replicas are there', { status: { replicas: 4, updatedReplicas: 2 } }, true],
    ['it is over', {}, false],
    ['it is over, and a pod fails', { status: { availableReplicas: 1 } }, false],
    [
      'nothing is said and older replicas are there',
      { progressing: undefined, status: { replicas: 3 } },
      true,
    ],
    ['nothing is said and none is there', { progressing: undefined }, false],
  ])('knows whether it is being rolled out: %s', (_, change, expected) => {
    expect(standing({ ...settled, ...change }, 'new2')).toMatchObject({ isRollingOut: expected });
  });

  it.each<[string, Drawing, { podUid?: string; templateHash?: string }, RegExp]>([
    ['its change is not observed', { ...undone, generation: 4, observed: 3 }, {}, /not yet seen/],
    ['there is no revision yet', { ...settled, revision: '' }, {}, /no revision/],
    ['the pod is another one', settled, { podUid: 'uid-x' }, /another one/],
    [
      'the pod was made from another template',
      settled,
      { templateHash: 'x' },
      /different templates/,
    ],
    [
      'the pod is being deleted',
      { ...settled, sets: { ...settled.sets, new2: { revision: '2', pods: ['c (Terminating)'] } } },
      {},
      /being deleted/,
    ],
  ])('is unknown when %s', (_, drawing, told, reason) => {
    const answer = standing(drawing, drawing.current, told);
    expect(answer).toMatchObject({ kind: 'unknown', reason: expect.stringMatching(reason) });
  });
});

describe('a rollout', () => {
  it.each<[string, Partial<Drawing>, string | undefined]>([
    ['is complete', {}, undefined],
    ['has no pod to have', { replicas: 0 }, undefined],
    [
      'is not seen by the controller',
      { generation: 5, observed: 4 },
      'its newest change is not yet seen by the controller',
    ],
    [
      'lacks new replicas',
      { status: { updatedReplicas: 1, replicas: 3 } },
      '1 out of 2 new replicas are there',
    ],
    ['has old replicas', { status: { replicas: 3 } }, '1 old replicas are pending termination'],
    [
      'waits for new replicas',
      { status: { availableReplicas: 1 } },
      '1 of 2 new replicas are available',
    ],
    [
      'is late',
      { status: { availableReplicas: 0 }, progressing: 'ProgressDeadlineExceeded' },
      '0 of 2 new replicas are available (its progress deadline has passed)',
    ],
  ])('%s, as kubectl rollout status says', (_, change, expected) => {
    expect(waitingFor(read({ ...settled, ...change }).deployment)).toBe(expected);
  });

  it('has another mark when its revision, its template or its Deployment changes', () => {
    const mark = markOf(read(settled).deployment);
    expect(markOf(read({ ...settled, generation: 9 }).deployment)).toEqual(mark);
    const others: readonly Drawing[] = [
      undone,
      { ...settled, uid: 'uid-x' },
      {
        ...settled,
        sets: { ...settled.sets, new2: { revision: '2', image: 'registry.test/web:3' } },
      },
    ];
    for (const other of others) expect(markOf(read(other).deployment)).not.toEqual(mark);
  });
});

describe('older pods', () => {
  const pods = (drawing: Drawing) => {
    const { deployment, replicaSets, pods: all } = read(drawing);
    return olderPodsOf(deployment, replicaSets, all).map(({ name, state }) => `${name} ${state}`);
  };

  it('are those of other ReplicaSets, also while they terminate', () => {
    const sets = {
      old1: {
        revision: '1',
        pods: ['a', 'b (Terminating)', 'c (Pending)', 'd (Failed)', 'e (Succeeded)'],
      },
      new2: { revision: '2', pods: ['f', 'g (Terminating)'] },
    };
    expect(pods({ sets, current: 'new2' })).toEqual([
      'web-old1-a Running',
      'web-old1-b Terminating',
      'web-old1-c Pending',
    ]);
  });

  it('are none when all belong to the current one', () => {
    expect(pods(settled)).toEqual([]);
  });

  it('are the new ones after an undo', () => {
    expect(pods(undone)).toEqual(['web-new2-c Running', 'web-new2-d Running']);
  });

  it('are found when their ReplicaSet is gone already', () => {
    const sets = {
      ...settled.sets,
      old1: { revision: '1', pods: ['a (Terminating)'], isGone: true },
    };
    expect(pods({ ...settled, sets })).toEqual(['web-old1-a Terminating']);
  });

  it('are not those of others that the selector finds as well', () => {
    const { deployment, replicaSets } = read(settled);
    const stranger = read({ sets: { x: { revision: '1', pods: ['a'] } }, current: 'x' }).pods[0];
    const bare = {
      metadata: { name: 'bare', labels: { app: 'web' } },
      status: { phase: 'Running' },
    };
    const owned = {
      ...stranger,
      metadata: {
        ...stranger?.metadata,
        ownerReferences: [
          {
            apiVersion: 'apps/v1',
            kind: 'ReplicaSet',
            name: 'other-x',
            uid: 'u',
            controller: true,
          },
        ],
      },
    };
    expect(olderPodsOf(deployment, replicaSets, [bare as V1Pod, owned as V1Pod])).toEqual([]);
  });
});

describe('the release that a Deployment runs', () => {
  const deployment = read({
    sets: { a: { revision: '1', image: 'r.test:5000/web:2' } },
    current: 'a',
  }).deployment;

  it.each<[string, readonly string[], string | undefined]>([
    ['is this one', ['r.test:5000/web:2'], undefined],
    ['is another one', ['r.test:5000/web:1'], 'r.test:5000/web:2'],
    ['is another one by digest', ['r.test:5000/web@sha256:00'], 'r.test:5000/web:2'],
    ['cannot be told from another repository', ['r.test:5000/migrations:1'], undefined],
    ['cannot be told from nothing', [], undefined],
  ])('%s', (_, mine, expected) => {
    expect(otherReleaseOf(deployment, mine)).toBe(expected);
  });
});

describe('a selector', () => {
  it('is written as the API reads it', () => {
    const spec = {
      selector: {
        matchLabels: { app: 'web', tier: 'front' },
        matchExpressions: [
          { key: 'zone', operator: 'In', values: ['a', 'b'] },
          { key: 'env', operator: 'NotIn', values: ['dev'] },
          { key: 'team', operator: 'Exists' },
          { key: 'canary', operator: 'DoesNotExist' },
        ],
      },
    };
    expect(selectorText(typed<V1Deployment>({ spec }))).toBe(
      'app=web,tier=front,zone in (a,b),env notin (dev),team,!canary',
    );
  });
});
