/** The checksum of a revision: over what it means, so that it survives reformatting of the file. */

import { hash } from 'node:crypto';
import type { Revision } from '../core/revision.ts';
import { SECTIONS, type SectionName } from './directives.ts';

/** The header as far as the checksum covers it. */
export type Meaning = Pick<
  Revision,
  | 'id'
  | 'revises'
  | 'dependsOn'
  | 'labels'
  | 'phase'
  | 'compatible'
  | 'transaction'
  | 'lockTimeoutMs'
  | 'statementTimeoutMs'
  | 'irreversible'
>;

/** SQL of each section, without `ignore` directives; a missing section is an empty one. */
export type SectionTexts = { readonly [N in SectionName]: string };

/**
 * Hex SHA-256 over the header's keys in a fixed order and the sections' SQL. What counts is what runs
 * or decides about running. Reasons, `ignore` and `approve` do not: they are added when a new rule or
 * a reviewer asks for them, and that must not make an applied file look tampered with.
 */
export function checksumOf(meaning: Meaning, sections: SectionTexts): string {
  const header = [
    ['revision', meaning.id],
    ['revises', [...meaning.revises].sort()],
    ['depends-on', [...meaning.dependsOn].sort()],
    ['label', [...meaning.labels].sort()],
    ['phase', meaning.phase],
    ['compatible', meaning.compatible?.verdict ?? null],
    ['transaction', meaning.transaction],
    ['lock-timeout', meaning.lockTimeoutMs ?? null],
    ['statement-timeout', meaning.statementTimeoutMs ?? null],
    ['irreversible', meaning.irreversible !== undefined],
  ];
  // The count of lines keeps one section's text from passing for the next section.
  const texts = SECTIONS.map((name) => {
    const lines = normalisedLines(sections[name]);
    return `${name} ${lines.length}\n${lines.join('\n')}`;
  });
  return hash('sha256', ['slipway checksum 1', JSON.stringify(header), ...texts].join('\n'));
}

/** Hex SHA-256 of one statement's text, normalised like a section: how the journal sees a change. */
export function statementDigest(text: string): string {
  return hash('sha256', normalisedLines(text).join('\n'));
}

/** Line ends do not count, nor do blanks behind a line and empty lines around the whole. */
function normalisedLines(sql: string): readonly string[] {
  const lines = sql.split(/\r\n|\r|\n/).map(withoutTrailingBlanks);
  let start = 0;
  let end = lines.length;
  while (start < end && lines[start] === '') start++;
  while (end > start && lines[end - 1] === '') end--;
  return lines.slice(start, end);
}

/** Not a regular expression: one would look at a long run of blanks inside a line again and again. */
function withoutTrailingBlanks(line: string): string {
  let end = line.length;
  while (end > 0 && (line[end - 1] === ' ' || line[end - 1] === '\t')) end--;
  return line.slice(0, end);
}
