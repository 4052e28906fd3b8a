/** Targets, and the plans that lead to them. */

import { describe, expect, it } from 'vitest';
import type { ErrorCode, SlipwayError } from '../../../src/core/errors.ts';
import { type PhaseChoice, planDowngrade, planUpgrade } from '../../../src/core/plan.ts';
import { resolveRange, resolveTarget } from '../../../src/core/resolve.ts';
import { parseRange, parseTarget } from '../../../src/core/target.ts';
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
const LINE = ['a', 'b<-a', 'c<-b'];
const TWO = ['a', 'b<-a', 'x', 'y<-x'];

describe('a target', () => {
  it.each([
    ['head', { symbol: 'head' }],
    ['base', { symbol: 'base' }],
    ['current', { symbol: 'current' }],
    ['+2', { steps: 2 }],
    ['-13', { steps: -13 }],
    ['3f2a9c41d7e0', { symbol: '3f2a9c41d7e0' }],
    ['12', { symbol: '12' }],
    ['3f2a+2', { symbol: '3f2a', steps: 2 }],
    ['head-1', { symbol: 'head', steps: -1 }],
    ['billing@head', { branch: 'billing', symbol: 'head' }],
    ['billing@-1', { branch: 'billing', steps: -1 }],
    ['v1.2-beta@3f2a', { branch: 'v1.2-beta', symbol: '3f2a' }],
    ['billing@3f2a-1', { branch: 'billing', symbol: '3f2a', steps: -1 }],
  ])('is read: %s', (text, target) => {
    const { branch, symbol, steps } = parseTarget(text);
    expect({ branch, symbol, steps }).toEqual({
      branch: undefined,
      symbol: undefined,
      steps: undefined,
      ...target,
    });
  });

  it.each([
    '',
    ' head',
    'a b',
    '+',
    '-',
    '+1.5',
    '--1',
    'a@',
    '@a',
    'a@b@c',
    'a:b',
    'ü',
    'x'.repeat(65),
    '+1234567',
  ])('is refused: "%s"', (text) =>
    expect(codeOf(() => parseTarget(text))).toBe('SLIPWAY_TARGET_UNKNOWN'),
  );

  const named = (drawings: readonly string[], target: string, applied?: readonly string[]) =>
    resolveTarget(
      graph(...drawings),
      parseTarget(target),
      applied === undefined ? undefined : new Set(applied),
    );

  it('names a revision by its id before any that begins like it', () => {
    expect(named(['abc', 'ab'], 'ab')).toEqual(['ab']);
    expect(named(['abcd', 'xyz'], 'abc')).toEqual(['abcd']);
  });

  it('names a revision by its branch label, also one that looks like a relative target', () => {
    expect(named(['a label:billing', 'b<-a'], 'billing')).toEqual(['a']);
    expect(named(['a label:release-1', 'b<-a'], 'release-1')).toEqual(['a']);
    expect(named(['a label:release-1', 'b<-a'], 'release-1+1')).toEqual(['b']);
  });

  it('lists the candidates of an ambiguous beginning', () => {
    expect(() => named(['a1', 'a2', 'b'], 'a')).toThrow(
      expect.objectContaining({
        code: 'SLIPWAY_TARGET_AMBIGUOUS',
        details: { target: 'a', candidates: ['a1', 'a2'] },
      }),
    );
  });

  it('offers the nearest id or label for one that is unknown', () => {
    expect(() => named(['a0001', 'zzz'], 'a0011')).toThrow(
      expect.objectContaining({
        code: 'SLIPWAY_TARGET_UNKNOWN',
        hint: expect.stringContaining('"a0001"'),
      }),
    );
    expect(() => named(['a label:billing'], 'biling@head')).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('"billing"') }),
    );
  });

  const BRANCHES = ['a', 'b<-a label:left', 'c<-a label:right', 'd<-b', 'e<-c'];

  it.each([
    ['left@head', ['d']],
    ['right@heads', ['e']],
    ['left@c', 'SLIPWAY_TARGET_UNKNOWN'],
    ['left@a', ['a']],
    ['a@head', 'SLIPWAY_MULTIPLE_HEADS'],
    ['left@a+1', ['b']],
    ['a+1', 'SLIPWAY_TARGET_AMBIGUOUS'],
    ['a+9', 'SLIPWAY_TARGET_AMBIGUOUS'],
    ['b+1', ['d']],
    ['b+2', 'SLIPWAY_TARGET_OUT_OF_RANGE'],
    ['d-1', ['b']],
    ['d-3', []],
    ['d-4', 'SLIPWAY_TARGET_OUT_OF_RANGE'],
    ['base+1', ['a']],
    ['left@base+3', ['d']],
    ['heads-1', 'SLIPWAY_TARGET_AMBIGUOUS'],
    ['current', 'SLIPWAY_TARGET_OUT_OF_RANGE'],
  ])('finds its way through branches: %s', (target, expected) => {
    if (typeof expected === 'string') {
      expect(codeOf(() => named(BRANCHES, target))).toBe(expected);
    } else expect(named(BRANCHES, target)).toEqual(expected);
  });

  it.each([
    ['current', ['a', 'b'], ['b']],
    ['current', ['a', 'b', 'c'], ['b', 'c']],
    ['left@current', ['a', 'b', 'c'], ['b']],
    ['+1', ['a', 'b'], ['d']],
    ['left@+1', ['a', 'b', 'c'], ['d']],
    ['right@+1', ['a', 'b'], ['c']],
    ['right@+2', [], ['c']],
    ['-1', ['a', 'b'], ['a']],
    ['right@-1', ['a', 'b', 'c'], ['a']],
  ])('counts from what is applied: %s', (target, applied, expected) => {
    expect(named(BRANCHES, target, applied)).toEqual(expected);
  });

  it('lists a range with both ends, and stops where the history does', () => {
    const range = (text: string, applied: readonly string[] = []) =>
      resolveRange(graph(...BRANCHES), parseRange(text), new Set(applied));
    expect(range('a:d')).toEqual(['a', 'b', 'd']);
    expect(range(':b')).toEqual(['a', 'b']);
    expect(range('c:')).toEqual(['c', 'e']);
    expect(range('-1:current', ['a', 'b'])).toEqual(['a', 'b']);
    expect(range('-9:current', ['a', 'b'])).toEqual(['a', 'b']);
    expect(range('current:+2', ['a', 'b'])).toEqual(['b', 'd']);
    expect(codeOf(() => range('d:a'))).toBe('SLIPWAY_TARGET_OUT_OF_RANGE');
    expect(codeOf(() => parseRange('a:b:c'))).toBe('SLIPWAY_TARGET_UNKNOWN');
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
    ['one step', LINE, '+1', ['a'], ['b']],
    ['some steps', LINE, '+2', [], ['a', 'b']],
    ['a step to a merge and all that it needs', DIAMOND, '+1', ['a', 'b'], ['c', 'd']],
    ['steps from a revision', DIAMOND, 'b+1', ['a'], ['b', 'c', 'd']],
    ['steps of a branch', TWO, 'y@+1', ['a', 'b'], ['x']],
    ['a branch to its end', TWO, 'x@head', ['a'], ['x', 'y']],
    ['nothing in an empty folder', [], 'head', [], []],
  ] as const)('plans %s', (_, drawings, target, applied, steps) => {
    expect(up(drawings, target, { applied })).toEqual(steps);
  });

  it.each([
    ['several heads', TWO, 'head', 'SLIPWAY_MULTIPLE_HEADS'],
    ['a step that could go to several bases', TWO, '+1', 'SLIPWAY_TARGET_AMBIGUOUS'],
    ['more steps than there are', ['a'], '+2', 'SLIPWAY_TARGET_OUT_OF_RANGE'],
    ['no step', ['a'], '+0', 'SLIPWAY_TARGET_OUT_OF_RANGE'],
    ['steps down', ['a'], '-1', 'SLIPWAY_TARGET_OUT_OF_RANGE'],
    ['base', ['a'], 'base', 'SLIPWAY_TARGET_OUT_OF_RANGE'],
    ['steps down to base', ['a'], 'a-1', 'SLIPWAY_TARGET_OUT_OF_RANGE'],
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
    ['some steps', LINE, ['a', 'b', 'c'], '-2', ['c', 'b']],
    ['all its steps', LINE, ['a', 'b', 'c'], '-3', ['c', 'b', 'a']],
    ['steps below a revision', LINE, ['a', 'b', 'c'], 'c-2', ['c', 'b']],
    ['to the heads it has', LINE, ['a', 'b', 'c'], 'head', []],
    ['to what is current', LINE, ['a', 'b'], 'current', []],
    ['of one branch', TWO, ['a', 'b', 'x', 'y'], 'x@base', ['y', 'x']],
    ['by a step of one branch', TWO, ['a', 'b', 'x', 'y'], 'b@-1', ['b']],
    ['to a revision', DIAMOND, ['a', 'b', 'c', 'd'], 'b', ['d']],
    ['to a revision on one branch only', TWO, ['a', 'b', 'x', 'y'], 'x', ['y']],
    ['not of what only depends on the target', ['a', 'x depends:a'], ['a', 'x'], 'a', []],
    ['of what depends on what goes', [...LINE, 'x depends:b'], ['a', 'b', 'x'], 'a', ['x', 'b']],
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
