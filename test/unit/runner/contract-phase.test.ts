/** Contract revisions of pods that go on living: when they run, who runs them, what stops them. */

import { describe, expect, it } from 'vitest';
import { Interrupted, LockError, RunError, type SlipwayError } from '../../../src/core/errors.ts';
import type { ClusterTrouble, RolloutView } from '../../../src/core/rollout.ts';
import type { SchemaCheck } from '../../../src/core/schema-check.ts';
import type { ContractRuns } from '../../../src/runner/contract-phase.ts';
import type { LoggedEntry, Rollout } from '../../../src/runner/ports.ts';
import type { SchemaWatch } from '../../../src/runner/schema-watch.ts';
import { serveUntilStopped } from '../../../src/runner/serve.ts';
import type { Step } from '../../../src/runner/step.ts';
import { revision } from '../../support/graph.ts';
import { testSurroundings } from '../../support/surroundings.ts';
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
const rolling: Seen = { ...over, olderPods: [{ name: 'web-1', state: 'Running' }] };
/** This pod is one of the older ones now. */
const undone: Seen = { ...rolling, mark: { ...MARK, revision: '3' } };
const unknown = (trouble: ClusterTrouble): RolloutView => ({
  kind: 'unknown',
  trouble,
  reason: 'as it is',
});
const READY: SchemaCheck = {
  state: 'ready',
  reason: 'it serves',
  code: undefined,
  heads: ['b'],
  pending: 1,
  contracts: 1,
  unknown: 0,
};

const step = (drawing: string) => ({ revision: revision(drawing) }) as Step; // the guard looks at that alone
const contract = step('c phase:contract');

/** A sidecar in a cluster, stopped after an hour of its own time. */
function serving(world: {
  view: RolloutView;
  check?: SchemaCheck;
  run?: ContractRuns['run'];
  log?: () => Promise<readonly LoggedEntry[]>;
}) {
  const surroundings = testSurroundings();
  const seen = { looks: 0, runs: 0, failures: [] as SlipwayError[] };
  const now = { view: world.view, check: world.check ?? READY };
  const watch: SchemaWatch = {
    get latest() {
      return now.check;
    },
    check: async () => now.check,
    keepLooking: async () => {
      for (;;) await surroundings.sleep(30_000);
    },
  };
  const rollout: Rollout = {
    look: async () => {
      seen.looks++;
      return now.view;
    },
    standing: async () => {
      throw new Error('nobody asks for this');
    },
  };
  const done = (): void => {
    now.check = { ...READY, pending: 0, contracts: 0 };
  };
  const runs: ContractRuns = {
    run: async (guard, signal) => {
      seen.runs++;
      if (world.run !== undefined) return world.run(guard, signal);
      await guard(contract);
      done();
    },
    recentLog: world.log ?? (async () => []),
    failed: (error) => {
      seen.failures.push(error);
    },
  };
  surroundings.at(3_600_000, () => surroundings.interrupt());
  const end = serveUntilStopped(
    { watch, contract: { rollout, runs }, idleMs: 30_000 },
    surroundings,
  );
  return { surroundings, seen, now, end };
}

const postponed = ({ surroundings }: ReturnType<typeof serving>) =>
  surroundings.reporter.of('contract.postponed').map(({ code }) => code);

describe('the contract phase of a sidecar', () => {
  it('runs once the rollout is over, and then asks the cluster nothing more', async () => {
    const pod = serving({ view: rolling });
    pod.surroundings.at(300_000, () => {
      pod.now.view = over;
    });
    await pod.end;
    expect(pod.seen.runs).toBe(1);
    const looks = pod.surroundings.reporter.of('rollout.waiting').length;
    expect(looks).toBeGreaterThan(0);
    expect(looks).toBeLessThan(6);
    // Five minutes at up to a minute each, and twice for the run itself.
    expect(pod.seen.looks).toBeLessThan(20);
    expect(pod.surroundings.reporter.of('rollout.complete')).toHaveLength(1);
  });

  it.each<[string, Partial<SchemaCheck>]>([
    ['nothing is left', { contracts: 0, pending: 0 }],
    ['the database is behind: an operator took something back', { state: 'behind', pending: 2 }],
    ['the database does not answer', { state: 'unreachable', contracts: undefined }],
  ])('does not even look at the cluster while %s', async (_, check) => {
    const pod = serving({ view: over, check: { ...READY, ...check } });
    await pod.end;
    expect(pod.seen).toMatchObject({ looks: 0, runs: 0 });
  });

  it('tries again a little later where another pod leads', async () => {
    let tries = 0;
    const pod = serving({
      view: over,
      run: async () => {
        if (++tries < 3) throw new LockError('SLIPWAY_LOCK_TIMEOUT', 'held');
        pod.now.check = { ...READY, contracts: 0 };
      },
    });
    await pod.end;
    expect(tries).toBe(3);
    expect(pod.seen.failures).toEqual([]);
    expect(postponed(pod)).toEqual([]);
  });

  it('never applies again what was taken back between the look and the lock', async () => {
    const pod = serving({ view: over, run: (guard) => guard(step('e')) });
    await pod.end;
    expect(postponed(pod)[0]).toBe('SLIPWAY_ROLLOUT_CHANGED');
    expect(pod.seen.failures).toEqual([]);
  });

  it('is cancelled within a revision when an undo begins', async () => {
    let reason: unknown;
    const pod = serving({
      view: over,
      run: async (_guard, signal) => {
        pod.now.view = undone;
        await new Promise<void>((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            reason = signal.reason;
            reject(new Error('cancelled by the server'));
          });
        });
      },
    });
    await pod.end;
    expect(reason).toMatchObject({ code: 'SLIPWAY_ROLLOUT_CHANGED' });
    expect(pod.seen.runs).toBe(1);
    expect(postponed(pod)[0]).toBe('SLIPWAY_ROLLOUT_CHANGED');
    expect(pod.seen.failures).toEqual([]);
  });

  it('goes on over a cluster that does not answer within a revision', async () => {
    const pod = serving({
      view: over,
      run: async () => {
        pod.now.view = unknown('unreachable');
        for (let turn = 0; turn < 20; turn++) await pod.surroundings.sleep(5000);
        pod.now.check = { ...READY, contracts: 0 };
      },
    });
    await pod.end;
    expect(pod.seen).toMatchObject({ runs: 1, failures: [] });
  });

  it.each<[ClusterTrouble, string]>([
    ['denied', 'SLIPWAY_CLUSTER_FORBIDDEN'],
    ['outside', 'SLIPWAY_CLUSTER_SETTINGS'],
    ['missing', 'SLIPWAY_CLUSTER_SETTINGS'],
  ])('says once that the cluster is %s, and asks it seldom', async (trouble, code) => {
    const pod = serving({ view: unknown(trouble) });
    await pod.end;
    expect(postponed(pod)).toEqual([code]);
    expect(pod.seen.looks).toBeLessThanOrEqual(8);
    expect(pod.seen.runs).toBe(0);
  });

  it('does not run for a Deployment that is at another release', async () => {
    const pod = serving({ view: { ...over, otherRelease: 'web:1' } });
    await pod.end;
    expect(pod.seen.runs).toBe(0);
  });

  it('reports a failure, and tries again only after ten minutes', async () => {
    const failure = new RunError('SLIPWAY_REVISION_FAILED', 'no such table');
    const pod = serving({
      view: over,
      run: async () => {
        throw failure;
      },
    });
    await pod.end;
    expect(pod.seen.failures.length).toBeGreaterThan(1);
    expect(pod.seen.failures.length).toBeLessThan(7);
    expect(pod.seen.failures[0]).toBe(failure);
  });

  it('does not repeat what another pod has just failed at', async () => {
    const pod = serving({
      view: over,
      log: async () => [entry(pod.surroundings.now() - 60_000)],
    });
    await pod.end;
    expect(pod.seen.runs).toBe(0);
    const [told] = pod.surroundings.reporter.of('contract.postponed');
    expect(told?.reason).toContain('revision "c" failed');
    expect(told?.reason).toContain('in pod web-2');
  });

  it('tries what failed long ago', async () => {
    const pod = serving({ view: over, log: async () => [entry(0)] });
    await pod.end;
    expect(pod.seen.runs).toBe(1);
  });

  it('is interrupted with an error where it was at work, and without one where it was not', async () => {
    const busy = serving({
      view: over,
      run: (_guard, signal) =>
        new Promise<void>((_resolve, reject) => {
          signal.addEventListener('abort', () =>
            reject(new Interrupted('SLIPWAY_INTERRUPTED', 'stopped in revision "c"')),
          );
        }),
    });
    expect(await errorOf(busy.end)).toMatchObject({ message: 'stopped in revision "c"' });
    await expect(serving({ view: rolling }).end).resolves.toBeUndefined();
  });

  it('does not hide a bug', async () => {
    const pod = serving({
      view: over,
      run: async () => {
        throw new TypeError('a bug');
      },
    });
    await expect(pod.end).rejects.toThrow('a bug');
  });
});

function entry(at: number): LoggedEntry {
  return {
    at: new Date(at).toISOString(),
    event: 'failure',
    revision: 'c',
    role: 'owner',
    provenance: {
      pod: 'web-2',
      namespace: 'shop',
      node: undefined,
      image: undefined,
      release: undefined,
      version: '1',
    },
    detail: {},
  };
}
