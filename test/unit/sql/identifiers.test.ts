import { describe, expect, it } from 'vitest';
import { quoteIdentifier, quoteLiteral, quoteQualified } from '../../../src/sql/identifiers.ts';
import { parseSql } from '../../../src/sql/parse.ts';

describe('quoteIdentifier', () => {
  it.each([
    ['users', 'users'],
    ['_a1', '_a1'],
    ['Users', '"Users"'],
    ['user', '"user"'],
    ['select', '"select"'],
    ['between', '"between"'],
    ['left', '"left"'],
    ['begin', 'begin'],
    ['1a', '"1a"'],
    ['a$b', '"a$b"'],
    ['a-b', '"a-b"'],
    ['a"b', '"a""b"'],
    ['', '""'],
    ['사용자', '"사용자"'],
    ['a\nb', '"a\nb"'],
  ])('writes %j as %s', (name, expected) => {
    expect(quoteIdentifier(name)).toBe(expected);
  });

  it.each([
    'user',
    'ORDER',
    'values',
    'coalesce',
    'authorization',
    'json_table',
    'a b',
    'x"y',
    '한글',
    'ß',
    ';--',
    '$$',
  ])('keeps the name %j through the parser', async (name) => {
    const result = await parseSql(`create table ${quoteQualified(name, name)} (a int)`);
    expect(result).toMatchObject({
      statements: [{ node: { CreateStmt: { relation: { schemaname: name, relname: name } } } }],
    });
  });

  it('leaves out a schema that is not given', () => {
    expect(quoteQualified(undefined, 'users')).toBe('users');
    expect(quoteQualified('Shop', 'users')).toBe('"Shop".users');
  });
});

describe('quoteLiteral', () => {
  it.each([
    ['', "''"],
    ["it's", "'it''s'"],
    ['a\\b', "E'a\\\\b'"],
    ["\\'", "E'\\\\'''"],
  ])('writes %j as %s', (text, expected) => {
    expect(quoteLiteral(text)).toBe(expected);
  });

  it.each(["it's", 'a\\b', "\\'; drop table x; --", '한글\n$$', "\\\\''"])(
    'keeps the text %j through the parser',
    async (text) => {
      const result = await parseSql(`select ${quoteLiteral(text)}`);
      expect(JSON.stringify(result)).toContain(`"sval":{"sval":${JSON.stringify(text)}}`);
    },
  );
});
