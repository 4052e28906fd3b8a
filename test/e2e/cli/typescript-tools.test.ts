/** Who loads tsx and esbuild: development and `slipway build`, and nobody who has no `.ts` file. */

import { cpSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { program, type StartOptions } from '../../support/cli.ts';
import { createPlace, type Place } from '../../support/projects.ts';

const REVISION = `import { defineRevision } from 'slipway';

export default defineRevision({
  revision: 'ts1',
  revises: 'r1',
  up: async (db) => {
    await db.query('insert into t values ($1)', [7]);
  },
  irreversible: 'a test',
});
`;

/** Writes down which modules a process asks for. */
const WITNESS = `import { appendFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
registerHooks({
  resolve(specifier, context, next) {
    appendFileSync(process.env.WITNESS, specifier + '\\n');
    return next(specifier, context);
  },
});
`;

/** Runs a command, and tells which of the tools it loaded. */
async function toolsOf(
  place: Place,
  args: readonly string[],
  env: StartOptions['env'] = {},
): Promise<readonly string[]> {
  const witness = await place.project.write('witness.mjs', WITNESS);
  const list = await place.project.write('witness.txt', '');
  await place.succeed(args, {
    env: { ...env, WITNESS: list, NODE_OPTIONS: `--import=${witness}` },
  });
  const asked = readFileSync(list, 'utf8').split('\n');
  expect(asked).toContainEqual(expect.stringContaining('main.mjs'));
  return ['tsx', 'esbuild'].filter((tool) => asked.some((name) => name.split('/')[0] === tool));
}

describe('a release of SQL files', () => {
  it('loads neither tsx nor esbuild, from the folder, for the bundle and from it', async () => {
    const place = await createPlace({ id: 'r1', up: 'select 1;' });
    expect(await toolsOf(place, ['build', '--out', 'release.bundle'])).toEqual([]);
    expect(await toolsOf(place, ['upgrade'])).toEqual([]);
    expect(await toolsOf(place, ['downgrade', 'base'])).toEqual([]);
    expect(await toolsOf(place, ['upgrade', '--bundle', 'release.bundle'])).toEqual([]);
  });
});

describe('a release with a TypeScript revision', () => {
  it('is loaded with tsx from the folder, compiled with esbuild, and needs neither in a bundle', async () => {
    const place = await createPlace({ id: 'r1', up: 'create table t (n int);' });
    await place.project.write('migrations/20260102000000_ts1.ts', REVISION);
    expect(await toolsOf(place, ['history'])).toContain('tsx');
    expect(await toolsOf(place, ['build', '--out', 'release.bundle'])).toContain('esbuild');
    expect(await toolsOf(place, ['upgrade', '--bundle', 'release.bundle'])).toEqual([]);
    expect(await place.query('select n from t')).toEqual([{ n: 7 }]);
  });
});

describe('an image, which has no npm packages', () => {
  const image = async () => {
    const place = await createPlace({ id: 'r1', up: 'create table t (n int);' });
    await place.project.write('migrations/20260102000000_ts1.ts', REVISION);
    cpSync(dirname(program), place.project.path('opt'), { recursive: true });
    const run = (...args: readonly string[]) =>
      place.run(args, { program: place.project.path('opt/slipway.cjs') });
    return { place, run };
  };

  it('says what to do about TypeScript files', async () => {
    const { run } = await image();
    const outcome = await run('history');
    expect(outcome).toMatchObject({ exitCode: 11 });
    expect(outcome.log.at(-1)).toMatchObject({
      code: 'SLIPWAY_FILE_UNREADABLE',
      msg: 'cannot load migrations/20260102000000_ts1.ts: a TypeScript revision needs tsx, which is not installed here',
      next: expect.stringContaining('Run slipway build where the npm package slipway is installed'),
    });
  });

  it.each([
    ['of the project', ['tsx', 'esbuild']],
    ['that came with slipway', ['slipway']],
  ])('uses the tools %s', async (_, names) => {
    const { place, run } = await image();
    await place.project.write('node_modules/.keep', '');
    for (const name of names) {
      const installed = name === 'slipway' ? '.' : join('node_modules', name);
      symlinkSync(resolve(installed), place.project.path(join('node_modules', name)));
    }
    expect((await run('build', '--out', 'release.bundle')).exitCode).toBe(0);
    rmSync(place.project.path('node_modules'), { recursive: true });
    rmSync(place.project.path('migrations'), { recursive: true });
    const outcome = await run('upgrade', '--bundle', 'release.bundle');
    expect(outcome.exitCode, outcome.stderr).toBe(0);
    expect(await place.query('select n from t')).toEqual([{ n: 7 }]);
  });
});
