/** What became of rows on the way up and down. */

import { describe, expect, it } from 'vitest';
import { differentRows, judgeRows } from '../../../src/rehearsal/lost-rows.ts';
import type { TableRows } from '../../../src/rehearsal/ports.ts';

/** A table as its rows; digests are the values themselves. */
function table(
  name: string,
  rows: readonly { readonly [column: string]: string | null }[],
): TableRows {
  const names = Object.keys(rows[0] ?? {});
  const values = (column: string) => rows.flatMap((row) => row[column] ?? []);
  return {
    table: name,
    rows: rows.length,
    digest: rows
      .map((row) => JSON.stringify(row))
      .sort()
      .join(),
    columns: new Map(
      names.map((column) => [
        column,
        { present: values(column).length, digest: values(column).sort().join() },
      ]),
    ),
  };
}

const OLD = [
  table('users', [
    { id: '1', phone: 'a' },
    { id: '2', phone: 'b' },
  ]),
];

describe('rows', () => {
  it('that are the same again are fine, whatever was in between', () => {
    const above = [
      table('users', [
        { id: '1', tel: 'a' },
        { id: '2', tel: 'b' },
      ]),
    ];
    expect(judgeRows({ before: OLD, above, after: OLD })).toEqual({ lost: [], changed: [] });
  });

  it('that did not come back are lost', () => {
    const after = [table('users', [{ id: '1', phone: 'a' }])];
    expect(judgeRows({ before: OLD, above: after, after }).lost).toEqual([
      'users: 1 of 2 rows did not come back',
    ]);
  });

  it('whose column was away, and came back empty or with other values, lost them', () => {
    const above = [table('users', [{ id: '1' }, { id: '2' }])];
    const empty = [
      table('users', [
        { id: '1', phone: null },
        { id: '2', phone: null },
      ]),
    ];
    const filled = [
      table('users', [
        { id: '1', phone: '' },
        { id: '2', phone: '' },
      ]),
    ];
    expect(judgeRows({ before: OLD, above, after: empty }).lost).toEqual([
      'users.phone: 2 of 2 values did not come back',
    ]);
    expect(judgeRows({ before: OLD, above, after: filled }).lost).toEqual([
      'users.phone: the values are not those of before',
    ]);
  });

  it('that the upgrade rewrote in place are changed, not lost', () => {
    const above = [
      table('users', [
        { id: '1', phone: 'A' },
        { id: '2', phone: 'B' },
      ]),
    ];
    expect(judgeRows({ before: OLD, above, after: above })).toEqual({
      lost: [],
      changed: ['users.phone: the downgrade leaves the values of the upgrade'],
    });
  });

  it('whose values came back in other rows are lost', () => {
    const after = [
      table('users', [
        { id: '1', phone: 'b' },
        { id: '2', phone: 'a' },
      ]),
    ];
    expect(judgeRows({ before: OLD, above: OLD, after }).lost).toEqual([
      'users: values are in other rows than before',
    ]);
  });

  it('that were added are changed; new tables and columns do not count', () => {
    const after = [
      table('users', [
        { id: '1', phone: 'a' },
        { id: '2', phone: 'b' },
        { id: '3', phone: 'c' },
      ]),
      table('new', [{ id: '1' }]),
    ];
    expect(judgeRows({ before: OLD, above: after, after })).toEqual({
      lost: [],
      changed: ['users: 1 row more than before'],
    });
  });

  it('of two databases are compared by column', () => {
    const other = [
      table('users', [
        { id: '1', phone: 'x' },
        { id: '2', phone: 'b' },
      ]),
    ];
    expect(differentRows(OLD, other)).toEqual(['users.phone: other values']);
    expect(differentRows(OLD, [table('users', [{ id: '1', phone: 'a' }])])).toEqual([
      'users: 1 row instead of 2',
    ]);
  });
});
