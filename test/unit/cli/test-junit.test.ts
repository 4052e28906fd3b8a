/** The shape of the JUnit report. */

import { describe, expect, it } from 'vitest';
import { rehearsalJunit } from '../../../src/cli/test-junit.ts';
import type { RehearsalItem, RehearsalReport } from '../../../src/rehearsal/report.ts';
import { readXml } from '../../support/xml.ts';

const ITEM: RehearsalItem = {
  name: 'a',
  description: 'Add "a"',
  file: 'migrations/a.sql',
  verdict: 'passed',
  done: ['up'],
  findings: [],
  notes: [],
  durationMs: 1234,
};

const report = (revisions: readonly RehearsalItem[]): RehearsalReport => ({
  ok: false,
  server: 'PostgreSQL <18>',
  revisions,
  checks: [{ ...ITEM, name: 'all at once', file: undefined, durationMs: 0 }],
  emptyTables: [],
  unusedSeeds: [],
  durationMs: 2000,
});

/** Of the characters in the nasty text, those that XML 1.0 cannot have. */
const FORBIDDEN = ['\u0000', '\u0007', '\u001b', '\ud800', '\uffff'];

describe('the JUnit report', () => {
  it('counts, times and names every case', () => {
    const [root] = readXml(
      rehearsalJunit(report([ITEM, { ...ITEM, verdict: 'skipped', notes: ['x'] }])),
    );
    expect(root?.attributes).toEqual({
      name: 'slipway test',
      tests: '3',
      failures: '0',
      errors: '0',
      skipped: '1',
      time: '2.000',
    });
    expect(root?.children.map(({ attributes }) => attributes['tests'])).toEqual(['2', '1']);
    expect(root?.children[0]?.children[1]?.attributes).toEqual({
      classname: 'slipway.revisions',
      name: 'a Add "a"',
      file: 'migrations/a.sql',
      time: '1.234',
    });
    expect(root?.children[0]?.children[2]?.children[0]).toMatchObject({
      name: 'skipped',
      attributes: { message: 'x' },
    });
  });

  it('survives whatever revisions and servers say', () => {
    const nasty = `<b> & "q" 'a' ]]> \u0000\u0007\u001b[31m \ud800 \uffff é 전 \n\r\t`;
    const finding = { phase: 'down', message: nasty, differences: [`- ${nasty}`] } as const;
    const xml = rehearsalJunit(
      report([
        { ...ITEM, description: nasty, verdict: 'failed', findings: [finding], notes: [nasty] },
      ]),
    );
    const [root] = readXml(xml);
    const [failure, out] = root?.children[0]?.children[1]?.children ?? [];
    const shown = [...nasty].map((each) => (FORBIDDEN.includes(each) ? '\ufffd' : each)).join('');
    expect(failure?.attributes['message']).toBe(`down: ${shown}`);
    expect(failure?.text).toContain(`- ${shown}`);
    expect(out).toMatchObject({ name: 'system-out', text: shown });
  });
});
