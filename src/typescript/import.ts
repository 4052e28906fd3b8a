/** Imports modules of a project that may be TypeScript and may import slipway. */

import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { provideSelf } from './self.ts';
import { loadTool } from './tools.ts';

type TsImport = (specifier: string, parent: string) => Promise<unknown>;

/** The default export of a module. Throws what its import throws. */
export async function importDefault(path: string): Promise<unknown> {
  provideSelf();
  const file = resolve(path);
  const url = pathToFileURL(file).href;
  if (!path.endsWith('.ts')) return defaultOf(await import(url));
  const tsx = (await loadTool('tsx/esm/api', dirname(file))) as
    | { readonly tsImport: TsImport }
    | undefined;
  if (tsx === undefined)
    throw new Error('a TypeScript file needs tsx, which is not installed here');
  return defaultOf(await tsx.tsImport(url, url));
}

/**
 * In a project without `"type": "module"` the default export arrives wrapped once more, in the
 * module object of CommonJS.
 */
function defaultOf(module: unknown): unknown {
  const content = (module as { readonly default?: unknown }).default;
  const isWrapped = typeof content === 'object' && content !== null && '__esModule' in content;
  return isWrapped ? (content as { readonly default?: unknown }).default : content;
}
