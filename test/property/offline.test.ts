/** What holds for any SQL on its way through psql. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dollarQuoted, psqlText } from '../../src/postgres/script-text.ts';
import { scanSql } from '../../src/sql/lexer.ts';

/** Lexemes that are whole, in any order. */
const lexeme = fc.constantFrom(
  'select',
  'a1',
  'E',
  '1',
  '1.5e3',
  "'it''s :x; '",
  // With a comma: a string on the next line would be part of this one.
  "E'\\';:x',",
  '"a "":x;"',
  '$$ :x; $$',
  '$t$ $$ ; $t$',
  '::',
  ':=',
  ':',
  ':x',
  ';',
  '(',
  ')',
  '[1:n]',
  '+',
  '$1',
  'é',
  '-- :x; \n',
  '/* :x; */',
  ' ',
  '\n',
  '\r\n',
);
const sql = fc.array(lexeme, { maxLength: 30 }).map((parts) => parts.join(' '));

describe('SQL in a script', () => {
  it('is what it was once the backslashes are taken away', () => {
    fc.assert(
      fc.property(sql, (text) => {
        expect(unescaped(psqlText(text))).toBe(text);
      }),
    );
  });

  it('has no semicolon and no variable that psql would see', () => {
    fc.assert(
      fc.property(sql, (text) => {
        // To our own lexer, which reads as psql does, an escape is a command of psql's.
        const seen = [...scanSql(psqlText(text).replaceAll(/\\[:;]/g, ' + '))];
        expect(seen.filter(({ kind }) => kind === 'statement').length).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('stays inside its dollar quotes', () => {
    const text = fc.array(fc.constantFrom('$', 'slipway', '_1', '$slipway$', ' ', 'x'));
    fc.assert(
      fc.property(text, (parts) => {
        const inside = parts.join('');
        const quoted = dollarQuoted(inside);
        const tag = /^\$\w+\$/.exec(quoted)?.[0] ?? '';
        expect(quoted.indexOf(tag, tag.length)).toBe(quoted.length - tag.length);
        expect(quoted.slice(tag.length, -tag.length)).toBe(inside);
      }),
    );
  });
});

/** What psql sends: it knows no escapes within quotes, and `psqlText` writes none there. */
function unescaped(text: string): string {
  return text.replaceAll(/\\(?=:(?![:=])|;)/g, '');
}
