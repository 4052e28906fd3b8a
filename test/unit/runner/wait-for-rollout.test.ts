/** Waiting for older pods to go, and watching that they stay away. */

import { describe, expect, it } from 'vitest';
import type { ClusterTrouble, RolloutView } from '../../../src/core/rollout.ts';
import type { Rollout } from '../../../src/runner/ports.ts';
import type { Step } from '../../../src/runner/step.ts';
import { contractGuard, waitForRollout } from '../../../src/runner/wait-for-rollout.ts';
import { revision } from '../../support/graph.ts';
import { type TestSurroundings, testSurroundings } from '../../support/surroundings.ts';
import { errorOf } from './support.ts';

type Seen = Extract<RolloutView, { kind: 'seen' }>;

const MARK = { uid: 'u', revision: '2', template: 't' };
const over: Seen = {
  kind: 'seen',
  deployment: 'shop/web',
  mark: MARK,
  isObserved: true,
  waitingFor: undefined,
  olderPods: [],
  otherRelease: undefined,
};
const withOld: Seen = { ...over, olderPods: [{ name: 'web-1', state: 'Terminating' }] };

function unknown(trouble: ClusterTrouble): RolloutView {
  return { kind: 'unknown', trouble, reason: 'as it is' };
}

/** A cluster that shows these views one after the other, and the last one for ever. */
function showing(...views: readonly RolloutView[]): Rollout & { readonly looks: number } {
  let looks = 0;
  return {
    get looks() {
      return looks;
    },
    look: async () => views[Math.min(looks++, views.length - 1)] ?? over,
    standing: async () => {
      throw new Error('nobody asks for this');
    },
  };
}

const wait = (rollout: Rollout, surroundings: TestSurroundings = testSurroundings()) =>
  waitForRollout(rollout, 600_000, surroundings);

describe('waiting for a rollout', () => {
  it('ends at once where it is over', async () => {
    const surroundings = testSurroundings();
    expect(await wait(showing(over), surroundings)).toEqual(MARK);
    expect(surroundings.sleeps).toEqual([]);
    expect(surroundings.reporter.of('rollout.complete')).toMatchObject([
      { deployment: 'shop/web', rollout: '2', waitedMs: 0 },
    ]);
  });

  it('goes on until it is complete and the last older pod is gone', async () => {
    const surroundings = testSurroundings();
    const late = { ...over, waitingFor: '1 of 2 new replicas are available' };
    const rollout = showing(late, withOld, withOld, over);
    await wait(rollout, surroundings);
    expect(rollout.looks).toBe(4);
    expect(surroundings.sleeps).toEqual([2000, 2000, 2000]);
    expect(surroundings.reporter.of('rollout.waiting')[0]).toMatchObject({
      deployment: 'shop/web',
      reason: late.waitingFor,
      olderPods: [],
    });
  });

  it('reports at growing intervals', async () => {
    const surroundings = testSurroundings();
    await errorOf(wait(showing(withOld), surroundings));
    const times = surroundings.reporter.of('rollout.waiting').map(({ waitedMs }) => waitedMs);
    expect(times).toEqual([0, 6000, 10_000, 20_000, 40_000, 80_000, 160_000, 320_000]);
  });

  it('passes over an API that does not answer for a while', async () => {
    expect(await wait(showing(unknown('unreachable'), over))).toEqual(MARK);
  });

  it('is not misled by a change that the controller has not seen', async () => {
    const early = {
      ...over,
      isObserved: false,
      mark: { ...MARK, revision: '1' },
      waitingFor: 'its newest change is not yet seen by the controller',
    };
    expect(await wait(showing(early, over))).toEqual(MARK);
  });

  it.each([
    ['another revision', { ...over, mark: { ...MARK, revision: '3' } }],
    ['another template', { ...over, isObserved: false, mark: { ...MARK, template: 'x' } }],
    ['another Deployment of that name', { ...over, mark: { ...MARK, uid: 'x' } }],
    ['another release', { ...over, otherRelease: 'web:1' }],
  ])('stops for good at %s', async (_, changed) => {
    const error = await errorOf(wait(showing(withOld, changed)));
    expect(error).toMatchObject({
      code: 'SLIPWAY_ROLLOUT_CHANGED',
      exitCode: 13,
      transient: false,
    });
  });

  it.each<[ClusterTrouble, string, number]>([
    ['denied', 'SLIPWAY_CLUSTER_FORBIDDEN', 17],
    ['missing', 'SLIPWAY_CLUSTER_SETTINGS', 10],
    ['outside', 'SLIPWAY_CLUSTER_SETTINGS', 10],
  ])('stops at once when the answer is %s', async (trouble, code, exitCode) => {
    expect(await errorOf(wait(showing(unknown(trouble))))).toMatchObject({ code, exitCode });
  });

  it('gives up in the end, with the pods that are left', async () => {
    const error = await errorOf(wait(showing(withOld)));
    expect(error).toMatchObject({
      code: 'SLIPWAY_ROLLOUT_TIMEOUT',
      transient: true,
      details: { olderPods: ['web-1 (Terminating)'], waitedMs: 600_000 },
    });
    const silent = await errorOf(wait(showing(unknown('unreachable'))));
    expect(silent).toMatchObject({
      code: 'SLIPWAY_ROLLOUT_TIMEOUT',
      details: { reason: 'as it is' },
    });
  });

  it('ends when it is told to stop', async () => {
    const surroundings = testSurroundings();
    surroundings.at(3000, () => surroundings.interrupt());
    expect((await errorOf(wait(showing(withOld), surroundings))).code).toBe('SLIPWAY_INTERRUPTED');
  });
});

describe('the guard before a contract revision', () => {
  // What it looks at of a step is the revision alone.
  const step = (drawing: string) => ({ revision: revision(drawing) }) as Step;
  const ask = (view: RolloutView, drawing = 'c phase:contract') =>
    contractGuard(showing(view), MARK, testSurroundings())(step(drawing));

  it('lets it run while nothing has changed, whatever new pods do', async () => {
    await ask({ ...over, waitingFor: '1 of 2 new replicas are available' });
  });

  it('asks nothing for other revisions', async () => {
    await ask(unknown('denied'), 'e');
  });

  it.each<[string, RolloutView, string]>([
    ['an undo began', { ...over, mark: { ...MARK, revision: '3' } }, 'SLIPWAY_ROLLOUT_CHANGED'],
    ['an older pod is there', withOld, 'SLIPWAY_ROLLOUT_CHANGED'],
    ['the API does not answer', unknown('unreachable'), 'SLIPWAY_ROLLOUT_TIMEOUT'],
    ['rights were taken away', unknown('denied'), 'SLIPWAY_CLUSTER_FORBIDDEN'],
  ])('stops it when %s', async (_, view, code) => {
    expect((await errorOf(ask(view))).code).toBe(code);
  });
});
