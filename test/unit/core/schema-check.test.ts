/** What a look at the database says about a release. */

import { describe, expect, it } from 'vitest';
import { type AppliedRevision, appliedDigest } from '../../../src/core/applied.ts';
import { ConnectionError, MismatchError } from '../../../src/core/errors.ts';
import { identityOf } from '../../../src/core/release.ts';
import {
  checkApplied,
  checkFailed,
  checkSummary,
  isNews,
  type SchemaCheck,
} from '../../../src/core/schema-check.ts';
import { appliedRow, graph, revision } from '../../support/graph.ts';

const FILES = ['a', 'b<-a', 'c<-b phase:contract'];
const rows = (...drawings: readonly string[]): readonly AppliedRevision[] =>
  drawings.map((drawing) => appliedRow(revision(drawing)));
const breaking = appliedRow(revision('d<-c'), {
  compatibility: { verdict: 'no', reason: 'drops users.phone' },
});

const check = (
  applied: readonly AppliedRevision[],
  phase: 'all' | 'expand' = 'expand',
  onAhead: 'refuse' | 'ignore' = 'refuse',
): SchemaCheck => checkApplied(graph(...FILES), applied, { phase, onAhead, heads: ['h'] });

describe('a look at what is applied', () => {
  it.each<[string, SchemaCheck, Partial<SchemaCheck>]>([
    ['all of the release', check(rows(...FILES)), { state: 'ready', pending: 0, contracts: 0 }],
    [
      'all but what comes after the rollout',
      check(rows('a', 'b<-a')),
      { state: 'ready', pending: 1, contracts: 1 },
    ],
    [
      'the same, where nothing may wait',
      check(rows('a', 'b<-a'), 'all'),
      { state: 'behind', pending: 1, contracts: 0 },
    ],
    ['less', check(rows('a')), { state: 'behind', pending: 2, contracts: 1 }],
    ['nothing', check([]), { state: 'behind', pending: 3, contracts: 1 }],
    [
      'more, and compatible',
      check(rows(...FILES, 'd<-c')),
      { state: 'ready', pending: 0, unknown: 1 },
    ],
    [
      'more, and not compatible',
      check([...rows(...FILES), breaking]),
      { state: 'ahead', code: 'SLIPWAY_SCHEMA_AHEAD', unknown: 1 },
    ],
    [
      'more, and ignored',
      check([...rows(...FILES), breaking], 'expand', 'ignore'),
      { state: 'ready', unknown: 1 },
    ],
    [
      'another history',
      check(rows('x')),
      { state: 'refused', code: 'SLIPWAY_HISTORY_DIVERGED', unknown: 1, pending: 3 },
    ],
  ])('%s', (_, answer, expected) => {
    expect(answer).toMatchObject(expected);
  });
});

describe('a look at the summary row', () => {
  const summaryOf = (applied: readonly AppliedRevision[]) => ({
    heads: ['h'],
    digest: appliedDigest(applied),
    applied: applied.length,
    floor: undefined,
  });
  const identity = identityOf(graph(...FILES));

  it('is enough where the database is exactly at the release', () => {
    expect(checkSummary(identity, summaryOf(rows(...FILES)), 'all')).toMatchObject({
      state: 'ready',
      pending: 0,
      contracts: 0,
      unknown: 0,
    });
  });

  it('counts what waits for the rollout as a look at everything does', () => {
    const applied = rows('a', 'b<-a');
    const quick = checkSummary(identity, summaryOf(applied), 'expand');
    expect(quick).toEqual(check(applied));
    expect(quick).toMatchObject({ pending: 1, contracts: 1 });
  });

  it('is not enough anywhere else', () => {
    expect(checkSummary(identity, undefined, 'all')).toBeUndefined();
    expect(checkSummary(identity, summaryOf(rows('a')), 'expand')).toBeUndefined();
    expect(checkSummary(identity, summaryOf(rows('a', 'b<-a')), 'all')).toBeUndefined();
  });
});

describe('an answer that did not come', () => {
  it('tells a database that is gone from one that refuses', () => {
    const gone = new ConnectionError('SLIPWAY_DB_AUTH_FAILED', 'no');
    expect(checkFailed(gone)).toMatchObject({ state: 'unreachable', heads: undefined });
    const odd = new MismatchError('SLIPWAY_HISTORY_FORMAT', 'too new');
    expect(checkFailed(odd)).toMatchObject({ state: 'refused', reason: 'too new' });
  });

  it('is news only where something is different', () => {
    const now = check(rows('a'));
    expect(isNews(undefined, now)).toBe(true);
    expect(isNews(now, check(rows('a')))).toBe(false);
    expect(isNews(now, check(rows('a', 'b<-a')))).toBe(true);
  });
});
