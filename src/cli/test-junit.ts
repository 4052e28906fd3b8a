/** The report of a rehearsal as JUnit XML, which CI systems show: https://github.com/testmoapp/junitxml */

import type { RehearsalItem, RehearsalReport } from '../rehearsal/report.ts';
import { findingLines } from './test-text.ts';

/** One suite for the revisions, one for the checks of them all. */
export function rehearsalJunit(report: RehearsalReport): string {
  const suites = [
    { name: 'revisions', items: report.revisions },
    { name: 'release', items: report.checks },
  ];
  const all = [...report.revisions, ...report.checks];
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="slipway test" ${totals(all)} time="${seconds(report.durationMs)}">`,
    ...suites.flatMap(({ name, items }) => [
      `  <testsuite name="slipway.${name}" ${totals(items)} time="${seconds(sum(items))}">`,
      '    <properties>',
      `      <property name="server" value="${escaped(report.server)}"/>`,
      '    </properties>',
      ...items.flatMap((item) => caseLines(item, `slipway.${name}`)),
      '  </testsuite>',
    ]),
    '</testsuites>',
    '',
  ].join('\n');
}

function caseLines(item: RehearsalItem, suite: string): readonly string[] {
  const { name, description, file, findings, notes, verdict, durationMs } = item;
  const title = description === '' ? name : `${name} ${description}`;
  const place = file === undefined ? '' : ` file="${escaped(file)}"`;
  const content = [
    ...findings.map((finding) => {
      const [message = '', ...rest] = findingLines(finding);
      return `      <failure type="${escaped(finding.code ?? finding.phase)}" message="${escaped(message)}">${escaped([message, ...rest].join('\n'))}</failure>`;
    }),
    ...(verdict === 'skipped' ? [`      <skipped message="${escaped(notes.join('; '))}"/>`] : []),
    ...(notes.length === 0 ? [] : [`      <system-out>${escaped(notes.join('\n'))}</system-out>`]),
  ];
  const open = `    <testcase classname="${suite}" name="${escaped(title)}"${place} time="${seconds(durationMs)}"`;
  return content.length === 0 ? [`${open}/>`] : [`${open}>`, ...content, '    </testcase>'];
}

function totals(items: readonly RehearsalItem[]): string {
  const count = (verdict: RehearsalItem['verdict']): number =>
    items.filter((item) => item.verdict === verdict).length;
  return `tests="${items.length}" failures="${count('failed')}" errors="0" skipped="${count('skipped')}"`;
}

function sum(items: readonly RehearsalItem[]): number {
  return items.reduce((total, { durationMs }) => total + durationMs, 0);
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

const ENTITIES: { readonly [character: string]: string } = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\n': '&#10;',
  '\r': '&#13;',
  '\t': '&#9;',
};

/** XML 1.0 has no other control characters, and no halves of surrogate pairs, in any form. */
function escaped(text: string): string {
  return text
    .toWellFormed()
    .replace(/[&<>"'\n\r\t]/g, (character) => ENTITIES[character] ?? character)
    .replace(/[\p{Cc}\ufffe\uffff]/gu, '\ufffd');
}
