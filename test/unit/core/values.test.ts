/** The small ones: digests, durations, secrets, near matches. */

import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { appliedDigest, EMPTY_DIGEST, updateDigest } from '../../../src/core/applied.ts';
import { formatDuration, parseDuration } from '../../../src/core/duration.ts';
import { editDistance, nearest } from '../../../src/core/nearest.ts';
import { identityOf, isServedBy } from '../../../src/core/release.ts';
import { secret } from '../../../src/core/secret.ts';
import { graph } from '../../support/graph.ts';

describe('the digest of what is applied', () => {
  const item = (id: string, checksum = 'x') => ({ id, checksum });

  it('of nothing is empty', () => expect(appliedDigest([])).toBe(EMPTY_DIGEST));

  it('stays what it is from version to version', () => {
    expect(appliedDigest([item('a', '1'), item('b', '2')])).toBe(
      updateDigest(appliedDigest([item('a', '1')]), 'add', item('b', '2')),
    );
    expect(appliedDigest([item('3f2a9c41d7e0', 'f'.repeat(64))])).toMatchInlineSnapshot(
      `"863f983a0b5c329937274b07b8ed60bdc364dc547d5cfd2b555d44f1d979119d"`,
    );
  });

  it('tells ids, checksums and their borders apart', () => {
    const digests = [
      [item('a', 'b')],
      [item('a', 'c')],
      [item('b', 'b')],
      [item('ab', '')],
      [item('a', 'b'), item('a', 'b')],
    ].map(appliedDigest);
    expect(new Set(digests).size).toBe(digests.length);
  });
});

describe('the identity of a release', () => {
  const summaryWith = (digest: string) => ({ heads: [], digest, applied: 1, floor: undefined });

  it('leaves trailing contracts out of the expand digest', () => {
    const identity = identityOf(graph('a', 'b<-a phase:contract'));
    expect(identity).toMatchObject({ heads: ['b'], revisions: 2 });
    expect(identity.expandDigest).toBe(identityOf(graph('a')).digest);
  });

  it('is served by a database at it, and by one that is expanded where that is enough', () => {
    const identity = identityOf(graph('a', 'b<-a phase:contract'));
    const whole = summaryWith(identity.digest);
    const expanded = summaryWith(identity.expandDigest);
    expect(isServedBy(identity, whole, 'all')).toBe(true);
    expect(isServedBy(identity, whole, 'expand')).toBe(true);
    expect(isServedBy(identity, expanded, 'expand')).toBe(true);
    expect(isServedBy(identity, expanded, 'all')).toBe(false);
    expect(isServedBy(identity, undefined, 'all')).toBe(false);
  });
});

describe('durations', () => {
  it.each([
    ['50ms', 50],
    ['3s', 3000],
    ['1.5s', 1500],
    ['5m', 300_000],
    ['5min', 300_000],
    ['2h', 7_200_000],
    ['14d', 1_209_600_000],
    [' 3 s ', 3000],
    ['0', 0],
    ['0s', 0],
  ])('reads %s', (text, ms) => expect(parseDuration(text)).toBe(ms));

  it.each(['', '3', '-3s', 's', '3w', '3s4', '1e3s', '3S', `${'9'.repeat(20)}d`])(
    'refuses "%s"',
    (text) => expect(parseDuration(text)).toBeUndefined(),
  );

  it.each([
    [0, '0 ms'],
    [4, '4 ms'],
    [999, '999 ms'],
    [1200, '1.2 s'],
    [12_300, '12 s'],
    [59_600, '1 min'],
    [185_000, '3 min 5 s'],
    [7_260_000, '2 h 1 min'],
    [200_000_000, '2 d 7 h'],
  ])('shows %d ms as %s', (ms, text) => expect(formatDuration(ms)).toBe(text));
});

describe('a secret', () => {
  const value = 'hunter2-correct-horse';
  const hidden = secret(value);
  const shown = {
    template: `${hidden}`,
    'joining it': ['x', hidden].join(),
    JSON: JSON.stringify({ nested: [hidden] }),
    inspect: inspect({ nested: hidden }, { depth: 9, showHidden: true }),
    'copying it': JSON.stringify({ ...hidden }),
    'inspecting a copy': inspect({ ...hidden }),
    'an error around it': inspect(new Error(`cannot use ${hidden}`, { cause: hidden })),
  };

  it.each(Object.entries(shown))('does not show itself in %s', (_, text) => {
    expect(text).not.toContain(value);
  });

  it('is revealed to the one who asks', () => expect(hidden.reveal()).toBe(value));
  it('is inspected as redacted', () => expect(inspect(hidden)).toBe('[redacted]'));
  it('cannot be changed', () => expect(Object.isFrozen(hidden)).toBe(true));
});

describe('the nearest match', () => {
  it.each([
    ['kitten', 'sitting', 3],
    ['ab', 'ba', 1],
    ['', 'abc', 3],
    ['same', 'same', 0],
  ])('counts edits from %s to %s', (a, b, edits) => {
    expect(editDistance(a, b)).toBe(edits);
    expect(editDistance(b, a)).toBe(edits);
  });

  it('is found whatever the case, and not where nothing is close', () => {
    expect(nearest('LOCKWAIT', ['lockWait', 'lockTimeout'])).toBe('lockWait');
    expect(nearest('phse', ['phase', 'pods'])).toBe('phase');
    expect(nearest('zzz', ['phase'])).toBeUndefined();
    expect(nearest('abc', ['xyc'])).toBeUndefined();
    expect(nearest('abcdef', ['xyzdef', 'abcdxy'])).toBe('abcdxy');
    expect(nearest('x', [])).toBeUndefined();
  });
});
