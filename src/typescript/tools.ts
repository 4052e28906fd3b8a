/** Finds tsx and esbuild: they come with the npm package, and an image has neither. */

import { createRequire } from 'node:module';
import { join } from 'node:path';

/**
 * Loads a tool from slipway's own installation, or from the project that `folder` belongs to.
 * Undefined where nobody has it.
 */
export async function loadTool(name: string, folder: string): Promise<unknown> {
  try {
    return await import(name);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
  const project = createRequire(join(folder, 'any.js'));
  // Where packages see their own dependencies only (pnpm), the project sees slipway, and slipway tsx.
  const places = [() => project, () => createRequire(project.resolve('slipway/package.json'))];
  for (const place of places) {
    try {
      return place()(name);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
  return undefined;
}

const NOT_FOUND = ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND', 'ERR_PACKAGE_PATH_NOT_EXPORTED'];

function isNotFound(error: unknown): boolean {
  return NOT_FOUND.includes((error as NodeJS.ErrnoException).code ?? '');
}
