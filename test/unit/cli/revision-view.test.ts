import { describe, expect, it } from 'vitest';
import { type RevisionView, viewRevisions } from '../../../src/cli/revision-view.ts';
import type { AppliedRevision } from '../../../src/core/applied.ts';
import { appliedRow, graph, revision, summaryOf } from '../../support/graph.ts';

const branched = graph(
  'a label:core',
  'b<-a label:users',
  'c<-a',
  'd<-b,c',
  'x depends:b label:audit',
  'y<-d',
);

function database(...rows: readonly AppliedRevision[]) {
  return { heads: summaryOf(rows).heads, applied: rows };
}

function pick<K extends keyof RevisionView>(
  views: ReadonlyMap<string, RevisionView>,
  key: K,
): { readonly [id: string]: RevisionView[K] } {
  return Object.fromEntries([...views].map(([id, view]) => [id, view[key]]));
}

describe('a view of revisions', () => {
  it('says which are heads, bases, branch points and merge points', () => {
    const { all } = viewRevisions(branched);
    const where = (key: 'isHead' | 'isBase' | 'isBranchPoint' | 'isMergePoint') =>
      [...all.values()].filter((view) => view[key]).map(({ id }) => id);
    expect(where('isHead').sort()).toEqual(['x', 'y']);
    expect(where('isBase').sort()).toEqual(['a', 'x']);
    expect(where('isBranchPoint')).toEqual(['a']);
    expect(where('isMergePoint')).toEqual(['d']);
    expect(all.get('a')?.followedBy).toEqual(['b', 'c']);
    expect(pick(all, 'neededBy')).toMatchObject({ a: [], b: ['x'], x: [] });
  });

  it('tells own labels from those inherited along revises, not along depends-on', () => {
    const { all } = viewRevisions(branched);
    expect(pick(all, 'labels')).toMatchObject({ a: ['core'], b: ['users'], c: [], x: ['audit'] });
    expect(pick(all, 'inheritedLabels')).toEqual({
      a: [],
      b: ['core'],
      c: ['core'],
      d: ['core', 'users'],
      x: [],
      y: ['core', 'users'],
    });
  });

  it('says listed where no database was asked, else pending, applied, partial or current', () => {
    expect(new Set(Object.values(pick(viewRevisions(branched).all, 'state')))).toEqual(
      new Set(['listed']),
    );
    const { all } = viewRevisions(
      branched,
      database(
        appliedRow(revision('a')),
        appliedRow(revision('b<-a')),
        appliedRow(revision('c<-a'), { state: 'partial' }),
      ),
    );
    expect(pick(all, 'state')).toMatchObject({
      a: 'applied',
      b: 'current',
      c: 'partial',
      d: 'pending',
    });
  });

  it('has revisions that only the database knows in their place, and leaves heads to the files', () => {
    const { all, graph: joined } = viewRevisions(
      graph('a', 'b<-a'),
      database(
        appliedRow(revision('a')),
        appliedRow(revision('b<-a')),
        appliedRow(revision('u<-b')),
      ),
    );
    expect(joined.order).toEqual(['a', 'b', 'u']);
    expect(pick(all, 'state')).toEqual({ a: 'applied', b: 'applied', u: 'unknown' });
    expect(pick(all, 'isHead')).toEqual({ a: false, b: true, u: false });
    expect(pick(all, 'isCurrent')).toEqual({ a: false, b: false, u: true });
  });

  it('answers although the database contradicts the files', () => {
    const { all } = viewRevisions(
      graph('a label:users', 'b<-a'),
      database(
        appliedRow(revision('b<-gone')),
        appliedRow(revision('u<-gone,b depends:lost label:users')),
      ),
    );
    expect(pick(all, 'revises')).toEqual({ a: [], b: ['a'], u: ['b'] });
    expect(pick(all, 'labels')).toEqual({ a: ['users'], b: [], u: [] });
  });

  it('knows the checksum with which a revision was applied', () => {
    const { all } = viewRevisions(
      graph('a', 'b<-a'),
      database(appliedRow(revision('a')), appliedRow(revision('b<-a'), { checksum: 'other' })),
    );
    expect(all.get('a')?.appliedChecksum).toBe(all.get('a')?.checksum);
    expect(all.get('b')?.appliedChecksum).toBe('other');
  });

  it('needs no files', () => {
    const rows = [appliedRow(revision('a')), appliedRow(revision('b<-a'))];
    const { all } = viewRevisions(undefined, database(...rows));
    expect(pick(all, 'state')).toEqual({ a: 'applied', b: 'current' });
    expect(pick(all, 'isHead')).toEqual({ a: false, b: false });
  });
});
