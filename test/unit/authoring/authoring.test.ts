/** Slugs, new revisions, the scaffold, and the checks before shipping. */

import { describe, expect, it } from 'vitest';
import { type NewRevisionRequest, newRevision } from '../../../src/authoring/new-revision.ts';
import { scaffold } from '../../../src/authoring/scaffold.ts';
import { slugOf } from '../../../src/authoring/slug.ts';
import { validateRelease } from '../../../src/authoring/validate-release.ts';
import type { SlipwayError } from '../../../src/core/errors.ts';
import type { Revision } from '../../../src/core/revision.ts';
import { parseRevisionFile } from '../../../src/sql/revision-file.ts';
import { graph, releaseOf, revision } from '../../support/graph.ts';

describe('a slug', () => {
  it.each([
    ['Add phone to users', 'add_phone_to_users'],
    ['  --weird//PATH..\\chars!  ', 'weird_path_chars'],
    ['Größe ändern, déjà vu', 'große_andern_deja_vu'],
    ['전화번호 추가', '전화번호_추가'],
    ['हिन्दी नाम', 'हिन्दी_नाम'],
    ['v2.0 ½', 'v2_0_1_2'],
    ['', 'revision'],
    ['!!! ✨ ...', 'revision'],
    ['../../etc/passwd', 'etc_passwd'],
  ])('of "%s" is %s', (text, slug) => expect(slugOf(text)).toBe(slug));

  it('is cut between words', () => {
    const slug = slugOf('word '.repeat(50));
    expect([...slug].length).toBeLessThanOrEqual(60);
    expect(slug).toMatch(/^word(_word)*$/);
  });

  it.each(['x'.repeat(500), '가'.repeat(500), '𠮷'.repeat(500), 'e\u0301'.repeat(500)])(
    'leaves room for the rest of a file name of 255 bytes',
    (text) => {
      const slug = slugOf(text);
      expect(slug.length).toBeGreaterThan(10);
      expect(slug.isWellFormed()).toBe(true);
      expect(Buffer.byteLength(`20260102030405_${slug}.sql`)).toBeLessThanOrEqual(255);
    },
  );
});

describe('a new revision', () => {
  const request: NewRevisionRequest = {
    message: 'Add phone',
    id: 'new1',
    heads: [],
    base: false,
    splice: false,
    labels: [],
    dependsOn: [],
    phase: 'expand',
    now: Date.UTC(2026, 0, 2, 3, 4, 5),
  };
  const make = (drawings: readonly string[], more: Partial<NewRevisionRequest> = {}) =>
    newRevision(graph(...drawings), { ...request, ...more });
  const codeOf = (...args: Parameters<typeof make>): string => {
    try {
      make(...args);
    } catch (error) {
      return (error as SlipwayError).code;
    }
    return 'none';
  };

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
    ['follows the head that is named', ['a', 'b<-a', 'c<-a'], { heads: ['c'] }, ['c']],
    ['finds a head by its beginning', ['abc', 'xyz'], { heads: ['x'] }, ['xyz']],
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
    const made = make(['a', 'b'], {
      heads: ['a'],
      labels: ['billing'],
      dependsOn: ['b'],
      phase: 'contract',
    });
    expect(parseRevisionFile(made.content, 'f.sql')).toMatchObject({
      labels: ['billing'],
      dependsOn: ['b'],
      phase: 'contract',
    });
  });

  it.each<[string, string, readonly string[], Partial<NewRevisionRequest>]>([
    ['an empty message', 'SLIPWAY_USAGE', [], { message: ' \n' }],
    ['an id that is taken', 'SLIPWAY_USAGE', ['new1'], {}],
    ['an id that cannot be one', 'SLIPWAY_USAGE', [], { id: 'a-b' }],
    ['several heads and none named', 'SLIPWAY_MULTIPLE_HEADS', ['a', 'b'], {}],
    ['a branch that was not wanted', 'SLIPWAY_MULTIPLE_HEADS', ['a', 'b<-a'], { heads: ['a'] }],
    ['a base that follows something', 'SLIPWAY_USAGE', ['a'], { base: true, heads: ['a'] }],
    ['an unknown head', 'SLIPWAY_TARGET_UNKNOWN', ['a'], { heads: ['zzz'] }],
    ['a head where there is none', 'SLIPWAY_TARGET_UNKNOWN', [], { heads: ['head'] }],
    ['an unknown dependency', 'SLIPWAY_TARGET_UNKNOWN', ['a'], { dependsOn: ['zzz'] }],
  ])('refuses %s', (_, code, drawings, more) => expect(codeOf(drawings, more)).toBe(code));
});

describe('the scaffold', () => {
  it('names the folder of revisions in every file that needs it', () => {
    const files = scaffold('db/revisions');
    const config = files.find((file) => file.path === 'slipway.config.json');
    expect(JSON.parse(config?.content ?? '')).toEqual({ dir: 'db/revisions' });
    expect(files.map((file) => file.path)).toContain('db/revisions/README.md');
    const dockerfile = files.find((file) => file.path.endsWith('Dockerfile'))?.content;
    expect(dockerfile).toContain('COPY db/revisions ./db/revisions');
  });

  it('has no two files of one name, and each ends with a line end', () => {
    const files = scaffold('migrations');
    expect(new Set(files.map((file) => file.path)).size).toBe(files.length);
    for (const { content } of files) expect(content).toMatch(/[^\n]\n$/);
  });
});

describe('a release that is to be shipped', () => {
  const codeOf = (...parts: readonly (string | Revision)[]): Promise<string> =>
    validateRelease(releaseOf(...parts)).then(
      () => 'none',
      (error: SlipwayError) => `${error.code} ${String(error.details['line'])}`,
    );

  it('is understood', async () => {
    expect(await codeOf('a', 'b<-a', revision('c', { verify: 'select true;' }))).toBe('none');
  });

  it('has no syntax errors, in any section', async () => {
    expect(await codeOf(revision('a', { up: 'selec 1;' }))).toBe('SLIPWAY_SQL_SYNTAX 6');
    expect(await codeOf(revision('a', { down: 'select 1;\nselec 1;' }))).toMatch(/_SQL_SYNTAX 1\d/);
    const header = ['ignore syntax-error newer than the parser'];
    expect(await codeOf(revision('a', { up: 'selec 1;', header }))).toBe('none');
  });

  it('marks what cannot run in a transaction', async () => {
    const up = 'create index concurrently i on a (id);';
    expect(await codeOf(revision('a', { up }))).toBe('SLIPWAY_TRANSACTION_MODE 6');
    expect(await codeOf(revision('a transaction:none', { up }))).toBe('none');
  });
});
