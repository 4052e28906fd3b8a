/** Runs a TypeScript revision from the release bundle. Needs neither tsx nor esbuild, nor any file. */

import { SourceMap, type SourceMapPayload } from 'node:module';
import { basename } from 'node:path';
import { compileFunction } from 'node:vm';
import { RevisionFileError } from '../core/errors.ts';
import type { CompiledRevision, RevisionProgram } from '../core/program.ts';
import type { Location } from '../sql/location.ts';
import { type AnyFunction, functionsOf } from './functions.ts';
import { placesIn } from './stack.ts';

interface CompiledModule {
  exports: {
    readonly default?: {
      readonly up: AnyFunction;
      readonly verify?: AnyFunction;
      readonly down?: AnyFunction;
    };
  };
}

/**
 * The program of a compiled revision; `file` is the path of its source as shown to people. Its
 * top-level code runs.
 * @throws RevisionFileError `SLIPWAY_BUNDLE_INVALID`
 */
export function loadCompiled({ code, map }: CompiledRevision, file: string): RevisionProgram {
  const locate = mappedLocate(map, file);
  const module: CompiledModule = { exports: {} };
  try {
    const run = compileFunction(code, ['exports', 'require', 'module'], {
      filename: scriptName(file),
    });
    run(module.exports, builtin, module);
  } catch (error) {
    throw broken(file, error, locate);
  }
  // `compileRevision` was given a checked file.
  const { default: definition } = module.exports;
  if (typeof definition?.up !== 'function') {
    throw broken(file, new Error('it exports no revision'), locate);
  }
  return { ...functionsOf(definition), locate };
}

/** Everything but Node's own modules is in the code. */
function builtin(name: string): unknown {
  const found = process.getBuiltinModule(name);
  if (found !== undefined) return found;
  throw Object.assign(new Error(`Cannot find module '${name}' in the release bundle`), {
    code: 'MODULE_NOT_FOUND',
  });
}

/** Not the file's own name, for which Node may have a source map of what tsx compiled. */
function scriptName(file: string): string {
  return `bundle:${file}`;
}

function mappedLocate(map: string, file: string): RevisionProgram['locate'] {
  const own = basename(file);
  let sourceMap: SourceMap | undefined;
  return (stack) => {
    // Built by `compileRevision`, covered by the bundle's digest.
    sourceMap ??= new SourceMap(JSON.parse(map) as SourceMapPayload);
    for (const { line, column } of placesIn(stack, scriptName(file))) {
      const origin = sourceMap.findEntry(line - 1, column - 1);
      if ('originalSource' in origin && origin.originalSource === own) {
        return { line: origin.originalLine + 1, column: origin.originalColumn + 1 };
      }
    }
    return undefined;
  };
}

function broken(file: string, error: unknown, locate: RevisionProgram['locate']): Error {
  const { message, stack } = error instanceof Error ? error : { message: String(error), stack: '' };
  const place: Location | undefined = locate(stack ?? '');
  const where = place === undefined ? file : `${file}:${place.line}:${place.column}`;
  return new RevisionFileError(
    'SLIPWAY_BUNDLE_INVALID',
    `${where}: the compiled revision cannot be loaded: ${message.split('\n')[0]}`,
    {
      hint: 'The code outside its functions must work in the image as it does where the bundle is built.',
      cause: error,
      details: { file, ...place },
    },
  );
}
