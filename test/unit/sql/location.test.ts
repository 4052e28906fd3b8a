import { describe, expect, it } from 'vitest';
import {
  excerpt,
  locate,
  locator,
  offsetOfCharacter,
  offsetsOfBytes,
} from '../../../src/sql/location.ts';

describe('locate', () => {
  it.each([
    ['the first character', 'abc', 0, 1, 1],
    ['the end of the text', 'abc', 3, 1, 4],
    ['an offset behind the end', 'abc', 99, 1, 4],
    ['a line feed', 'a\nb', 1, 1, 2],
    ['the line after a line feed', 'a\nb', 2, 2, 1],
    ['the line after \\r\\n', 'a\r\nb', 3, 2, 1],
    ['the line after a lone \\r', 'a\rb', 2, 2, 1],
    ['an empty line', 'a\n\nb', 2, 2, 1],
    ['behind Korean text', '한글 x', 3, 1, 4],
    ['behind an emoji, which is one character', '😀x', 2, 1, 2],
    ['behind a byte order mark, which is none', '\ufeffab', 2, 1, 2],
    ['the byte order mark itself', '\ufeffab', 0, 1, 1],
  ])('counts %s', (_, text, offset, line, column) => {
    expect(locate(text, offset)).toEqual({ line, column });
  });

  it('gives the same answers when asked in any order', () => {
    const text = 'ab\n😀한\r\n\rx\ny';
    const locationOf = locator(text);
    const order = [5, 0, 9, 3, 11, 11, 1, 7, 2];
    expect(order.map(locationOf)).toEqual(order.map((offset) => locate(text, offset)));
  });
});

describe('offsets', () => {
  it.each([
    ['a', 1, 0],
    ['한글x', 3, 2],
    ['😀😀x', 3, 4],
    ['ab', 9, 2],
    ['ab', 0, 0],
  ])('takes %j at position %i to offset %i', (text, position, offset) => {
    expect(offsetOfCharacter(text, position)).toBe(offset);
  });

  it('converts many byte offsets of a text in one pass', () => {
    const text = "é한😀x'";
    const bytes = [0, 2, 5, 9, 10, 11];
    expect(offsetsOfBytes(text, bytes)).toEqual([0, 1, 2, 4, 5, 6]);
    expect(bytes.map((_, i) => Buffer.byteLength(text.slice(0, [0, 1, 2, 4, 5, 6][i])))).toEqual(
      bytes,
    );
  });

  it('takes an infinite byte offset for the end', () => {
    expect(offsetsOfBytes('한글', [3, Number.POSITIVE_INFINITY])).toEqual([1, 2]);
  });
});

describe('excerpt', () => {
  const text = 'one\ntwo\nalter table customers\n  add column emial text,\nfive';

  it('shows the line with a caret under the column and one line before it', () => {
    expect(excerpt(text, text.indexOf('emial'))).toBe(
      [
        '   3 | alter table customers',
        '   4 |   add column emial text,',
        '     |              ^',
      ].join('\n'),
    );
  });

  it('shows as many lines before it as asked for, as far as there are any', () => {
    expect(excerpt(text, 0, { context: 3 })).toBe('   1 | one\n     | ^');
    expect(excerpt(text, 4, { context: 0 })).toBe('   2 | two\n     | ^');
    expect(excerpt(text, 8, { context: 9 }).split('\n')).toHaveLength(4);
  });

  it('keeps tabs so that the caret stands under its character', () => {
    expect(excerpt('\ta\tb', 3)).toBe('   1 | \ta\tb\n     | \t \t^');
  });

  it('gives wide characters two blanks', () => {
    expect(excerpt("select '한글' x", 12)).toBe("   1 | select '한글' x\n     |               ^");
  });

  it('leaves carriage returns and a byte order mark out', () => {
    expect(excerpt('\ufeffab\r\ncd\r\n', 6)).toBe('   1 | ab\n   2 | cd\n     |  ^');
  });

  it('points behind the last line at the end of the text', () => {
    expect(excerpt('a\n', 2)).toBe('   1 | a\n   2 |\n     | ^');
    expect(excerpt('', 0)).toBe('   1 |\n     | ^');
  });

  it('cuts a long line around the caret', () => {
    const long = `${'a'.repeat(5000)}X${'b'.repeat(5000)}`;
    const lines = excerpt(long, 5000).split('\n');
    expect(lines[0]?.length).toBeLessThan(135);
    expect(lines[0]).toMatch(/^ {3}1 \| …a+Xb+…$/);
    expect(lines[0]?.indexOf('X')).toBe(lines[1]?.indexOf('^'));
  });

  it('cuts a long line behind a caret near its start', () => {
    const [line, caret] = excerpt(`aX${'b'.repeat(500)}`, 1).split('\n');
    expect(line).toMatch(/^ {3}1 \| aXb+…$/);
    expect(line?.length).toBeLessThan(135);
    expect(caret).toBe('     |  ^');
  });
});
