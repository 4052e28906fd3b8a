/** A password file is searched as libpq searches it. */

import { describe, expect, it } from 'vitest';
import { findPassword } from '../../../src/postgres/passfile.ts';

const login = { host: 'db', port: 5432, database: 'app', user: 'me' };

describe('findPassword', () => {
  it.each([
    ['the exact login', 'db:5432:app:me:s', 's'],
    ['wildcards', '*:*:*:*:s', 's'],
    ['the first line that matches', 'x:*:*:*:no\n*:*:app:*:first\n*:*:*:*:second', 'first'],
    ['an escaped colon and backslash', 'db:5432:app:me:a\\:b\\\\c', 'a:b\\c'],
    ['nothing for another port', 'db:5433:*:*:s', undefined],
    ['nothing in a comment', '#db:5432:app:me:s', undefined],
    ['nothing in a line with too few fields', 'db:5432:app:s', undefined],
    ['nothing for an escaped wildcard', '\\*:*:*:*:s', undefined],
    ['nothing for an empty field', ':5432:app:me:s', undefined],
    ['a line with a Windows line end', 'db:5432:app:me:s\r\n', 's'],
    ['only what is before the next colon', 'db:5432:app:me:s:t', 's'],
    ['blanks as they are', 'db:5432:app:me: s ', ' s '],
  ])('finds %s', (_, text, expected) => {
    expect(findPassword(text, login)).toBe(expected);
  });

  it('matches names that have colons themselves', () => {
    expect(findPassword('\\:\\:1:5432:*:*:s', { ...login, host: '::1' })).toBe('s');
  });
});
