/** What SQL is, judged by its first words: for statements that are sent without being parsed. */

import { type Span, scanSql } from './lexer.ts';

/** Commands whose second word says what they are about. */
const WITH_OBJECT = new Set(['create', 'alter', 'drop', 'comment', 'refresh', 'set', 'lock']);
const TRANSACTION_CONTROL =
  /^(?:begin|commit|end|abort|start\s+transaction|prepare\s+transaction|rollback(?!\s+(?:(?:work|transaction)\s+)?to\b))\b/i;

const COPY_WITH_CLIENT = /^copy\b.*\b(?:from\s+stdin|to\s+stdout)\b/is;

/** The command in words, for logs: `update`, `create table`; `sql` where there is none. */
export function commandOfText(text: string): string {
  const [first] = statementsOf(text);
  if (first === undefined) return 'sql';
  const [command = 'sql', object = ''] =
    text
      .slice(first.start, first.end)
      .toLowerCase()
      .match(/[a-z]+/g) ?? [];
  return WITH_OBJECT.has(command) && object !== '' ? `${command} ${object}` : command;
}

/** Whether one of the statements would begin or end a transaction; savepoints may stay. */
export function hasTransactionControl(text: string): boolean {
  return statementsOf(text).some(({ start, end }) =>
    TRANSACTION_CONTROL.test(text.slice(start, end)),
  );
}

/** Whether one of the statements would exchange rows with the client: `copy … from stdin`, `to stdout`. */
export function copiesWithClient(text: string): boolean {
  for (const token of scanSql(text)) {
    // Rows that are not there are a problem, which has no end.
    const end = token.kind === 'problem' ? text.length : token.end;
    const isSql = token.kind === 'statement' || token.kind === 'problem';
    if (isSql && COPY_WITH_CLIENT.test(text.slice(token.start, end))) return true;
  }
  return false;
}

function statementsOf(text: string): readonly Span[] {
  const spans: Span[] = [];
  for (const token of scanSql(text)) if (token.kind === 'statement') spans.push(token);
  return spans;
}
