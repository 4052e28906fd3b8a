/** The ready file: its existence says that the schema is ready. */

import { renameSync, writeFileSync } from 'node:fs';
import { ConfigError } from '../core/errors.ts';

/**
 * Writes the file, whole or not at all.
 * @throws ConfigError `SLIPWAY_CONFIG_INVALID`: somebody waits for it, so this is no small matter
 */
export function writeReadyFile(path: string, heads: readonly string[]): void {
  const draft = `${path}.tmp`;
  try {
    writeFileSync(draft, `${heads.join('\n')}\n`);
    renameSync(draft, path);
  } catch (error) {
    throw new ConfigError(
      'SLIPWAY_CONFIG_INVALID',
      `cannot write the ready file ${path}: ${(error as NodeJS.ErrnoException).code ?? 'unknown error'}`,
      { hint: 'Mount an emptyDir there, or name another place with --ready-file.', cause: error },
    );
  }
}
