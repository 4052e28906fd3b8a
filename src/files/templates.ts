/** A project's own templates for new revisions: `<folder of revisions>/templates/<name>.sql` or `.ts`. */

import { readdir, readFile } from 'node:fs/promises';
import { join, parse } from 'node:path';
import type { Template } from '../authoring/ports.ts';
import { RevisionFileError } from '../core/errors.ts';
import { compareText } from '../core/graph.ts';
import { languageOf } from '../core/revision.ts';

/**
 * The templates of the project whose revisions are in `directory`; none when it has no such folder.
 * @throws RevisionFileError `SLIPWAY_FILE_UNREADABLE`
 */
export async function readTemplates(directory: string): Promise<readonly Template[]> {
  const folder = join(directory, 'templates');
  try {
    const names = (await readdir(folder)).filter((name) => /^[^.].*\.(?:sql|ts)$/.test(name));
    return await Promise.all(
      names.sort(compareText).map(async (file) => ({
        name: parse(file).name,
        language: languageOf(file),
        file: join(folder, file),
        text: await readFile(join(folder, file), 'utf8'),
      })),
    );
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return [];
    throw new RevisionFileError(
      'SLIPWAY_FILE_UNREADABLE',
      `cannot read the templates in ${folder}: ${code ?? 'unknown error'}`,
      {
        hint: 'Check that the folder and its files may be read.',
        cause: error,
        details: { file: folder },
      },
    );
  }
}
