/** How a mistake in a revision file is reported: `file:line:column: what is wrong`, with an excerpt. */

import { type ErrorCode, RevisionFileError } from '../core/errors.ts';
import { excerpt, locate } from './location.ts';

/** A file's text and the name people know it by. */
export interface SourceFile {
  readonly file: string;
  readonly source: string;
}

/** What is wrong at an offset of a file, and what to do about it. */
export interface Mistake {
  readonly offset: number;
  readonly problem: string;
  readonly hint: string;
  readonly code?: ErrorCode;
}

/** The error for a mistake; `SLIPWAY_FILE_MALFORMED` unless the mistake says otherwise. */
export function fileError({ file, source }: SourceFile, mistake: Mistake): RevisionFileError {
  const { line, column } = locate(source, mistake.offset);
  return new RevisionFileError(
    mistake.code ?? 'SLIPWAY_FILE_MALFORMED',
    `${file}:${line}:${column}: ${mistake.problem}`,
    {
      hint: mistake.hint,
      details: { file, line, column, excerpt: excerpt(source, mistake.offset) },
    },
  );
}
