/** What an upgrade decides, and what it refuses. */

import { describe, expect, it } from 'vitest';
import { type AppliedRevision, compareApplied } from '../../../src/core/applied.ts';
import { type Decision, decideUpgrade, describeOrigin } from '../../../src/core/decide.ts';
import { diagnose, diagnosisLines } from '../../../src/core/diagnosis.ts';
import { SlipwayError } from '../../../src/core/errors.ts';
import { parseTarget } from '../../../src/core/target.ts';
import { appliedRow, graph, revision } from '../../support/graph.ts';

const rows = (...drawings: readonly string[]): readonly AppliedRevision[] =>
  drawings.map((drawing) => appliedRow(revision(drawing)));

const partial = (drawing: string) => appliedRow(revision(drawing), { state: 'partial' });

function decide(
  files: readonly string[],
  applied: readonly AppliedRevision[],
  { onAhead = 'refuse' as 'refuse' | 'ignore', target = 'heads' } = {},
): Decision {
  const request = { target: parseTarget(target), phase: 'all', onAhead } as const;
  return decideUpgrade(graph(...files), applied, request);
}

function refusal(...args: Parameters<typeof decide>): SlipwayError {
  try {
    decide(...args);
  } catch (error) {
    if (error instanceof SlipwayError) return error;
    throw error;
  }
  throw new Error('expected a refusal');
}

const summary = (decision: Decision): string =>
  decision.kind === 'run'
    ? `run ${decision.plan.steps.join(' ')}`
    : decision.kind === 'ahead'
      ? `ahead ${decision.policy} ${decision.unknown.map((row) => row.id).join(' ')}`
      : decision.kind;

describe('deciding about an upgrade', () => {
  it.each<[string, readonly string[], readonly AppliedRevision[], string]>([
    ['an empty database', ['a', 'b<-a'], [], 'run a b'],
    ['one that is behind', ['a', 'b<-a'], rows('a'), 'run b'],
    ['one that is there', ['a', 'b<-a'], rows('a', 'b<-a'), 'nothing'],
    ['one that is ahead', ['a'], rows('a', 'b<-a', 'c<-b'), 'ahead compatible b c'],
    ['no files and no revisions', [], [], 'nothing'],
    ['a half applied revision', ['a', 'b<-a'], [...rows('a'), partial('b<-a')], 'run b'],
    ['a changed file of a half applied one', ['a phase:contract'], [partial('a')], 'run a'],
    ['an unknown half applied one', ['a'], [...rows('a'), partial('b<-a')], 'ahead compatible b'],
  ])('%s', (_, files, applied, expected) => {
    expect(summary(decide(files, applied))).toBe(expected);
  });

  it.each(['no', 'unknown'] as const)('refuses one that is ahead by a verdict of %s', (verdict) => {
    const broken = appliedRow(revision('c<-b'), {
      compatibility: { verdict, reason: 'drops users.phone' },
      provenance: {
        pod: 'web-1',
        namespace: 'shop',
        node: 'n1',
        version: '0.1.0',
        image: 'shop:2',
        release: 'v2',
      },
    });
    const error = refusal(['a'], [...rows('a', 'b<-a'), broken]);
    expect([error.code, error.exitCode]).toEqual(['SLIPWAY_SCHEMA_AHEAD', 14]);
    expect(error.details).toMatchObject({
      revision: 'c',
      description: 'Revision c',
      reason: 'drops users.phone',
      appliedAt: '2026-01-02T03:04:05.678Z',
      appliedBy: 'pod shop/web-1 of v2 (shop:2)',
      breaking: ['c'],
      unknown: ['b', 'c'],
    });
    expect(error.hint).toContain('slipway rollback --to a');
    expect(error.hint).toContain('v2');
  });

  it('never says that the database is where the files are', () => {
    const error = refusal(['a'], rows('a', 'b<-a compatible:no'));
    expect(diagnosisLines(diagnose(error)).join('\n')).not.toContain('the database is at a');
    const apart = refusal(['a', 'x<-a'], rows('a', 'b<-a'));
    expect(diagnosisLines(diagnose(apart)).join('\n')).not.toContain('the database is at x');
  });

  it('starts with one that is ahead and breaking where it is told to ignore that', () => {
    const decision = decide(['a'], rows('a', 'b<-a compatible:no'), { onAhead: 'ignore' });
    expect(summary(decision)).toBe('ahead ignored b');
  });

  it('says compatible rather than ignored where nothing breaks', () => {
    const decision = decide(['a'], rows('a', 'b<-a'), { onAhead: 'ignore' });
    expect(summary(decision)).toBe('ahead compatible b');
  });

  it.each(['refuse', 'ignore'] as const)('refuses histories that diverged (%s)', (onAhead) => {
    const error = refusal(['a', 'x<-a'], rows('a', 'b<-a', 'c<-b'), { onAhead });
    expect([error.code, error.exitCode]).toEqual(['SLIPWAY_HISTORY_DIVERGED', 11]);
    expect(error.details).toMatchObject({ unknown: ['b', 'c'], pending: ['x'] });
  });

  it('refuses when an applied file changed, before anything else', () => {
    const changed = appliedRow(revision('a'), { checksum: 'f'.repeat(64) });
    const error = refusal(['a', 'x<-a'], [changed, ...rows('b<-a')]);
    expect([error.code, error.exitCode]).toEqual(['SLIPWAY_APPLIED_CHECKSUM_CHANGED', 11]);
    expect(error.details).toMatchObject({
      revision: 'a',
      file: 'migrations/a.sql',
      appliedChecksum: 'f'.repeat(64),
      fileChecksum: revision('a').checksum,
      appliedBy: 'role migrator',
    });
  });

  it('shortens long lists in its message and keeps them in the details', () => {
    const many = Array.from({ length: 9 }, (_, i) => `u${i}<-a`);
    const error = refusal(['a', 'x<-a'], rows('a', ...many));
    expect(error.message).toContain('u0, u1, u2 and 6 more');
    expect(error.details['unknown']).toHaveLength(9);
  });
});

describe('comparing files and database', () => {
  it('has every kind of difference', () => {
    const changed = appliedRow(revision('b<-a'), { checksum: 'x' });
    const comparison = compareApplied(graph('a', 'b<-a', 'c<-b', 'd<-c'), [
      ...rows('a'),
      changed,
      partial('c<-b'),
      ...rows('z'),
    ]);
    expect(comparison.relation).toBe('diverged');
    expect(comparison.pending).toEqual(['c', 'd']);
    expect(comparison.unknown.map((row) => row.id)).toEqual(['z']);
    expect(comparison.changed.map((row) => row.id)).toEqual(['b']);
    expect(comparison.partial.map((row) => row.id)).toEqual(['c']);
  });

  it.each([
    [{}, 'role migrator'],
    [{ image: 'shop:2' }, 'role migrator of shop:2'],
    [{ pod: 'web-1' }, 'pod default/web-1'],
    [{ pod: 'web-1', namespace: 'shop', image: 'i', release: 'v2' }, 'pod shop/web-1 of v2 (i)'],
  ])('says who applied something: %j', (provenance, words) => {
    const row = appliedRow(revision('a'));
    const whole = { ...row, provenance: { ...row.provenance, ...provenance } };
    expect(describeOrigin(whole)).toBe(words);
  });
});
