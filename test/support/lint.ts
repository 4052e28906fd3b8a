/** Lints text: a whole revision file, or only the statements of an up section. */

import type { Finding } from '../../src/lint/finding.ts';
import { lintRelease } from '../../src/lint/lint-release.ts';
import type { Rule } from '../../src/lint/rule.ts';
import { RULES } from '../../src/lint/rules.ts';
import type { ActiveRule } from '../../src/lint/sieve.ts';
import { parseRevisionFile } from '../../src/sql/revision-file.ts';

/** Which rules look at it, and how. */
export interface LintTextOptions {
  /** Oldest major of Postgres; 14 without it. */
  readonly postgres?: number;
  /** Rules that are off by default and shall look at it. */
  readonly also?: readonly Rule[];
  /** Lines of the header where `text` is no whole file: `transaction none`. */
  readonly header?: readonly string[];
}

/** The rules that are on by default, and `also`. */
export function defaultRules(also: readonly Rule[] = []): readonly ActiveRule[] {
  return RULES.flatMap((rule) => {
    if (rule.severity !== 'off') return [{ rule, severity: rule.severity }];
    return also.includes(rule) ? [{ rule, severity: 'warning' as const }] : [];
  });
}

/**
 * What is found in `text`: one file, or several that are one release, each behind a line
 * `-- file: NAME`.
 */
export async function lintText(
  text: string,
  { postgres = 14, also = [], header = [] }: LintTextOptions = {},
): Promise<readonly Finding[]> {
  const files = text.split(/^-- file: (.+)\n/m);
  const named =
    files.length === 1
      ? [['migrations/1_change.sql', text] as const]
      : files
          .slice(1)
          .flatMap((name, i, all) => (i % 2 === 0 ? [[name, all[i + 1] ?? ''] as const] : []));
  const revisions = named.map(([file, content]) =>
    parseRevisionFile(wholeFile(content, header), file),
  );
  const report = await lintRelease({
    revisions,
    isOneRelease: named.length > 1,
    rules: defaultRules(also),
    settings: { postgres },
  });
  const [error] = report.errors;
  if (error !== undefined) throw error;
  return report.findings;
}

/** Statements as the up section of a file that nothing else is wrong with. */
export function wholeFile(text: string, header: readonly string[] = []): string {
  if (/^-- slipway:revision /m.test(text)) return text;
  const lines = ['revision r2', 'revises r1', 'irreversible it is an example', ...header];
  return `${lines.map((line) => `-- slipway:${line}\n`).join('')}-- An example\n\n-- slipway:up\n${text}\n`;
}
