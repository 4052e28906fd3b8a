/** Which pods may take a database back: those of a rollback, and nobody else. */

import { describe, expect, it } from 'vitest';
import type { AppliedRevision } from '../../../src/core/applied.ts';
import { isSameRollout, reasonAgainstDowngrade, type Standing } from '../../../src/core/rollout.ts';
import { describeRolloutWait, olderPodsText } from '../../../src/core/rollout-text.ts';
import { appliedRow, revision } from '../../support/graph.ts';

const APPLIED = '2026-01-02T03:00:00Z';
const BEFORE = '2026-01-01T00:00:00Z';
const LATER = '2026-01-03T00:00:00Z';

type Current = Extract<Standing, { kind: 'current' }>;

const settled: Current = {
  kind: 'current',
  deployment: 'shop/web',
  replicaSet: 'web-5c4d7b9f6',
  revision: '3',
  createdAt: BEFORE,
  isRollingOut: false,
};

/** A revision that this pod applied. */
function by(pod: string | undefined, namespace = 'shop'): AppliedRevision {
  const row = appliedRow(revision('b'), { appliedAt: APPLIED });
  return { ...row, provenance: { ...row.provenance, pod, namespace } };
}

describe('taking a database back', () => {
  it.each<[string, Current, readonly AppliedRevision[]]>([
    ['while the ReplicaSet is being rolled out', { ...settled, isRollingOut: true }, [by('job-x')]],
    ['by a ReplicaSet made after the revisions', { ...settled, createdAt: LATER }, [by('job-x')]],
    ['of what another ReplicaSet’s pods applied', settled, [by('web-6b7f9c8d5-x2x4z')]],
  ])('is allowed %s', (_, standing, newer) => {
    expect(reasonAgainstDowngrade(standing, newer)).toBeUndefined();
  });

  it.each<[string, readonly AppliedRevision[]]>([
    ['a Job', [by('web-migrate-1-x2x4z')]],
    ['a pod of another Deployment', [by('web-worker-6b7f9c8d5-x2x4z')]],
    ['a pod of another namespace', [by('web-6b7f9c8d5-x2x4z', 'staging')]],
    ['a pod of the same ReplicaSet', [by('web-5c4d7b9f6-x2x4z')]],
    ['nobody that is known', [by(undefined)]],
    ['several, one of them a Job', [by('web-6b7f9c8d5-x2x4z'), by('migrate-x2x4z')]],
  ])('is refused to a finished rollout when the revisions were applied by %s', (_, newer) => {
    expect(reasonAgainstDowngrade(settled, newer)).toMatch(/was not rolled back/);
  });

  it('is refused to a pod of an old ReplicaSet, with both revisions', () => {
    const old: Standing = {
      kind: 'superseded',
      deployment: 'shop/web',
      replicaSet: 'web-5c4d7b9f6',
      revision: '1',
      currentRevision: '2',
    };
    expect(reasonAgainstDowngrade(old, [by(undefined)])).toMatch(
      /web-5c4d7b9f6 \(revision 1\).*shop\/web \(revision 2\)/,
    );
    expect(reasonAgainstDowngrade({ ...old, revision: undefined }, [])).toMatch(/web-5c4d7b9f6 is/);
  });

  it('is refused where the cluster does not tell, with its reason', () => {
    expect(reasonAgainstDowngrade({ kind: 'unknown', reason: 'no right' }, [])).toBe('no right');
  });
});

describe('a rollout', () => {
  const mark = { uid: 'u', revision: '2', template: 't' };

  it.each([
    ['the same', mark, true],
    ['one of another revision', { ...mark, revision: '3' }, false],
    ['one of another template', { ...mark, template: 'x' }, false],
    ['one of another Deployment of that name', { ...mark, uid: 'x' }, false],
  ])('knows %s', (_, other, expected) => {
    expect(isSameRollout(mark, other)).toBe(expected);
  });

  it('is waited for in words that name the older pods', () => {
    expect(olderPodsText([])).toBeUndefined();
    expect(olderPodsText(['a'])).toBe('1 older pod is left: a');
    expect(olderPodsText(['a', 'b', 'c', 'd', 'e', 'f', 'g'])).toBe(
      '7 older pods are left: a, b, c, d, e and 2 more',
    );
    const event = {
      type: 'rollout.waiting',
      deployment: 'shop/web',
      reason: '1 of 2 new replicas are available',
      olderPods: ['a'],
      waitedMs: 2000,
      limitMs: 60_000,
    } as const;
    expect(describeRolloutWait(event)).toBe(
      'waiting for the rollout of Deployment shop/web: 1 of 2 new replicas are available; 1 older pod is left: a; waited 2 s of 1 min',
    );
  });
});
