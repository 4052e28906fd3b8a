/** Sidecars of one Deployment: contract revisions once no older pod is left, by one of them. */

import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { failureOf, serverRuns } from '../../support/cli.ts';
import { type KubernetesApi, startKubernetesApi } from '../../support/kubernetes-api.ts';
import { type Drawing, putDrawing } from '../../support/kubernetes-objects.ts';
import { createPlace, type Place, type RevisionSpec } from '../../support/projects.ts';
import { metricValue } from '../../support/prometheus.ts';
import { type Sidecar, startSidecar } from '../../support/sidecar.ts';

const EVENTUALLY = { timeout: 40_000 };
const EXPAND: RevisionSpec = {
  id: 'r1',
  up: 'create table account (id int primary key, note text);\ncreate table gate (open boolean);',
};
const CONTRACT: RevisionSpec = {
  id: 'r2',
  header: ['phase contract', 'approve data-loss nobody reads it'],
  up: 'alter table account drop column note;',
  down: 'alter table account add column note text;',
};
const GATED: RevisionSpec = {
  ...CONTRACT,
  up: `do $$ begin
  while not exists (select from gate where open) loop perform pg_sleep(0.02); end loop;
end $$;
alter table account drop column note;`,
};

const rolling: Drawing = {
  sets: { old1: { revision: '1', pods: ['a'] }, new2: { revision: '2', pods: ['c', 'd'] } },
  current: 'new2',
  progressing: 'ReplicaSetUpdated',
  status: { replicas: 3, updatedReplicas: 2, availableReplicas: 2 },
};
const rolledOut: Drawing = {
  sets: { old1: { revision: '1' }, new2: { revision: '2', pods: ['c', 'd'] } },
  current: 'new2',
};
/** `kubectl rollout undo`. */
const undone: Drawing = {
  sets: { old1: { revision: '3', pods: ['e'] }, new2: { revision: '2', pods: ['c', 'd'] } },
  current: 'old1',
  progressing: 'ReplicaSetUpdated',
  status: { replicas: 3, updatedReplicas: 1, availableReplicas: 2 },
};

let api: KubernetesApi;
beforeEach(async () => {
  api = await startKubernetesApi();
  return () => api.stop();
});

const startPod = async (place: Place, pod: string): Promise<Sidecar> =>
  startSidecar(place, ['--contract', 'after-rollout', '--check-interval', '300ms'], {
    env: {
      KUBECONFIG: await api.writeKubeconfig(join(place.project.root, 'cluster')),
      POD_NAME: `web-new2-${pod}`,
      POD_NAMESPACE: 'shop',
      POD_UID: `uid-web-new2-${pod}`,
    },
  });

const pendingOf = async (sidecar: Sidecar) =>
  metricValue(await sidecar.metrics(), 'slipway_contract_revisions_pending');

describe('slipway serve --contract after-rollout', { timeout: 120_000 }, () => {
  it('serves at once, and contracts once, in one pod, when no older pod is left', async () => {
    const place = await createPlace(EXPAND, CONTRACT);
    putDrawing(api, rolling);
    const pods = await Promise.all([startPod(place, 'c'), startPod(place, 'd')]);
    for (const pod of pods) await pod.answers('readyz', 200);
    const [first] = pods;
    await first?.process.logged('rollout.waiting');
    expect(await place.query('select id from slipway.revision')).toEqual([{ id: 'r1' }]);
    for (const pod of pods) expect(await pendingOf(pod)).toBe(1);
    putDrawing(api, rolledOut);
    for (const pod of pods) await expect.poll(() => pendingOf(pod), EVENTUALLY).toBe(0);
    expect(await place.query('select id from slipway.revision order by id')).toEqual([
      { id: 'r1' },
      { id: 'r2' },
    ]);
    const asked = api.requests.length;
    const outcomes = await Promise.all(pods.map((pod) => pod.stop()));
    expect(outcomes.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
    const ran = outcomes.filter(({ log }) =>
      log.some(({ event, revision }) => event === 'revision.applied' && revision === 'r2'),
    );
    expect(ran).toHaveLength(1);
    // Nobody asks the cluster where nothing is left to do.
    expect(api.requests.length).toBe(asked);
  });

  it('never asks the cluster where nothing is left to contract', async () => {
    const place = await createPlace(EXPAND);
    putDrawing(api, rolling);
    const sidecar = await startPod(place, 'c');
    await sidecar.process.logged('schema.checked');
    await expect
      .poll(
        async () =>
          metricValue(await sidecar.metrics(), 'slipway_checks_total', { state: 'ready' }),
        EVENTUALLY,
      )
      .toBeGreaterThan(3);
    expect((await sidecar.stop()).exitCode).toBe(0);
    expect(api.requests).toEqual([]);
  });

  it('is cancelled when an undo begins, and leaves the revision pending', async () => {
    const place = await createPlace(EXPAND, GATED);
    putDrawing(api, rolledOut);
    const sidecar = await startPod(place, 'c');
    await serverRuns(place.url, '%from gate%');
    expect(await sidecar.probe('readyz')).toMatchObject({ status: 200 });
    putDrawing(api, undone);
    const postponed = await sidecar.process.logged('contract.postponed');
    expect(postponed).toMatchObject({ code: 'SLIPWAY_ROLLOUT_CHANGED', level: 'warn' });
    expect(await place.query('select note from account')).toEqual([]);
    expect(await place.query('select id from slipway.revision')).toEqual([{ id: 'r1' }]);
    await sidecar.answers('readyz', 200);
    const outcome = await sidecar.stop();
    expect(outcome.exitCode, outcome.stderr).toBe(0);
    expect(outcome.log.map(({ event }) => event)).not.toContain('run.failed');
  });

  it('ends with 24 when it is told to stop while it contracts', async () => {
    const place = await createPlace(EXPAND, GATED);
    putDrawing(api, rolledOut);
    const sidecar = await startPod(place, 'c');
    await serverRuns(place.url, '%from gate%');
    const outcome = await sidecar.stop();
    failureOf(outcome, 24, 'SLIPWAY_INTERRUPTED');
    expect(outcome.stoppedInMs).toBeLessThan(2000);
    expect(await place.query('select note from account')).toEqual([]);
  });

  it('goes on serving without the rights to watch, and says which are missing', async () => {
    const place = await createPlace(EXPAND, CONTRACT);
    putDrawing(api, rolledOut);
    api.deny('get deployments');
    const sidecar = await startPod(place, 'c');
    const postponed = await sidecar.process.logged('contract.postponed');
    expect(postponed).toMatchObject({
      code: 'SLIPWAY_CLUSTER_FORBIDDEN',
      msg: expect.stringContaining('deployments'),
    });
    await sidecar.answers('readyz', 200);
    expect(await pendingOf(sidecar)).toBe(1);
    expect((await sidecar.stop()).exitCode).toBe(0);
  });

  it('goes on serving when a contract revision fails, which no other pod repeats', async () => {
    const place = await createPlace(EXPAND, { ...CONTRACT, up: 'select nothing from nowhere;' });
    putDrawing(api, rolledOut);
    const first = await startPod(place, 'c');
    const failure = await first.process.logged('run.failed');
    expect(failure).toMatchObject({ exitCode: 12, revision: 'r2' });
    await first.answers('readyz', 200);
    expect(metricValue(await first.metrics(), 'slipway_run_result', { outcome: 'failed' })).toBe(1);
    const second = await startPod(place, 'd');
    const postponed = await second.process.logged('contract.postponed');
    expect(postponed.msg).toContain('revision "r2" failed');
    expect(second.process.log().map(({ event }) => event)).not.toContain('run.failed');
    for (const pod of [first, second]) expect((await pod.stop()).exitCode).toBe(0);
  });
});
