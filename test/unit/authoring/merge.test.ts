/** What a merge joins, and what it refuses to join. */

import { describe, expect, it } from 'vitest';
import { type MergeRequest, mergeRevision } from '../../../src/authoring/merge.ts';
import { parseRevisionFile } from '../../../src/sql/revision-file.ts';
import { splitSection } from '../../../src/sql/statements.ts';
import { graph } from '../../support/graph.ts';
import { errorOf } from './support.ts';

const merge = (drawings: readonly string[], more: Partial<MergeRequest> = {}) =>
  mergeRevision(graph(...drawings), {
    id: 'm',
    targets: [],
    message: undefined,
    labels: [],
    now: Date.UTC(2026, 0, 2, 3, 4, 5),
    ...more,
  });

describe('a merge', () => {
  it.each<[string, readonly string[], readonly string[], readonly string[]]>([
    ['joins all heads', ['a', 'b<-a', 'c<-a', 'd'], [], ['b', 'c', 'd']],
    ['joins the heads that are named', ['a', 'b', 'c'], ['c', 'a'], ['c', 'a']],
    ['joins a branch by its label', ['a label:x', 'b', 'c<-a'], ['x@head', 'b'], ['c', 'b']],
    ['takes what is named twice once', ['a', 'b'], ['a', 'heads'], ['a', 'b']],
    ['joins heads of which one depends on the other', ['a', 'b depends:a'], [], ['a', 'b']],
  ])('%s', (_, drawings, targets, revises) =>
    expect(merge(drawings, { targets }).revises).toEqual(revises),
  );

  it('names what it joins where nobody says more', () => {
    const describe = (drawings: readonly string[]): string =>
      parseRevisionFile(merge(drawings).content, 'm.sql').description;
    expect(describe(['a', 'b'])).toBe('merge a and b');
    expect(describe(['a', 'b', 'c'])).toBe('merge a, b and c');
    expect(describe(['a', 'b', 'c', 'd'])).toBe('merge 4 heads');
    expect(merge(['a', 'b'], { message: 'Both' }).fileName).toBe('20260102030405_both.sql');
  });

  it('is a complete revision that does nothing', async () => {
    const { content } = merge(['a', 'b']);
    const revision = parseRevisionFile(content, 'm.sql');
    const { up, down } = revision;
    for (const section of [up, down]) {
      if (section === undefined) throw new Error('a section is missing');
      expect(section.text).toContain('-- Nothing to ');
      expect((await splitSection(revision, section)).statements).toEqual([]);
    }
  });

  it('waits for the rollout with the contract revision that it joins', () => {
    expect(merge(['a', 'b phase:contract']).phase).toBe('contract');
    expect(merge(['a', 'b']).phase).toBe('expand');
  });

  it.each<[string, string, readonly string[], readonly string[]]>([
    ['nothing', 'SLIPWAY_USAGE', [], []],
    ['the only head', 'SLIPWAY_USAGE', ['a', 'b<-a'], []],
    ['one head of two', 'SLIPWAY_USAGE', ['a', 'b'], ['a']],
    ['a revision with itself', 'SLIPWAY_USAGE', ['a', 'b'], ['a', 'a']],
    ['a revision with one that follows it', 'SLIPWAY_USAGE', ['a', 'b<-a', 'c<-b'], ['c', 'a']],
    ['a revision that is no head', 'SLIPWAY_MULTIPLE_HEADS', ['a', 'b<-a', 'c'], ['a', 'c']],
    ['what is not there', 'SLIPWAY_TARGET_UNKNOWN', ['a', 'b'], ['zzz', 'a']],
  ])('refuses to join %s', (_, code, drawings, targets) =>
    expect(errorOf(() => merge(drawings, { targets })).code).toBe(code),
  );

  it('says which of two that follow each other is above', () => {
    const error = errorOf(() => merge(['a', 'b<-a', 'c<-b'], { targets: ['a', 'c'] }));
    expect(error.message).toBe('revision "c" follows "a" already');
  });
});
