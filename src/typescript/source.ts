/** Reads the file of a TypeScript revision. */

import { readFileSync, realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { RevisionFileError } from '../core/errors.ts';
import { decode } from '../sql/encoding.ts';
import type { SourceFile } from '../sql/file-error.ts';

/** A revision's file: what people call it, its text, and its real path, which stack traces name. */
export interface LoadedFile extends SourceFile {
  readonly path: string;
}

/**
 * Reads the file that people call `file`.
 * @throws RevisionFileError `SLIPWAY_FILE_UNREADABLE`, `SLIPWAY_FILE_MALFORMED` where it is not UTF-8
 */
export function readSource(file: string): LoadedFile {
  let path: string;
  let content: Uint8Array;
  try {
    path = realpathSync(resolve(file));
    content = readFileSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'it does not exist' : (code ?? '');
    throw new RevisionFileError('SLIPWAY_FILE_UNREADABLE', `cannot read ${file}: ${why}`, {
      hint: 'Check that the file is there and may be read.',
      cause: error,
      details: { file },
    });
  }
  return { file, path, source: decode(content, file) };
}
