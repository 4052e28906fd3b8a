/** Compiles a TypeScript revision for the release bundle: one script with all that it imports. */

import { dirname, join, resolve } from 'node:path';
import type * as Esbuild from 'esbuild';
import { RevisionFileError } from '../core/errors.ts';
import type { CompiledRevision } from '../core/program.ts';
import { loadCompiled } from './compiled.ts';
import { compilerFailure, sourceAt } from './failure.ts';
import { refuseOwnPlace } from './own-place.ts';
import { SELF, SELF_SOURCE } from './self.ts';
import { type LoadedFile, readSource } from './source.ts';
import { loadTool } from './tools.ts';

/**
 * Compiles the revision in `file`, which was loaded before; its top-level code runs once more. The
 * same files give the same bytes, in whatever folder they are.
 * @throws RevisionFileError `SLIPWAY_FILE_MALFORMED`, `SLIPWAY_FILE_UNREADABLE`,
 * `SLIPWAY_BUNDLE_INVALID`
 */
export async function compileRevision(file: string): Promise<CompiledRevision> {
  const revision = readSource(file);
  const { path } = revision;
  const folder = dirname(path);
  const esbuild = (await loadTool('esbuild', folder)) as typeof Esbuild | undefined;
  if (esbuild === undefined) throw noCompiler(file);
  const built = await esbuild
    .build({
      entryPoints: [path],
      absWorkingDir: folder,
      // Paths in the code and in the map are relative to the revision's own folder.
      outfile: join(folder, 'revision.cjs'),
      write: false,
      metafile: true,
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
  for (const input of Object.keys(built.metafile.inputs).filter(isOwn)) {
    refuseOwnPlace(sourceAt(resolve(folder, input), revision));
  }
  const output = (ending: string) =>
    built.outputFiles.find((each) => each.path.endsWith(ending))?.text ?? '';
  const compiled = { code: output('revision.cjs'), map: output('revision.cjs.map') };
  // What a package needs beside its code is missed here, not in a pod.
  loadCompiled(compiled, file);
  return compiled;
}

/** Whether an input is the project's; what packages need is theirs to know. */
function isOwn(input: string): boolean {
  return !/(^|\/)node_modules\//.test(input) && !input.startsWith(`${SELF}:`);
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
  if (message === undefined) return compilerBroken(revision.file, cause);
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

/** esbuild itself does not work, as where node_modules come from another platform. */
function compilerBroken(file: string, cause: unknown): RevisionFileError {
  const [problem] = String((cause as Partial<Error>).message ?? cause).split('\n');
  return new RevisionFileError('SLIPWAY_FILE_UNREADABLE', `cannot compile ${file}: ${problem}`, {
    hint: 'Install the npm packages on the platform that slipway build runs on.',
    cause,
    details: { file },
  });
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
