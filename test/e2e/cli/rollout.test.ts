/** The built program in a cluster: who takes a database back, and when the contract phase may run. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { failureOf, type Outcome, program, until } from '../../support/cli.ts';
import { type KubernetesApi, startKubernetesApi } from '../../support/kubernetes-api.ts';
import { type Drawing, putDrawing } from '../../support/kubernetes-objects.ts';
import { createPlace, type Place, placeAt, type RevisionSpec } from '../../support/projects.ts';

const base: RevisionSpec = {
  id: 'r1',
  up: 'create table account (id int primary key, note text);\ninsert into account values (1);',
  down: 'drop table account;',
};
const breaking: RevisionSpec = {
  id: 'r2',
  up: 'alter table account rename column note to remark;',
  down: 'alter table account rename column remark to note;',
};
const lossy: RevisionSpec = {
  id: 'r2',
  header: ['compatible no as the test wants it'],
  up: 'alter table account add column phone text;',
  down: 'alter table account drop column phone;',
};

/** Release 2 is being rolled out: its ReplicaSet is `web-new2`. */
const rolling: Drawing = {
  sets: { old1: { revision: '1', pods: ['a', 'b'] }, new2: { revision: '2', pods: ['c'] } },
  current: 'new2',
  progressing: 'ReplicaSetUpdated',
  status: { replicas: 3, updatedReplicas: 1, availableReplicas: 2 },
};
/** `kubectl rollout undo`: back to release 1. */
const undone: Drawing = {
  sets: { old1: { revision: '3', pods: ['a', 'b'] }, new2: { revision: '2', pods: ['c'] } },
  current: 'old1',
  progressing: 'ReplicaSetUpdated',
  status: { replicas: 3, updatedReplicas: 2, availableReplicas: 1 },
};
const rolledOut: Drawing = {
  sets: { old1: { revision: '1' }, new2: { revision: '2', pods: ['c', 'd'] } },
  current: 'new2',
};

let api: KubernetesApi;
beforeEach(async () => {
  api = await startKubernetesApi();
  return () => api.stop();
});

/** What a pod of the Deployment `web` is told. */
async function podOf(place: Place, name: string): Promise<Record<string, string>> {
  return {
    KUBECONFIG: await api.writeKubeconfig(join(place.project.root, 'cluster')),
    POD_NAME: name,
    POD_NAMESPACE: 'shop',
    POD_UID: `uid-${name}`,
    SLIPWAY_TERMINATION_LOG: place.project.path('termination.txt'),
  };
}

async function columns(place: Place): Promise<readonly unknown[]> {
  const rows = await place.query(
    `select attname from pg_attribute
     where attrelid = 'account'::regclass and attnum > 0 and not attisdropped order by attnum`,
  );
  return rows.map((row) => row['attname']);
}

describe('a database that is too new, with on-ahead=downgrade', () => {
  /** Release 1, and a database to which release 2 was applied by one of its pods. */
  async function meet(newer: RevisionSpec = breaking): Promise<Place> {
    const next = await createPlace(base, newer);
    await next.succeed(['upgrade'], { env: await podOf(next, 'web-new2-c') });
    const { project } = await createPlace(base);
    return placeAt(project, next.url);
  }
  async function restart(
    place: Place,
    {
      pod = 'web-old1-a',
      args = ['upgrade'],
      env = {},
    }: {
      pod?: string;
      args?: readonly string[];
      env?: Record<string, string>;
    } = {},
  ): Promise<Outcome> {
    const told = { ...(await podOf(place, pod)), SLIPWAY_ON_AHEAD: 'downgrade', ...env };
    return place.run(args, { env: told });
  }

  it('is taken back by a pod of a rollback, which starts', async () => {
    const place = await meet();
    putDrawing(api, undone);
    const ready = place.project.path('ready');
    const outcome = await restart(place, { env: { SLIPWAY_READY_FILE: ready } });
    expect(outcome.exitCode, outcome.stderr).toBe(0);
    expect(await columns(place)).toEqual(['id', 'note']);
    const events = outcome.log.map(({ event }) => event);
    expect(events).toEqual(
      expect.arrayContaining(['schema.downgrading', 'revision.reverted', 'schema.downgraded']),
    );
    expect(outcome.log.find(({ event }) => event === 'schema.downgraded')).toMatchObject({
      from: ['r2'],
      to: ['r1'],
    });
    expect(outcome.log.at(-1)).toMatchObject({ event: 'run.finished', outcome: 'downgraded' });
    expect(await readFile(ready, 'utf8')).toContain('r1');
    expect(await readFile(place.project.path('termination.txt'), 'utf8')).toMatch(/1 taken back/);
    const log = await place.query('select event, detail from slipway.log order by id desc limit 2');
    expect(log).toMatchObject([
      { event: 'downgrade' },
      { event: 'rollback', detail: { by: 'onAhead=downgrade', deployment: 'shop/web' } },
    ]);
    const again = await restart(place, { pod: 'web-old1-b' });
    expect(again.log.at(-1)).toMatchObject({ outcome: 'nothing-to-do' });
  });

  it('is taken back once, however many pods of the rollback start', async () => {
    const place = await meet({ ...breaking, down: `select pg_sleep(1);\n${breaking.down}` });
    putDrawing(api, undone);
    const outcomes = await Promise.all(
      ['web-old1-a', 'web-old1-b', 'web-old1-a'].map((pod) => restart(place, { pod })),
    );
    expect(outcomes.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0]);
    const reverted = outcomes.filter(({ log }) =>
      log.some(({ event }) => event === 'revision.reverted'),
    );
    expect(reverted).toHaveLength(1);
    expect(await columns(place)).toEqual(['id', 'note']);
  });

  it('is taken back by run, which becomes its command', async () => {
    const place = await meet();
    putDrawing(api, undone);
    const args = ['run', '--', process.execPath, '-e', 'console.log("started")'];
    const outcome = await restart(place, { args });
    expect(outcome.exitCode, outcome.stderr).toBe(0);
    expect(outcome.stdout).toBe('started\n');
  });

  it.each<[string, () => void, string, RegExp]>([
    [
      'an old pod restarts during the rollout',
      () => putDrawing(api, rolling),
      'web-old1-a',
      /web-old1 \(revision 1\) is not the current one/,
    ],
    [
      'rights are missing',
      () => {
        putDrawing(api, undone);
        api.deny('get deployments');
      },
      'web-old1-a',
      /no right to get deployments\.apps in namespace shop/,
    ],
    [
      'the API does not answer',
      () => {
        putDrawing(api, undone);
        api.fault(/./, 'hang', 100);
      },
      'web-old1-a',
      /did not answer in time/,
    ],
    [
      'there is no such pod',
      () => putDrawing(api, undone),
      'web-old1-x',
      /no pod shop\/web-old1-x/,
    ],
  ])('is refused with 14 when %s', async (_, arrange, pod, why) => {
    const place = await meet();
    arrange();
    const outcome = await restart(place, { pod });
    const failure = failureOf(outcome, 14, 'SLIPWAY_SCHEMA_AHEAD');
    expect(failure['notTakenBack']).toMatch(why);
    expect(failure['next']).toMatch(/slipway rollback/);
    expect(outcome.stderr).not.toContain('a-token-that-must-not-be-seen');
    expect(await readFile(place.project.path('termination.txt'), 'utf8')).toMatch(why);
    expect(await columns(place)).toEqual(['id', 'remark']);
    expect(
      await place.query('select event from slipway.log order by id desc limit 1'),
    ).toMatchObject([{ event: 'refusal' }]);
  });

  it('is refused to a finished rollout when a Job applied the revision beforehand', async () => {
    const next = await createPlace(base, breaking);
    await next.succeed(['upgrade'], { env: await podOf(next, 'web-migrate-2-x2x4z') });
    const { project } = await createPlace(base);
    const place = placeAt(project, next.url);
    putDrawing(api, { sets: { old1: { revision: '1', pods: ['a', 'b'] } }, current: 'old1' });
    const failure = failureOf(await restart(place), 14, 'SLIPWAY_SCHEMA_AHEAD');
    expect(failure['notTakenBack']).toMatch(/was not rolled back/);
  });

  it('is refused outside a cluster', async () => {
    const place = await meet();
    const outcome = await restart(place, { env: { KUBECONFIG: '' } });
    const failure = failureOf(outcome, 14, 'SLIPWAY_SCHEMA_AHEAD');
    expect(failure['notTakenBack']).toMatch(/no kubeconfig/);
  });

  it('keeps its data unless that may be lost', async () => {
    const place = await meet(lossy);
    putDrawing(api, undone);
    const failure = failureOf(await restart(place), 14, 'SLIPWAY_SCHEMA_AHEAD');
    expect(failure['notTakenBack']).toMatch(/"r2" would lose column account\.phone/);
    expect(await columns(place)).toContain('phone');
    const outcome = await restart(place, { env: { SLIPWAY_ALLOW_DATA_LOSS: 'yes' } });
    expect(outcome.exitCode, outcome.stderr).toBe(0);
    expect(await columns(place)).toEqual(['id', 'note']);
  });

  it('is never taken back by wait', async () => {
    const place = await meet();
    putDrawing(api, undone);
    failureOf(await restart(place, { args: ['wait'] }), 14, 'SLIPWAY_SCHEMA_AHEAD');
    expect(api.arrived).toBe(0);
  });

  it('is the only one for which the cluster is asked', async () => {
    const place = await createPlace(base);
    expect((await restart(place)).exitCode).toBe(0);
    expect((await restart(place)).exitCode).toBe(0);
    expect(api.arrived).toBe(0);
  });
});

describe('the contract phase with --wait-rollout', () => {
  const expanded: RevisionSpec = {
    id: 'r2',
    header: ['phase expand'],
    up: 'alter table account add column remark text;',
  };
  const contract = (id: string, column: string, pause = 0): RevisionSpec => ({
    id,
    header: ['phase contract', 'approve data-loss nobody reads it any more'],
    up: `alter table account drop column ${column};${pause === 0 ? '' : `\nselect pg_sleep(${pause});`}`,
  });
  const args = ['upgrade', '--phase', 'contract', '--wait-rollout', 'deployment/web'];

  async function expandedPlace(...contracts: readonly RevisionSpec[]): Promise<Place> {
    const place = await createPlace(base, expanded, ...contracts);
    await place.succeed(['upgrade', '--phase', 'expand']);
    expect(await columns(place)).toEqual(['id', 'note', 'remark']);
    return place;
  }
  const job = async (place: Place) => ({ env: await podOf(place, 'contract-job-x') });

  it('waits for older pods and goes on when the last one is gone', async () => {
    const place = await expandedPlace(contract('r3', 'note'));
    const left = { revision: '1', pods: ['a (Terminating)'] };
    putDrawing(api, { ...rolledOut, sets: { ...rolledOut.sets, old1: left } });
    const running = place.start(args, await job(place));
    expect(await running.logged('rollout.waiting')).toMatchObject({
      deployment: 'shop/web',
      olderPods: ['web-old1-a (Terminating)'],
    });
    expect(await columns(place)).toContain('note');
    putDrawing(api, rolledOut);
    const outcome = await running.ended;
    expect(outcome.exitCode, outcome.stderr).toBe(0);
    expect(outcome.log.find(({ event }) => event === 'rollout.complete')).toMatchObject({
      rollout: '2',
    });
    expect(await columns(place)).toEqual(['id', 'remark']);
  });

  it('stops for good when an undo begins while it waits', async () => {
    const place = await expandedPlace(contract('r3', 'note'));
    putDrawing(api, rolling);
    const running = place.start(args, await job(place));
    await running.logged('rollout.waiting');
    putDrawing(api, undone);
    const failure = failureOf(await running.ended, 13, 'SLIPWAY_ROLLOUT_CHANGED');
    expect(failure.msg).toMatch(/revision 2 became 3/);
    expect(await columns(place)).toContain('note');
  });

  it('stops between two contract revisions when an undo begins', async () => {
    const place = await expandedPlace(contract('r3', 'note', 2), contract('r4', 'remark'));
    putDrawing(api, rolledOut);
    const running = place.start(args, await job(place));
    await running.logged('plan.ready');
    await until(async () => {
      const rows = await place.query(
        "select 1 from pg_stat_activity where datname = current_database() and query ilike '%pg_sleep%' and pid <> pg_backend_pid()",
      );
      expect(rows).toHaveLength(1);
    });
    putDrawing(api, undone);
    const failure = failureOf(await running.ended, 13, 'SLIPWAY_ROLLOUT_CHANGED');
    expect(failure.msg).toMatch(/shop\/web/);
    expect(await columns(place)).toEqual(['id', 'remark']);
  });

  it('gives up in time, and may be tried again', async () => {
    const place = await expandedPlace(contract('r3', 'note'));
    putDrawing(api, rolling);
    const outcome = await place.run([...args, '--rollout-timeout', '1s'], await job(place));
    const failure = failureOf(outcome, 22, 'SLIPWAY_ROLLOUT_TIMEOUT');
    expect(failure['olderPods']).toEqual(['web-old1-a', 'web-old1-b']);
    expect(await columns(place)).toContain('note');
  });

  it('names the rule that is missing', async () => {
    const place = await expandedPlace(contract('r3', 'note'));
    putDrawing(api, rolledOut);
    api.deny('list pods');
    const failure = failureOf(
      await place.run(args, await job(place)),
      17,
      'SLIPWAY_CLUSTER_FORBIDDEN',
    );
    expect(failure.msg).toMatch(/no right to list pods in namespace shop/);
    expect(failure['next']).toMatch(/"list" on pods/);
  });

  it('does not find a Deployment that is not there, nor one of a Job', async () => {
    const place = await expandedPlace(contract('r3', 'note'));
    const other = await place.run([...args, '-n', 'other'], await job(place));
    const failure = failureOf(other, 10, 'SLIPWAY_CLUSTER_SETTINGS');
    expect(failure.msg).toMatch(/no deployment other\/web/);
    const unnamed = ['upgrade', '--phase', 'contract', '--wait-rollout'];
    api.put('pods', { metadata: { name: 'contract-job-x' } });
    failureOf(await place.run(unnamed, await job(place)), 10, 'SLIPWAY_CLUSTER_SETTINGS');
  });

  it('finds the Deployment of its own pod', async () => {
    const place = await expandedPlace(contract('r3', 'note'));
    putDrawing(api, rolledOut);
    const unnamed = ['upgrade', '--phase', 'contract', '--wait-rollout'];
    const outcome = await place.run(unnamed, { env: await podOf(place, 'web-new2-c') });
    expect(outcome.exitCode, outcome.stderr).toBe(0);
    expect(await columns(place)).toEqual(['id', 'remark']);
  });

  it('asks nobody where nothing is left to do', async () => {
    const place = await expandedPlace();
    const outcome = await place.run(args, await job(place));
    expect(outcome.log.at(-1)).toMatchObject({ outcome: 'nothing-to-do' });
    expect(api.arrived).toBe(0);
  });

  it('ends at SIGTERM', async () => {
    const place = await expandedPlace(contract('r3', 'note'));
    putDrawing(api, rolling);
    const running = place.start(args, await job(place));
    await running.logged('rollout.waiting');
    running.kill('SIGTERM');
    const outcome = await running.ended;
    failureOf(outcome, 24, 'SLIPWAY_INTERRUPTED');
    expect(outcome.stoppedInMs).toBeLessThan(2000);
  });

  it.each([
    [['upgrade', '--phase', 'contract'], /needs --wait-rollout or --now/],
    [['upgrade', '--wait-rollout', 'web'], /needs --phase contract/],
    [[...args, '--now'], /exclude each other/],
    [
      ['upgrade', '--phase', 'contract', '--wait-rollout', 'statefulset/web'],
      /names no Deployment/,
    ],
  ])('is refused as %j', async (line, expected) => {
    const place = await createPlace(base);
    const failure = failureOf(await place.run(line), 10, 'SLIPWAY_USAGE');
    expect(failure.msg).toMatch(expected);
  });
});

describe('the client of the cluster', () => {
  it('is in a file of its own, which nothing loads before it is needed', async () => {
    interface Output {
      readonly inputs: Readonly<Record<string, unknown>>;
      readonly imports: readonly { readonly path: string; readonly kind: string }[];
    }
    const text = await readFile(join(program, '../meta.json'), 'utf8');
    const { outputs } = JSON.parse(text) as { outputs: Record<string, Output> }; // esbuild's own
    const withClient = Object.entries(outputs).flatMap(([path, { inputs }]) =>
      Object.keys(inputs).some((input) => input.includes('@kubernetes/client-node')) ? [path] : [],
    );
    expect(withClient).toHaveLength(1);
    const [client = ''] = withClient;
    const kinds = Object.values(outputs).flatMap(({ imports }) =>
      imports.flatMap(({ path, kind }) => (path === client ? [kind] : [])),
    );
    expect(new Set(kinds)).toEqual(new Set(['dynamic-import']));
  });
});
