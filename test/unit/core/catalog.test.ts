/** Catalogs compared, and what differs in words. */

import { describe, expect, it } from 'vitest';
import {
  type CatalogObject,
  compareCatalogs,
  describeDifference,
  sortCatalog,
} from '../../../src/core/catalog.ts';

const object = (kind: string, name: string, ...facts: readonly string[]): CatalogObject => ({
  kind,
  name,
  facts,
});

const linesOf = (before: readonly CatalogObject[], after: readonly CatalogObject[]) =>
  compareCatalogs(before, after).flatMap(describeDifference);

describe('the comparison of catalogs', () => {
  it('finds nothing in the same catalog, in whatever order its facts are', () => {
    const users = object('table', 'users', 'owner a', 'unlogged');
    expect(linesOf([users], [object('table', 'users', 'unlogged', 'owner a')])).toEqual([]);
  });

  it('names what is missing and what is too much', () => {
    const index = object('index', 'public.users_email', 'CREATE INDEX users_email\n  ON users');
    expect(linesOf([index], [])).toEqual([
      '- index public.users_email: CREATE INDEX users_email ON users',
    ]);
    expect(linesOf([], [index])).toEqual([
      '+ index public.users_email: CREATE INDEX users_email ON users',
    ]);
  });

  it('shows only the facts that differ, each as often as it is there', () => {
    const before = object('column', 'users.age', 'type integer', 'not null', 'x', 'x');
    const after = object('column', 'users.age', 'type bigint', 'not null', 'x');
    expect(linesOf([before], [after])).toEqual([
      '- column users.age: type integer',
      '- column users.age: x',
      '+ column users.age: type bigint',
    ]);
  });

  it('tells objects of the same name and another kind apart', () => {
    expect(linesOf([object('table', 'a')], [object('view', 'a')])).toEqual([
      '- table a',
      '+ view a',
    ]);
  });

  it('shows long definitions line by line', () => {
    const body = (middle: string) => `create function f()\nbegin\n${middle}\nend`;
    expect(
      linesOf([object('function', 'f()', body('one'))], [object('function', 'f()', body('two'))]),
    ).toEqual([
      '~ function f():',
      '      create function f()',
      '      begin',
      '    - one',
      '    + two',
      '      end',
    ]);
  });

  it('cuts what nobody reads', () => {
    const [line = ''] = linesOf([object('view', 'v', 'x'.repeat(1000))], []);
    expect(line).toHaveLength(301);
    expect(line.endsWith('…')).toBe(true);
  });

  it('sorts by kind and name', () => {
    const sorted = sortCatalog([object('b', 'a'), object('a', 'b'), object('a', 'a')]);
    expect(sorted.map(({ kind, name }) => kind + name)).toEqual(['aa', 'ab', 'ba']);
  });
});
