/** Prints what `slipway lint` found, in the form that was asked for. */

import { relative, resolve } from 'node:path';
import { styleText } from 'node:util';
import { writeWhole } from '../files/write-whole.ts';
import type { LintAnswer, PathFromRoot, ReportItem } from '../lint/report.ts';
import { gitlabReport, jsonReport } from '../lint/report-json.ts';
import { sarifReport } from '../lint/report-sarif.ts';
import { textReport } from '../lint/report-text.ts';
import { annotationLine } from './annotations.ts';
import type { Edge } from './edge.ts';
import { wantsColour } from './run-context.ts';
import { VERSION } from './version.ts';

/** The forms of a report. */
export const LINT_FORMATS = ['text', 'json', 'sarif', 'github', 'gitlab'] as const;
/** A form of a report. */
export type LintFormat = (typeof LINT_FORMATS)[number];

/**
 * Prints the report, or writes it into `file` and prints it as text. Where GitHub Actions reads along,
 * annotations go with the text.
 * @throws RevisionFileError `SLIPWAY_FILE_UNREADABLE` where the file cannot be written
 */
export async function outputReport(
  answer: LintAnswer,
  edge: Edge,
  { format, file }: { readonly format: LintFormat; readonly file: string | undefined },
): Promise<void> {
  if (file !== undefined) await writeWhole(file, rendered(answer, edge, format));
  if (file === undefined && format !== 'text') {
    edge.print(rendered(answer, edge, format));
    return;
  }
  const colour = wantsColour(edge, edge.stdoutIsTerminal);
  edge.print(
    textReport(answer, (style, text) =>
      colour ? styleText(style, text, { validateStream: false }) : text,
    ),
  );
  if (edge.env['GITHUB_ACTIONS'] === 'true') edge.print(rendered(answer, edge, 'github'));
}

function rendered(answer: LintAnswer, edge: Edge, format: LintFormat): string {
  const fromRoot = pathFromRoot(edge);
  switch (format) {
    case 'text':
      return textReport(answer);
    case 'json':
      return jsonReport(answer);
    case 'sarif':
      return sarifReport(answer, { version: VERSION, fromRoot });
    case 'gitlab':
      return gitlabReport(answer, fromRoot);
    case 'github':
      return answer.items.map((item) => `${annotationOf(item, fromRoot)}\n`).join('');
  }
}

function annotationOf(item: ReportItem, fromRoot: PathFromRoot): string {
  const { rule, severity, message, why, rewrite, file, line, column } = item;
  const parts = [message, why, rewrite === undefined ? undefined : `Instead:\n${rewrite}`];
  return annotationLine({
    severity: severity === 'info' ? 'notice' : severity,
    file: fromRoot(file),
    line,
    column,
    title: rule,
    message: parts.filter((part) => part !== undefined).join('\n'),
  });
}

/** CI systems say where their checkout is. */
function pathFromRoot({ env, cwd }: Edge): PathFromRoot {
  const root = env['GITHUB_WORKSPACE'] ?? env['CI_PROJECT_DIR'] ?? cwd;
  return (file) => relative(root, resolve(cwd, file)).replaceAll('\\', '/');
}
