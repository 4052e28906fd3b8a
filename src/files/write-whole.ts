/** Writes a file that appears whole or not at all. */

import { open, rename, rm } from 'node:fs/promises';
import { RevisionFileError } from '../core/errors.ts';

/**
 * Writes `text` beside `path` and puts it in its place.
 * @throws RevisionFileError `SLIPWAY_FILE_UNREADABLE`
 */
export async function writeWhole(path: string, text: string): Promise<void> {
  const draft = `${path}.${Date.now().toString(36)}.tmp`;
  try {
    const file = await open(draft, 'w');
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    const { code } = error as NodeJS.ErrnoException;
    throw new RevisionFileError(
      'SLIPWAY_FILE_UNREADABLE',
      `cannot write ${path}: ${code ?? 'unknown error'}`,
      { hint: 'Check that the folder exists and may be written.', cause: error },
    );
  }
}
