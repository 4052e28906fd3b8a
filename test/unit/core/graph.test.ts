/** The graph of revisions, and everything that can be wrong with it. */

import { describe, expect, it } from 'vitest';
import { SlipwayError } from '../../../src/core/errors.ts';
import { buildGraph, headsOf, withAncestors, withDescendants } from '../../../src/core/graph.ts';
import { graph, revision, revisions } from '../../support/graph.ts';

function errorOf(build: () => unknown): SlipwayError {
  try {
    build();
  } catch (error) {
    if (error instanceof SlipwayError) return error;
    throw error;
  }
  throw new Error('expected an error');
}

describe('a graph', () => {
  it('knows order, heads, bases, children and labels', () => {
    const built = graph('a', 'b<-a label:left', 'c<-a', 'd<-b,c', 'x');
    expect(built.order).toEqual(['a', 'b', 'c', 'd', 'x']);
    expect(built.heads).toEqual(['d', 'x']);
    expect(built.bases).toEqual(['a', 'x']);
    expect(built.children.get('a')).toEqual(['b', 'c']);
    expect(built.labels).toEqual(new Map([['left', 'b']]));
  });

  it('is empty without revisions', () => {
    expect(graph()).toMatchObject({ order: [], heads: [], bases: [] });
  });

  it('has the same order whatever the order of the files', () => {
    const all = revisions('z', 'c<-z', 'b<-z', 'a<-b,c', 'q depends:a');
    const { order } = buildGraph(all);
    expect(order).toEqual(['z', 'b', 'c', 'a', 'q']);
    expect(buildGraph(all.toReversed()).order).toEqual(order);
    expect(buildGraph([...all.slice(2), ...all.slice(0, 2)]).order).toEqual(order);
  });

  it('keeps a revision a head that others only depend on', () => {
    expect(graph('a', 'b depends:a').heads).toEqual(['a', 'b']);
  });

  it('does not recurse into a deep history', () => {
    const names = Array.from({ length: 20_000 }, (_, i) => `r${String(i).padStart(5, '0')}`);
    const nodes = names.map((id, i) => ({
      id,
      file: `${id}.sql`,
      dependsOn: [],
      labels: [],
      revises: i === 0 ? [] : [names[i - 1] ?? ''],
    }));
    const deep = buildGraph(nodes.toReversed());
    expect(deep.order).toEqual(names);
    expect(withAncestors(deep, deep.heads).size).toBe(20_000);
  });

  it('walks to all that a revision needs, and to all that needs it', () => {
    const built = graph('a', 'b<-a', 'c', 'd<-b depends:c', 'e<-d', 'x');
    expect([...withAncestors(built, ['d'])].sort()).toEqual(['a', 'b', 'c', 'd']);
    expect([...withDescendants(built, ['c'])].sort()).toEqual(['c', 'd', 'e']);
    expect([...withAncestors(built, ['unknown'])]).toEqual(['unknown']);
  });

  it('has the heads of what is applied, not of all there is', () => {
    expect(headsOf(revisions('a', 'b<-a', 'x'))).toEqual(['b', 'x']);
    expect(headsOf([])).toEqual([]);
  });
});

describe('a graph that makes no sense', () => {
  it('names the revisions of a cycle, in order, and their files', () => {
    const error = errorOf(() => graph('x', 'a<-c', 'b<-a', 'c<-b,x'));
    expect(error.code).toBe('SLIPWAY_GRAPH_CYCLE');
    const ring = error.details['revisions'] as string[];
    expect([...ring].sort()).toEqual(['a', 'b', 'c']);
    expect(error.details['files']).toEqual(ring.map((id) => `migrations/${id}.sql`));
  });

  it.each([
    ['a revision that follows itself', ['a<-a'], ['a']],
    ['a cycle through depends-on', ['a depends:b', 'b<-a'], ['a', 'b']],
  ])('finds %s', (_, drawings, ring) => {
    const error = errorOf(() => graph(...drawings));
    expect(error.code).toBe('SLIPWAY_GRAPH_CYCLE');
    expect([...(error.details['revisions'] as string[])].sort()).toEqual(ring);
  });

  it.each(['b<-a0001', 'b depends:a0001'])(
    'offers the nearest id for a missing one: %s',
    (text) => {
      const error = errorOf(() => graph('a0002', text));
      expect(error.code).toBe('SLIPWAY_GRAPH_MISSING_REVISION');
      expect(error.details).toEqual({
        revision: 'b',
        file: 'migrations/b.sql',
        missing: 'a0001',
      });
      expect(error.hint).toContain('"a0002"');
    },
  );

  it('offers nothing where nothing is near', () => {
    expect(errorOf(() => graph('zzzzzzzz', 'b<-a0001')).hint).not.toContain('Did you mean');
  });

  it('names both files of an id that is defined twice', () => {
    const twice = { ...revision('a'), file: 'migrations/copy.sql' };
    const error = errorOf(() => buildGraph([revision('a'), twice]));
    expect(error.code).toBe('SLIPWAY_FILE_DUPLICATE_ID');
    expect(error.details).toEqual({
      revision: 'a',
      files: ['migrations/a.sql', 'migrations/copy.sql'],
    });
  });

  it('names both files of a label that is given twice', () => {
    const error = errorOf(() => graph('a label:main', 'b label:main'));
    expect(error.code).toBe('SLIPWAY_GRAPH_DUPLICATE_LABEL');
    expect(error.details).toEqual({
      label: 'main',
      files: ['migrations/a.sql', 'migrations/b.sql'],
    });
  });
});
