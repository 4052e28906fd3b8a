import { describe, expect, it } from 'vitest';
import { lineDifference } from '../../../src/core/difference.ts';

describe('the difference of two texts', () => {
  it('is empty when only line ends differ', () => {
    expect(lineDifference('a\nb\n', 'a\r\nb\r\n')).toEqual([]);
  });

  it('shows what went and what came, with what is around it', () => {
    const before = 'one\ntwo\nthree\nfour\nfive\nsix';
    const after = 'one\ntwo\nthree\nFOUR\nfive\nsix\nseven';
    expect(lineDifference(before, after)).toEqual([
      '…',
      '  two',
      '  three',
      '- four',
      '+ FOUR',
      '  five',
      '  six',
      '+ seven',
    ]);
  });

  it.each([
    ['', 'a'],
    ['a\nb\nc', 'c\nb\na'],
    ['a\na\nb', 'a\nb\nb\n'],
  ])('of %j and %j leads from one to the other', (before, after) => {
    const lines = lineDifference(before, after);
    const side = (mark: string) =>
      lines.filter((line) => line[0] !== mark).map((line) => line.slice(2));
    expect(side('+').join('\n')).toBe(before.split('\n').join('\n'));
    expect(side('-').join('\n')).toBe(after.split('\n').join('\n'));
  });
});
