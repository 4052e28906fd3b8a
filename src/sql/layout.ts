/** How a revision file is laid out: a header of comments, then sections, with directives in both. */

import {
  type Directive,
  directiveIn,
  isSection,
  readDirectives,
  type SectionName,
  STANDALONE_DIRECTIVES,
  STATEMENT_DIRECTIVES,
} from './directives.ts';
import { fileError, type SourceFile } from './file-error.ts';
import { type Span, type SqlToken, scanSql } from './lexer.ts';
import { lineAfter, lineStart } from './location.ts';
import { isRestrict, metaCommandError } from './meta-command.ts';
import { isSoftDrop } from './soft-drop.ts';

/** A file cut into its parts. Nothing is known yet of the header's keys. */
export interface Layout {
  readonly directives: readonly Directive[];
  /** First plain comment of the header. */
  readonly description: string;
  readonly sections: { readonly [N in SectionName]?: SectionLayout };
}

/** One section: the span of its SQL, and what in it is not for the server. */
export interface SectionLayout extends Span {
  readonly marker: Span;
  /** `\restrict` and `\unrestrict`, which pg_dump writes for psql alone. */
  readonly restricts: readonly Span[];
  /** Whole lines of `ignore` directives. */
  readonly ignores: readonly Span[];
  readonly backfills: readonly Directive[];
  /** Directives that are statements themselves. */
  readonly softDrops: readonly Directive[];
}

/** Where a section begins: its marker's comment. */
interface Marker extends Span {
  readonly name: SectionName;
}

/** Lays out a file. Throws `SLIPWAY_FILE_MALFORMED`. */
export function layOut(input: SourceFile): Layout {
  const header = readHeader(input);
  const sections: { [N in SectionName]?: SectionLayout } = {};
  for (let marker = header.next; marker !== undefined; ) {
    if (sections[marker.name] !== undefined) {
      throw fileError(input, {
        offset: marker.start,
        problem: `there are two sections "${marker.name}"`,
        hint: 'join them into one',
      });
    }
    const { section, next }: FoundSection = readSection(input, marker);
    sections[marker.name] = section;
    marker = next;
  }
  return { directives: header.directives, description: header.description, sections };
}

function readHeader(input: SourceFile): Omit<Layout, 'sections'> & { next: Marker | undefined } {
  const { source } = input;
  const directives: Directive[] = [];
  let description = '';
  for (const token of scanSql(source, source.startsWith('\ufeff') ? 1 : 0)) {
    const sql = token.kind === 'statement' ? token.start : insideOf(token);
    if (sql !== undefined) {
      throw fileError(input, {
        offset: sql,
        problem: 'SQL stands above the first section',
        hint: 'put it below a `-- slipway:up` line; the header has comments only',
      });
    }
    const directive = directiveOf(input, token);
    if (directive === undefined) {
      description ||= plainComment(source, token);
    } else if (isSection(directive.name)) {
      return { directives, description, next: markerOf(input, directive, token) };
    } else {
      directives.push(directive);
    }
  }
  return { directives, description, next: undefined };
}

interface FoundSection {
  readonly section: SectionLayout;
  readonly next: Marker | undefined;
}

function readSection(input: SourceFile, marker: Marker): FoundSection {
  const { source } = input;
  const start = lineAfter(source, marker.end);
  const restricts: Span[] = [];
  const ignores: Span[] = [];
  const backfills: Directive[] = [];
  const softDrops: Directive[] = [];
  let above: Directive[] = [];
  let next: Marker | undefined;
  for (const token of scanSql(source, start)) {
    const directive = directiveOf(input, token);
    const isInside = insideOf(token) !== undefined;
    if (above.length > 0 && (isInside || token.kind === 'statement')) {
      readDirectives(input, STATEMENT_DIRECTIVES, above);
      above = [];
    }
    if (directive === undefined) {
      if (token.kind === 'meta-command') restricts.push(token);
    } else if (isSection(directive.name)) {
      next = markerOf(input, directive, token);
      break;
    } else if (isInside) {
      throw fileError(input, {
        offset: directive.offset,
        problem: `"${directive.name}" stands inside a statement`,
        hint: 'move the line above the statement, or end the statement before it with a semicolon',
      });
    } else if (isSoftDrop(directive.name)) {
      readSoftDrop(input, directive, above);
      softDrops.push(directive);
      above = [];
    } else {
      above.push(directive);
      if (directive.name === 'ignore') {
        const line = lineStart(source, directive.offset);
        ignores.push({ start: line, end: lineAfter(source, directive.offset) });
      }
      if (directive.name === 'backfill') backfills.push(directive);
    }
  }
  readDirectives(input, STATEMENT_DIRECTIVES, above);
  const [lost] = above;
  if (lost !== undefined) {
    throw fileError(input, {
      offset: lost.offset,
      problem: `"${lost.name}" has no statement under it`,
      hint: 'put it above the statement it is meant for, or remove it',
    });
  }
  const end = next === undefined ? source.length : lineStart(source, next.start);
  return { section: { marker, start, end, restricts, ignores, backfills, softDrops }, next };
}

/** Refuses a soft drop that makes no sense, or what stands above it. */
function readSoftDrop(input: SourceFile, softDrop: Directive, above: readonly Directive[]): void {
  readDirectives(input, STANDALONE_DIRECTIVES, [softDrop]);
  readDirectives(input, STATEMENT_DIRECTIVES, above);
  const backfill = above.find(({ name }) => name === 'backfill');
  if (backfill === undefined) return;
  throw fileError(input, {
    offset: backfill.offset,
    problem: `"backfill" stands above "${softDrop.name}", which has no rows to go through`,
    hint: 'put it above the statement it is meant for, or remove it',
  });
}

/** The directive that a token is, after refusing what may stand nowhere in a file. */
function directiveOf(input: SourceFile, token: SqlToken): Directive | undefined {
  const { source } = input;
  if (token.kind === 'problem') {
    throw fileError(input, { offset: token.start, problem: token.problem, hint: token.hint });
  }
  if (token.kind === 'meta-command' && !isRestrict(source, token)) {
    throw metaCommandError(input, token);
  }
  if (token.kind !== 'line-comment') return undefined;
  const directive = directiveIn(source, token);
  if (directive !== undefined && !isFirstOnLine(source, token.start)) {
    throw fileError(input, {
      offset: token.start,
      problem: `"${directive.name}" does not stand on a line of its own`,
      hint: 'move it to a line of its own, above the statement',
    });
  }
  return directive;
}

function isFirstOnLine(source: string, offset: number): boolean {
  // String.trim() takes a byte order mark for a blank, too.
  return source.slice(lineStart(source, offset), offset).trim() === '';
}

function insideOf(token: SqlToken): number | undefined {
  return 'inside' in token ? token.inside : undefined;
}

function markerOf(input: SourceFile, directive: Directive, token: SqlToken): Marker | undefined {
  const { name, value, offset } = directive;
  if (!isSection(name) || token.kind !== 'line-comment') return undefined;
  if (value === '') return { name, start: token.start, end: token.end };
  throw fileError(input, {
    offset,
    problem: `"${name}" takes nothing behind it`,
    hint: `write \`-- slipway:${name}\` and start the SQL on the next line`,
  });
}

function plainComment(source: string, token: SqlToken): string {
  if (token.kind !== 'line-comment' && token.kind !== 'block-comment') return '';
  const comment = source.slice(token.start, token.end);
  if (token.kind === 'line-comment') return comment.replace(/^-+/, '').trim();
  const lines = comment.slice(2, -2).split(/[\r\n]+/);
  return lines.map((line) => line.replace(/^[\s*]+/, '').trim()).find((line) => line !== '') ?? '';
}
