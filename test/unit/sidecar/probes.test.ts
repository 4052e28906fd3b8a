/** From events to what probes are answered. */

import { describe, expect, it } from 'vitest';
import { RunError } from '../../../src/core/errors.ts';
import type { SlipwayEvent } from '../../../src/core/events.ts';
import { openProbes } from '../../../src/sidecar/probes.ts';
import { SAMPLES } from '../logging/samples.ts';

const START = Date.UTC(2026, 0, 2);
const FINISHED = SAMPLES['run.finished'];

function following(...events: readonly SlipwayEvent[]) {
  let now = START;
  const probes = openProbes({ release: 'v1', now: () => now, stuckAfterMs: 60_000 });
  for (const event of events) probes.report(event);
  return {
    ...probes,
    later: (ms: number) => {
      now += ms;
    },
  };
}

const checked = (state: 'ready' | 'behind' | 'ahead' | 'unreachable'): SlipwayEvent => ({
  ...SAMPLES['schema.checked'],
  state,
});

describe('the startup probe', () => {
  it.each<[string, readonly SlipwayEvent[], string, RegExp]>([
    ['before anything', [], 'starting', /starting/],
    ['without a database', [SAMPLES['connection.retrying']], 'connecting', /ECONNREFUSED/],
    [
      'behind another pod',
      [SAMPLES['lock.waiting']],
      'waiting',
      /held by shop\/web-2 \(pid 4711\)/,
    ],
    ['with a plan', [SAMPLES['plan.ready']], 'upgrading', /revisions to apply/],
    ['in a revision', [SAMPLES['revision.started']], 'upgrading', /running revision \d+ of \d+/],
    ['behind a lock', [SAMPLES['revision.retrying']], 'upgrading', /waits for a lock/],
    ['in a long statement', [SAMPLES['statement.progress']], 'starting', /running/],
    ['in a backfill', [SAMPLES['backfill.progress']], 'starting', /backfill of/],
  ])('says no %s, and what goes on', (_, events, status, doing) => {
    const { isOk, body } = following(...events).startup();
    expect(isOk).toBe(false);
    expect(body).toMatchObject({ status, release: 'v1' });
    expect(body['doing']).toMatch(doing);
  });

  it('tells which revision runs, and for how long this has been going on', () => {
    const probes = following(SAMPLES['revision.started']);
    probes.later(90_400);
    expect(probes.startup().body).toMatchObject({
      revision: { id: expect.any(String), index: expect.any(Number), total: expect.any(Number) },
      forSeconds: 90,
    });
  });

  it('says yes once the upgrade is done, and for ever from then on', () => {
    const probes = following(FINISHED, checked('behind'), SAMPLES['lock.waiting']);
    expect(probes.startup()).toMatchObject({ isOk: true, body: { status: 'ready' } });
  });

  it('says no with the diagnosis after a failure', () => {
    const error = new RunError('SLIPWAY_REVISION_FAILED', 'revision "b" failed');
    const failed: SlipwayEvent = { type: 'run.failed', command: 'serve', error, durationMs: 1 };
    expect(following(failed).startup()).toMatchObject({
      isOk: false,
      body: { status: 'failed', doing: 'revision "b" failed' },
    });
    expect(following(FINISHED, failed).startup().isOk).toBe(true);
  });

  it('never shows the statement of another session', () => {
    const shown = Object.values(SAMPLES).flatMap((event) => {
      const probes = following(event);
      return [probes.startup(), probes.readiness(), probes.liveness()];
    });
    expect(shown.length).toBeGreaterThan(100);
    expect(JSON.stringify(shown)).not.toContain("select '…'");
  });
});

describe('the readiness probe', () => {
  it('says what the last look at the database said', () => {
    const probes = following(FINISHED);
    expect(probes.readiness().isOk).toBe(true);
    for (const state of ['behind', 'ahead', 'unreachable'] as const) {
      probes.report(checked(state));
      expect(probes.readiness()).toMatchObject({
        isOk: false,
        body: { status: state, reason: expect.any(String), checkedAt: '2026-01-02T00:00:00.000Z' },
      });
    }
    probes.report(checked('ready'));
    expect(probes.readiness()).toMatchObject({ isOk: true, body: { status: 'ready' } });
  });

  it('says no before the upgrade is done', () => {
    expect(following(SAMPLES['revision.started']).readiness().isOk).toBe(false);
  });

  it('is not changed by a contract phase that runs or fails', () => {
    const probes = following(FINISHED, checked('ready'), SAMPLES['revision.started']);
    probes.report(SAMPLES['run.failed']);
    expect(probes.readiness().isOk).toBe(true);
  });
});

describe('the liveness probe', () => {
  it('says yes however long the upgrade takes, and whatever the database does', () => {
    const probes = following(SAMPLES['revision.started']);
    probes.later(24 * 3_600_000);
    expect(probes.liveness().isOk).toBe(true);
    probes.report(FINISHED);
    probes.report(checked('unreachable'));
    expect(probes.liveness().isOk).toBe(true);
  });

  it('says no once nobody looks at the database any more', () => {
    const probes = following(FINISHED, checked('ready'));
    probes.later(60_000);
    expect(probes.liveness().isOk).toBe(true);
    probes.later(1);
    expect(probes.liveness()).toMatchObject({ isOk: false, body: { status: 'stuck' } });
    probes.report(checked('unreachable'));
    expect(probes.liveness().isOk).toBe(true);
  });
});
