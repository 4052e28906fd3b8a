import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { factLines, oneLine } from '../../../src/cli/revision-text.ts';
import { type RevisionView, viewRevisions } from '../../../src/cli/revision-view.ts';
import { appliedRow, graph, revision, summaryOf } from '../../support/graph.ts';

const plain = { colour: false };

function views(applied: readonly string[] = []): ReadonlyMap<string, RevisionView> {
  const files = graph(
    'a label:core',
    'b<-a label:users,people',
    'c<-a compatible:no phase:contract',
    'd<-b,c',
    'x',
    'y depends:x',
  );
  const rows = applied.map((drawing) => appliedRow(revision(drawing), { stamped: true }));
  return viewRevisions(
    files,
    applied.length === 0 ? undefined : { heads: summaryOf(rows).heads, applied: rows },
  ).all;
}

function line(all: ReadonlyMap<string, RevisionView>, id: string, style = plain): string {
  const view = all.get(id);
  return view === undefined ? '' : oneLine(view, style);
}

describe('one line', () => {
  it('has the marks that Alembic has, in its order', () => {
    const all = views(['a label:core', 'u<-a']);
    expect(line(all, 'a')).toBe('a (core) (branchpoint), Revision a');
    expect(line(all, 'b')).toBe('b (users, people), Revision b');
    expect(line(all, 'd')).toBe('d (head) (mergepoint), Revision d');
    expect(line(all, 'x')).toBe('x (effective head), Revision x');
    expect(line(all, 'u')).toBe('u (current) (not in this release), Revision u');
  });

  it('is the same text with colour', () => {
    const all = views();
    const coloured = line(all, 'd', { colour: true });
    expect(coloured).not.toBe(line(all, 'd'));
    expect(stripVTControlCharacters(coloured)).toBe(line(all, 'd'));
  });
});

describe('the block of facts', () => {
  const block = (all: ReadonlyMap<string, RevisionView>, id: string): readonly string[] => {
    const view = all.get(id);
    return view === undefined ? [] : factLines(view, plain);
  };

  it('names parent, branches and labels as Alembic does', () => {
    expect(block(views(), 'a').slice(0, 5)).toEqual([
      'Rev: a (branchpoint)',
      'Parent: <base>',
      'Branches into: b, c',
      'Branch names: core',
      'Path: migrations/a.sql',
    ]);
    expect(block(views(), 'd').slice(0, 3)).toEqual([
      'Rev: d (head) (mergepoint)',
      'Merges: b, c',
      'Inherited branch names: core, users, people',
    ]);
    expect(block(views(), 'y')[2]).toBe('Also depends on: x');
    expect(block(views(), 'x')[2]).toBe('Needed by: y');
    expect(block(views(), 'y').slice(-2)).toEqual(['', '    Revision y']);
  });

  it('says phase, compatibility, and without a database nothing of state', () => {
    const text = block(views(), 'c').join('\n');
    expect(text).toMatch(/^Phase: contract$/m);
    expect(text).toMatch(/^Compatible: no \(as drawn\)$/m);
    expect(text).not.toMatch(/^(State|Applied):/m);
  });

  it('says when and by whom it was applied, and whether the file is still the same', () => {
    const all = views(['a label:core', 'b<-a label:other']);
    const [first, second] = [block(all, 'a').join('\n'), block(all, 'b').join('\n')];
    expect(first).toMatch(/^State: applied$/m);
    expect(first).toMatch(
      /^Applied: 2026-01-02T03:04:05\.678Z by role migrator, stamped: it did not run$/m,
    );
    expect(first).toMatch(/^Checksum: [0-9a-f]{12}, as applied$/m);
    expect(second).toMatch(/^State: current$/m);
    expect(second).toMatch(/^Checksum: [0-9a-f]{12}, changed: [0-9a-f]{12} was applied$/m);
  });
});
