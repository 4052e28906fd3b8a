/** Targets, and the plans that lead to them. */

import { describe, expect, it } from 'vitest';
import type { ErrorCode, SlipwayError } from '../../../src/core/errors.ts';
import { type PhaseChoice, planDowngrade, planUpgrade } from '../../../src/core/plan.ts';
import { parseTarget, resolveRevision } from '../../../src/core/target.ts';
import { graph } from '../../support/graph.ts';

const up = (
  drawings: readonly string[],
  target: string,
  { applied = [] as readonly string[], phase = 'all' as PhaseChoice } = {},
) =>
  planUpgrade(graph(...drawings), new Set(applied), { target: parseTarget(target), phase }).steps;

const down = (drawings: readonly string[], applied: readonly string[], target: string) =>
  planDowngrade(graph(...drawings), new Set(applied), parseTarget(target)).steps;

function codeOf(work: () => unknown): ErrorCode | undefined {
  try {
    work();
  } catch (error) {
    return (error as SlipwayError).code;
  }
  return undefined;
}

const DIAMOND = ['a', 'b<-a', 'c<-a', 'd<-b,c'];
const TWO = ['a', 'b<-a', 'x', 'y<-x'];

describe('a target', () => {
  it.each([
    ['head', { kind: 'head' }],
    ['heads', { kind: 'heads' }],
    ['base', { kind: 'base' }],
    ['+2', { kind: 'relative', steps: 2 }],
    ['-13', { kind: 'relative', steps: -13 }],
    ['3f2a9c41d7e0', { kind: 'revision', id: '3f2a9c41d7e0' }],
    ['12', { kind: 'revision', id: '12' }],
  ])('is read: %s', (text, target) => expect(parseTarget(text)).toEqual(target));

  it.each(['', ' head', 'a b', '+', '-', '+1.5', '--1', 'a@b', 'ü', 'x'.repeat(65), '+1234567'])(
    'is refused: "%s"',
    (text) => expect(codeOf(() => parseTarget(text))).toBe('SLIPWAY_TARGET_UNKNOWN'),
  );

  it('names a revision by its id before any that begins like it', () => {
    expect(resolveRevision('ab', ['abc', 'ab'])).toBe('ab');
    expect(resolveRevision('abc', ['abcd', 'xyz'])).toBe('abcd');
  });

  it('lists the candidates of an ambiguous beginning', () => {
    expect(() => resolveRevision('a', ['a1', 'a2', 'b'])).toThrow(
      expect.objectContaining({
        code: 'SLIPWAY_TARGET_AMBIGUOUS',
        details: { target: 'a', candidates: ['a1', 'a2'] },
      }),
    );
  });

  it('offers the nearest id for one that is unknown', () => {
    expect(() => resolveRevision('a0011', ['a0001', 'zzz'])).toThrow(
      expect.objectContaining({
        code: 'SLIPWAY_TARGET_UNKNOWN',
        hint: expect.stringContaining('"a0001"'),
      }),
    );
  });
});

describe('planning an upgrade', () => {
  it.each([
    ['everything', DIAMOND, 'heads', [], ['a', 'b', 'c', 'd']],
    ['what is missing', DIAMOND, 'heads', ['a', 'c'], ['b', 'd']],
    ['nothing where all is applied', DIAMOND, 'head', ['a', 'b', 'c', 'd'], []],
    ['only what the target needs', DIAMOND, 'c', [], ['a', 'c']],
    ['by the beginning of an id', ['abc1', 'xyz1<-abc1'], 'xy', [], ['abc1', 'xyz1']],
    ['nothing for a target below', DIAMOND, 'a', ['a', 'b'], []],
    ['several bases', TWO, 'heads', [], ['a', 'b', 'x', 'y']],
    ['one of several branches', TWO, 'y', ['a'], ['x', 'y']],
    ['what it depends on', ['a', 'x', 'b<-a depends:x'], 'b', [], ['a', 'x', 'b']],
    ['one step', DIAMOND, '+1', ['a'], ['b']],
    ['some steps', DIAMOND, '+3', ['a'], ['b', 'c', 'd']],
    ['steps of the branch that is open', TWO, '+1', ['a', 'b'], ['x']],
    ['nothing in an empty folder', [], 'head', [], []],
  ] as const)('plans %s', (_, drawings, target, applied, steps) => {
    expect(up(drawings, target, { applied })).toEqual(steps);
  });

  it.each([
    ['several heads', TWO, 'head', 'SLIPWAY_MULTIPLE_HEADS'],
    ['several open branches for a step', TWO, '+1', 'SLIPWAY_MULTIPLE_HEADS'],
    ['more steps than there are', ['a'], '+2', 'SLIPWAY_TARGET_OUT_OF_RANGE'],
    ['no step', ['a'], '+0', 'SLIPWAY_TARGET_OUT_OF_RANGE'],
    ['steps down', ['a'], '-1', 'SLIPWAY_TARGET_OUT_OF_RANGE'],
    ['base', ['a'], 'base', 'SLIPWAY_TARGET_OUT_OF_RANGE'],
    ['an unknown id', ['a'], 'nope', 'SLIPWAY_TARGET_UNKNOWN'],
    ['an ambiguous beginning', ['aa', 'ab'], 'a', 'SLIPWAY_TARGET_AMBIGUOUS'],
  ] as const)('refuses %s', (_, drawings, target, code) => {
    expect(codeOf(() => up(drawings, target))).toBe(code);
  });

  it.each([
    ['leaves out a trailing contract', ['a', 'b<-a phase:contract'], ['a']],
    ['leaves out a chain of them', ['a', 'b<-a phase:contract', 'c<-b phase:contract'], ['a']],
    ['keeps one that an expand needs', ['a', 'b<-a phase:contract', 'c<-b'], ['a', 'b', 'c']],
    [
      'keeps one that an expand depends on',
      ['a', 'k<-a phase:contract', 'x depends:k'],
      ['a', 'k', 'x'],
    ],
    ['looks at each branch', ['a', 'b<-a phase:contract', 'c<-a'], ['a', 'c']],
    ['has nothing to do where only contracts are left', ['a phase:contract'], []],
  ])('to expand %s', (_, drawings, steps) => {
    expect(up(drawings, 'heads', { phase: 'expand' })).toEqual(steps);
  });

  it('to contract takes what expand left', () => {
    const drawings = ['a', 'b<-a phase:contract'];
    expect(up(drawings, 'heads', { phase: 'contract', applied: ['a'] })).toEqual(['b']);
  });
});

describe('planning a downgrade', () => {
  it.each([
    ['to base', DIAMOND, ['a', 'b', 'c', 'd'], 'base', ['d', 'c', 'b', 'a']],
    ['one step', DIAMOND, ['a', 'b', 'c', 'd'], '-1', ['d']],
    ['some steps', DIAMOND, ['a', 'b', 'c', 'd'], '-3', ['d', 'c', 'b']],
    ['to a revision', DIAMOND, ['a', 'b', 'c', 'd'], 'b', ['d']],
    ['to a revision on one branch only', TWO, ['a', 'b', 'x', 'y'], 'x', ['y']],
    ['of what depends on the target too', ['a', 'x depends:a'], ['a', 'x'], 'a', ['x']],
    ['of what is applied only', DIAMOND, ['a', 'c'], 'a', ['c']],
    ['to base from base', DIAMOND, [], 'base', []],
    ['to where it is', DIAMOND, ['a'], 'a', []],
  ] as const)('plans it %s', (_, drawings, applied, target, steps) => {
    expect(down(drawings, applied, target)).toEqual(steps);
  });

  it.each([
    ['more steps than there are', '-2'],
    ['steps up', '+1'],
    ['no step', '-0'],
    ['a revision that is not applied', 'b'],
    ['head', 'head'],
    ['heads', 'heads'],
  ])('refuses %s', (_, target) => {
    const code = codeOf(() => down(['a', 'b<-a'], ['a'], target));
    expect(code).toBe('SLIPWAY_TARGET_OUT_OF_RANGE');
  });

  it('refuses an unknown id', () => {
    expect(codeOf(() => down(['a'], ['a'], 'nope'))).toBe('SLIPWAY_TARGET_UNKNOWN');
  });
});
