/** Writes new files and never over old ones. */

import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { UsageError } from '../core/errors.ts';

/**
 * Writes a file that must not exist yet; makes its folder.
 * @throws UsageError `SLIPWAY_FILE_EXISTS`
 */
export async function writeNewFile(path: string, content: string): Promise<void> {
  if (!(await writeIfAbsent(path, content))) {
    throw new UsageError('SLIPWAY_FILE_EXISTS', `${path} exists already`, {
      hint: 'Nothing was written. Move it away, or choose another name.',
      details: { file: path },
    });
  }
}

/** Writes a file unless something of that name exists; false when it does. */
export async function writeIfAbsent(path: string, content: string): Promise<boolean> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content, { flag: 'wx' });
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && existsSync(path)) return false;
    throw new UsageError(
      'SLIPWAY_FILE_EXISTS',
      `cannot write ${path}: ${code ?? 'unknown error'}`,
      {
        hint: 'Check that the folder may be written.',
        cause: error,
      },
    );
  }
}
