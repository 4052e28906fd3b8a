/**
 * A lint run in SARIF 2.1.0, as code scanning services read it.
 *
 * https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 */

import { locate } from '../sql/location.ts';
import { fingerprints } from './fingerprint.ts';
import type { LintAnswer, PathFromRoot, ReportItem } from './report.ts';
import type { Edit, Severity } from './rule.ts';
import { ruleMarkdown } from './rule-page.ts';
import type { ActiveRule } from './sieve.ts';

const LEVELS: { readonly [S in Severity]: 'error' | 'warning' | 'note' } = {
  error: 'error',
  warning: 'warning',
  info: 'note',
};

/** The log: one run with its rules and results. What somebody accepted is not in it. */
export function sarifReport(
  answer: LintAnswer,
  { version, fromRoot }: { readonly version: string; readonly fromRoot: PathFromRoot },
): string {
  const { items, rules } = answer;
  const ids = rules.map(({ rule }) => rule.id);
  const isFailure = ({ rule }: ReportItem): boolean => !ids.includes(rule);
  const failures = [...new Set(items.filter(isFailure).map(({ rule }) => rule))];
  const order = [...ids, ...failures];
  const prints = fingerprints(items);
  const log = {
    $schema:
      'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'slipway',
            version,
            rules: [...rules.map(ofRule), ...failures.map(ofFailure)],
          },
        },
        // A column counts characters, as Postgres does.
        columnKind: 'unicodeCodePoints',
        invocations: [{ executionSuccessful: failures.length === 0 }],
        results: items.map((item, index) => ({
          ...resultOf(item, fromRoot),
          ruleIndex: order.indexOf(item.rule),
          partialFingerprints: { 'slipwayFinding/v1': prints[index] },
          ...fixesOf(item, answer.sources.get(item.file), fromRoot),
        })),
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function ofRule({ rule, severity }: ActiveRule): object {
  return {
    id: rule.id,
    shortDescription: { text: plain(rule.title) },
    fullDescription: { text: plain(rule.why) },
    help: { text: plain(rule.why), markdown: ruleMarkdown(rule) },
    defaultConfiguration: { level: LEVELS[severity] },
    properties: { tags: ['postgres', 'migration'] },
  };
}

function ofFailure(code: string): object {
  return {
    id: code,
    shortDescription: { text: 'a file that cannot be linted' },
    help: { text: `slipway explain ${code} says what it means and what to do.` },
    defaultConfiguration: { level: 'error' },
  };
}

function resultOf(item: ReportItem, fromRoot: PathFromRoot): object {
  const { rule, severity, message, why, rewrite, file, line, column } = item;
  const parts = [message, why, rewrite === undefined ? undefined : `Instead:\n\n${rewrite}`];
  return {
    ruleId: rule,
    level: LEVELS[severity],
    message: { text: parts.filter((part) => part !== undefined).join('\n\n') },
    locations: [
      {
        physicalLocation: {
          artifactLocation: artifact(file, fromRoot),
          region: { startLine: line, startColumn: column },
        },
      },
    ],
  };
}

function fixesOf(
  { rule, fix, file }: ReportItem,
  source: string | undefined,
  fromRoot: PathFromRoot,
): object {
  if (fix.length === 0 || source === undefined) return {};
  const replacements = fix.map((edit) => ({
    deletedRegion: regionOf(edit, source),
    insertedContent: { text: edit.text },
  }));
  const change = { artifactLocation: artifact(file, fromRoot), replacements };
  const description = { text: `what ${rule} asks for` };
  return { fixes: [{ description, artifactChanges: [change] }] };
}

function regionOf({ offset, length }: Edit, source: string): object {
  const start = locate(source, offset);
  const end = locate(source, offset + length);
  return {
    startLine: start.line,
    startColumn: start.column,
    endLine: end.line,
    endColumn: end.column,
  };
}

function artifact(file: string, fromRoot: PathFromRoot): object {
  const uri = fromRoot(file).split('/').map(encodeURIComponent).join('/');
  return { uri, uriBaseId: '%SRCROOT%' };
}

/** Markdown without its marks. */
function plain(markdown: string): string {
  return markdown.replace(/`|\*\*/g, '').replace(/\s*\n\s*/g, ' ');
}
