/** Edits of findings, made in a text. */

import { describe, expect, it } from 'vitest';
import { applyFixes } from '../../../src/lint/fix.ts';
import type { Edit } from '../../../src/lint/rule.ts';

const insert = (offset: number, text: string): Edit => ({ offset, length: 0, text });
const replace = (offset: number, length: number, text: string): Edit => ({ offset, length, text });

describe('fixes', () => {
  it('are made all at once, wherever they stand', () => {
    expect(
      applyFixes('abcdef', [[replace(4, 1, 'E!')], [insert(0, '> '), replace(1, 2, '')]]),
    ).toEqual({ text: '> adE!f', made: [0, 1] });
  });

  it('that touch the same text wait for the next round, as a whole', () => {
    const fixes = [[replace(1, 3, 'X')], [insert(0, '> '), replace(2, 1, 'Y')]];
    expect(applyFixes('abcdef', fixes)).toEqual({ text: 'aXef', made: [0] });
  });

  it('that insert different text at one place have no order', () => {
    expect(applyFixes('ab', [[insert(1, 'x')], [insert(1, 'y')]])).toEqual({
      text: 'axb',
      made: [0],
    });
  });

  it('that ask for the same edit make it once', () => {
    const header = insert(0, '-- header\n');
    expect(
      applyFixes('a b', [
        [header, replace(0, 1, 'A')],
        [header, replace(2, 1, 'B')],
      ]),
    ).toEqual({
      text: '-- header\nA B',
      made: [0, 1],
    });
  });

  it('stand side by side', () => {
    expect(applyFixes('abc', [[replace(1, 1, 'B')], [insert(1, '('), insert(2, ')')]])).toEqual({
      text: 'a(B)c',
      made: [0, 1],
    });
  });

  it('keep the line ends of the file', () => {
    expect(applyFixes('a\r\nb\r\n', [[insert(3, 'x\ny\n')]]).text).toBe('a\r\nx\r\ny\r\nb\r\n');
    expect(applyFixes('a\nb', [[insert(2, 'x\n')]]).text).toBe('a\nx\nb');
  });

  it('change nothing where there are none', () => {
    expect(applyFixes('abc', [[], []])).toEqual({ text: 'abc', made: [] });
  });
});
