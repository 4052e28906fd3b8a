/** Something that is wrong with revision files, in a form that terminal, JSON and annotations share. */

import type { ErrorCode, SlipwayError } from '../core/errors.ts';

export interface FileProblem {
  /** A warning does not fail the check. */
  readonly severity: 'error' | 'warning';
  readonly code: ErrorCode;
  /** Without the place, which the other fields have. */
  readonly message: string;
  readonly hint: string | undefined;
  /** The files it is about; the line is one of the first. */
  readonly files: readonly string[];
  readonly line: number | undefined;
  readonly column: number | undefined;
  readonly excerpt: string | undefined;
}

/** An error about files as one problem of several. */
export function problemOf(error: SlipwayError): FileProblem {
  const { file, files, line, column, excerpt } = error.details;
  const names = Array.isArray(files) ? files.map(String) : typeof file === 'string' ? [file] : [];
  const place =
    typeof line === 'number' ? `${names[0]}:${line}:${String(column)}: ` : `${names[0]}: `;
  return {
    severity: 'error',
    code: error.code,
    message: error.message.startsWith(place) ? error.message.slice(place.length) : error.message,
    hint: error.hint,
    files: names,
    line: typeof line === 'number' ? line : undefined,
    column: typeof column === 'number' ? column : undefined,
    excerpt: typeof excerpt === 'string' ? excerpt : undefined,
  };
}
