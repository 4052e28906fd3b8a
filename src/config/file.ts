/** The config file: `slipway.config.ts`, `.mjs` or `.json`. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '../core/errors.ts';
import { type RawSettings, readConfigValues } from './load.ts';

const NAMES = ['slipway.config.ts', 'slipway.config.mjs', 'slipway.config.json'];

/** The path of the config file of `folder`; undefined when it has none. */
export function findConfigFile(folder: string): string | undefined {
  return NAMES.map((name) => join(folder, name)).find((path) => existsSync(path));
}

/**
 * Reads a config file.
 * @throws ConfigError `SLIPWAY_CONFIG_INVALID`
 */
export async function readConfigFile(
  path: string,
): Promise<{ readonly path: string; readonly values: RawSettings }> {
  return { path, values: readConfigValues(path, await readContent(path)) };
}

async function readContent(path: string): Promise<unknown> {
  try {
    if (path.endsWith('.json')) return JSON.parse(readFileSync(path, 'utf8'));
    const { importDefault } = await import('../typescript/import.ts');
    return await importDefault(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new ConfigError(
      'SLIPWAY_CONFIG_INVALID',
      `cannot read ${path}: ${code === 'ENOENT' ? 'it does not exist' : (message.split('\n')[0] ?? '')}`,
      { hint: 'Correct the file, or name another one with --config.', cause: error },
    );
  }
}
