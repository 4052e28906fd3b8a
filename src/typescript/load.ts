/** Loads a TypeScript revision from its file, as in development: tsx compiles it. */

import { dirname } from 'node:path';
import { RevisionFileError } from '../core/errors.ts';
import type { RevisionProgram } from '../core/program.ts';
import type { Revision, Section } from '../core/revision.ts';
import { checksumOf } from '../sql/checksum.ts';
import { checkDefinition } from './check-definition.ts';
import { importFailure } from './failure.ts';
import { refuseOwnPlace } from './own-place.ts';
import { layOutDefinition } from './properties.ts';
import { provideSelf } from './self.ts';
import { type LoadedFile, readSource } from './source.ts';
import { placesIn } from './stack.ts';
import { loadTool } from './tools.ts';

/** A TypeScript revision: what its file says, and its functions. */
export interface LoadedRevision {
  readonly revision: Revision;
  readonly program: RevisionProgram;
}

/**
 * Loads a TypeScript revision; `file` is its path as shown to people, and its top-level code runs.
 * @throws RevisionFileError `SLIPWAY_FILE_UNREADABLE`, `SLIPWAY_FILE_MALFORMED`
 */
export async function loadRevision(file: string): Promise<LoadedRevision> {
  const loaded = readSource(file);
  refuseOwnPlace(loaded);
  const { source, path } = loaded;
  const { header, functions } = checkDefinition(await defaultExport(loaded), loaded);
  const section = (isThere: boolean): Section | undefined => (isThere ? EMPTY : undefined);
  return {
    revision: {
      ...header,
      file,
      language: 'typescript',
      transaction: 'one',
      checksum: checksumOf(
        { ...header, transaction: 'one' },
        { up: meaningOf(source), verify: '', down: '' },
      ),
      up: EMPTY,
      verify: section(functions.verify !== undefined),
      down: section(functions.down !== undefined),
      source,
    },
    program: { ...functions, locate: (stack) => placesIn(stack, path)[0] },
  };
}

const EMPTY: Section = { text: '', offset: 0, line: 1 };

type TsxRequire = (id: string, fromFile: string) => unknown;

/**
 * As CommonJS, whatever the project's own modules are: that is what the release bundle has, and what
 * works here works there.
 */
async function defaultExport(loaded: LoadedFile): Promise<unknown> {
  const { file, path } = loaded;
  const tsx = (await loadTool('tsx/cjs/api', dirname(path))) as { require: TsxRequire } | undefined;
  if (tsx === undefined) {
    throw new RevisionFileError(
      'SLIPWAY_FILE_UNREADABLE',
      `cannot load ${file}: a TypeScript revision needs tsx, which is not installed here`,
      {
        hint: 'Run slipway build where the npm package slipway is installed, and name the bundle with --bundle (SLIPWAY_BUNDLE).',
        details: { file },
      },
    );
  }
  provideSelf();
  try {
    return (tsx.require(path, path) as { readonly default?: unknown }).default;
  } catch (error) {
    throw importFailure(error, loaded);
  }
}

/** Properties whose meaning is in the header, or that do not count there either. */
const IN_HEADER = [
  'revision',
  'revises',
  'dependsOn',
  'labels',
  'description',
  'phase',
  'compatible',
  'lockTimeout',
  'statementTimeout',
  'irreversible',
  'approve',
  'ignore',
];

/**
 * The source as the checksum sees it: without the properties that the header's checksum covers, so
 * that here too a reason, an `ignore` or an approval may be added later.
 */
function meaningOf(source: string): string {
  let at = source.startsWith('\ufeff') ? 1 : 0;
  let meaning = '';
  for (const { name, start, end } of layOutDefinition(source).properties) {
    if (!IN_HEADER.includes(name)) continue;
    // With the line ends and blanks before it, which come and go with the property.
    meaning += source.slice(at, start).trimEnd();
    at = end;
  }
  return meaning + source.slice(at);
}
