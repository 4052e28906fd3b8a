/** `onAhead=downgrade`: who takes a database back, and what is said where nobody does. */

import { describe, expect, it } from 'vitest';
import { DEFAULT_HAZARD_POLICIES } from '../../../src/core/hazards.ts';
import type { Revision } from '../../../src/core/revision.ts';
import type { Standing } from '../../../src/core/rollout.ts';
import { HEADS } from '../../../src/core/target.ts';
import { upgradeOrTakeBack } from '../../../src/runner/ahead-downgrade.ts';
import type { Rollout } from '../../../src/runner/ports.ts';
import { parseRevisionFile } from '../../../src/sql/revision-file.ts';
import { failure } from '../../support/fake-catalog.ts';
import { revision } from '../../support/graph.ts';
import { errorOf, OTHER_POD, raise, type World, world } from './support.ts';

const rollback: Standing = {
  kind: 'current',
  deployment: 'shop/web',
  replicaSet: 'web-old1',
  revision: '3',
  createdAt: undefined,
  isRollingOut: true,
};
const oldPod: Standing = {
  kind: 'superseded',
  deployment: 'shop/web',
  replicaSet: 'web-old1',
  revision: '1',
  currentRevision: '2',
};

/** A cluster that answers this, one after the other. */
function cluster(...standings: readonly Standing[]): Rollout & { readonly asked: number } {
  let asked = 0;
  return {
    get asked() {
      return asked;
    },
    standing: async () => standings[Math.min(asked++, standings.length - 1)] ?? rollback,
    look: async () => {
      throw new Error('nobody asks for this');
    },
  };
}

/** An old release that meets a database to which a newer one was applied. */
async function old(...newer: readonly (string | Revision)[]): Promise<World> {
  const { server, upgrade } = world(['a', ...newer]);
  await upgrade();
  return world(['a'], { server });
}

function start(
  run: World,
  rollout: Rollout,
  choice: { onAhead?: 'refuse' | 'downgrade'; allowDataLoss?: boolean; hazards?: 'warn' } = {},
) {
  const { onAhead = 'downgrade', allowDataLoss = false, hazards } = choice;
  return upgradeOrTakeBack(
    run.db,
    run.release,
    {
      target: HEADS,
      phase: 'all',
      onAhead,
      lockWaitMs: 300_000,
      limits: { lockTimeoutMs: 3000, lockRetries: 3, statementTimeoutMs: 0, single: false },
      gate: {
        hazards: { ...DEFAULT_HAZARD_POLICIES, ...(hazards && { 'data-loss': hazards }) },
        hazardBytes: 0,
        approvals: new Set(),
        approvedBy: 'environment',
        allowDataLoss: false,
      },
      ahead: { rollout, allowDataLoss },
    },
    run.surroundings,
  );
}

/** The error of a refusal, and that nothing was done. */
async function refusal(run: World, work: Promise<unknown>) {
  const before = run.applied;
  const error = await errorOf(work);
  expect(error).toMatchObject({ code: 'SLIPWAY_SCHEMA_AHEAD', exitCode: 14 });
  expect(run.applied).toEqual(before);
  expect(run.server.state.log.filter(({ event }) => event === 'refusal')).toHaveLength(1);
  expect(run.server.state.log.filter(({ event }) => event === 'rollback')).toEqual([]);
  return error;
}

const lossy = revision('b<-a compatible:no', {
  up: 'create table b (id int);',
  down: 'drop table b;\nalter table a drop column id;',
});
const lossless = revision('b<-a compatible:no', {
  up: 'alter table a rename column id to ident;',
  down: 'alter table a rename column ident to id;',
});

describe('a pod of a rollback', () => {
  it('takes back what its release does not know, the newest first', async () => {
    const run = await old(lossless, revision('c<-b', { up: 'select 1;', down: 'select 1;' }));
    expect(await start(run, cluster(rollback))).toEqual({
      outcome: 'downgraded',
      heads: ['a'],
      revisions: ['c', 'b'],
    });
    expect(run.applied).toEqual(['a']);
    const { reporter } = run.surroundings;
    expect(reporter.of('schema.downgrading')).toMatchObject([
      { unknown: ['c', 'b'], heads: ['c'], deployment: 'shop/web', rollout: '3' },
    ]);
    expect(reporter.of('schema.downgraded')).toMatchObject([
      { from: ['c'], to: ['a'], revisions: ['c', 'b'] },
    ]);
  });

  it('leaves in the audit log that the setting did it, and no refusal', async () => {
    const run = await old(lossless);
    await start(run, cluster(rollback));
    const log = run.server.state.log.map(({ event }) => event);
    expect(log.slice(-2)).toEqual(['rollback', 'downgrade']);
    expect(log).not.toContain('refusal');
    expect(run.server.state.log.at(-2)).toMatchObject({
      detail: { by: 'onAhead=downgrade', deployment: 'shop/web', from: ['b'], revisions: ['b'] },
    });
  });

  it('finds the work done when another pod was faster', async () => {
    const run = await old(lossless);
    const free = run.server.holdLock(OTHER_POD);
    run.surroundings.at(1000, async () => {
      free();
      await world(['a'], { server: run.server }).downgrade('-1');
    });
    expect(await start(run, cluster(rollback))).toMatchObject({
      outcome: 'nothing-to-do',
      heads: ['a'],
    });
    expect(run.surroundings.reporter.of('schema.downgrading')).toEqual([]);
  });

  it('does not ask the cluster where there is nothing to take back', async () => {
    const rollout = cluster(rollback);
    expect(await start(world(['a']), rollout)).toMatchObject({ outcome: 'done' });
    const run = await old('b<-a');
    expect(await start(run, rollout)).toMatchObject({ outcome: 'ahead' });
    expect(rollout.asked).toBe(0);
  });

  it('fails as the revision fails that cannot be reverted', async () => {
    const run = await old(lossless);
    const act = raise(failure('other', 'said no'));
    run.server.trap({ operation: 'statement', match: /ident to id/, act });
    expect((await errorOf(start(run, cluster(rollback)))).code).toBe('SLIPWAY_REVISION_FAILED');
  });
});

describe('data that would be lost', () => {
  it('keeps it from being taken back, whatever the policy for people is', async () => {
    for (const hazards of [undefined, 'warn'] as const) {
      const run = await old(lossy);
      const choice = hazards === undefined ? {} : { hazards };
      const error = await refusal(run, start(run, cluster(rollback), choice));
      expect(error.details['notTakenBack']).toMatch(/"b" would lose/);
    }
  });

  it('is let go where that was allowed', async () => {
    const run = await old(lossy);
    const outcome = await start(run, cluster(rollback), { allowDataLoss: true });
    expect(outcome).toMatchObject({ outcome: 'downgraded', revisions: ['b'] });
  });
});

describe('the refusal stands', () => {
  it('for an old pod that restarts during a rollout', async () => {
    const run = await old(lossless);
    const error = await refusal(run, start(run, cluster(oldPod)));
    expect(error.details['notTakenBack']).toMatch(/is not the current one/);
    expect(error.hint).toMatch(/slipway rollback/);
  });

  it('where the cluster does not tell', async () => {
    const run = await old(lossless);
    const error = await refusal(run, start(run, cluster({ kind: 'unknown', reason: 'no right' })));
    expect(error.details['notTakenBack']).toBe('no right');
  });

  it('where the rollout went on while it waited for the lock', async () => {
    const run = await old(lossless);
    const rollout = cluster(rollback, oldPod);
    const error = await refusal(run, start(run, rollout));
    expect(rollout.asked).toBe(2);
    expect(error.details['notTakenBack']).toMatch(/is not the current one/);
  });

  it('where a revision has no way back', async () => {
    const text =
      '-- slipway:revision b\n-- slipway:revises a\n-- slipway:compatible no as written\n-- slipway:irreversible data was merged\n-- slipway:up\n';
    const run = await old(parseRevisionFile(text, 'migrations/b.sql'));
    const error = await refusal(run, start(run, cluster(rollback)));
    expect(error.details['notTakenBack']).toMatch(/cannot be taken back/);
  });

  it('with the policy refuse, and nobody is asked', async () => {
    const run = await old(lossless);
    const rollout = cluster(rollback);
    const error = await refusal(run, start(run, rollout, { onAhead: 'refuse' }));
    expect(error.details['notTakenBack']).toBeUndefined();
    expect(rollout.asked).toBe(0);
  });

  it('is no refusal when it was told to stop meanwhile', async () => {
    const run = await old(lossless);
    const rollout: Rollout = {
      ...cluster(rollback),
      standing: async () => {
        run.surroundings.interrupt();
        return { kind: 'unknown', reason: 'slipway was told to stop' };
      },
    };
    expect((await errorOf(start(run, rollout))).code).toBe('SLIPWAY_INTERRUPTED');
  });
});
