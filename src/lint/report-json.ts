/** A lint run for programs, and GitLab's form of it. */

import { fingerprints } from './fingerprint.ts';
import type { LintAnswer, PathFromRoot, ReportItem } from './report.ts';
import type { Severity } from './rule.ts';

/**
 * `{ ok, revisions, programs, verdicts: [{ revision, file, compatible, reason, line }],
 * fixed: [{ file, rules }], findings: [{ rule, severity, message, why,
 * rewrite, fixable, revision, file, line, column, excerpt }] }` on one line.
 */
export function jsonReport(answer: LintAnswer): string {
  const { items, verdicts, revisions, programs, fixed } = answer;
  const ok = items.every(({ severity }) => severity !== 'error');
  return `${JSON.stringify({ ok, revisions, programs, verdicts, fixed, findings: items.map(jsonOf) })}\n`;
}

function jsonOf({ fix, ...item }: ReportItem): object {
  const { rule, severity, message, why, rewrite, revision, file, line, column, excerpt } = item;
  const fixable = fix.length > 0;
  const place = { revision, file, line, column, excerpt };
  return { rule, severity, message, why, rewrite, fixable, ...place };
}

const GITLAB_SEVERITIES: { readonly [S in Severity]: string } = {
  error: 'critical',
  warning: 'minor',
  info: 'info',
};

/**
 * A code quality report.
 *
 * https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
 */
export function gitlabReport({ items }: LintAnswer, fromRoot: PathFromRoot): string {
  const prints = fingerprints(items);
  const issues = items.map(({ rule, severity, message, why, file, line }, index) => ({
    description: why === undefined ? message : `${message}: ${why}`,
    check_name: rule,
    fingerprint: prints[index],
    severity: GITLAB_SEVERITIES[severity],
    location: { path: fromRoot(file), lines: { begin: line } },
  }));
  return `${JSON.stringify(issues, null, 2)}\n`;
}
