/** Questions to a cluster about rollouts, over TLS, with all that an API answers on a bad day. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ClusterEnvironment } from '../../src/kubernetes/kubeconfig.ts';
import { clusterRollout, type RolloutOptions } from '../../src/kubernetes/rollout.ts';
import { type KubernetesApi, startKubernetesApi } from '../support/kubernetes-api.ts';
import { type Drawing, putDrawing } from '../support/kubernetes-objects.ts';

const NOWHERE: ClusterEnvironment = {
  kubeconfig: undefined,
  serviceHost: undefined,
  servicePort: undefined,
  homeDir: undefined,
};
const OLD = 'web-old1-a';
const NEW = 'web-new2-c';

const rolling: Drawing = {
  sets: { old1: { revision: '1', pods: ['a', 'b'] }, new2: { revision: '2', pods: ['c'] } },
  current: 'new2',
  progressing: 'ReplicaSetUpdated',
  status: { replicas: 3, updatedReplicas: 1, availableReplicas: 2 },
};
const settled: Drawing = {
  sets: { old1: { revision: '1' }, new2: { revision: '2', pods: ['c', 'd'] } },
  current: 'new2',
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-cluster-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a cluster', () => {
  let api: KubernetesApi;
  let environment: ClusterEnvironment;
  beforeEach(async () => {
    api = await startKubernetesApi();
    environment = { ...NOWHERE, kubeconfig: await api.writeKubeconfig(folder) };
    putDrawing(api, rolling);
    return () => api.stop();
  });

  const ask = (pod: string | undefined, options: Partial<RolloutOptions> = {}) =>
    clusterRollout({
      environment,
      pod: {
        name: pod,
        namespace: 'shop',
        uid: undefined,
        templateHash: undefined,
        image: undefined,
      },
      signal: new AbortController().signal,
      ...options,
    });
  const reason = async (pod: string | undefined, options?: Partial<RolloutOptions>) => {
    const answer = await ask(pod, options).standing();
    return answer.kind === 'unknown' ? answer.reason : `not unknown: ${answer.kind}`;
  };

  it('tells pods of the current ReplicaSet from others', async () => {
    expect(await ask(NEW).standing()).toMatchObject({
      kind: 'current',
      deployment: 'shop/web',
      replicaSet: 'web-new2',
      createdAt: '2026-01-01T00:00:00.000Z',
      isRollingOut: true,
    });
    expect(await ask(OLD).standing()).toMatchObject({ kind: 'superseded', currentRevision: '2' });
  });

  it('needs three questions for it, and few connections for many', async () => {
    await ask(NEW).standing();
    expect(api.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /api/v1/namespaces/shop/pods/web-new2-c',
      'GET /apis/apps/v1/namespaces/shop/replicasets/web-new2',
      'GET /apis/apps/v1/namespaces/shop/deployments/web',
    ]);
    const rollout = ask(NEW);
    const before = api.connections;
    for (let i = 0; i < 5; i++) await rollout.standing();
    expect(api.connections - before).toBeLessThanOrEqual(2);
  });

  it('is asked from within a pod with the files of its service account', async () => {
    const serviceAccount = await api.writeServiceAccount(folder);
    const inside = {
      ...NOWHERE,
      serviceHost: api.host,
      servicePort: String(api.port),
      serviceAccount,
    };
    const pod = {
      name: NEW,
      namespace: undefined,
      uid: `uid-${NEW}`,
      templateHash: 'new2',
      image: undefined,
    };
    expect(await ask(NEW, { environment: inside, pod }).standing()).toMatchObject({
      kind: 'current',
    });
  });

  it('is waited for a moment while the controller has not seen an undo', async () => {
    const undone: Drawing = {
      sets: { old1: { revision: '3', pods: ['a'] }, new2: { revision: '2', pods: ['c'] } },
      current: 'old1',
    };
    putDrawing(api, { ...rolling, generation: 4, observed: 3 });
    const asked = ask(OLD).standing();
    await expect.poll(() => api.requests.length).toBeGreaterThan(3);
    putDrawing(api, undone);
    expect(await asked).toMatchObject({ kind: 'current', revision: '3' });

    putDrawing(api, { ...rolling, generation: 4, observed: 3 });
    expect(await reason(OLD, { limitMs: 600 })).toMatch(/not yet seen/);
  });

  it.each([
    ['get pods', /^no right to get pods in namespace shop/],
    ['get replicasets', /^no right to get replicasets\.apps in namespace shop/],
    ['get deployments', /^no right to get deployments\.apps in namespace shop/],
  ])('says which right is missing: %s', async (right, expected) => {
    api.deny(right);
    expect(await reason(NEW)).toMatch(expected);
  });

  it.each<[string, () => void, string | undefined, RegExp]>([
    ['POD_NAME is not set', () => undefined, undefined, /POD_NAME/],
    ['there is no such pod', () => undefined, 'web-x', /no pod shop\/web-x \(404\)/],
    [
      'the Deployment is gone',
      () => api.remove('deployments', 'web'),
      NEW,
      /no deployment shop\/web/,
    ],
    [
      'the pod is of a Job',
      () => {
        const metadata = {
          name: 'job-x',
          ownerReferences: [
            { apiVersion: 'batch/v1', kind: 'Job', name: 'job', uid: 'u', controller: true },
          ],
        };
        api.put('pods', { metadata });
      },
      'job-x',
      /controlled by Job job, which is no ReplicaSet/,
    ],
    [
      'the pod is bare',
      () => api.put('pods', { metadata: { name: 'bare' } }),
      'bare',
      /bare is controlled by nobody/,
    ],
  ])('answers that it is unknown: %s', async (_, arrange, pod, expected) => {
    arrange();
    expect(await reason(pod)).toMatch(expected);
  });

  it('notices owners that were deleted and created anew', async () => {
    const [set] = api.list('replicasets').filter(({ metadata }) => metadata.name === 'web-new2');
    api.put('replicasets', { ...set, metadata: { ...set?.metadata, uid: 'uid-other' } });
    expect(await reason(NEW)).toMatch(/created anew/);
  });

  it('does not show its token, whatever goes wrong', async () => {
    const secret = 'a-wrong-token';
    const kubeconfig = await api.writeKubeconfig(join(folder, 'wrong'), secret);
    const answer = await reason(NEW, { environment: { ...NOWHERE, kubeconfig } });
    expect(answer).toMatch(/does not accept the token \(401\)/);
    expect(answer).not.toContain(secret);
  });

  it.each<[string, Parameters<KubernetesApi['fault']>[1]]>([
    ['429 with Retry-After', { status: 429, headers: { 'retry-after': '1' } }],
    ['500', { status: 500 }],
    ['503', { status: 503 }],
    ['a cut connection', 'drop'],
    ['an answer of somebody else', { body: '<html>' }],
  ])('is asked again after %s', async (_, fault) => {
    api.fault(/replicasets/, fault);
    const start = performance.now();
    expect(await ask(NEW).standing()).toMatchObject({ kind: 'current' });
    if (typeof fault === 'object' && 'headers' in fault) {
      expect(performance.now() - start).toBeGreaterThan(950);
    }
  });

  it.each<[string, Parameters<KubernetesApi['fault']>[1], RegExp]>([
    ['429 for longer than it has time', { status: 429, headers: { 'retry-after': '60' } }, /429/],
    ['500 all the time', { status: 500 }, /answered 500 to get pods/],
    ['cut connections all the time', 'drop', /cannot be reached/],
    ['silence', 'hang', /did not answer in time/],
    ['slow answers', { delayMs: 3000 }, /did not answer in time/],
    ['409, which makes no sense here', { status: 409 }, /answered 409/],
    ['an empty object', { body: '{}' }, /controlled by nobody/],
    ['null', { body: 'null' }, /something else than JSON/],
  ])('is given up after %s, in time', async (_, fault, expected) => {
    api.fault(/./, fault, 100);
    const start = performance.now();
    expect(await reason(NEW, { limitMs: 1200 })).toMatch(expected);
    expect(performance.now() - start).toBeLessThan(2500);
  });

  it('hangs once, and is asked again', async () => {
    api.fault(/pods/, 'hang');
    expect(await ask(NEW, { limitMs: 3000 }).standing()).toMatchObject({ kind: 'current' });
  });

  it('is not waited for when slipway is told to stop', async () => {
    api.fault(/./, 'hang', 100);
    const controller = new AbortController();
    const asked = reason(NEW, { signal: controller.signal });
    await expect.poll(() => api.arrived).toBeGreaterThan(0);
    controller.abort('SIGTERM');
    expect(await asked).toBe('slipway was told to stop');
  });

  it('is believed only with a certificate of its authority', async () => {
    const other = await startKubernetesApi();
    try {
      const serviceAccount = await other.writeServiceAccount(join(folder, 'other'));
      const inside = {
        ...NOWHERE,
        serviceHost: api.host,
        servicePort: String(api.port),
        serviceAccount,
      };
      expect(await reason(NEW, { environment: inside, limitMs: 1000 })).toMatch(
        /cannot be reached: [A-Z_]*(?:CERT|SIGNATURE)[A-Z_]*$/,
      );
      expect(api.requests).toEqual([]);
    } finally {
      await other.stop();
    }
  });

  describe('about a Deployment', () => {
    const look = (options: Partial<RolloutOptions> = {}, pod?: string) =>
      ask(pod, { deployment: 'web', ...options }).look();

    it('tells how far its rollout is and which older pods are left', async () => {
      expect(await look()).toMatchObject({
        kind: 'seen',
        deployment: 'shop/web',
        mark: { uid: 'uid-web', revision: '2' },
        isObserved: true,
        waitingFor: '1 out of 2 new replicas are there',
        olderPods: [{ name: 'web-old1-a' }, { name: 'web-old1-b' }],
      });
      putDrawing(api, settled);
      expect(await look()).toMatchObject({ waitingFor: undefined, olderPods: [] });
    });

    it('has the same mark at each look while nothing changes', async () => {
      const [first, second] = [await look(), await look()];
      expect(first).toEqual(second);
    });

    it('is found from this pod where it is not named', async () => {
      expect(await ask(NEW).look()).toMatchObject({ deployment: 'shop/web' });
      expect(await ask(undefined).look()).toMatchObject({ trouble: 'outside' });
    });

    it('is looked for in the namespace that was named', async () => {
      expect(await look({ namespace: 'other' })).toEqual({
        kind: 'unknown',
        trouble: 'missing',
        reason: 'there is no deployment other/web (404)',
      });
    });

    it('tells that it runs another release than this one', async () => {
      const pod = { name: NEW, namespace: 'shop', uid: undefined, templateHash: undefined };
      expect(await look({ pod: { ...pod, image: 'registry.test/web:0' } })).toMatchObject({
        otherRelease: 'registry.test/web:1',
      });
      expect(await look({ pod: { ...pod, image: 'registry.test/migrations:0' } })).toMatchObject({
        otherRelease: undefined,
      });
      const containers = [{ name: 'migrate', image: 'registry.test/web:0' }];
      api.put('pods', { metadata: { name: 'job-x' }, spec: { containers } });
      expect(await look({}, 'job-x')).toMatchObject({ otherRelease: 'registry.test/web:1' });
      const sidecar = { name: 'proxy', image: 'registry.test/proxy:1' };
      api.put('pods', {
        metadata: { name: 'job-y' },
        spec: { containers: [...containers, sidecar] },
      });
      expect(await look({}, 'job-y')).toMatchObject({ otherRelease: undefined });
    });

    it.each(['get deployments', 'list replicasets', 'list pods'])(
      'says that a right is missing: %s',
      async (right) => {
        api.deny(right);
        expect(await look()).toMatchObject({
          trouble: 'denied',
          reason: expect.stringContaining(`no right to ${right}`),
        });
      },
    );
  });
});

describe('no cluster', () => {
  const reason = async (environment: Partial<ClusterEnvironment>) => {
    const pod = {
      name: 'a',
      namespace: 'b',
      uid: undefined,
      templateHash: undefined,
      image: undefined,
    };
    const { signal } = new AbortController();
    const rollout = clusterRollout({ environment: { ...NOWHERE, ...environment }, pod, signal });
    const [standing, view] = [await rollout.standing(), await rollout.look()];
    if (standing.kind !== 'unknown') throw new Error(`known as ${standing.kind}`);
    expect(view).toEqual({ ...standing, trouble: 'outside' });
    return standing.reason;
  };

  it('is explained', async () => {
    expect(await reason({})).toMatch(/no pod, and there is no kubeconfig/);
    expect(await reason({ serviceHost: '10.0.0.1', serviceAccount: folder })).toMatch(
      /no service account token is mounted/,
    );
    expect(await reason({ homeDir: folder })).toMatch(/there is no kubeconfig/);
  });

  it.each([
    ['is not there', undefined, /cannot be read: ENOENT$/],
    ['is no YAML', 'token: [secret', /cannot be read$/],
    [
      'has no context',
      'apiVersion: v1\nkind: Config\n',
      /no usable current context|cannot be read/,
    ],
  ])('is explained where the kubeconfig %s', async (name, text, expected) => {
    const kubeconfig = join(folder, `${name}.yaml`);
    if (text !== undefined) await writeFile(kubeconfig, text);
    const said = await reason({ kubeconfig });
    expect(said).toMatch(expected);
    expect(said).not.toContain('secret');
  });

  it('is an address at which nobody listens', async () => {
    const api = await startKubernetesApi();
    const kubeconfig = await api.writeKubeconfig(join(folder, 'gone'));
    await api.stop();
    const pod = {
      name: 'a',
      namespace: 'b',
      uid: undefined,
      templateHash: undefined,
      image: undefined,
    };
    const { signal } = new AbortController();
    const environment = { ...NOWHERE, kubeconfig };
    const answer = await clusterRollout({ environment, pod, signal, limitMs: 500 }).standing();
    expect(answer).toMatchObject({
      reason: expect.stringMatching(/cannot be reached: ECONNREFUSED$/),
    });
  });
});
