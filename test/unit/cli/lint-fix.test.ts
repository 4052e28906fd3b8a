/** Corrections written into files: as often as needed, and never to the worse. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lintAndFix } from '../../../src/cli/lint-fix.ts';
import type { Revision } from '../../../src/core/revision.ts';
import { lintRelease } from '../../../src/lint/lint-release.ts';
import type { Rule } from '../../../src/lint/rule.ts';
import { parseRevisionFile } from '../../../src/sql/revision-file.ts';
import { wholeFile } from '../../support/lint.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A rule that wants `before` to be `after` wherever it stands. */
const replacing = (id: string, before: string, after: string): Rule => ({
  id,
  severity: 'error',
  title: id,
  why: id,
  examples: [],
  covers: [],
  revision: ({ revision: { source } }) => {
    const offset = source.indexOf(before);
    if (offset === -1) return [];
    const fix = [{ offset, length: before.length, text: after }];
    return [{ message: before, at: offset, fix }];
  },
});

function put(name: string, up: string): Revision {
  const file = join(folder, name);
  const text = wholeFile(up).replaceAll('revision r2', `revision ${name.replace('.sql', '')}`);
  writeFileSync(file, text);
  return parseRevisionFile(text, file);
}

const upOf = ({ file }: Revision) =>
  readFileSync(file, 'utf8').split('-- slipway:up\n')[1]?.trimEnd();

const fixing = (
  rules: readonly Rule[],
  revisions: readonly Revision[],
  mayChange: (revision: Revision) => boolean = () => true,
) => {
  const active = rules.map((rule) => ({ rule, severity: 'error' as const }));
  const request = { isOneRelease: false, rules: active, settings: { postgres: 14 } };
  return lintAndFix(revisions, (now) => lintRelease({ ...request, revisions: now }), mayChange);
};

describe('fixing', () => {
  it('goes on until nothing is left, and reports what is then', async () => {
    const revision = put('a.sql', 'select one;');
    const rules = [replacing('first', 'one', 'two'), replacing('second', 'two', 'three')];
    const { report, fixed, revisions } = await fixing(rules, [revision]);
    expect(upOf(revision)).toBe('select three;');
    expect(report.findings).toEqual([]);
    expect(fixed).toEqual([{ file: revision.file, rules: ['first', 'second'] }]);
    expect(revisions[0]?.source).toContain('select three;');
  });

  it('changes only the files that it may', async () => {
    const [a, b] = [put('a.sql', 'select one;'), put('b.sql', 'select one;')];
    const rules = [replacing('first', 'one', 'two')];
    const { report, fixed } = await fixing(rules, [a, b], ({ id }) => id === 'b');
    expect([upOf(a), upOf(b)]).toEqual(['select one;', 'select two;']);
    expect(report.findings.map(({ revision }) => revision)).toEqual(['a']);
    expect(fixed.map(({ file }) => file)).toEqual([b.file]);
  });

  it.each([
    ['that does not parse', 'selec two'],
    ['that ends the transaction', 'commit; select two'],
    ['that cannot run in a transaction', 'vacuum; select two'],
  ])('leaves a file as it is where the correction makes one %s', async (_, after) => {
    const revision = put('a.sql', 'select one;');
    const { report, fixed } = await fixing([replacing('bad', 'select one', after)], [revision]);
    expect(upOf(revision)).toBe('select one;');
    expect(fixed).toEqual([]);
    expect(report.findings).toHaveLength(1);
  });

  it('leaves a file as it is where the correction makes another revision of it', async () => {
    const revision = put('a.sql', 'select one;');
    const before = readFileSync(revision.file, 'utf8');
    await fixing([replacing('bad', 'revision a', 'revision b')], [revision]);
    expect(readFileSync(revision.file, 'utf8')).toBe(before);
  });

  it('ends where two corrections undo each other', async () => {
    const revision = put('a.sql', 'select one;');
    const rules = [replacing('there', 'one', 'two'), replacing('back', 'two', 'one')];
    const { fixed } = await fixing(rules, [revision]);
    expect(fixed[0]?.rules.length).toBeLessThan(50);
  });
});
