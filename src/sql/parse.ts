/** SQL as Postgres' own parser sees it: the one file that knows libpg-query, and loads it when needed. */

import type { Node } from 'libpg-query';
import { type Span, scanSql } from './lexer.ts';
import { offsetOfCharacter, offsetsOfBytes } from './location.ts';

/** A node of the parse tree: an object with one key, the node's tag. */
export type SqlNode = Node;

/** A parsed statement; its text has no comments around it and no semicolon. */
export interface SqlStatement {
  readonly node: SqlNode;
  /** UTF-16 offset and length in the parsed text. */
  readonly offset: number;
  readonly length: number;
  /** UTF-16 offset in the parsed text of what a node of the statement calls its `location`. */
  placeOf(location: number): number;
}

/** What the parser says to a text: its statements, or the first thing it does not understand. */
export type ParseResult =
  | { readonly ok: true; readonly statements: readonly SqlStatement[] }
  | { readonly ok: false; readonly message: string; readonly offset: number };

const MIB = 2 ** 20;
/** Bounds what the parser holds at once: a tree takes many times the room of its text. */
export const CHUNK_LENGTH = MIB / 4;
/** A longer statement, such as a seed of a million rows, would exhaust the parser's memory. */
const LONGEST_STATEMENT = 16 * MIB;

/**
 * Parses SQL with the grammar of Postgres 18. Whoever has scanned the text already passes the spans of
 * its statements; what stands between them is not read.
 */
export async function parseSql(
  text: string,
  spans: readonly Span[] = spansToParse(text),
): Promise<ParseResult> {
  const statements: SqlStatement[] = [];
  for await (const chunk of parseInChunks(text, spans)) {
    if (!chunk.ok) return chunk;
    for (const statement of chunk.statements) statements.push(statement);
  }
  return { ok: true, statements };
}

/** The same chunk by chunk, so that not all trees are held at once; a chunk that is not ok is the last. */
export async function* parseInChunks(
  text: string,
  spans: readonly Span[],
): AsyncGenerator<ParseResult> {
  const ends = new Map(spans.map(({ start, end }) => [start, end]));
  for (const chunk of chunks(spans)) {
    const result = await parseChunk(text.slice(chunk.start, chunk.end));
    if (!result.ok) {
      yield { ...result, offset: chunk.start + result.offset };
      return;
    }
    const statements = result.statements.map(({ node, offset, length, placeOf }) => {
      const start = chunk.start + offset;
      return {
        node,
        offset: start,
        // The parser counts comments before the semicolon in.
        length: (ends.get(start) ?? start + length) - start,
        placeOf: (location: number) => chunk.start + placeOf(location),
      };
    });
    yield { ok: true, statements };
  }
}

/** The statements, up to what no statement can hold: the parser is to refuse that in its own words. */
function spansToParse(text: string): readonly Span[] {
  const spans: Span[] = [];
  for (const token of scanSql(text)) {
    if (token.kind === 'statement') spans.push(token);
    if (token.kind === 'meta-command' || token.kind === 'problem') {
      return [...spans, { start: spans.at(-1)?.end ?? 0, end: text.length }];
    }
  }
  return spans;
}

/** Joins neighbouring statements into pieces that are not longer than a chunk, where possible. */
function* chunks(spans: readonly Span[]): Generator<Span> {
  let chunk: Span | undefined;
  for (const { start, end } of spans) {
    if (chunk !== undefined && end - chunk.start > CHUNK_LENGTH) {
      yield chunk;
      chunk = undefined;
    }
    chunk = { start: chunk?.start ?? start, end };
  }
  if (chunk !== undefined) yield chunk;
}

async function parseChunk(text: string): Promise<ParseResult> {
  if (text.length > LONGEST_STATEMENT) {
    const message = `a statement is longer than the ${LONGEST_STATEMENT / MIB} MiB that are parsed`;
    return { ok: false, message, offset: 0 };
  }
  const { hasSqlDetails, loadModule, parseSync } = await import('libpg-query');
  await loadModule();
  try {
    const { stmts = [] } = parseSync(text);
    const bytes = stmts.flatMap(({ stmt_location: start = 0, stmt_len: length = 0 }) => [
      start,
      length === 0 ? Number.POSITIVE_INFINITY : start + length,
    ]);
    const offsets = offsetsOfBytes(text, bytes);
    const placeOf = (location: number) => offsetsOfBytes(text, [location])[0] ?? 0;
    return {
      ok: true,
      statements: stmts.flatMap(({ stmt }, i) => {
        const offset = offsets[2 * i] ?? 0;
        const end = offsets[2 * i + 1] ?? text.length;
        return stmt === undefined ? [] : [{ node: stmt, offset, length: end - offset, placeOf }];
      }),
    };
  } catch (error) {
    if (hasSqlDetails(error)) {
      const position = (error.sqlDetails?.cursorPosition ?? 0) + 1;
      return { ok: false, message: error.message, offset: offsetOfCharacter(text, position) };
    }
    // A tree too deep to be read back: the server may still take the SQL.
    if (error instanceof RangeError) {
      return { ok: false, message: 'the statement is nested too deeply', offset: 0 };
    }
    throw error;
  }
}
