/** Places of a file in stack traces. */

import { describe, expect, it } from 'vitest';
import { placesIn } from '../../../src/typescript/stack.ts';

const FILE = '/app/migrations/a+b (1).ts';

describe('a stack trace', () => {
  it('has the places in a file, the innermost first', () => {
    const stack = [
      `Error: no table ${FILE}:9:9`,
      '    at helper (/app/lib/helper.ts:1:1)',
      `    at Object.up (${FILE}:4:7)`,
      `    at ${FILE}:12:3`,
      `    at async Object.run [as up] (file://${FILE}:20:5)`,
      `    at other (${FILE}.js:1:1)`,
    ].join('\n');
    expect(placesIn(stack, FILE)).toEqual([
      { line: 4, column: 7 },
      { line: 12, column: 3 },
      { line: 20, column: 5 },
    ]);
  });

  it('has none where the file plays no part', () => {
    expect(placesIn('Error: no\n    at a (/app/b.ts:1:1)', FILE)).toEqual([]);
    expect(placesIn('', FILE)).toEqual([]);
  });
});
