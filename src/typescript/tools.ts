/** Finds tsx and esbuild: they come with the npm package, and an image has neither. */

import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * Loads a tool from slipway's own installation, or from the project that `folder` belongs to.
 * Undefined where nobody has it.
 */
export function loadTool(name: string, folder: string): unknown {
  const project = createRequire(pathToFileURL(join(folder, 'any.js')));
  const places = [
    () => createRequire(import.meta.url),
    () => project,
    // Where packages see only their own dependencies (pnpm), the project sees slipway alone.
    () => createRequire(project.resolve('slipway/package.json')),
  ];
  for (const place of places) {
    const path = attempt(() => place().resolve(name));
    if (path !== undefined) return project(path);
  }
  return undefined;
}

function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
