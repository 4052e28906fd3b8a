/** Loading TypeScript revisions from their files, in projects of each kind. */

import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadRevision } from '../../src/typescript/load.ts';
import { probe, typescriptProject } from '../support/typescript.ts';

const KINDS = ['module', 'commonjs', undefined] as const;

const REVISION = `import { defineRevision } from 'slipway';
import type { Row } from 'types-that-are-not-installed';
import { tableName } from './lib/names.ts';
import { rowCount } from './lib/names.js';

enum Level { Low = 1 }

export default defineRevision({
  revision: 'a1',
  revises: 'base0',
  description: 'Fill the levels',
  up: async (db) => {
    await db.query(\`update \${tableName()} set level = $1\`, [Level.Low]);
    const rows: Row[] = [];
    if (rowCount() > 1) throw new Error('too many rows');
  },
  verify: async () => true,
  down: async (db) => {
    await db.query('update t set level = null');
  },
});
`;

const NAMES = `export const tableName = (): string => 't';
export function rowCount(): number { return 2; }
`;

/** What is wrong, the source, where, and what is said. */
const MISTAKES = [
  [
    'a wrong syntax',
    'export default {\n  up: async () => { const = 1 },\n};',
    '2:27',
    'expected identifier but found "="',
  ],
  [
    'top-level await',
    'const a = await 1;\nexport default a;',
    '1:11',
    'await outside the functions',
  ],
  [
    'a file that is not there',
    "import a from\n  './nowhere.ts';\nexport default a;",
    '2:3',
    'cannot find "./nowhere.ts"',
  ],
  [
    'a package that is not there',
    "import a from 'nopackage/sub';\nexport default a;",
    '1:15',
    'cannot find "nopackage/sub"',
  ],
  ['a thrown value that is no error', "throw 'no';", '1:1', 'it cannot be loaded: no'],
  [
    'its own folder',
    '// __dirname\nconst s = "import.meta"; const a = import.meta.url;\nexport default a;',
    '2:36',
    'a revision has no place of its own in a release bundle, and no files beside it',
  ],
  [
    'its own name in a template',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the template is in the source to be read.
    'export default `${__filename}`;',
    '1:19',
    'a revision has no place of its own in a release bundle, and no files beside it',
  ],
  ['no default export', 'export const a = 1;', '1:1', 'there is no default export'],
  [
    'a misspelt key',
    "import { defineRevision } from 'slipway';\nexport default defineRevision({\n  /* 값 */ revison: 'a' });",
    '3:11',
    'this version of slipway does not know the key "revison"',
  ],
] as const;

describe.each(KINDS)('a TypeScript revision in a project of type %s', (type) => {
  it('is loaded with all that it imports, slipway not being installed', async () => {
    using project = typescriptProject(type);
    project.put('migrations/lib/names.ts', NAMES);
    const file = project.put('migrations/a.ts', REVISION);
    const { revision } = await loadRevision(file);
    expect(revision).toMatchObject({
      id: 'a1',
      revises: ['base0'],
      description: 'Fill the levels',
      file,
      language: 'typescript',
      transaction: 'one',
      source: REVISION,
      up: { text: '' },
      verify: { text: '' },
      down: { text: '' },
    });
    expect(await probe('load', file)).toEqual({
      asked: [{ text: 'update t set level = $1', values: [1], at: { line: 13, column: 14 } }],
      thrown: { message: 'too many rows', at: { line: 15, column: 31 } },
      verified: true,
    });
  });

  it.each(MISTAKES)('is refused at its place: %s', async (_, source, place, problem) => {
    using project = typescriptProject(type);
    const file = project.put('migrations/b.ts', source);
    await expect(loadRevision(file)).rejects.toMatchObject({
      code: 'SLIPWAY_FILE_MALFORMED',
      message: `${file}:${place}: ${problem}`,
      details: { file, excerpt: expect.stringContaining('^') },
    });
  });

  it('is refused where its code outside the functions throws', async () => {
    using project = typescriptProject(type);
    const file = project.put(
      'migrations/c.ts',
      "const a = 1;\nfunction f() { throw new Error('no'); }\nf();\nexport default a;",
    );
    expect(await probe('load', file)).toMatchObject({
      refused: `${file}:2:22: the code outside the functions failed: no`,
    });
  });
});

describe('a mistake in a module that a revision imports', () => {
  it.each([
    ['its syntax', 'export const ä = 1; const = 2;', '1:27'],
    ['its imports', "export const ä = 1;\nimport './nowhere.ts';", '2:8'],
  ])('is reported there: %s', async (_, helper, place) => {
    using project = typescriptProject('module');
    const path = project.put('lib/helper.ts', helper);
    const file = project.put(
      'migrations/a.ts',
      "import { ä } from '../lib/helper.ts';\nexport default ä;",
    );
    await expect(loadRevision(file)).rejects.toMatchObject({
      code: 'SLIPWAY_FILE_MALFORMED',
      message: expect.stringContaining(`${path}:${place}: `),
    });
  });
});

describe('a revision behind a symbolic link', () => {
  it('goes by the name that it was given, and knows its places', async () => {
    using project = typescriptProject('module');
    project.put(
      'real/a.ts',
      "export default {\n  revision: 'a',\n  up: async (db) => {\n    await db.query('x');\n  },\n  irreversible: 'test',\n};\n",
    );
    symlinkSync(join(project.root, 'real'), join(project.root, 'link'));
    const file = join(project.root, 'link', 'a.ts');
    const { revision } = await loadRevision(file);
    expect(revision).toMatchObject({ file, down: undefined, irreversible: 'test' });
    const { asked } = await probe('load', file);
    expect(asked).toMatchObject([{ at: { line: 4, column: 14 } }]);
  });
});

describe('a file that is not there', () => {
  it('cannot be read', async () => {
    await expect(loadRevision('nowhere/a.ts')).rejects.toMatchObject({
      code: 'SLIPWAY_FILE_UNREADABLE',
      message: 'cannot read nowhere/a.ts: it does not exist',
    });
  });
});

describe('the checksum of a TypeScript revision', () => {
  const checksum = async (source: string): Promise<string> => {
    using project = typescriptProject('module');
    return (await loadRevision(project.put('a.ts', source))).revision.checksum;
  };
  const lines = (...properties: readonly string[]) =>
    ['export default {', ...properties, "  irreversible: 'r',", '};', ''].join('\n');
  const id = "  revision: 'a',";
  const up = "  up: async (db) => { await db.query('a'); },";
  const plain = lines(id, up);

  it.each([
    ['line ends', plain.replaceAll('\n', '\r\n')],
    ['blanks behind a line', plain.replaceAll('\n', ' \t\n')],
    ['a byte order mark', `\ufeff${plain}`],
    ['empty lines around the whole', `\n\n${plain}\n`],
    ['a description', lines(id, "  description: 'a, b',", up)],
    ['an approval', lines(id, "  approve: [{ hazard: 'unknown', reason: 'never filled' }],", up)],
    ['an accepted finding', lines(id, "  ignore: [{ rule: 'a', reason: 'b' }],", up)],
    ['a default that is written out', lines(id, "  phase: 'expand',", up)],
  ])('does not change with %s', async (_, source) => {
    expect(await checksum(source)).toBe(await checksum(plain));
  });

  it.each([
    ['another predecessor', lines(id, "  revises: 'b',", up)],
    ['another phase', lines(id, "  phase: 'contract',", up)],
    ['another function', lines(id, up.replace("'a'", "'b'"))],
    ['code around it', `const a = 1;\n${plain}`],
  ])('changes with %s', async (_, source) => {
    expect(await checksum(source)).not.toBe(await checksum(plain));
  });
});

describe('a config file', () => {
  it.each([
    ...KINDS.map((type) => ['slipway.config.ts', type] as const),
    ['slipway.config.mjs', undefined] as const,
  ])('may import slipway without its being installed: %s, type %s', async (name, type) => {
    using project = typescriptProject(type);
    const path = project.put(
      name,
      "import { defineConfig } from 'slipway';\nexport default defineConfig({ dir: 'db', approve: ['a', 'b'] });\n",
    );
    expect(await probe('config', path)).toMatchObject({ values: { dir: 'db', approve: 'a,b' } });
  });
});
