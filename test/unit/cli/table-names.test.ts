/** Names of tables on the command line. */

import { describe, expect, it } from 'vitest';
import { readTableNames } from '../../../src/cli/table-names.ts';

const names = (text: string) =>
  readTableNames(text)?.map(({ schema, name }) => (schema === undefined ? [name] : [schema, name]));

describe('names of tables', () => {
  it.each([
    ['users', [['users']]],
    ['Users , app.Orders', [['users'], ['app', 'orders']]],
    ['"Users","a.b"."c,""d"""', [['Users'], ['a.b', 'c,"d"']]],
    ['größe', [['größe']]],
    ['', []],
  ])('%s', (text, expected) => {
    expect(names(text)).toEqual(expected);
  });

  it.each(['a b', 'a.b.c', '"a', ',', 'a,,b', '.a', 'a.'])('%s makes no sense', (text) => {
    expect(names(text)).toBeUndefined();
  });
});
