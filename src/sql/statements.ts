/** How a section is cut into statements, each with the directives above it and its rows behind it. */

import type { Revision, Section, Statement } from '../core/revision.ts';
import { withParameters } from './backfill.ts';
import { refuseBackfill } from './backfill-statement.ts';
import { commandOf } from './command.ts';
import { type Directive, directiveIn, readDirectives, STATEMENT_DIRECTIVES } from './directives.ts';
import { fileError } from './file-error.ts';
import { type CopyData, type Span, scanSql } from './lexer.ts';
import { type Location, locator } from './location.ts';
import { parseInChunks, parseSql, type SqlNode, type SqlStatement } from './parse.ts';
import { isSoftDrop, softDropOf } from './soft-drop.ts';

/** A statement as text, with its parse tree unless the parser did not understand the section. */
export type ParsedStatement = Omit<Statement, 'facts'> & {
  readonly node: SqlNode | undefined;
  /** UTF-16 offset in the file of what a node of the statement calls its `location`. */
  placeOf(location: number): number;
};

/** A section cut into statements, each as a reader made it. */
export interface SplitSection<T = ParsedStatement> {
  readonly parsed: boolean;
  /** What the parser did not understand, when it did not; the offset is the file's. */
  readonly problem?: { readonly message: string; readonly offset: number };
  readonly statements: readonly T[];
}

/** What of a revision is needed to read it. */
type ReadRevision = Pick<Revision, 'id' | 'file' | 'source'>;

/**
 * Cuts a section into statements. What the parser does not understand becomes one statement for the
 * server to judge. Throws `SLIPWAY_TRANSACTION_CONTROL` for `begin`, `commit` and their like, and
 * `SLIPWAY_SQL_SYNTAX` when a section that is not understood cannot be sent as a whole.
 */
export async function splitSection(
  revision: ReadRevision,
  section: Section,
): Promise<SplitSection> {
  return readSection(revision, section, {
    read: (statement) => statement,
    restart: () => undefined,
  });
}

/** Takes from each statement what is wanted of it, in order, before its tree is let go. */
export interface StatementReader<T> {
  read(statement: ParsedStatement): T;
  /** What was read is void: the parser does not understand a later part of the section. */
  restart(): void;
}

/**
 * `splitSection` for long sections: a tree takes many times the room of its text, so only some are
 * there at a time.
 */
export async function readSection<T>(
  revision: ReadRevision,
  section: Section,
  reader: StatementReader<T>,
): Promise<SplitSection<T>> {
  const { scanned, softDrops } = scan(section);
  const context = { revision, section, locationOf: locator(revision.source) };
  const attach = attacher(context, scanned);
  const statements: T[] = [];
  let nextSoftDrop = 0;
  /** The soft drops in front of an offset: they are no SQL, so the parser does not see them. */
  const readSoftDrops = (end: number): void => {
    for (; (softDrops[nextSoftDrop]?.start ?? end) < end; nextSoftDrop++) {
      const softDrop = softDrops[nextSoftDrop];
      if (softDrop !== undefined) statements.push(reader.read(softDropAt(context, softDrop)));
    }
  };
  for await (const chunk of parseInChunks(forParser(section.text, scanned), scanned)) {
    if (chunk.ok) {
      for (const statement of chunk.statements) {
        readSoftDrops(statement.offset);
        statements.push(reader.read(attach(statement)));
      }
      continue;
    }
    await refuseHiddenTransactionControl(context, scanned);
    refuseUnknownOrder(context, softDrops, chunk);
    const problem = { message: chunk.message, offset: section.offset + chunk.offset };
    const whole = unparsed(context, scanned, problem);
    reader.restart();
    return { parsed: false, problem, statements: [reader.read(whole)] };
  }
  readSoftDrops(section.text.length + 1);
  return { parsed: true, statements };
}

interface Context {
  readonly revision: ReadRevision;
  readonly section: Section;
  readonly locationOf: (offset: number) => Location;
}

/** A statement as the lexer sees it, in offsets of the section. */
interface Scanned extends Span {
  readonly directives: readonly Directive[];
  readonly copyData: CopyData | undefined;
}

/** A directive that is a statement itself, with those above it. */
interface ScannedSoftDrop extends Span {
  readonly directive: Directive;
  readonly directives: readonly Directive[];
}

function scan({ text, offset }: Section): {
  readonly scanned: readonly Scanned[];
  readonly softDrops: readonly ScannedSoftDrop[];
} {
  const scanned: Scanned[] = [];
  const softDrops: ScannedSoftDrop[] = [];
  let directives: Directive[] = [];
  for (const token of scanSql(text)) {
    if (token.kind === 'line-comment') {
      const found = directiveIn(text, token);
      if (found === undefined) continue;
      const directive = { ...found, offset: offset + found.offset };
      if (isSoftDrop(directive.name)) {
        softDrops.push({ start: token.start, end: token.end, directive, directives });
        directives = [];
      } else {
        directives.push(directive);
      }
    } else if (token.kind === 'statement') {
      scanned.push({ start: token.start, end: token.end, directives, copyData: token.copyData });
      directives = [];
    }
  }
  return { scanned, softDrops };
}

/**
 * The text with blanks in place of the rows of `copy … from stdin`, and parameters in place of a
 * backfill's marks, so that every offset holds.
 */
function forParser(text: string, scanned: readonly Scanned[]): string {
  const pieces: string[] = [];
  let at = 0;
  for (const { start, end, copyData, directives } of scanned) {
    if (directives.some(({ name }) => name === 'backfill')) {
      pieces.push(text.slice(at, start), withParameters(text.slice(start, end)));
      at = end;
    }
    if (copyData === undefined) continue;
    pieces.push(text.slice(at, copyData.start), ' '.repeat(copyData.next - copyData.start));
    at = copyData.next;
  }
  pieces.push(text.slice(at));
  return pieces.join('');
}

/** The parser says where statements are; the lexer's finds go to the statement they belong to. */
function attacher(
  context: Context,
  scanned: readonly Scanned[],
): (statement: SqlStatement) => ParsedStatement {
  let next = 0;
  return ({ node, offset: start, length, placeOf }) => {
    const end = start + length;
    if (isTransactionControl(node)) throw transactionControl(context, { start, end });
    const first = next;
    while ((scanned[next]?.start ?? end) < end) next++;
    const mine = scanned.slice(first, next);
    const directives = mine.flatMap((one) => one.directives);
    const copyData = mine.at(-1)?.copyData;
    const statement = {
      ...statementAt(context, { start, end, directives, copyData }),
      command: commandOf(node),
      node,
      placeOf: (location: number) => context.section.offset + placeOf(location),
    };
    refuseBackfill(context.revision, statement);
    return statement;
  };
}

function statementAt(
  { revision, section, locationOf }: Context,
  { start, end, directives, copyData }: Scanned,
): ParsedStatement {
  const values = readDirectives(revision, STATEMENT_DIRECTIVES, directives);
  const offset = section.offset + start;
  return {
    text: section.text.slice(start, end),
    command: 'sql',
    offset,
    ...locationOf(offset),
    onlyIf: values['only-if'][0],
    idempotent: values.idempotent.length > 0,
    ignores: values.ignore,
    backfill: values.backfill[0],
    copyData: copyData && section.text.slice(copyData.start, copyData.end),
    node: undefined,
    placeOf: () => offset,
  };
}

function softDropAt(context: Context, { directive, ...span }: ScannedSoftDrop): ParsedStatement {
  const statement = statementAt(context, { ...span, copyData: undefined });
  const softDrop = softDropOf(directive, context.revision.id);
  const kind = softDrop?.object.kind ?? '';
  return {
    ...statement,
    text: statement.text.trimEnd(),
    command: `${directive.name} ${kind}`,
    softDrop,
  };
}

/** What the parser does not understand is one statement, and nobody can tell what comes before what. */
function refuseUnknownOrder(
  { revision, section }: Context,
  softDrops: readonly ScannedSoftDrop[],
  problem: { readonly message: string; readonly offset: number },
): void {
  if (softDrops.length === 0) return;
  throw fileError(revision, {
    code: 'SLIPWAY_SQL_SYNTAX',
    offset: section.offset + problem.offset,
    problem: problem.message,
    hint: 'mend the statement, or, if only a newer Postgres understands it, give the soft drop a revision of its own',
  });
}

/** What the parser does not understand is sent as it stands: newer syntax, or an error to report. */
function unparsed(
  context: Context,
  scanned: readonly Scanned[],
  problem: { readonly message: string; readonly offset: number },
): ParsedStatement {
  const statements = scanned.map((one) => statementAt(context, one));
  const [only] = statements;
  for (const statement of statements) refuseBackfill(context.revision, statement);
  if (only !== undefined && statements.length === 1) return only;
  if (statements.some(needsItsOwnRevision)) {
    throw fileError(context.revision, {
      code: 'SLIPWAY_SQL_SYNTAX',
      offset: problem.offset,
      problem: problem.message,
      hint: 'mend the statement, or, if only a newer Postgres understands it, give `copy … from stdin`, `only-if` and `backfill` a revision of their own',
    });
  }
  const { text } = context.section;
  const start = text.length - text.trimStart().length;
  const whole = { start, end: text.trimEnd().length, directives: [], copyData: undefined };
  return {
    ...statementAt(context, whole),
    idempotent: statements.every((one) => one.idempotent),
    ignores: statements.flatMap((one) => one.ignores),
  };
}

function needsItsOwnRevision({ onlyIf, copyData, backfill }: ParsedStatement): boolean {
  return onlyIf !== undefined || copyData !== undefined || backfill !== undefined;
}

const SAVEPOINTS = new Set([
  'TRANS_STMT_SAVEPOINT',
  'TRANS_STMT_RELEASE',
  'TRANS_STMT_ROLLBACK_TO',
]);

function isTransactionControl(node: SqlNode): boolean {
  return 'TransactionStmt' in node && !SAVEPOINTS.has(node.TransactionStmt.kind ?? '');
}

/** In a section that is not understood as a whole, each suspect statement is parsed by itself. */
async function refuseHiddenTransactionControl(
  context: Context,
  scanned: readonly Scanned[],
): Promise<void> {
  for (const span of scanned) {
    const text = context.section.text.slice(span.start, span.end);
    if (!/^(begin|start|commit|end|rollback|abort|prepare)\b/i.test(text)) continue;
    const result = await parseSql(text);
    if (result.ok && result.statements.some(({ node }) => isTransactionControl(node))) {
      throw transactionControl(context, span);
    }
  }
}

function transactionControl({ revision, section }: Context, { start, end }: Span): Error {
  const words = section.text
    .slice(start, Math.min(end, start + 40))
    .replace(/\s+/g, ' ')
    .toLowerCase();
  return fileError(revision, {
    code: 'SLIPWAY_TRANSACTION_CONTROL',
    offset: section.offset + start,
    problem: `"${words}" is transaction control, which is slipway's own`,
    hint: 'remove it: slipway begins and commits the transaction, or runs without one where the header says `-- slipway:transaction none`',
  });
}
