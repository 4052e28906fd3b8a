/** The page about the differences is what the comparison knows. */

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DIFFERENCES } from './differences.ts';
import { GUIDE, guidePage } from './guide.ts';

describe('the page about the differences from Alembic', () => {
  it('is up to date (node test/parity/guide.ts)', () => {
    expect(readFileSync(GUIDE, 'utf8')).toBe(guidePage());
  });

  it('has a table that Markdown can read', () => {
    const cells = DIFFERENCES.flatMap((each) => [
      each.title,
      each.alembic,
      each.slipway,
      each.reason,
    ]);
    expect(cells.filter((cell) => /[|\n]/.test(cell))).toEqual([]);
    expect(new Set(DIFFERENCES.map((each) => each.id)).size).toBe(DIFFERENCES.length);
  });
});
