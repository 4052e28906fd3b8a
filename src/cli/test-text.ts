/** The report of a rehearsal for people. */

import { styleText } from 'node:util';
import { formatDuration } from '../core/duration.ts';
import type { Finding, RehearsalItem, RehearsalReport, Verdict } from '../rehearsal/report.ts';

type Style = Parameters<typeof styleText>[0];

/** A line for each revision and check, and below it what is wrong or worth knowing. */
export function rehearsalText(
  report: RehearsalReport,
  { colour }: { readonly colour: boolean },
): string {
  const paint = (style: Style, text: string): string =>
    colour ? styleText(style, text, { validateStream: false }) : text;
  const { revisions, checks } = report;
  const all = [...revisions, ...checks];
  const width = Math.max(0, ...all.map(({ name }) => name.length));
  const lines = (item: RehearsalItem): readonly string[] => [
    [
      paint(STYLES[item.verdict], item.verdict.padEnd(7)),
      item.name.padEnd(width),
      item.description,
      ...(item.done.length === 0 ? [] : [paint('dim', `(${item.done.join(', ')})`)]),
      paint('dim', formatDuration(item.durationMs)),
    ].join('  '),
    ...item.findings.flatMap(findingLines).map((line) => `    ${line}`),
    ...item.notes.map((note) => paint('dim', `    ${note}`)),
  ];
  const count = (verdict: Verdict): number => all.filter((item) => item.verdict === verdict).length;
  const summary = (['passed', 'failed', 'skipped'] as const)
    .filter((verdict) => verdict !== 'skipped' || count(verdict) > 0)
    .map((verdict) => `${count(verdict)} ${verdict}`)
    .join(', ');
  return [
    `${report.server}: ${revisions.length} of the release's revisions tried one by one`,
    '',
    ...revisions.flatMap(lines),
    ...(revisions.length === 0 ? [] : ['']),
    ...checks.flatMap(lines),
    ...listed(
      'tables without rows, where lost data would not be noticed',
      report.emptyTables.map(({ table, reason }) => `${table}: ${reason}`),
    ),
    ...listed('statements of the seed file that never ran', report.unusedSeeds),
    '',
    `${summary} in ${formatDuration(report.durationMs)}`,
    '',
  ].join('\n');
}

const STYLES: { readonly [V in Verdict]: Style } = {
  passed: 'green',
  failed: 'red',
  skipped: 'yellow',
};

/** What is wrong, where, and what differs. */
export function findingLines(finding: Finding): readonly string[] {
  const { phase, message, code, file, line, column, excerpt, differences, hint } = finding;
  const place = [file, line, column].filter((part) => part !== undefined).join(':');
  return [
    `${phase}: ${message}${code === undefined ? '' : ` ${code}`}`,
    ...differences.slice(0, MOST_LINES).map((each) => `  ${each}`),
    ...(differences.length > MOST_LINES
      ? [`  … and ${differences.length - MOST_LINES} lines more`]
      : []),
    ...(excerpt?.split('\n').map((each) => `  ${each}`) ?? []),
    ...(place === '' ? [] : [`  at ${place}`]),
    ...(hint === undefined ? [] : [`  ${hint}`]),
  ];
}

const MOST_LINES = 40;

function listed(title: string, items: readonly string[]): readonly string[] {
  return items.length === 0 ? [] : ['', `${title}:`, ...items.map((item) => `  ${item}`)];
}
