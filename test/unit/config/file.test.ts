/** Config files of each kind, as they are found and read. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findConfigFile, readConfigFile } from '../../../src/config/file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function put(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe('a config file', () => {
  it('is found in the folder, TypeScript before JavaScript before JSON', () => {
    expect(findConfigFile(folder)).toBeUndefined();
    for (const name of ['slipway.config.json', 'slipway.config.mjs', 'slipway.config.ts']) {
      const path = put(name, '');
      expect(findConfigFile(folder)).toBe(path);
    }
  });

  it.each([
    ['slipway.config.json', '{ "dir": "db", "lockRetries": 3 }'],
    ['slipway.config.mjs', "export default { dir: 'db', lockRetries: 3 };"],
    ['slipway.config.ts', "const dir: string = 'db';\nexport default { dir, lockRetries: 3 };"],
  ])('is read: %s', async (name, content) => {
    const path = put(name, content);
    expect(await readConfigFile(path)).toEqual({ path, values: { dir: 'db', lockRetries: '3' } });
  });

  it.each([
    ['that is not JSON', 'a.json', '{ dir: }'],
    ['that throws', 'a.mjs', "throw new Error('no such variable');"],
    ['without a default export', 'b.mjs', "export const dir = 'db';"],
    ['with an unknown key', 'b.json', '{ "dirr": "db" }'],
    ['that is empty', 'c.json', ''],
  ])('%s is refused with its name', async (_, name, content) => {
    const path = put(name, content);
    await expect(readConfigFile(path)).rejects.toMatchObject({
      code: 'SLIPWAY_CONFIG_INVALID',
      message: expect.stringContaining(path),
    });
  });

  it('has to exist', async () => {
    await expect(readConfigFile(join(folder, 'none.json'))).rejects.toMatchObject({
      code: 'SLIPWAY_CONFIG_INVALID',
      message: expect.stringContaining('it does not exist'),
    });
  });
});
