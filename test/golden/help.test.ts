/** The help of every command, readable as files. */

import { join } from 'node:path';
import { describe, it } from 'vitest';
import { COMMANDS } from '../../src/cli/command-list.ts';
import { succeed } from '../support/cli.ts';

const folder = join(import.meta.dirname, 'help');

describe('help', { concurrent: true }, () => {
  it.for(COMMANDS.map(({ name }) => name))('of %s has examples', async (name, { expect }) => {
    const { stdout, stderr } = await succeed([name, '--help'], { env: { COLUMNS: '100' } });
    expect(stderr).toBe('');
    expect(stdout).toMatch(/\nExamples:\n {2}(?:source <\()?slipway /);
    await expect(stdout).toMatchFileSnapshot(join(folder, `${name}.txt`));
  });

  it('without a command lists all of them', async ({ expect }) => {
    const { stdout } = await succeed(['--help'], { env: { COLUMNS: '100' } });
    await expect(stdout).toMatchFileSnapshot(join(folder, 'slipway.txt'));
  });
});
