/** Revisions that are not linted, and tell what those behind them meet. */

import { describe, expect, it } from 'vitest';
import { lintRelease } from '../../../src/lint/lint-release.ts';
import type { Rule } from '../../../src/lint/rule.ts';
import { parseRevisionFile } from '../../../src/sql/revision-file.ts';
import { wholeFile } from '../../support/lint.ts';

/** Says of each statement which revisions ran before it. */
const HISTORIAN: Rule = {
  id: 'historian',
  severity: 'warning',
  title: 'what came before',
  why: 'It is told.',
  examples: [],
  covers: [],
  statement: (_, { earlier }) => [
    { message: earlier.map(({ revision }) => revision.file).join(' ') },
  ],
};

const revision = (file: string, up: string) => parseRevisionFile(wholeFile(up), file);
const [old, broken, fresh] = [
  revision('old', 'select 1;'),
  revision('broken', 'begin; select 1;'),
  revision('fresh', 'select 2;'),
];
const request = {
  revisions: [old, broken, fresh],
  rules: [{ rule: HISTORIAN, severity: 'warning' as const }],
  settings: { postgres: 14 },
};

describe.each([true, false])('in the background of a lint, one release: %s', (isOneRelease) => {
  it('revisions are known and nothing is said about them', async () => {
    const background = new Set([old, broken]);
    const report = await lintRelease({ ...request, isOneRelease, background });
    expect(report.findings).toMatchObject([{ file: 'fresh', message: 'old' }]);
    expect(report).toMatchObject({ revisions: 1, errors: [], unparsed: [] });
  });

  it('is nobody unless it is said', async () => {
    const report = await lintRelease({ ...request, isOneRelease });
    expect(report.findings.map(({ file }) => file)).toEqual(['old', 'fresh']);
    expect(report.errors.map(({ code }) => code)).toEqual(['SLIPWAY_TRANSACTION_CONTROL']);
    expect(report.revisions).toBe(3);
  });
});
