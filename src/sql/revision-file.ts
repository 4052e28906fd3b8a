/** How a revision file is read and written. */

import type { Revision, Section } from '../core/revision.ts';
import { checksumOf } from './checksum.ts';
import { HEADER_KEYS, readDirectives } from './directives.ts';
import { decode } from './encoding.ts';
import { fileError, type Mistake } from './file-error.ts';
import { type Layout, layOut, type SectionLayout } from './layout.ts';
import type { Span } from './lexer.ts';
import { locator } from './location.ts';
import { mistakeOfSoftDrops } from './soft-drop.ts';

/**
 * Reads a revision file; `file` is its path as shown to people.
 * Throws `SLIPWAY_FILE_MALFORMED` with file, line, column and excerpt.
 */
export function parseRevisionFile(content: Uint8Array | string, file: string): Revision {
  const source = decode(content, file);
  const input = { file, source };
  const layout = layOut(input);
  const keys = readDirectives(input, HEADER_KEYS, layout.directives);
  const [id] = keys.revision;
  const [irreversible] = keys.irreversible;
  const { up, verify, down } = layout.sections;
  if (id === undefined || up === undefined) throw fileError(input, incomplete(layout));
  const mistake = mistakeOfDown(up, down, irreversible !== undefined);
  if (mistake !== undefined) throw fileError(input, mistake);
  const misplaced = mistakeOfBackfill(layout, keys.transaction[0] === 'none');
  if (misplaced !== undefined) throw fileError(input, misplaced);
  const unpaired = mistakeOfSoftDrops({
    up: up.softDrops,
    verify: verify?.softDrops ?? [],
    down: down?.softDrops ?? [],
    isIrreversible: irreversible !== undefined,
    downStart: down?.start,
  });
  if (unpaired !== undefined) throw fileError(input, unpaired);
  const header = {
    id,
    revises: keys.revises[0] ?? [],
    dependsOn: keys['depends-on'][0] ?? [],
    labels: keys.label[0] ?? [],
    phase: keys.phase[0] ?? 'expand',
    transaction: keys.transaction[0] ?? 'one',
    lockTimeoutMs: keys['lock-timeout'][0],
    statementTimeoutMs: keys['statement-timeout'][0],
    irreversible,
    compatible: keys.compatible[0],
    approvals: keys.approve,
    ignores: keys.ignore,
  } as const;
  const locationOf = locator(source);
  const sectionOf = (section: SectionLayout): Section => ({
    text: sqlOf(source, section),
    offset: section.start,
    line: locationOf(section.start).line,
  });
  return {
    ...header,
    description: layout.description,
    file,
    language: 'sql',
    checksum: checksumOf(header, {
      up: meaningOf(source, up),
      verify: meaningOf(source, verify),
      down: meaningOf(source, down),
    }),
    up: sectionOf(up),
    verify: verify && sectionOf(verify),
    down: down && sectionOf(down),
    source,
  };
}

function incomplete({ directives, sections }: Layout): Mistake {
  if (!directives.some(({ name }) => name === 'revision')) {
    return {
      offset: 0,
      problem: 'the header has no revision id',
      hint: 'write `-- slipway:revision <id>` at the top of the file',
    };
  }
  return {
    offset: (sections.verify ?? sections.down)?.marker.start ?? 0,
    problem: 'the section "up" is missing',
    hint: 'write `-- slipway:up` above the SQL of the upgrade; the section may be empty',
  };
}

function mistakeOfDown(
  up: SectionLayout,
  down: SectionLayout | undefined,
  isIrreversible: boolean,
): Mistake | undefined {
  if (down === undefined && !isIrreversible) {
    return {
      offset: up.marker.start,
      problem: 'the section "down" is missing',
      hint: 'write `-- slipway:down` and the SQL that undoes the upgrade, or `-- slipway:irreversible <reason>` in the header',
    };
  }
  if (down !== undefined && isIrreversible) {
    return {
      offset: down.marker.start,
      problem: 'the header says irreversible, but there is a section "down"',
      hint: 'remove one of the two',
    };
  }
  return undefined;
}

function mistakeOfBackfill({ sections }: Layout, isOutside: boolean): Mistake | undefined {
  const [verified] = sections.verify?.backfills ?? [];
  if (verified !== undefined) {
    return {
      offset: verified.offset,
      problem: 'a backfill stands in the section "verify", which only asks questions',
      hint: 'move it to the section "up" or "down"',
    };
  }
  const [first] = [...(sections.up?.backfills ?? []), ...(sections.down?.backfills ?? [])];
  if (first === undefined || isOutside) return undefined;
  return {
    offset: first.offset,
    problem: 'a backfill commits batch by batch, which it cannot do inside a transaction',
    hint: 'give it a revision of its own with `-- slipway:transaction none` in the header',
  };
}

/** A section's SQL, with blanks for the commands that only psql runs, so that every offset holds. */
function sqlOf(source: string, section: SectionLayout): string {
  return replaced(source, section, section.restricts, (length) => ' '.repeat(length));
}

/** A section's SQL as the checksum sees it. */
function meaningOf(source: string, section: SectionLayout | undefined): string {
  if (section === undefined) return '';
  const gone = [...section.restricts, ...section.ignores].sort((a, b) => a.start - b.start);
  return replaced(source, section, gone, () => '');
}

function replaced(
  source: string,
  within: Span,
  spans: readonly Span[],
  fill: (length: number) => string,
): string {
  const pieces: string[] = [];
  let at = within.start;
  for (const { start, end } of spans) {
    pieces.push(source.slice(at, start), fill(end - start));
    at = end;
  }
  pieces.push(source.slice(at, within.end));
  return pieces.join('');
}

/** What a revision file is written from: a revision whose sections are plain SQL. */
export type RevisionParts = Pick<Revision, 'id' | 'revises' | 'description'> &
  Partial<
    Pick<
      Revision,
      | 'dependsOn'
      | 'labels'
      | 'phase'
      | 'transaction'
      | 'lockTimeoutMs'
      | 'statementTimeoutMs'
      | 'irreversible'
      | 'compatible'
      | 'approvals'
      | 'ignores'
    >
  > & {
    readonly up: string;
    readonly verify?: string | undefined;
    /** Left out of the file when the revision is irreversible. */
    readonly down?: string | undefined;
  };

/** The text of a revision file, such that reading it gives the same parts. */
export function printRevisionFile(parts: RevisionParts): string {
  const lines = [
    directive('revision', parts.id),
    ...some(parts.revises, (ids) => directive('revises', ids.join(' '))),
    ...some(parts.dependsOn, (ids) => directive('depends-on', ids.join(' '))),
    ...some(parts.labels, (labels) => directive('label', labels.join(' '))),
    directive('phase', parts.phase ?? 'expand'),
    ...given(parts.compatible, (c) => directive('compatible', `${c.verdict} ${c.reason}`)),
    ...(parts.transaction === 'none' ? [directive('transaction', 'none')] : []),
    ...given(parts.lockTimeoutMs, (ms) => directive('lock-timeout', duration(ms))),
    ...given(parts.statementTimeoutMs, (ms) => directive('statement-timeout', duration(ms))),
    ...given(parts.irreversible, (reason) => directive('irreversible', reason)),
    ...(parts.approvals ?? []).map(({ hazard, reason }) =>
      directive('approve', `${hazard} ${reason}`),
    ),
    ...(parts.ignores ?? []).map(({ rule, reason }) => directive('ignore', `${rule} ${reason}`)),
    ...(oneLine(parts.description) === '' ? [] : [comment(oneLine(parts.description))]),
    '',
    ...section('up', parts.up),
    ...given(parts.verify, (sql) => ['', ...section('verify', sql)]).flat(),
    ...(parts.irreversible === undefined ? ['', ...section('down', parts.down ?? '')] : []),
  ];
  return `${lines.join('\n')}\n`;
}

function directive(name: string, value: string): string {
  return `-- slipway:${name} ${oneLine(value)}`;
}

/** A description that reads like a directive is put in quotes, so that it stays a description. */
function comment(text: string): string {
  return /^-|^slipway\s*:/i.test(text) ? `-- "${text}"` : `-- ${text}`;
}

function section(name: string, sql: string): string[] {
  const body = sql.replace(/^(?:[ \t]*(?:\r\n|\r|\n))+/, '').trimEnd();
  return body === '' ? [`-- slipway:${name}`] : [`-- slipway:${name}`, body];
}

function duration(ms: number): string {
  const units = { h: 3_600_000, min: 60_000, s: 1000 };
  for (const [unit, length] of Object.entries(units)) {
    if (ms >= length && ms % length === 0) return `${ms / length}${unit}`;
  }
  return `${ms}ms`;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

function given<T, R>(value: T | undefined, print: (value: T) => R): R[] {
  return value === undefined ? [] : [print(value)];
}

function some(
  values: readonly string[] | undefined,
  print: (values: readonly string[]) => string,
): string[] {
  return values === undefined || values.length === 0 ? [] : [print(values)];
}
