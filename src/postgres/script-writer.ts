/** A script for psql while it is written, line by line. Knows nothing of revisions. */

import { dollarQuoted, inlined, literal, oneLine, psqlText } from './script-text.ts';
import type { OwnQuery } from './session.ts';

/** What can be said in a script. */
export interface ScriptWriter {
  /** A line for people; it can hold anything. */
  comment(text: string): void;
  /** An empty line. */
  gap(): void;
  /** A command of psql's own. */
  meta(line: string): void;
  /** One message to the server; `end` is what makes psql send it. */
  sql(text: string, end?: string): void;
  /** Statements for slipway's own needs, on one line. */
  settings(statements: readonly string[]): void;
  /** One of slipway's own queries. */
  own(query: OwnQuery, end?: string): void;
  /** A PL/pgSQL block: what a script has to decide on the server. */
  block(body: string): void;
  /** As it is: rows of `copy … from stdin`. */
  raw(text: string): void;
  text(): string;
}

/** An empty script. */
export function scriptWriter(): ScriptWriter {
  const lines: string[] = [];
  const writer: ScriptWriter = {
    comment(text) {
      lines.push(`-- ${oneLine(text)}`.trimEnd(), '\n');
    },
    gap() {
      lines.push('\n');
    },
    meta(line) {
      lines.push(line, '\n');
    },
    sql(text, end = ';') {
      // Behind a comment on the last line, psql would not see it.
      const separator = end !== ';' || text.slice(text.lastIndexOf('\n') + 1).includes('--');
      lines.push(psqlText(text), separator ? '\n' : '', end, '\n');
    },
    settings(statements) {
      lines.push(statements.map((statement) => `${psqlText(statement)};`).join(' '), '\n');
    },
    own(query, end) {
      writer.sql(inlined(query), end);
    },
    block(body) {
      lines.push(`do ${dollarQuoted(`\n${body}\n`)};`, '\n');
    },
    raw(text) {
      lines.push(text);
    },
    text: () => lines.join(''),
  };
  return writer;
}

/** The PL/pgSQL that ends a script with an error. */
export function raise(message: string, hint: string): string {
  return `raise exception using message = ${literal(message)}, hint = ${literal(hint)};`;
}
