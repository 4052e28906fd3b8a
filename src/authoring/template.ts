/** Chooses the template of a new revision and fills it in. */

import { RevisionFileError, SlipwayError, UsageError } from '../core/errors.ts';
import { nearest } from '../core/nearest.ts';
import type { Language, Phase, RevisionId } from '../core/revision.ts';
import { fileError } from '../sql/file-error.ts';
import { parseRevisionFile, printRevisionFile } from '../sql/revision-file.ts';
import { BUILT_IN_TEMPLATES } from './built-in-templates.ts';
import type { Template } from './ports.ts';
import { slugOf } from './slug.ts';

/** What a template is filled in with. */
export interface TemplateValues {
  readonly id: RevisionId;
  readonly revises: readonly RevisionId[];
  readonly dependsOn: readonly RevisionId[];
  readonly labels: readonly string[];
  readonly phase: Phase;
  /** One line. */
  readonly message: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * The template of this name: the project's own before slipway's.
 * @throws UsageError `SLIPWAY_USAGE`
 */
export function chooseTemplate(
  own: readonly Template[],
  name: string,
  language: Language,
): Template {
  const all = [...own, ...BUILT_IN_TEMPLATES];
  const found = all.find((each) => each.name === name && each.language === language);
  if (found !== undefined) return found;
  const named = all.find((each) => each.name === name);
  const names = [
    ...new Set(all.filter((each) => each.language === language).map((each) => each.name)),
  ].sort();
  const guess = nearest(name, names);
  const flag = named?.language === 'typescript' ? 'Add --ts' : 'Leave --ts out';
  throw new UsageError('SLIPWAY_USAGE', `there is no template "${name}"${nameOf(language)}`, {
    hint:
      named === undefined
        ? `${guess === undefined ? '' : `Did you mean "${guess}"? `}There are: ${names.join(', ')}.`
        : `${flag}: "${name}" is a template${nameOf(named.language)}.`,
    details: { template: name, templates: names },
  });
}

function nameOf(language: Language): string {
  return language === 'sql' ? ' for an SQL revision' : ' for a TypeScript revision';
}

/**
 * The text of a new revision file.
 * @throws RevisionFileError `SLIPWAY_TEMPLATE_INVALID`
 */
export function fillTemplate(template: Template, values: TemplateValues): string {
  const text = substitute(template, {
    header: template.language === 'sql' ? sqlHeader(values) : typescriptHeader(values),
    revision: values.id,
    revises: values.revises.join(' '),
    message: values.message,
    slug: slugOf(values.message),
    date: new Date(values.now).toISOString(),
  });
  if (template.language === 'sql') checkResult(template, text, values);
  return text;
}

/** One that stands first on its line indents all lines of its value. */
const PLACEHOLDER = /^([ \t]*)\{\{ *([a-z_-]+) *\}\}|\{\{ *([a-z_-]+) *\}\}/gm;

function substitute(template: Template, values: { readonly [name: string]: string }): string {
  const input = { file: fileOf(template), source: template.text };
  const used = new Set<string>();
  const text = template.text.replace(PLACEHOLDER, (found, indent = '', first, later, offset) => {
    const name: string = first ?? later;
    const value = values[name];
    used.add(name);
    if (value !== undefined) return indent + value.replaceAll('\n', `\n${indent}`);
    const guess = nearest(name, Object.keys(values));
    throw fileError(input, {
      code: 'SLIPWAY_TEMPLATE_INVALID',
      offset: offset + found.indexOf('{'),
      problem: `there is no placeholder "${name}"`,
      hint:
        guess === undefined
          ? `there are: ${Object.keys(values).join(', ')}`
          : `did you mean {{${guess}}}?`,
    });
  });
  if (used.has('header')) return text;
  throw fileError(input, {
    code: 'SLIPWAY_TEMPLATE_INVALID',
    offset: 0,
    problem: 'the template has no {{header}}',
    hint: 'put {{header}} where the revision says who it is and what it revises',
  });
}

function sqlHeader({ message: description, ...values }: TemplateValues): string {
  const text = printRevisionFile({ ...values, description, up: '', down: '' });
  // No line of a header is empty; the sections come behind the first that is.
  return text.slice(0, text.indexOf('\n\n'));
}

function typescriptHeader({ message, ...values }: TemplateValues): string {
  const list = (words: readonly string[]): string => `[${words.map(quote).join(', ')}]`;
  return [
    `revision: ${quote(values.id)},`,
    ...(values.revises.length === 0 ? [] : [`revises: ${list(values.revises)},`]),
    ...(values.dependsOn.length === 0 ? [] : [`dependsOn: ${list(values.dependsOn)},`]),
    ...(values.labels.length === 0 ? [] : [`labels: ${list(values.labels)},`]),
    ...(values.phase === 'expand' ? [] : [`phase: ${quote(values.phase)},`]),
    `description: ${quote(message)},`,
  ].join('\n');
}

function quote(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}

function checkResult(template: Template, text: string, { id, revises }: TemplateValues): void {
  const file = fileOf(template);
  try {
    const made = parseRevisionFile(text, file);
    if (made.id === id && made.revises.join() === revises.join()) return;
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error;
    const problem = error.message.replace(/^.*?:\d+:\d+: /, '');
    throw invalid(`${file} does not make a revision file: ${problem}`, {
      hint: error.hint,
      details: { file, excerpt: error.details['excerpt'] },
    });
  }
  throw invalid(`${file} makes a revision of another id or place`, {
    hint: 'Leave "revision" and "revises" to {{header}}.',
    details: { file },
  });
}

function invalid(
  message: string,
  options: ConstructorParameters<typeof RevisionFileError>[2],
): RevisionFileError {
  return new RevisionFileError('SLIPWAY_TEMPLATE_INVALID', message, options);
}

function fileOf({ file, name }: Template): string {
  return file ?? `template "${name}"`;
}
