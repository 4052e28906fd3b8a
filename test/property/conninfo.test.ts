/** A connection string gives back what was put in, and an error about it gives away nothing. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SlipwayError } from '../../src/core/errors.ts';
import { describeServer } from '../../src/postgres/connection-settings.ts';
import { parseConnection } from '../../src/postgres/conninfo.ts';

const parse = (url: string) =>
  parseConnection({ url, env: {}, readFile: () => undefined, homeDir: undefined, osUser: 'me' });

const text = fc.string({ unit: 'binary', minLength: 1 }).filter((value) => !value.includes('\0'));
const wellFormed = text.filter((value) => value.isWellFormed());

/** A password around a mark that nothing else contains, with the characters that break URLs. */
const nasty = fc
  .array(
    fc.oneof(
      fc.constantFrom(...'@/:?#%&=[], \'"\\+;\n', '%zz', '%00', '%40', '://', '12/', '5?', 'a=b&'),
      fc.string({ maxLength: 3 }),
    ),
    { minLength: 1, maxLength: 8 },
  )
  .chain((parts) =>
    fc.nat({ max: parts.length }).map((at) => {
      const marked = [...parts];
      marked.splice(at, 0, 'xq7zMARKxq7z');
      return marked.join('');
    }),
  );

const shapes: readonly ((password: string) => string)[] = [
  (password) => `postgres://user:${password}@host/db`,
  (password) => `postgresql://user:${password}@host:5432/db?sslmode=require`,
  (password) => `postgres://:${password}@host`,
  (password) => `postgres://${password}@host/db`,
  (password) => `postgres://user:${password}`,
  (password) => `postgres:/user:${password}@host/db`,
  (password) => `postgresql+x://user:${password}@host/db`,
  (password) => `user:${password}@host/db`,
  (password) => `postgres://host/db?password=${password}`,
  (password) => `host=h password=${password}`,
  (password) => `host=h password='${password}' dbname=d`,
  (password) => `host=h pasword=${password}`,
  (password) => `host=h password=${password} sslmode=nonsense`,
  (password) => `password ${password}`,
];

describe('parseConnection', () => {
  it('gives back what was percent-encoded', () => {
    fc.assert(
      fc.property(wellFormed, wellFormed, wellFormed, (user, password, database) => {
        const settings = parse(
          `postgres://${encodeURIComponent(user)}:${encodeURIComponent(password)}@h/${encodeURIComponent(database)}`,
        );
        expect(settings.user).toBe(user);
        expect(settings.password?.reveal()).toBe(password);
        expect(settings.database).toBe(database);
      }),
    );
  });

  it('gives back what was quoted', () => {
    const quote = (value: string) => `'${value.replace(/['\\]/g, '\\$&')}'`;
    fc.assert(
      fc.property(text, text, (password, database) => {
        const settings = parse(`host=h password=${quote(password)} dbname = ${quote(database)}`);
        expect(settings.password?.reveal()).toBe(password);
        expect(settings.database).toBe(database);
      }),
    );
  });

  it('never repeats any part of a password in an error, however malformed the string', () => {
    fc.assert(
      fc.property(nasty, fc.constantFrom(...shapes), (password, shape) => {
        try {
          parse(shape(password));
        } catch (error) {
          expect(error).toBeInstanceOf(SlipwayError);
          if (!(error instanceof SlipwayError)) return;
          const shown = [error.message, error.hint, error.stack, JSON.stringify(error.details)];
          expect(shown.join('\n')).not.toContain('MARK');
          expect(error.cause).toBeUndefined();
        }
      }),
      { numRuns: 5000 },
    );
  });

  it('never takes a piece of the password for the place when the password is not encoded', () => {
    const inPassword = shapes.slice(0, 3);
    fc.assert(
      fc.property(nasty, fc.constantFrom(...inPassword), (password, shape) => {
        // What a query names is the place, so a password with a whole query in it cannot be told.
        fc.pre(!/[?&].*=/s.test(password));
        let place: string;
        try {
          place = describeServer(parse(shape(password)));
        } catch {
          return;
        }
        expect(place).not.toContain('MARK');
      }),
      { numRuns: 5000 },
    );
  });
});
