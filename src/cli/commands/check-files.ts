/** `slipway check-files`: everything that is wrong with the revision files, for CI and pre-commit. */

import { relative, resolve } from 'node:path';
import { styleText } from 'node:util';
import { checkFiles, type FileReport } from '../../authoring/check-files.ts';
import type { FileProblem } from '../../authoring/file-problem.ts';
import { RevisionFileError } from '../../core/errors.ts';
import { readFolder } from '../../files/directory.ts';
import { publishedFiles } from '../../files/git.ts';
import { annotationLine } from '../annotations.ts';
import type { CommandOptions } from '../command-spec.ts';
import type { Edge } from '../edge.ts';
import { type RunContext, wantsColour } from '../run-context.ts';

/**
 * Prints the report; as JSON
 * `{ ok, files, heads, problems: [{ severity, code, message, hint, files, line, column, excerpt }] }`.
 * @throws RevisionFileError the first error's code
 */
export async function checkFilesCommand(
  run: RunContext,
  options: CommandOptions,
): Promise<undefined> {
  const { edge, settings } = run;
  const { base } = options;
  const folder = await readFolder(settings.dir);
  const published =
    typeof base === 'string' ? await publishedFiles(settings.dir, base, edge.env) : undefined;
  const report = await checkFiles({
    folder,
    published,
    allowMultipleHeads: options['allowMultipleHeads'] === true,
  });
  print(report, edge, options['json'] === true ? 'json' : String(options['format']));
  const errors = report.problems.filter((problem) => problem.severity === 'error');
  const [first] = errors;
  if (first === undefined) return;
  throw new RevisionFileError(
    first.code,
    `${counted(errors.length, 'error')} in the ${counted(report.files, 'revision file')} of ${settings.dir}`,
    { hint: errors.length === 1 ? first.hint : `The first: ${first.hint ?? first.message}` },
  );
}

function print(report: FileReport, edge: Edge, format: string): void {
  if (format === 'json') {
    const ok = report.problems.every((problem) => problem.severity === 'warning');
    edge.print(`${JSON.stringify({ ok, ...report })}\n`);
    return;
  }
  if (format === 'text') edge.print(textOf(report, wantsColour(edge, edge.stdoutIsTerminal)));
  if (format === 'github' || edge.env['GITHUB_ACTIONS'] === 'true') {
    const lines = report.problems.flatMap((problem) => annotationsOf(problem, edge));
    edge.print(lines.map((line) => `${line}\n`).join(''));
  }
}

function textOf({ problems, files, heads }: FileReport, colour: boolean): string {
  const count = (severity: string): number =>
    problems.filter((problem) => problem.severity === severity).length;
  const summary = [
    counted(files, 'revision file'),
    counted(heads.length, 'head'),
    counted(count('error'), 'error'),
    counted(count('warning'), 'warning'),
  ];
  return [...problems.map((problem) => blockOf(problem, colour)), summary.join(', '), ''].join(
    '\n',
  );
}

function blockOf(problem: FileProblem, colour: boolean): string {
  const { severity, files, line, column, message, code, excerpt, hint } = problem;
  const place = [files[0], line, column].filter((part) => part !== undefined).join(':');
  const paint = (style: 'red' | 'yellow' | 'dim', text: string): string =>
    colour ? styleText(style, text, { validateStream: false }) : text;
  return [
    `${paint(severity === 'error' ? 'red' : 'yellow', severity)} ${place}: ${message} ${paint('dim', code)}`,
    ...(excerpt?.split('\n') ?? []),
    ...(hint === undefined ? [] : [`  ${hint}`]),
    '',
  ].join('\n');
}

/** One for each file, since GitHub shows only those in files that a pull request touches. */
function annotationsOf(problem: FileProblem, edge: Edge): readonly string[] {
  const { severity, files, line, column, message, hint, code } = problem;
  const root = edge.env['GITHUB_WORKSPACE'] ?? edge.cwd;
  return files.map((file, index) =>
    annotationLine({
      severity,
      file: relative(root, resolve(edge.cwd, file)),
      ...(index === 0 ? { line, column } : {}),
      title: code,
      message: hint === undefined ? message : `${message}\n${hint}`,
    }),
  );
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
