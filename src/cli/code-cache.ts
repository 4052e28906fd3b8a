/** Compiles the fast path from what V8 remembered at build time. */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { Script } from 'node:vm';

/**
 * The script in `file`, a CommonJS module. A `cache` of another Node is rejected by V8, which then
 * compiles as usual; one that belongs to another text must not be given: V8 compares lengths only.
 */
export function compileModule(file: string, cache: Buffer | undefined): Script {
  const source = readFileSync(file, 'utf8');
  return new Script(`(function(exports,require,module,__filename,__dirname){${source}\n})`, {
    filename: file,
    ...(cache === undefined ? {} : { cachedData: cache }),
  });
}

/** Runs a compiled module and returns what it exports. It cannot import anything dynamically. */
export function runModule(script: Script, file: string): unknown {
  const module = { exports: {} };
  script.runInThisContext()(module.exports, createRequire(file), module, file, dirname(file));
  return module.exports;
}

/** The file, or undefined when there is none. */
export function readCache(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}
