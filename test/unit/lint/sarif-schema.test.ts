/** What slipway writes for code scanning, held against the schema of SARIF 2.1.0. */

import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { lintRelease } from '../../../src/lint/lint-release.ts';
import { sarifReport } from '../../../src/lint/report-sarif.ts';
import { RULES } from '../../../src/lint/rules.ts';
import { parseRevisionFile } from '../../../src/sql/revision-file.ts';
import { defaultRules, wholeFile } from '../../support/lint.ts';
import schema from '../../support/schemas/sarif-schema-2.1.0.json' with { type: 'json' };
import { ANSWER, CLEAN } from './sample-answer.ts';

// The schema has a pattern that is none to engines that insist on Unicode.
const ajv = new Ajv({ allErrors: true, strict: false, unicodeRegExp: false });
formats.default(ajv);
const validate = ajv.compile(schema);

const complaints = (log: unknown) => {
  validate(log);
  return validate.errors ?? [];
};
const logOf = (answer: typeof ANSWER) =>
  JSON.parse(sarifReport(answer, { version: '1.2.3', fromRoot: (file) => file }));

/** An example may be a whole release. */
const filesIn = (text: string) =>
  text
    .split(/^-- file: .+\n/m)
    .filter((part) => part !== '')
    .map((part) => wholeFile(part));

describe('the schema of SARIF', () => {
  it.each([
    ['with findings, edits and broken files', ANSWER],
    ['without findings', CLEAN],
  ])('accepts a report %s', (_, answer) => {
    expect(complaints(logOf(answer))).toEqual([]);
  });

  it('accepts what every rule says to its examples', async () => {
    const rules = defaultRules(RULES.filter(({ severity }) => severity === 'off'));
    const examples = RULES.flatMap((rule) => rule.examples.flatMap(({ bad }) => filesIn(bad)));
    const revisions = examples.map((text, index) => parseRevisionFile(text, `${index}.sql`));
    const settings = { postgres: 14 };
    const { findings } = await lintRelease({ revisions, isOneRelease: false, rules, settings });
    expect(findings.length).toBeGreaterThanOrEqual(RULES.length);
    const log = logOf({
      items: findings,
      verdicts: [],
      revisions: revisions.length,
      programs: 0,
      fixed: [],
      rules,
      sources: new Map(revisions.map(({ file, source }) => [file, source])),
    });
    expect(complaints(log)).toEqual([]);
  });

  it('refuses a report that is wrong', () => {
    const log = logOf(ANSWER);
    log.runs[0].results[0].level = 'fatal';
    log.runs[0].results[1].locations[0].physicalLocation.region.startLine = 0;
    log.runs[0].tool.driver.name = undefined;
    expect(complaints(JSON.parse(JSON.stringify(log)))).toHaveLength(3);
  });
});
