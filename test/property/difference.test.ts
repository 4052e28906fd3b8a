import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lineDifference } from '../../src/core/difference.ts';

const line = fc.constantFrom('a', 'b', 'c', '', 'select 1;');
const text = fc.array(line, { maxLength: 12 }).map((lines) => lines.join('\n'));

describe('the difference of two texts', () => {
  it('is empty for the same text, and for nothing else', () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(lineDifference(a, a)).toEqual([]);
        expect(lineDifference(a, b).length === 0).toBe(a === b);
      }),
    );
  });

  it('has as many more lines on one side as the texts have', () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        const lines = lineDifference(a, b);
        const count = (mark: string) => lines.filter((each) => each.startsWith(mark)).length;
        expect(count('+') - count('-')).toBe(b.split('\n').length - a.split('\n').length);
      }),
    );
  });
});
