import { describe, expect, it } from 'vitest';
import {
  directiveIn,
  HEADER_KEYS,
  readDirectives,
  STATEMENT_DIRECTIVES,
} from '../../../src/sql/directives.ts';

const comment = (text: string) => directiveIn(text, { start: 0, end: text.length });

describe('directiveIn', () => {
  it.each([
    ['-- slipway:up', 'up', ''],
    ['--slipway:phase expand', 'phase', 'expand'],
    ['-- slipway : ignore  a-rule \t it  is fine \r', 'ignore', 'a-rule \t it  is fine'],
    ['-- SLIPWAY:Up', 'Up', ''],
    ['-- slipway:', '', ''],
  ])('finds one in %j', (text, name, value) => {
    expect(comment(text)).toEqual({ name, value, offset: 0 });
  });

  it.each(['-- slipway up', '-- see slipway:up', '--- slipway:up', '-- slipways:up'])(
    'takes %j for a plain comment',
    (text) => {
      expect(comment(text)).toBeUndefined();
    },
  );
});

describe('readDirectives', () => {
  const source = { file: 'x.sql', source: '' };
  const directive = (name: string, value: string) => ({ name, value, offset: 0 });

  it('gives every name of the table its values, in order', () => {
    expect(
      readDirectives(source, STATEMENT_DIRECTIVES, [
        directive('ignore', 'a-rule x'),
        directive('idempotent', ''),
        directive('ignore', 'b-rule y z'),
      ]),
    ).toEqual({
      backfill: [],
      ignore: [
        { rule: 'a-rule', reason: 'x' },
        { rule: 'b-rule', reason: 'y z' },
      ],
      'only-if': [],
      idempotent: [true],
    });
  });

  it.each(['toString', '__proto__', 'constructor'])('does not know %s', (name) => {
    for (const table of [HEADER_KEYS, STATEMENT_DIRECTIVES]) {
      expect(() => readDirectives(source, table, [directive(name, 'x')])).toThrow('does not know');
    }
  });
});
