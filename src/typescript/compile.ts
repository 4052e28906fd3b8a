/** Compiles a TypeScript revision for the release bundle: one script with all that it imports. */

import { readFileSync, realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type * as Esbuild from 'esbuild';
import { RevisionFileError } from '../core/errors.ts';
import type { CompiledRevision } from '../core/program.ts';
import { compilerFailure, type LoadedFile } from './failure.ts';
import { SELF, SELF_SOURCE } from './self.ts';
import { loadTool } from './tools.ts';

/**
 * Compiles the revision in `file`. The same files give the same bytes, in whatever folder they are.
 * @throws RevisionFileError `SLIPWAY_FILE_MALFORMED`, `SLIPWAY_FILE_UNREADABLE`
 */
export async function compileRevision(file: string): Promise<CompiledRevision> {
  const path = realpathSync(resolve(file));
  const folder = dirname(path);
  const esbuild = loadTool('esbuild', folder) as typeof Esbuild | undefined;
  if (esbuild === undefined) throw noCompiler(file);
  const revision: LoadedFile = { file, path, source: readFileSync(path, 'utf8') };
  const built = await esbuild
    .build({
      entryPoints: [path],
      absWorkingDir: folder,
      // Paths in the code and in the map are relative to the revision's own folder.
      outfile: join(folder, 'revision.cjs'),
      write: false,
      bundle: true,
      format: 'cjs',
      platform: 'node',
      target: 'node24',
      // A script without a file has `require` only.
      supported: { 'dynamic-import': false },
      sourcemap: 'external',
      sourcesContent: false,
      legalComments: 'none',
      logLevel: 'silent',
      plugins: [self, refuseNativeAddons],
    })
    .catch((error: unknown) => {
      throw failure((error as Partial<Esbuild.BuildFailure>).errors?.[0], revision, error);
    });
  const lost = built.warnings.find(({ id, location }) => id === IMPORT_META && isOwn(location));
  if (lost !== undefined) throw failure({ ...lost, text: NO_FOLDER }, revision, undefined);
  const output = (ending: string) =>
    built.outputFiles.find((each) => each.path.endsWith(ending))?.text ?? '';
  return { code: output('revision.cjs'), map: output('revision.cjs.map') };
}

const IMPORT_META = 'empty-import-meta';
const NO_FOLDER =
  'import.meta means nothing in a release bundle, where no files are beside the code';

function isOwn(location: Esbuild.Location | null): boolean {
  return location !== null && !location.file.includes('node_modules/');
}

const self: Esbuild.Plugin = {
  name: 'slipway-itself',
  setup(build) {
    build.onResolve({ filter: new RegExp(`^${SELF}$`) }, () => ({ path: SELF, namespace: SELF }));
    build.onLoad({ filter: /^/, namespace: SELF }, () => ({ contents: SELF_SOURCE, loader: 'js' }));
  },
};

/** A native addon is a file of its own for one platform; these packages look for it at run time. */
const refuseNativeAddons: Esbuild.Plugin = {
  name: 'no-native-addons',
  setup(build) {
    build.onResolve(
      { filter: /\.node$|^(bindings|node-gyp-build|@mapbox\/node-pre-gyp)$/ },
      () => ({
        errors: [{ text: 'a native addon cannot be part of a release bundle' }],
      }),
    );
  },
};

function failure(
  message: Esbuild.Message | undefined,
  revision: LoadedFile,
  cause: unknown,
): unknown {
  if (message === undefined) return cause;
  const { location, text } = message;
  return compilerFailure(
    {
      path: location === null ? revision.path : resolve(dirname(revision.path), location.file),
      line: location?.line ?? 1,
      column: location?.column ?? 0,
      text,
    },
    revision,
  );
}

function noCompiler(file: string): RevisionFileError {
  return new RevisionFileError(
    'SLIPWAY_FILE_UNREADABLE',
    `cannot compile ${file}: a TypeScript revision needs esbuild, which is not installed here`,
    {
      hint: 'Run slipway build where the npm package slipway is installed.',
      details: { file },
    },
  );
}
