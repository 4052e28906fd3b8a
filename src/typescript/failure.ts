/** Why a TypeScript revision cannot be loaded or compiled, and where in which file. */

import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { RevisionFileError } from '../core/errors.ts';
import { fileError, type SourceFile } from '../sql/file-error.ts';
import { offsetsOfBytes } from '../sql/location.ts';
import type { LoadedFile } from './source.ts';
import { placesIn } from './stack.ts';

/** What a compiler says about a place: line counted from 1, column in bytes counted from 0. */
export interface CompilerMessage {
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly text: string;
}

/** The error for what was thrown while a revision's file was imported. */
export function importFailure(error: unknown, revision: LoadedFile): RevisionFileError {
  const { message, stack, name, code } = fieldsOf(error);
  if (name === 'TransformError') {
    const found = /^(.+?)(?:\?[^:]*)?:(\d+):(\d+): ERROR: (.*)$/m.exec(message);
    if (found !== null) {
      const [, path = '', line, column, text = ''] = found;
      return compilerFailure({ path, line: Number(line), column: Number(column), text }, revision);
    }
  }
  if (code === 'MODULE_NOT_FOUND' || code === 'ERR_MODULE_NOT_FOUND') {
    return missingModule(error, revision);
  }
  const [problem = ''] = message.split('\n');
  const [place] = placesIn(stack, revision.path);
  if (place === undefined) {
    return fileError(revision, {
      offset: 0,
      problem: `it cannot be loaded: ${problem}`,
      hint: 'Correct the file; if a package is to blame, install the packages of this platform',
    });
  }
  return fileError(revision, {
    offset: offsetAt(revision.source, place.line, place.column - 1),
    problem: `the code outside the functions failed: ${problem}`,
    hint: 'A revision may only do something in up, verify and down',
  });
}

/** The error for what a compiler said; about a file that the revision imports, too. */
export function compilerFailure(
  { path, line, column, text }: CompilerMessage,
  revision: LoadedFile,
): RevisionFileError {
  const where = sourceAt(path, revision);
  const start = offsetAt(where.source, line, 0);
  const [offset = start] = offsetsOfBytes(where.source.slice(start), [column]);
  return fileError(where, { offset: start + offset, ...inWords(text) });
}

function inWords(text: string): { readonly problem: string; readonly hint: string } {
  if (text.startsWith('Top-level await')) {
    return {
      problem: 'await outside the functions',
      hint: 'move it into up, verify or down: a revision is loaded in one go',
    };
  }
  const missing = /^Could not resolve "(.*)"$/.exec(text);
  if (missing !== null) return notFound(missing[1] ?? '');
  return {
    problem: text.charAt(0).toLowerCase() + text.slice(1),
    hint: 'correct the TypeScript of the file',
  };
}

function notFound(specifier: string): { readonly problem: string; readonly hint: string } {
  return {
    problem: `cannot find "${specifier}"`,
    hint: /^[./]/.test(specifier)
      ? 'correct the path of the import'
      : 'install the package, or correct the name of the import',
  };
}

function missingModule(error: unknown, revision: LoadedFile): RevisionFileError {
  const { message, requireStack } = fieldsOf(error);
  const specifier = /^Cannot find (?:module|package) '([^']*)'/.exec(message)?.[1] ?? '';
  const importer = requireStack[0]?.replace(/\?[^?]*$/, '') ?? revision.path;
  const where = sourceAt(importer, revision);
  const quoted = ["'", '"', '`'].map((quote) =>
    where.source.indexOf(`${quote}${specifier}${quote}`),
  );
  const offset = Math.max(0, ...quoted);
  return fileError(where, { offset, ...notFound(specifier) });
}

/** The file at `path` by the name people know it by, seen from the revision's. */
export function sourceAt(path: string, revision: LoadedFile): SourceFile {
  if (path === revision.path) return revision;
  const file = join(dirname(revision.file), relative(dirname(revision.path), path));
  try {
    return { file, source: readFileSync(path, 'utf8') };
  } catch {
    return revision;
  }
}

/** Offset of a line (counted from 1) and a column (counted from 0), in UTF-16 code units. */
function offsetAt(source: string, line: number, column: number): number {
  const lineEnds = /\r\n|[\n\r\u2028\u2029]/g;
  for (let left = line - 1; left > 0 && lineEnds.exec(source) !== null; left--);
  return Math.min(lineEnds.lastIndex + column, source.length);
}

function fieldsOf(error: unknown) {
  const { message, stack, name, code, requireStack } = (
    error instanceof Error ? error : { message: String(error) }
  ) as Partial<NodeJS.ErrnoException> & { readonly requireStack?: readonly string[] };
  return {
    message: message ?? '',
    stack: stack ?? '',
    name,
    code,
    requireStack: requireStack ?? [],
  };
}
