/** Scripts of --sql, readable as files. */

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { VERSION } from '../../../src/cli/version.ts';
import { succeed } from '../../support/cli.ts';

const here = import.meta.dirname;
const cases = (await readdir(here, { withFileTypes: true })).filter((each) => each.isDirectory());

const COMMANDS: readonly (readonly [string, readonly string[]])[] = [
  ['upgrade.sql', ['upgrade', '--sql']],
  ['contract.sql', ['upgrade', '2b3c:head', '--sql']],
  ['downgrade.sql', ['downgrade', '2b3c:base', '--sql', '--allow-data-loss']],
  ['stamp.sql', ['stamp', '1a2b', '--sql']],
];

describe('the scripts of', { concurrent: true }, () => {
  it.for(cases.map(({ name }) => name))('%s read well', async (name, { expect }) => {
    for (const [file, args] of COMMANDS) {
      const { stdout } = await succeed(args, { cwd: join(here, name) });
      const text = stdout.replaceAll(VERSION, '<version>');
      await expect(text).toMatchFileSnapshot(join(here, name, file));
    }
  });
});
