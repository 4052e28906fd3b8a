/** Revision files for whoever reads SQL alone: those in TypeScript are read as text and never run. */

import { readFile, stat } from 'node:fs/promises';
import { normalize } from 'node:path';
import type { UnreadableFile } from '../authoring/ports.ts';
import { SlipwayError } from '../core/errors.ts';
import { languageOf, type Revision } from '../core/revision.ts';
import { parseRevisionFile } from '../sql/revision-file.ts';
import { FILES_AT_ONCE, listRevisionFiles, unreadable } from './directory.ts';

/** Revision files, each as what it is. */
export interface SqlFiles {
  readonly revisions: readonly Revision[];
  readonly unreadable: readonly UnreadableFile[];
  /** Revisions in TypeScript. */
  readonly programs: readonly { readonly file: string; readonly text: string }[];
}

/** Reads files, and the revision files of folders; goes on where one cannot be read. */
export async function readSqlFiles(paths: readonly string[]): Promise<SqlFiles> {
  const files = [...new Set((await Promise.all(paths.map(filesAt))).flat())];
  const read: ReadFile[] = [];
  for (let start = 0; start < files.length; start += FILES_AT_ONCE) {
    read.push(...(await Promise.all(files.slice(start, start + FILES_AT_ONCE).map(readOne))));
  }
  return {
    revisions: read.flatMap(({ revision }) => revision ?? []),
    unreadable: read.flatMap((each) => each.unreadable ?? []),
    programs: read.flatMap(({ program }) => program ?? []),
  };
}

/** One of them. */
interface ReadFile {
  readonly revision?: Revision;
  readonly unreadable?: UnreadableFile;
  readonly program?: SqlFiles['programs'][number];
}

async function filesAt(path: string): Promise<readonly string[]> {
  const isFolder = await stat(path).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
  return isFolder ? listRevisionFiles(path) : [normalize(path)];
}

async function readOne(file: string): Promise<ReadFile> {
  let text = '';
  try {
    const content = await readFile(file).catch((error: unknown) => {
      throw unreadable(file, error, 'Check that the file exists and may be read.');
    });
    text = content.toString('utf8');
    if (languageOf(file) === 'typescript') return { program: { file, text } };
    return { revision: parseRevisionFile(content, file) };
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error;
    return { unreadable: { file, text, error } };
  }
}
