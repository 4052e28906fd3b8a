/** Compiling TypeScript revisions for the release bundle, and running them without their files. */

import { hash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compileRevision } from '../../src/typescript/compile.ts';
import { loadCompiled } from '../../src/typescript/compiled.ts';
import { type Folder, probe, typescriptProject } from '../support/typescript.ts';

const REVISION = `import { createHash } from 'node:crypto';
import { defineRevision } from 'slipway';
import type { Row } from 'types-that-are-not-installed';
import greet from 'greeting';
import { tableName } from '../lib/names.js';

export default defineRevision({
  revision: 'a1',
  up: async (db) => {
    const digest = createHash('md5').update(greet('you')).digest('hex');
    await db.query(\`insert into \${tableName} values ($1)\`, [digest]);
    const rows: Row[] = [];
    fail(rows.length);
  },
  verify: async () => false,
  irreversible: 'a test',
});

function fail(count: number): never {
  throw new Error(\`no rows: \${count}\`);
}
`;

function fill(project: Folder): string {
  project.put('lib/names.ts', "export const tableName: string = 'greetings';\n");
  project.put(
    'node_modules/greeting/package.json',
    JSON.stringify({ name: 'greeting', version: '1.0.0', main: 'index.js' }),
  );
  project.put('node_modules/greeting/index.js', 'module.exports = (who) => "hello " + who;\n');
  return project.put('migrations/a.ts', REVISION);
}

const noDatabase = { query: () => Promise.reject(new Error('no database')) };

describe.each(['module', 'commonjs', undefined] as const)(
  'a compiled revision of a project of type %s',
  (type) => {
    it('does the same as from its file, and names the same places', async () => {
      using project = typescriptProject(type);
      fill(project);
      const compiled = await probe('compile', 'migrations/a.ts', project.root);
      expect(compiled).toEqual({
        asked: [
          {
            text: 'insert into greetings values ($1)',
            values: [hash('md5', 'hello you')],
            at: { line: 11, column: 14 },
          },
        ],
        thrown: { message: 'no rows: 0', at: { line: 20, column: 9 } },
        verified: false,
      });
      expect(await probe('load', 'migrations/a.ts', project.root)).toEqual(compiled);
    });
  },
);

describe('compiling', () => {
  it('gives the same bytes in whatever folder the project is', async () => {
    using here = typescriptProject('module');
    using there = typescriptProject('module');
    const first = await compileRevision(fill(here));
    expect(await compileRevision(fill(there))).toEqual(first);
    expect(first.code + first.map).not.toContain(here.root);
  });

  it('puts everything into one script, so that no file is needed any more', async () => {
    using project = typescriptProject('module');
    const file = fill(project);
    const compiled = await compileRevision(file);
    rmSync(project.root, { recursive: true });
    const program = loadCompiled(compiled, file);
    expect(await program.verify?.(noDatabase)).toBe(false);
    expect(program.down).toBeUndefined();
    await expect(program.up(noDatabase)).rejects.toThrow('no database');
  });

  it('takes nothing from modules of which only types are used', async () => {
    using project = typescriptProject('module');
    project.put('lib/types.ts', "export interface Row { id: number }\nconsole.log('loaded');\n");
    const file = project.put(
      'a.ts',
      "import type { RevisionDatabase } from 'slipway';\nimport type { Row } from './lib/types.ts';\nexport default { revision: 'a', up: async (db: RevisionDatabase) => { await db.query<Row>('x'); }, irreversible: 'a test' };\n",
    );
    const { code } = await compileRevision(file);
    expect(code).not.toContain('loaded');
    expect(code).not.toContain('require(');
  });

  it.each([
    [
      'a wrong syntax',
      'export default {\n  up: () => { const = 1 } };',
      '2:21',
      'expected identifier',
    ],
    ['top-level await', 'const ä = 1; await ä;\nexport default ä;', '1:14', 'await outside'],
    [
      'a missing file',
      "import a from './b.ts';\nexport default a;",
      '1:15',
      'cannot find "./b.ts"',
    ],
    ['a missing package', "import a from 'b';\nexport default a;", '1:15', 'cannot find "b"'],
    [
      'its own folder',
      'export default import.meta.dirname;',
      '1:16',
      'a revision has no place of its own',
    ],
    ['a native addon', "import a from './a.node';\nexport default a;", '1:15', 'a native addon'],
    [
      'a loader of native addons',
      "import a from 'bindings';\nexport default a;",
      '1:15',
      'a native addon',
    ],
  ])('refuses %s at its place', async (_, source, place, problem) => {
    using project = typescriptProject('module');
    project.put('a.node', '');
    const file = project.put('a.ts', source);
    await expect(compileRevision(file)).rejects.toMatchObject({
      code: 'SLIPWAY_FILE_MALFORMED',
      message: expect.stringContaining(`${file}:${place}: ${problem}`),
      details: { file },
    });
  });

  it.each([
    ['a wrong syntax', 'export const b = ;\n'],
    ['its own folder', 'export const b = __dirname;\n'],
  ])('reports a mistake in an imported module there: %s', async (_, source) => {
    using project = typescriptProject('module');
    const helper = project.put('lib/b.ts', source);
    const file = project.put('migrations/a.ts', "export { b as default } from '../lib/b.ts';\n");
    await expect(compileRevision(file)).rejects.toMatchObject({
      code: 'SLIPWAY_FILE_MALFORMED',
      message: expect.stringContaining(`${helper}:1:18: `),
    });
  });

  it('refuses packages that need their own folder, before a pod has to', async () => {
    using project = typescriptProject('module');
    const file = fill(project);
    project.put(
      'node_modules/greeting/index.js',
      'module.exports = require(__dirname + "/a.json");',
    );
    await expect(compileRevision(file)).rejects.toMatchObject({
      code: 'SLIPWAY_BUNDLE_INVALID',
      message: expect.stringContaining('__dirname is not defined'),
    });
  });
});

describe('a compiled revision', () => {
  it('that throws when it is loaded names the place', async () => {
    using project = typescriptProject('module');
    project.put(
      'a.ts',
      "const settings = JSON.parse('{');\nexport default { revision: 'a', settings };\n",
    );
    const { refused } = await probe('compile', 'a.ts', project.root);
    expect(refused).toMatch(
      /^a\.ts:1:23: the compiled revision cannot be loaded: Expected property/,
    );
  });

  it('that is not what compiling makes is refused as part of a bundle that is not valid', () => {
    const map = JSON.stringify({ version: 3, sources: [], names: [], mappings: '' });
    for (const code of ['module.exports = {};', 'const = 1;', "require('left-pad');"]) {
      expect(() => loadCompiled({ code, map }, 'a.ts')).toThrow(
        expect.objectContaining({ code: 'SLIPWAY_BUNDLE_INVALID' }),
      );
    }
  });

  it('may import what Node has at run time', async () => {
    using project = typescriptProject('module');
    const file = project.put(
      join('migrations', 'a.ts'),
      "export default { revision: 'a', up: async () => {}, irreversible: 'a test', verify: async () => (await import('node:path')).sep === require('path').sep };\n",
    );
    const program = loadCompiled(await compileRevision(file), file);
    expect(await program.verify?.(noDatabase)).toBe(true);
  });
});
