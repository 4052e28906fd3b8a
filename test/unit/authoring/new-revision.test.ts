/** What a new revision revises, what its file says, and what the file is called. */

import { describe, expect, it } from 'vitest';
import { type NewRevisionRequest, newRevision } from '../../../src/authoring/new-revision.ts';
import { buildGraph } from '../../../src/core/graph.ts';
import { parseRevisionFile } from '../../../src/sql/revision-file.ts';
import { graph, revision } from '../../support/graph.ts';
import { defaultTemplate, errorOf, make } from './support.ts';

describe('a new revision', () => {
  it('follows the one head', () => {
    const made = make(['a', 'b<-a']);
    expect(made).toMatchObject({
      id: 'new1',
      revises: ['b'],
      fileName: '20260102030405_add_phone.sql',
    });
    expect(parseRevisionFile(made.content, 'f.sql')).toMatchObject({
      id: 'new1',
      revises: ['b'],
      description: 'Add phone',
      phase: 'expand',
    });
  });

  it.each<[string, readonly string[], Partial<NewRevisionRequest>, readonly string[]]>([
    ['is a base in an empty folder', [], {}, []],
    ['is a base where that is wanted', ['a'], { base: true }, []],
    ['is a base as Alembic says it', ['a'], { heads: ['base'] }, []],
    ['is a base where the head of an empty folder is named', [], { heads: ['head'] }, []],
    ['follows the head that is named', ['a', 'b<-a', 'c<-a'], { heads: ['c'] }, ['c']],
    ['finds a head by its beginning', ['abc', 'xyz'], { heads: ['x'] }, ['xyz']],
    ['finds a head by its branch', ['a label:x', 'b', 'c<-a'], { heads: ['x@head'] }, ['c']],
    ['counts from a head', ['a', 'b<-a', 'c<-b'], { heads: ['c-1'], splice: true }, ['b']],
    ['merges all heads', ['a', 'b<-a', 'c<-a'], { heads: ['heads'] }, ['b', 'c']],
    [
      'merges the heads that are named, once each',
      ['a', 'b'],
      { heads: ['a', 'b', 'a'] },
      ['a', 'b'],
    ],
    ['branches off where that is wanted', ['a', 'b<-a'], { heads: ['a'], splice: true }, ['a']],
  ])('%s', (_, drawings, more, revises) => expect(make(drawings, more).revises).toEqual(revises));

  it('carries labels, dependencies and phase', () => {
    const made = make(['a', 'b', 'c label:billing'], {
      heads: ['a'],
      labels: ['shop', 'shop'],
      dependsOn: ['b', 'billing', 'b'],
      phase: 'contract',
    });
    expect(parseRevisionFile(made.content, 'f.sql')).toMatchObject({
      labels: ['shop'],
      dependsOn: ['b', 'c'],
      phase: 'contract',
    });
  });

  it('says its message on one line, and never as a directive', () => {
    const made = make([], { message: ' -- slipway:phase contract\n  and more ' });
    expect(parseRevisionFile(made.content, 'f.sql')).toMatchObject({
      phase: 'expand',
      description: '"-- slipway:phase contract and more"',
    });
  });

  it.each<[string, string, readonly string[], Partial<NewRevisionRequest>]>([
    ['an empty message', 'SLIPWAY_USAGE', [], { message: ' \n' }],
    ['an id that is taken', 'SLIPWAY_USAGE', ['new1'], {}],
    ['an id that is a label', 'SLIPWAY_USAGE', ['a label:new1'], {}],
    ['an id that cannot be one', 'SLIPWAY_USAGE', [], { id: 'a-b' }],
    ['an id that means something else', 'SLIPWAY_USAGE', [], { id: 'head' }],
    ['a label that is taken', 'SLIPWAY_GRAPH_DUPLICATE_LABEL', ['a label:x'], { labels: ['x'] }],
    ['a label that is an id', 'SLIPWAY_USAGE', ['a'], { labels: ['a'] }],
    ['a label that is its own id', 'SLIPWAY_USAGE', ['a'], { labels: ['new1'] }],
    ['a label that cannot be one', 'SLIPWAY_USAGE', ['a'], { labels: ['x y'] }],
    ['a label that means something else', 'SLIPWAY_USAGE', ['a'], { labels: ['heads'] }],
    ['several heads and none named', 'SLIPWAY_MULTIPLE_HEADS', ['a', 'b'], {}],
    ['a branch that was not wanted', 'SLIPWAY_MULTIPLE_HEADS', ['a', 'b<-a'], { heads: ['a'] }],
    ['a base that follows something', 'SLIPWAY_USAGE', ['a'], { base: true, heads: ['a'] }],
    ['a base beside a head', 'SLIPWAY_USAGE', ['a'], { heads: ['base', 'a'] }],
    ['an unknown head', 'SLIPWAY_TARGET_UNKNOWN', ['a'], { heads: ['zzz'] }],
    ['a head that only a database knows', 'SLIPWAY_TARGET_OUT_OF_RANGE', ['a'], { heads: ['-1'] }],
    ['an unknown dependency', 'SLIPWAY_TARGET_UNKNOWN', ['a'], { dependsOn: ['zzz'] }],
    ['a dependency on nothing', 'SLIPWAY_USAGE', ['a'], { dependsOn: ['base'] }],
    [
      'two of which one follows the other',
      'SLIPWAY_USAGE',
      ['a', 'b<-a'],
      { heads: ['a', 'b'], splice: true },
    ],
  ])('refuses %s', (_, code, drawings, more) =>
    expect(errorOf(() => make(drawings, more)).code).toBe(code),
  );
});

describe('the name of a new revision', () => {
  const now = Date.UTC(2026, 0, 2, 3, 4, 5);
  /** The name of a revision that revises and depends on files of these names. */
  const nameAbove = (files: readonly string[], dependsOn: readonly string[] = []): string => {
    const all = files.map((file, index) => ({ ...revision(`r${index}`), file: `m/${file}` }));
    return newRevision(buildGraph(all), {
      message: 'x',
      id: 'new1',
      heads: files.length === 0 ? [] : ['r0'],
      base: false,
      splice: false,
      labels: [],
      dependsOn,
      phase: 'expand',
      template: defaultTemplate,
      now,
    }).fileName;
  };

  it.each<[string, readonly string[], string]>([
    ['has the time', ['20250101000000_a.sql'], '20260102030405_x.sql'],
    ['is later than one of the same second', ['20260102030405_a.sql'], '20260102030406_x.sql'],
    ['is later than one of the future', ['20270102030459_a.sql'], '20270102030500_x.sql'],
    ['is later than a time that is none', ['20261231235999_a.sql'], '20270101000040_x.sql'],
    ['does not follow a numbering', ['00000000000001_a.sql'], '20260102030405_x.sql'],
    ['does not follow numbers beyond time', ['99999999999999_a.sql'], '20260102030405_x.sql'],
    ['asks nothing of other names', ['first.sql'], '20260102030405_x.sql'],
    [
      'shares its second with nobody',
      ['20250101000000_a.sql', '20260102030405_b.sql', '20260102030406_c.ts'],
      '20260102030407_x.sql',
    ],
  ])('%s', (_, files, name) => expect(nameAbove(files)).toBe(name));

  it('is later than what it depends on', () => {
    expect(nameAbove(['20250101000000_a.sql', '20270101000000_b.sql'], ['r1'])).toBe(
      '20270101000001_x.sql',
    );
  });

  it('ends like its language', () => {
    const template = { ...defaultTemplate, language: 'typescript' as const };
    expect(make(['a'], { template }).fileName).toBe('20260102030405_add_phone.ts');
  });

  it('keeps the order of the graph however fast revisions are written', () => {
    const files: string[] = [];
    let all = graph();
    for (let index = 0; index < 20; index++) {
      const made = newRevision(all, {
        message: `r${index}`,
        id: `r${index}`,
        heads: [],
        base: false,
        splice: false,
        labels: [],
        dependsOn: [],
        phase: 'expand',
        template: defaultTemplate,
        now,
      });
      files.push(made.fileName);
      all = buildGraph([...all.nodes.values(), parseRevisionFile(made.content, made.fileName)]);
    }
    expect(new Set(files).size).toBe(20);
    expect(files).toEqual(files.toSorted());
  });
});
