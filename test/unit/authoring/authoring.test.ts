/** The scaffold, and the checks before shipping. */

import { describe, expect, it } from 'vitest';
import { scaffold } from '../../../src/authoring/scaffold.ts';
import { validateRelease } from '../../../src/authoring/validate-release.ts';
import type { SlipwayError } from '../../../src/core/errors.ts';
import type { Revision } from '../../../src/core/revision.ts';
import { releaseOf, revision } from '../../support/graph.ts';

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
