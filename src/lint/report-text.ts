/** A lint run for people. */

import {
  counted,
  countOf,
  type LintAnswer,
  type ReportItem,
  type RevisionVerdict,
} from './report.ts';
import type { Severity } from './rule.ts';

/** How a piece of text is to look. */
export type Style = 'red' | 'yellow' | 'cyan' | 'dim' | 'bold';
/** Gives text that look, where the reader can see it. */
export type Painter = (style: Style, text: string) => string;

const STYLES: { readonly [S in Severity]: Style } = {
  error: 'red',
  warning: 'yellow',
  info: 'cyan',
};

/** A block for each finding, and a line that sums up. */
export function textReport(answer: LintAnswer, paint: Painter = (_, text) => text): string {
  const { items, fixed } = answer;
  return [
    ...items.map((item) => blockOf(item, paint)),
    ...answer.verdicts.flatMap((verdict) => verdictLine(verdict, paint)),
    ...fixed.map(({ file, rules }) => `fixed ${file}: ${namesIn(rules)}`),
    paint('bold', summaryOf(answer)),
    ...(items.length === 0 ? [] : [paint('dim', furtherHelp(items))]),
    '',
  ].join('\n');
}

function blockOf(item: ReportItem, paint: Painter): string {
  const { severity, file, line, column, message, rule, excerpt, why, rewrite } = item;
  return [
    `${paint(STYLES[severity], severity)} ${file}:${line}:${column}: ${message} ${paint('dim', rule)}`,
    ...(excerpt === '' ? [] : excerpt.split('\n')),
    ...(why === undefined ? [] : indented(why)),
    ...(rewrite === undefined ? [] : ['  instead:', ...indented(indented(rewrite).join('\n'))]),
    '',
  ].join('\n');
}

/** Nothing is said of those that are compatible: they are the rule. */
function verdictLine(
  { revision, compatible, reason, line }: RevisionVerdict,
  paint: Painter,
): readonly string[] {
  if (compatible === 'yes') return [];
  const what =
    compatible === 'no' ? 'breaks the previous release' : 'may break the previous release';
  const place = line === undefined ? '' : ` (line ${line})`;
  return [`${paint('bold', revision)} ${what}: ${reason}${place}`];
}

function indented(text: string): readonly string[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => (line === '' ? '' : `  ${line}`));
}

function summaryOf({ items, revisions, programs }: LintAnswer): string {
  const infos = countOf(items, 'info');
  return [
    counted(revisions, 'revision'),
    ...(programs === 0 ? [] : [`${programs} in TypeScript passed over`]),
    counted(countOf(items, 'error'), 'error'),
    counted(countOf(items, 'warning'), 'warning'),
    ...(infos === 0 ? [] : [`${infos} info`]),
  ].join(', ');
}

function furtherHelp(items: readonly ReportItem[]): string {
  const fixable = items.filter(({ fix }) => fix.length > 0).length;
  const fixes = fixable === 0 ? '' : `; slipway lint --fix corrects ${fixable} of them`;
  return `slipway explain ${items[0]?.rule} says more${fixes}`;
}

/** `a, b (3)`. */
function namesIn(rules: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const rule of rules) counts.set(rule, (counts.get(rule) ?? 0) + 1);
  return [...counts].map(([rule, count]) => (count === 1 ? rule : `${rule} (${count})`)).join(', ');
}
