/** psql's backslash commands, which no server understands: what to write instead. */

import type { RevisionFileError } from '../core/errors.ts';
import { fileError, type SourceFile } from './file-error.ts';
import type { Span } from './lexer.ts';

const ONE_FILE = 'put the SQL into this file: a revision is one file';
const ONE_DATABASE = 'remove it: a run works on the one database it is connected to';
const PLAIN_VALUE = 'write the value itself: a revision has no psql variables';

const ADVICE: ReadonlyMap<string, string> = new Map([
  [
    'copy',
    'write `copy … from stdin;` with the rows and a closing \\. line under it, or load the rows on the server',
  ],
  ['.', 'remove it, or write `copy … from stdin;` above the rows'],
  ['i', ONE_FILE],
  ['ir', ONE_FILE],
  ['include', ONE_FILE],
  ['include_relative', ONE_FILE],
  ['c', ONE_DATABASE],
  ['connect', ONE_DATABASE],
  ['set', PLAIN_VALUE],
  ['gset', PLAIN_VALUE],
  ['if', '`-- slipway:only-if <sql>` above a statement runs it only where the query says true'],
]);

/** Whether the command is one of the two that pg_dump writes around a dump, which are passed over. */
export function isRestrict(source: string, command: Span): boolean {
  const name = nameOf(source, command);
  return name === 'restrict' || name === 'unrestrict';
}

/** The error for a command that psql would run itself. */
export function metaCommandError(input: SourceFile, command: Span): RevisionFileError {
  const name = nameOf(input.source, command);
  return fileError(input, {
    offset: command.start,
    problem: `\\${name} is a command of psql, not SQL`,
    hint: ADVICE.get(name) ?? 'write it as SQL, or remove it: psql does not run revisions',
  });
}

function nameOf(source: string, { start, end }: Span): string {
  const match = /^\\(\w+|\S)?/u.exec(source.slice(start, Math.min(end, start + 80)));
  return match?.[1] ?? '';
}
