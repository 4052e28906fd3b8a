/** Writes archived revision files back into a folder, byte for byte as they were applied. */

import { mkdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { RevisionFileError } from '../core/errors.ts';
import { writeWhole } from './write-whole.ts';

/** A file as the database keeps it. */
export interface ArchivedFile {
  /** Path as it was when it was applied; only its last part counts. */
  readonly file: string;
  readonly source: string;
}

/** What became of each file. */
export interface ExportReport {
  readonly written: readonly string[];
  /** There already, with the same content. */
  readonly unchanged: readonly string[];
}

/**
 * Writes `files` into `directory`. A file that is there with another content is not touched, and
 * nothing is written then.
 * @throws RevisionFileError `SLIPWAY_FILE_EXISTS`, and what writing throws
 */
export async function exportRevisions(
  directory: string,
  files: readonly ArchivedFile[],
): Promise<ExportReport> {
  const wanted = new Map(
    files.map(({ file, source }) => [join(directory, basename(file)), source]),
  );
  const unchanged: string[] = [];
  const missing: string[] = [];
  for (const [path, source] of wanted) {
    const present = await readFile(path).catch(() => undefined);
    if (present === undefined) missing.push(path);
    else if (present.equals(Buffer.from(source))) unchanged.push(path);
    else throw alreadyThere(path);
  }
  await mkdir(directory, { recursive: true });
  for (const path of missing) await writeWhole(path, wanted.get(path) ?? '');
  return { written: missing, unchanged };
}

function alreadyThere(path: string): RevisionFileError {
  return new RevisionFileError(
    'SLIPWAY_FILE_EXISTS',
    `${path} is there already, and is not what was applied`,
    {
      hint: 'Nothing was written. Export into an empty folder, and compare.',
      details: { file: path },
    },
  );
}
