/** The stand-in for the Kubernetes API, asked by the official client: it refuses what the API refuses. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ApiException,
  AuthorizationV1Api,
  CoreV1Api,
  EventsV1Api,
  type EventsV1Event,
  KubeConfig,
  PatchStrategy,
  setHeaderOptions,
} from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type KubernetesApi, startKubernetesApi } from '../support/kubernetes-api.ts';
import { putDrawing } from '../support/kubernetes-objects.ts';

describe('the stand-in for the API', () => {
  let api: KubernetesApi;
  let config: KubeConfig;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'slipway-api-'));
    api = await startKubernetesApi();
    config = new KubeConfig();
    config.loadFromFile(await api.writeKubeconfig(folder));
    putDrawing(api, { sets: { a: { revision: '1', pods: ['x', 'y'] } }, current: 'a' });
  });
  afterAll(async () => {
    await api.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const statusOf = async (work: Promise<unknown>): Promise<number | undefined> => {
    const error = await work.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    return error instanceof ApiException ? error.code : undefined;
  };
  const event = (change: Partial<EventsV1Event> = {}): EventsV1Event => ({
    metadata: { name: 'web-1.a', namespace: 'shop' },
    eventTime: new Date() as NonNullable<EventsV1Event['eventTime']>,
    reportingController: 'slipway.dev/slipway',
    reportingInstance: 'web-a-x',
    action: 'Upgrade',
    reason: 'RevisionApplied',
    type: 'Normal',
    note: 'applied r1',
    regarding: { apiVersion: 'v1', kind: 'Pod', name: 'web-a-x', namespace: 'shop' },
    ...change,
  });
  const send = (body: EventsV1Event) =>
    config.makeApiClient(EventsV1Api).createNamespacedEvent({ namespace: 'shop', body });

  it('lists what a selector finds', async () => {
    const core = config.makeApiClient(CoreV1Api);
    const names = async (labelSelector: string) =>
      (await core.listNamespacedPod({ namespace: 'shop', labelSelector })).items.map(
        ({ metadata }) => metadata?.name,
      );
    expect(await names('app=web,pod-template-hash in (a,b)')).toEqual(['web-a-x', 'web-a-y']);
    expect(await names('app,!canary,app notin (db)')).toHaveLength(2);
    expect(await names('app=other')).toEqual([]);
  });

  it('takes an event once, and only a valid one', async () => {
    expect(await send(event())).toMatchObject({ reason: 'RevisionApplied' });
    expect(await statusOf(send(event()))).toBe(409);
    const metadata = { generateName: 'web-1.', namespace: 'shop' };
    for (const change of [
      { action: '' },
      { reason: 'x'.repeat(129) },
      { note: 'x'.repeat(1025) },
      { type: 'Error' },
      { reportingController: '' },
    ]) {
      expect(await statusOf(send(event({ metadata, ...change }))), JSON.stringify(change)).toBe(
        422,
      );
    }
    expect(api.list('events')).toHaveLength(1);
  });

  it('patches a condition of a pod through its status, and nothing else', async () => {
    const core = config.makeApiClient(CoreV1Api);
    const patch = (body: unknown, strategy: string = PatchStrategy.StrategicMergePatch) =>
      core.patchNamespacedPodStatus(
        { name: 'web-a-x', namespace: 'shop', body },
        setHeaderOptions('Content-Type', strategy),
      );
    const condition = (status: string) => ({ type: 'slipway.dev/SchemaReady', status });
    await patch({ status: { conditions: [condition('False')] }, metadata: { labels: { x: 'y' } } });
    const pod = await patch({ status: { conditions: [condition('True')] } });
    expect(pod.status?.conditions).toMatchObject([condition('True')]);
    expect(pod.metadata?.labels).not.toHaveProperty('x');
    expect(await statusOf(patch({ status: { condition: [] } }))).toBe(400);
    expect(await statusOf(patch({}, 'application/json'))).toBe(415);
    expect(await statusOf(patch({ metadata: { resourceVersion: '999' } }))).toBe(409);
    api.deny('patch pods/status');
    expect(await statusOf(patch({ status: {} }))).toBe(403);
  });

  it('tells whether a right is there', async () => {
    const review = async (verb: string, resource: string, subresource?: string) => {
      const resourceAttributes = {
        namespace: 'shop',
        verb,
        resource,
        ...(subresource && { subresource }),
      };
      const { status } = await config
        .makeApiClient(AuthorizationV1Api)
        .createSelfSubjectAccessReview({ body: { spec: { resourceAttributes } } });
      return status?.allowed;
    };
    expect(await review('get', 'pods')).toBe(true);
    api.deny('get pods');
    expect(await review('get', 'pods')).toBe(false);
    expect(await review('patch', 'pods', 'status')).toBe(false);
  });

  it('knows nobody without the token', async () => {
    const stranger = new KubeConfig();
    stranger.loadFromFile(await api.writeKubeconfig(join(folder, 'stranger'), 'wrong'));
    const core = stranger.makeApiClient(CoreV1Api);
    expect(await statusOf(core.listNamespacedPod({ namespace: 'shop' }))).toBe(401);
  });
});
