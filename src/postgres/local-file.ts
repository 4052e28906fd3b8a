/** Reads the small files that connection settings live in: password and service files. */

import { readFileSync, statSync } from 'node:fs';

/** A file's text and permission bits. */
export interface LocalFile {
  readonly text: string;
  readonly mode: number;
}

/** The file at `path`, or undefined when there is none; throws when it cannot be read. */
export function readLocalFile(path: string): LocalFile | undefined {
  const mode = statSync(path, { throwIfNoEntry: false })?.mode;
  return mode === undefined ? undefined : { text: readFileSync(path, 'utf8'), mode };
}
