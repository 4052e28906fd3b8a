/** Sources that ask where they are: in a release bundle they are nowhere, with no files beside them. */

import { fileError, type SourceFile } from '../sql/file-error.ts';
import { tokensOf } from './tokens.ts';

const NAMES = /\bimport\s*\.\s*meta\b|\b__(?:dir|file)name\b/;

/** Throws `SLIPWAY_FILE_MALFORMED` where a file asks for its own place. */
export function refuseOwnPlace(file: SourceFile): void {
  if (!NAMES.test(file.source)) return;
  const offset = ownPlace(file.source);
  if (offset === undefined) return;
  throw fileError(file, {
    offset,
    problem: 'a revision has no place of its own in a release bundle, and no files beside it',
    hint: 'import what the file needs, or write it into the file',
  });
}

function ownPlace(source: string): number | undefined {
  const tokens = [...tokensOf(source)];
  for (const [at, { text, kind, start }] of tokens.entries()) {
    // A template is one token, with the code in it.
    const inTemplate = text.startsWith('`') ? NAMES.exec(text)?.index : undefined;
    if (inTemplate !== undefined) return start + inTemplate;
    if (kind !== 'name') continue;
    const isMeta =
      text === 'import' && tokens[at + 1]?.text === '.' && tokens[at + 2]?.text === 'meta';
    if (isMeta || text === '__dirname' || text === '__filename') return start;
  }
  return undefined;
}
