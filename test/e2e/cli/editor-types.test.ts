/** What an editor makes of revisions and config files, with the package as npm would install it. */

import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Folder, typescriptProject } from '../../support/typescript.ts';

vi.setConfig({ testTimeout: 60_000 });

const run = promisify(execFile);

let project: Folder;
let shipped: readonly string[];

beforeAll(async () => {
  project = typescriptProject('module');
  const { root } = project;
  const { stdout } = await run('npm', [
    'pack',
    '--json',
    '--ignore-scripts',
    '--pack-destination',
    root,
  ]);
  const packed: unknown = JSON.parse(stdout);
  // An array, or since npm 12 an object by package name.
  const [pack] = Object.values(
    packed as { [key: string]: { filename: string; files: { path: string }[] } },
  );
  if (pack === undefined) throw new Error('npm packed nothing');
  shipped = pack.files.map(({ path }) => path);
  const target = join(root, 'node_modules', 'slipway');
  mkdirSync(target, { recursive: true });
  await run('tar', ['-xzf', join(root, pack.filename), '-C', target, '--strip-components=1']);
}, 60_000);
afterAll(() => project[Symbol.dispose]());

interface Complaint {
  readonly line: number;
  readonly message: string;
}

/** Type-checks one file, as strictly as it goes, declarations included. */
async function check(
  source: string,
  {
    name = 'a.ts',
    ...options
  }: { readonly name?: string; readonly [option: string]: unknown } = {},
): Promise<readonly Complaint[]> {
  project.put(name, source);
  const compilerOptions = {
    module: 'nodenext',
    target: 'es2024',
    types: [],
    noEmit: true,
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    ...options,
  };
  project.put('tsconfig.json', JSON.stringify({ compilerOptions, files: [name] }));
  const tsc = resolve('node_modules/.bin/tsc');
  const { stdout } = await run(tsc, ['-p', project.root, '--pretty', 'false']).catch(
    (failed: { stdout: string }) => failed,
  );
  // What explains an error follows it, indented.
  const complaints = [...stdout.matchAll(/^(\S+)\((\d+),\d+\): error (.*(?:\n .*)*)/gm)];
  expect(complaints.filter(([, file]) => !file?.endsWith(name)).map(([all]) => all)).toEqual([]);
  return complaints.map(([, , line, message = '']) => ({ line: Number(line), message }));
}

const GOOD = `import { type RevisionDatabase, defineRevision } from 'slipway';

async function fill(db: RevisionDatabase, level: number): Promise<void> {
  const { rows, rowCount } = await db.query<{ id: number }>('select id from t where l = $1', [level]);
  const first: number | undefined = rows[0]?.id;
  if (rowCount === null || first === undefined) return;
  const untyped = await db.query('select 1 as one');
  const unknown: unknown = untyped.rows[0]?.['one'];
  void unknown;
}

export default defineRevision({
  revision: '3f2a9c41d7e0',
  revises: ['a', 'b'],
  dependsOn: 'c',
  labels: ['billing'],
  description: 'Fill the levels',
  phase: 'contract',
  compatible: { verdict: 'yes', reason: 'nobody reads it' },
  lockTimeout: '500ms',
  statementTimeout: '5min',
  approve: [{ hazard: 'unknown', reason: 'never filled' }],
  ignore: [{ rule: 'some-rule', reason: 'a small table' }],
  up: async (db) => fill(db, 1),
  verify: async (db) => (await db.query('select 1')).rowCount === 1,
  down: async (db) => {
    await db.query('delete from t');
  },
});
`;

describe('the package', () => {
  it('ships what its exports name', () => {
    const { exports } = JSON.parse(
      readFileSync(join(project.root, 'node_modules/slipway/package.json'), 'utf8'),
    ) as { readonly exports: { readonly '.': { readonly [condition: string]: string } } };
    const paths = Object.values(exports['.']).map((path) => path.replace('./', ''));
    expect(shipped).toEqual(expect.arrayContaining([...paths, 'dist/slipway.cjs']));
  });

  it.each(['mjs', 'cjs'])('can be imported where it is installed: .%s', async (kind) => {
    const imports =
      kind === 'mjs'
        ? "import { defineConfig, defineRevision } from 'slipway';"
        : "const { defineConfig, defineRevision } = require('slipway');";
    const file = project.put(
      `run.${kind}`,
      `${imports}\nconsole.log(defineRevision(defineConfig(7)));`,
    );
    expect((await run(process.execPath, [file])).stdout).toBe('7\n');
  });
});

describe('a good revision', () => {
  it.each([
    ['an ES module, nodenext', { module: 'nodenext' }],
    ['an ES module, node16', { module: 'node16' }],
    ['an ES module for a bundler', { module: 'esnext', moduleResolution: 'bundler' }],
    ['a CommonJS module, nodenext', { module: 'nodenext', name: 'a.cts' }],
    ['a CommonJS module, node16', { module: 'node16', name: 'a.cts' }],
    ['CommonJS for a bundler', { module: 'preserve', moduleResolution: 'bundler', name: 'a.cts' }],
  ])('has nothing to complain about: %s', async (_, options) => {
    expect(await check(GOOD, options)).toEqual([]);
  });

  it('may be irreversible', async () => {
    const source = GOOD.replace(
      / {2}down[\s\S]*\},\n\}\);/,
      "  irreversible: 'for a reason',\n});",
    );
    expect(await check(source)).toEqual([]);
  });

  it('may be written without defineRevision', async () => {
    const source = GOOD.replace(
      'type RevisionDatabase, defineRevision',
      'type RevisionDatabase, type RevisionDefinition',
    )
      .replace('defineRevision({', '{')
      .replace(/\}\);\n$/, '} satisfies RevisionDefinition;\n');
    expect(await check(source)).toEqual([]);
  });
});

describe('a wrong revision', () => {
  const lineOf = (text: string) => GOOD.split('\n').findIndex((line) => line.includes(text)) + 1;

  it.each([
    ['a key that is misspelt', 'description:', 'descripton:', lineOf('description:'), 'descripton'],
    ['a phase that is not one', "'contract'", "'contrat'", lineOf('phase:'), '"contrat"'],
    ['a verdict that is not one', "'yes'", "'maybe'", lineOf('compatible:'), '"maybe"'],
    ['a duration without a unit', "'500ms'", '500', lineOf('lockTimeout:'), 'number'],
    [
      'a transaction',
      "lockTimeout: '500ms'",
      "transaction: 'none'",
      lineOf('lockTimeout:'),
      'transaction',
    ],
    [
      'a way back where there is none',
      "lockTimeout: '500ms'",
      "irreversible: 'no'",
      lineOf('defineRevision({'),
      'down',
    ],
    [
      'a query that is not awaited',
      'async (db) => fill(db, 1)',
      "(db) => { db.query('x'); }",
      lineOf('up:'),
      'Promise',
    ],
    ['an upgrade in SQL', 'async (db) => fill(db, 1)', "'select 1'", lineOf('up:'), 'string'],
    ['a check that answers rows', '.rowCount === 1', '.rows', lineOf('verify:'), 'boolean'],
    [
      'a column that was not asked for',
      'rows[0]?.id',
      'rows[0]?.name',
      lineOf('const first'),
      'name',
    ],
  ])('is shown at its line: %s', async (_, good, bad, line, word) => {
    const complaints = await check(GOOD.replace(good, bad));
    expect(complaints[0]).toEqual({ line, message: expect.stringContaining(word) });
  });

  it.each([
    ['down', /\n {2}down[\s\S]*\},\n\}\);/, '\n});'],
    ['up', /\n {2}up: .*/, ''],
    ['revision', /\n {2}revision: .*/, ''],
  ])('is shown at its beginning without %s', async (key, pattern, rest) => {
    const complaints = await check(GOOD.replace(pattern, rest));
    expect(complaints).toHaveLength(1);
    expect(complaints[0]?.line).toBe(lineOf('defineRevision({'));
    expect(complaints[0]?.message).toContain(`'${key}' is missing`);
  });
});

describe('a config file', () => {
  const source = `import { defineConfig } from 'slipway';
export default defineConfig({
  dir: 'db',
  lockWait: '10m',
  lockRetries: 3,
  phase: 'expand',
  approve: ['a'],
  url: undefined,
});
`;

  it('has nothing to complain about when it is right', async () => {
    expect(await check(source)).toEqual([]);
  });

  it.each([
    ['a setting that there is not', "dir: 'db'", "dirr: 'db'", 3],
    ['a value that it cannot have', "'expand'", "'later'", 6],
  ])('shows %s at its line', async (_, good, bad, line) => {
    expect(await check(source.replace(good, bad))).toMatchObject([{ line }]);
  });
});
