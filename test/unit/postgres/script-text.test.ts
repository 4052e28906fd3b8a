import { describe, expect, it } from 'vitest';
import {
  dollarQuoted,
  inlined,
  literal,
  oneLine,
  psqlArgument,
  psqlText,
} from '../../../src/postgres/script-text.ts';

describe('psqlText', () => {
  it.each([
    ['select a[1:HOST]', String.raw`select a[1\:HOST]`],
    ['select a[:n], a[n:]', String.raw`select a[\:n], a[n\:]`],
    ['select 1::int, x:=2', 'select 1::int, x:=2'],
    ['select a[1::int:n]', String.raw`select a[1::int\:n]`],
    ['a; b;', String.raw`a\; b\;`],
    [`select ':HOST; ', ":HOST;"`, `select ':HOST; ', ":HOST;"`],
    ['select $$ :HOST; $$, $a$ ; $$ $a$', 'select $$ :HOST; $$, $a$ ; $$ $a$'],
    ['select 1 -- :HOST;', 'select 1 -- :HOST;'],
    ['select 1 /* ; /* :a */ ; */ ; 2', String.raw`select 1 /* ; /* :a */ ; */ \; 2`],
    [String.raw`select E'\';:a', e'\\';`, String.raw`select E'\';:a', e'\\'\;`],
    [String.raw`select '\'; :a`, String.raw`select '\'\; \:a`],
    ['select a$1:b', String.raw`select a$1\:b`],
    ['select $1:b', String.raw`select $1\:b`],
    ['select 1e5:b, 0x1F;', String.raw`select 1e5\:b, 0x1F\;`],
    ['select "it""s:a":b', String.raw`select "it""s:a"\:b`],
    ["select 'it''s:a':b", String.raw`select 'it''s:a'\:b`],
    ['select é:b', String.raw`select é\:b`],
  ])('writes %j as %s', (sql, expected) => {
    expect(psqlText(sql)).toBe(expected);
  });

  it('joins a string with escapes that goes on in a further line', () => {
    expect(psqlText("select E'a\\''\n  'b\\';:c'\r\n'd' ';'")).toBe("select E'a\\'b\\';:cd' ';'");
    expect(psqlText("select 'a'\n 'b\\';")).toBe("select 'a'\n 'b\\'\\;");
  });
});

describe('inlined', () => {
  it('puts each value in its place, and no value into another', () => {
    const text = ' select $1, $2, $10, "a$1", $1 ';
    const values = ['$2', "it's", 3, 4, 5, 6, 7, 8, 9, 'ten'];
    expect(inlined({ text, values })).toBe(`select '$2', 'it''s', 'ten', "a$1", '$2'`);
  });
});

describe('literal', () => {
  it.each([
    [null, 'null'],
    [undefined, 'null'],
    [true, 'true'],
    [1.5, '1.5'],
    ["it's", `'it''s'`],
    ['back\\slash', String.raw`E'back\\slash'`],
    [[], `'{}'`],
    [['a', 'b"c', 'd\\e', '', 'null'], String.raw`E'{"a","b\\"c","d\\\\e","","null"}'`],
  ])('writes %j as %s', (value, expected) => {
    expect(literal(value)).toBe(expected);
  });

  it('refuses what it cannot write', () => {
    expect(() => literal({})).toThrow('no literal');
  });
});

describe('dollarQuoted', () => {
  it('takes a tag that the text does not have', () => {
    expect(dollarQuoted('a')).toBe('$slipway$a$slipway$');
    expect(dollarQuoted('a $slipway$ b')).toBe('$slipway_1$a $slipway$ b$slipway_1$');
    expect(dollarQuoted('a $slipway')).toBe('$slipway_1$a $slipway$slipway_1$');
    expect(dollarQuoted('$x_1$ $x', 'x')).toBe('$x_2$$x_1$ $x$x_2$');
  });
});

describe('psqlArgument', () => {
  it('keeps everything on one line, in one argument', () => {
    expect(psqlArgument("a 'b' \\: \r\n c")).toBe(String.raw`'a \'b\' \\: \r\n c'`);
  });
});

describe('oneLine', () => {
  it.each(['\n', '\r', '\r\n', '\u2028', '\u0085', '\0', '\v', '\f', '\n\n'])(
    'leaves no line break in a comment (%j)',
    (hostile) => {
      expect(oneLine(`a${hostile}drop table t`)).toBe('a drop table t');
    },
  );
});
