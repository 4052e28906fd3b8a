/** The reports of a lint run, for people and for programs. */

import { describe, expect, it } from 'vitest';
import { fingerprints } from '../../../src/lint/fingerprint.ts';
import { gitlabReport, jsonReport } from '../../../src/lint/report-json.ts';
import { sarifReport } from '../../../src/lint/report-sarif.ts';
import { textReport } from '../../../src/lint/report-text.ts';
import { ANSWER, CLEAN } from './sample-answer.ts';

const fromRoot = (file: string) => `shop/${file}`;

describe('the report for people', () => {
  it('shows each finding with its place, the reason and the safe way, and sums up', () => {
    expect(
      textReport(ANSWER),
    ).toBe(`error migrations/1_broken.sql:1:1: there is no directive "revison" SLIPWAY_FILE_MALFORMED
  Did you mean "revision"?

error migrations/2 find users.sql:5:8: index "users_name" blocks writers of "users" index-blocks
   4 | -- slipway:up
   5 | create index users_name on users (name);
     |        ^
  It takes share on "users".
  Writers wait until it is built.
  instead:
    -- slipway:transaction none

    create index concurrently users_name on users (name);

warning migrations/2 find users.sql:9:8: index "users_name" blocks writers of "users" index-blocks

info migrations/2 find users.sql:6:1: "Läden" is dropped drop-things

b2 breaks the previous release: drops table b (line 6)
c3 may break the previous release: who knows
fixed migrations/3.sql: index-blocks (2), drop-things
12 revisions, 1 in TypeScript passed over, 2 errors, 1 warning, 1 info
slipway explain SLIPWAY_FILE_MALFORMED says more; slipway lint --fix corrects 1 of them
`);
  });

  it('is one line where nothing was found', () => {
    expect(textReport(CLEAN)).toBe('1 revision, 0 errors, 0 warnings\n');
  });

  it('is coloured by whoever can', () => {
    const painted = textReport(ANSWER, (style, text) => `<${style}>${text}</>`);
    expect(painted).toContain('<red>error</> migrations/1_broken.sql');
    expect(painted).toContain('<yellow>warning</>');
    expect(painted).toContain('<cyan>info</>');
    expect(painted).toContain('<dim>index-blocks</>');
  });
});

describe('the report for programs', () => {
  it('has everything but the edits', () => {
    const report = JSON.parse(jsonReport(ANSWER));
    expect(report).toMatchObject({ ok: false, revisions: 12, programs: 1, fixed: ANSWER.fixed });
    expect(report.findings).toHaveLength(4);
    expect(report.findings[1]).toEqual({
      rule: 'index-blocks',
      severity: 'error',
      message: 'index "users_name" blocks writers of "users"',
      why: 'It takes share on "users".\nWriters wait until it is built.',
      rewrite:
        '-- slipway:transaction none\n\ncreate index concurrently users_name on users (name);\n',
      fixable: true,
      revision: 'b2',
      file: 'migrations/2 find users.sql',
      line: 5,
      column: 8,
      excerpt: expect.stringContaining('create index'),
    });
  });

  it('is ok without errors', () => {
    expect(JSON.parse(jsonReport(CLEAN))).toMatchObject({ ok: true, findings: [] });
    const mild = ANSWER.items.filter(({ severity }) => severity !== 'error');
    expect(JSON.parse(jsonReport({ ...ANSWER, items: mild })).ok).toBe(true);
  });
});

describe('the report for GitLab', () => {
  it('has severities of its own, paths from the root, and a fingerprint for each', () => {
    const issues = JSON.parse(gitlabReport(ANSWER, fromRoot));
    expect(issues.map((issue: { severity: string }) => issue.severity)).toEqual([
      'critical',
      'critical',
      'minor',
      'info',
    ]);
    expect(issues[3]).toEqual({
      description: '"Läden" is dropped',
      check_name: 'drop-things',
      fingerprint: expect.stringMatching(/^[0-9a-f]{32}$/),
      severity: 'info',
      location: { path: 'shop/migrations/2 find users.sql', lines: { begin: 6 } },
    });
    const prints = issues.map((issue: { fingerprint: string }) => issue.fingerprint);
    expect(new Set(prints).size).toBe(4);
    expect(gitlabReport(CLEAN, fromRoot)).toBe('[]\n');
  });
});

describe('fingerprints', () => {
  it('stay when lines above come and go, or the file gets another name', () => {
    const moved = ANSWER.items.map((item) => ({ ...item, line: item.line + 3, excerpt: 'x' }));
    expect(fingerprints(moved)).toEqual(fingerprints(ANSWER.items));
    const named = ANSWER.items.slice(1).map((item) => ({ ...item, file: 'other.sql' }));
    expect(fingerprints(named)).toEqual(fingerprints(ANSWER.items.slice(1)));
  });

  it('differ by revision, rule and message', () => {
    const [, item] = ANSWER.items;
    if (item === undefined) throw new Error('there is one');
    const others = [{ revision: 'x' }, { rule: 'x' }, { message: 'x' }].map((other) => ({
      ...item,
      ...other,
    }));
    expect(new Set([item, ...others].flatMap((each) => fingerprints([each]))).size).toBe(4);
  });
});

describe('the report for code scanning', () => {
  const runOf = (answer: typeof ANSWER) =>
    JSON.parse(sarifReport(answer, { version: '1.2.3', fromRoot })).runs[0];

  it('describes the rules, and what is no rule', () => {
    const { rules, name, version } = runOf(ANSWER).tool.driver;
    expect([name, version]).toEqual(['slipway', '1.2.3']);
    expect(rules.map((rule: { id: string }) => rule.id)).toEqual([
      'index-blocks',
      'drop-things',
      'SLIPWAY_FILE_MALFORMED',
    ]);
    expect(rules[0]).toMatchObject({
      shortDescription: { text: 'an index that is built while writers wait' },
      fullDescription: { text: 'It takes share on the table, until all rows are read.' },
      help: { markdown: expect.stringContaining('create index concurrently on t (a);') },
      defaultConfiguration: { level: 'error' },
    });
    expect(rules[1].defaultConfiguration).toEqual({ level: 'note' });
  });

  it('points at a place by line and character, in a file whose name is a URI', () => {
    const [broken, found] = runOf(ANSWER).results;
    expect(broken).toMatchObject({
      ruleId: 'SLIPWAY_FILE_MALFORMED',
      ruleIndex: 2,
      level: 'error',
    });
    expect(found).toMatchObject({
      ruleId: 'index-blocks',
      ruleIndex: 0,
      locations: [
        {
          physicalLocation: {
            artifactLocation: {
              uri: 'shop/migrations/2%20find%20users.sql',
              uriBaseId: '%SRCROOT%',
            },
            region: { startLine: 5, startColumn: 8 },
          },
        },
      ],
    });
    expect(found.message.text).toContain('Instead:\n\n-- slipway:transaction none');
    expect(runOf(ANSWER).columnKind).toBe('unicodeCodePoints');
  });

  it('has the edits where there are some', () => {
    const [, found, other] = runOf(ANSWER).results;
    expect(found.fixes[0].artifactChanges[0].replacements).toEqual([
      {
        deletedRegion: { startLine: 5, startColumn: 13, endLine: 5, endColumn: 13 },
        insertedContent: { text: ' concurrently' },
      },
      {
        deletedRegion: { startLine: 2, startColumn: 1, endLine: 2, endColumn: 1 },
        insertedContent: { text: '-- slipway:transaction none\n' },
      },
    ]);
    expect(other.fixes).toBeUndefined();
  });

  it('says whether all files could be read', () => {
    expect(runOf(ANSWER).invocations).toEqual([{ executionSuccessful: false }]);
    expect(runOf(CLEAN).invocations).toEqual([{ executionSuccessful: true }]);
    expect(runOf(CLEAN).results).toEqual([]);
  });
});
