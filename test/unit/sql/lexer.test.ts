import { describe, expect, it } from 'vitest';
import { type SqlToken, scanSql } from '../../../src/sql/lexer.ts';

const scan = (text: string): SqlToken[] => [...scanSql(text)];
const statements = (text: string): string[] =>
  scan(text).flatMap((token) =>
    token.kind === 'statement' ? [text.slice(token.start, token.end)] : [],
  );
const kinds = (text: string): string[] => scan(text).map((token) => token.kind);

describe('statement ends', () => {
  it.each<[string, string, string[]]>([
    ['nothing', ' \n\t;;; -- a\n/* b; */ ;', []],
    ['a last statement without a semicolon', 'select 1; select 2', ['select 1', 'select 2']],
    ['comments around a statement', '/*a*/ select 1 -- b\n; --c', ['select 1']],
    ['a comment inside a statement', 'select /*;*/ 1;', ['select /*;*/ 1']],
    ['nested comments', "select 1 /* /* ; */ ' */; select 2", ['select 1', 'select 2']],
    ['a comment that looks closed at once', 'a /*/ ; */; b', ['a', 'b']],
    ['a comment in an operator', 'select 1 +-- ;\n2; b', ['select 1 +-- ;\n2', 'b']],
    ['a line comment that a lone \\r ends', 'a -- x\rb; c', ['a -- x\rb', 'c']],
    ['semicolons in quotes', `select ';', ";", ''; b`, [`select ';', ";", ''`, 'b']],
    ['doubled quotes', `select 'a'';''b', "a"";"; b`, [`select 'a'';''b', "a"";"`, 'b']],
    ['a backslash in a plain string', "select '\\'; b", ["select '\\'", 'b']],
    ['a backslash in an E string', "select e'\\';', E'\\\\'; b", ["select e'\\';', E'\\\\'", 'b']],
    ['an identifier that ends in e', "select nate'\\'; b", ["select nate'\\'", 'b']],
    [
      'unicode, bit and national strings',
      "select U&'\\', b'1', x'F', n'\\'; b",
      ["select U&'\\', b'1', x'F', n'\\'", 'b'],
    ],
    [
      'an E string continued on the next line',
      "select E'a' -- c\n '\\';'; b",
      ["select E'a' -- c\n '\\';'", 'b'],
    ],
    [
      'two strings on one line, which is no continuation',
      "select E'a' '\\'; b",
      ["select E'a' '\\'", 'b'],
    ],
    ['dollar quotes', 'do $$;$$; b', ['do $$;$$', 'b']],
    ['dollar quotes with tags', 'do $a$ $$;$$ $b$; $a$; b', ['do $a$ $$;$$ $b$; $a$', 'b']],
    ['a dollar sign in an identifier', 'select a$b$;c$b$', ['select a$b$', 'c$b$']],
    ['parameters', 'select $1;select $2$a$;$a$', ['select $1', 'select $2$a$;$a$']],
    ['a dollar quote behind a number', 'select 1$a$;$a$; b', ['select 1$a$;$a$', 'b']],
    ['a Korean tag', 'do $한글$;$한글$; b', ['do $한글$;$한글$', 'b']],
    [
      'semicolons in parentheses',
      'create rule r as on insert to t do (a; b); c',
      ['create rule r as on insert to t do (a; b)', 'c'],
    ],
    ['a parenthesis too many', 'a); b', ['a)', 'b']],
    [
      'begin atomic',
      'create function f() returns int begin atomic select 1; select 2; end; b',
      ['create function f() returns int begin atomic select 1; select 2; end', 'b'],
    ],
    [
      'case in begin atomic',
      'create or replace procedure f() begin atomic select case when a then 1 end; end; b',
      ['create or replace procedure f() begin atomic select case when a then 1 end; end', 'b'],
    ],
    [
      'an alias named end in begin atomic',
      'create function f() begin atomic select 1 as end; select t.end; end; b',
      ['create function f() begin atomic select 1 as end; select t.end; end', 'b'],
    ],
    [
      'a parameter named begin',
      'create function f(begin atomic) returns int return 1; b',
      ['create function f(begin atomic) returns int return 1', 'b'],
    ],
    [
      'a routine named like a keyword',
      'create function procedure() begin atomic select 1; end; b',
      ['create function procedure() begin atomic select 1; end', 'b'],
    ],
    ['begin atomic outside of a routine', 'select begin atomic; b', ['select begin atomic', 'b']],
    ['begin as a statement', 'begin; b', ['begin', 'b']],
  ])('knows %s', (_, text, expected) => {
    expect(statements(text)).toEqual(expected);
  });
});

describe('comments', () => {
  it('tells whether a comment stands inside a statement, and where that began', () => {
    const comments = scan('-- a\nselect -- b\n1; /* c */').filter((t) => t.kind !== 'statement');
    expect(comments).toMatchObject([
      { kind: 'line-comment', inside: undefined },
      { kind: 'line-comment', inside: 5 },
      { kind: 'block-comment', inside: undefined },
    ]);
  });

  it('finds none in strings', () => {
    expect(kinds(`select '--', "/*", $$ -- $$, E'\\'--'`)).toEqual(['statement']);
  });
});

describe('commands of psql', () => {
  it('reach to the end of their line', () => {
    const text = '\\copy t from x;\r\nselect 1';
    const [first] = scan(text);
    expect(first).toEqual({ kind: 'meta-command', start: 0, end: 15, inside: undefined });
    expect(statements(text)).toEqual(['select 1']);
  });

  it('are not looked for in strings, comments and rows', () => {
    expect(kinds('select \'\\d\', $$\\d$$, "\\d" -- \\d')).not.toContain('meta-command');
    expect(kinds('copy t from stdin;\n\\N\n\\.\n')).toEqual(['statement']);
  });
});

describe('rows of copy … from stdin', () => {
  const rows = (text: string): string[] =>
    scan(text).flatMap((token) =>
      token.kind === 'statement' && token.copyData !== undefined
        ? [text.slice(token.copyData.start, token.copyData.end)]
        : [],
    );

  it.each<[string, string, string[]]>([
    ['plain rows', 'copy t from stdin;\n1\t2\n\\.\nselect 1;', ['1\t2\n']],
    ['no rows', 'copy t from stdin;\n\\.\n', ['']],
    [
      'rows that look like SQL',
      "COPY t (a) FROM STDIN;\n';\n-- slipway:down\n$$ /*\n\\.\n",
      ["';\n-- slipway:down\n$$ /*\n"],
    ],
    [
      'rows that begin like the end',
      'copy t from stdin;\n\\.x\n\\.\rx\n\\\\.\n \\.\n\\.',
      ['\\.x\n\\.\rx\n\\\\.\n \\.\n'],
    ],
    ['a comment behind the semicolon', 'copy t from stdin; -- ;\n1\n\\.\n', ['1\n']],
    ['Windows line ends', 'copy t from stdin;\r\n1\r\n\\.\r\nselect 1;', ['1\r\n']],
    [
      'options behind it',
      "copy t from stdin with (format csv, delimiter ';');\n1;2\n\\.\n",
      ['1;2\n'],
    ],
    ['stdout, which the grammar takes as well', 'copy t from stdout;\n1\n\\.\n', ['1\n']],
    [
      'none for a file or a query',
      "copy t from '/stdin'; copy (select 1 from stdin) to stdout; copy stdin to stdout;",
      [],
    ],
  ])('knows %s', (_, text, expected) => {
    expect(rows(text)).toEqual(expected);
  });

  it('goes on with SQL behind the closing line', () => {
    expect(statements('copy t from stdin;\n;\n\\.\nselect 1; b')).toEqual([
      'copy t from stdin',
      'select 1',
      'b',
    ]);
  });

  it.each([
    ['an unclosed copy', 'copy t from stdin;\n1\n'],
    ['a copy without rows', 'copy t from stdin;'],
    ['a copy without semicolon', 'copy t from stdin'],
    ['rows on the line of the semicolon', 'copy t from stdin; 1\n\\.\n'],
  ])('reports %s where it begins', (_, text) => {
    expect(scan(` ${text}`)).toMatchObject([{ kind: 'problem', start: 1 }]);
  });
});

describe('problems', () => {
  it.each([
    ['a string', "select 'abc;\n", 7],
    ['an E string that ends in a backslash', "select E'abc\\'", 7],
    ['a quoted identifier', 'select "abc', 7],
    ['a dollar quote', 'do $x$ $y$ $$', 3],
    ['a comment', 'select /* /* */', 7],
  ])('reports %s that is not closed, where it opens', (_, text, start) => {
    expect(scan(text).at(-1)).toMatchObject({ kind: 'problem', start });
  });
});
