/** Reads every import in `src` and holds it against the rooms' doors (docs/architecture.md). */

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative, sep } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = 'src';

/** What each room may import beside itself. `ports` are the port types of the use cases' rooms. */
const DOORS: { readonly [room: string]: readonly string[] } = {
  core: [],
  sql: ['core'],
  analysis: ['core', 'sql'],
  lint: ['core', 'sql', 'analysis'],
  rehearsal: ['core', 'sql', 'analysis', 'ports'],
  runner: ['core', 'sql', 'analysis'],
  authoring: ['core', 'sql', 'analysis', 'ports'],
  files: ['core', 'sql', 'analysis', 'typescript', 'ports'],
  postgres: ['core', 'sql', 'ports'],
  kubernetes: ['core', 'ports'],
  logging: ['core', 'ports'],
  backup: ['core'],
  sidecar: ['core', 'ports'],
  embedded: ['core'],
  typescript: ['core', 'sql'],
  config: ['core', 'typescript'],
  'index.ts': ['core', 'config', 'typescript'],
  cli: [
    'core',
    'sql',
    'analysis',
    'runner',
    'rehearsal',
    'authoring',
    'lint',
    'files',
    'postgres',
    'embedded',
    'kubernetes',
    'logging',
    'config',
    'sidecar',
    'backup',
  ],
};

/** Libraries, and the one room that knows each. */
const LIBRARIES: { readonly [name: string]: string } = {
  '@kubernetes/client-node': 'kubernetes',
  'prom-client': 'sidecar',
  pg: 'postgres',
  'pg-copy-streams': 'postgres',
  pino: 'logging',
  zod: 'config',
  tsx: 'typescript',
  esbuild: 'typescript',
  'libpg-query': 'sql',
  'pgsql-deparser': 'sql',
  commander: 'cli',
  'string-width': 'cli',
};

/** Rooms of ring 1: the same answer for the same question, always. */
const PURE = ['core', 'sql', 'analysis', 'lint'];
const PURE_BUILTINS = ['node:crypto'];

interface Import {
  readonly file: string;
  readonly room: string;
  readonly target: string;
  readonly typeOnly: boolean;
}

const files = readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => join(ROOT, name));

const roomOf = (file: string): string => relative(ROOT, file).split(sep)[0] ?? '';

const imports: readonly Import[] = files.flatMap((file) => {
  const text = readFileSync(file, 'utf8');
  const found = text.matchAll(
    /(?:^|\n)\s*(?:import|export)\s+(type\s)?[^'";]*?from\s*'([^']+)'|import\(\s*'([^']+)'\s*\)|(?:^|\n)import\s*'([^']+)'/g,
  );
  return [...found].map((match) => ({
    file,
    room: roomOf(file),
    target: match[2] ?? match[3] ?? match[4] ?? '',
    typeOnly: match[1] !== undefined,
  }));
});

describe('the doors between rooms', () => {
  it('finds the imports it is to judge', () => {
    expect(imports.length).toBeGreaterThan(100);
    expect(new Set(imports.map((each) => each.room))).toContain('core');
  });

  it('knows every room', () => {
    const rooms = new Set(files.filter((file) => file.split(sep).length > 2).map(roomOf));
    expect([...rooms].filter((room) => DOORS[room] === undefined)).toEqual([]);
  });

  it('lets a room import only what it may', () => {
    const broken = imports.flatMap((each) => {
      if (!each.target.startsWith('.')) return [];
      const path = normalize(join(dirname(each.file), each.target));
      const target = roomOf(path);
      if (target === each.room || target.startsWith('..')) return [];
      const ports = /^src\/(runner|authoring|rehearsal)\/ports\.ts$/.test(
        path.split(sep).join('/'),
      );
      const allowed = DOORS[each.room] ?? [];
      if (allowed.includes(target) || (ports && each.typeOnly && allowed.includes('ports'))) {
        return [];
      }
      return [
        `${each.file} imports ${path}: ${each.room} may import ${allowed.join(', ') || 'nothing'}`,
      ];
    });
    expect(broken).toEqual([]);
  });

  it('keeps back rooms shut: nobody imports a sub-folder of another room', () => {
    const broken = imports.flatMap((each) => {
      if (!each.target.startsWith('.')) return [];
      const path = normalize(join(dirname(each.file), each.target));
      const inside = relative(ROOT, path).split(sep);
      if (inside[0] === '..' || inside[0] === each.room || inside.length <= 2) return [];
      return [`${each.file} imports ${path}, a back room of ${inside[0]}`];
    });
    expect(broken).toEqual([]);
  });

  it('gives each library one room', () => {
    const broken = imports.flatMap((each) => {
      if (each.target.startsWith('.') || each.target.startsWith('node:')) return [];
      const name = each.target.startsWith('@')
        ? each.target.split('/').slice(0, 2).join('/')
        : (each.target.split('/')[0] ?? '');
      const room = LIBRARIES[name];
      if (room === each.room) return [];
      return [
        room === undefined
          ? `${each.file} imports ${name}, a library without a room: say in this test whose it is`
          : `${each.file} imports ${name}: only ${room} knows it`,
      ];
    });
    expect(broken).toEqual([]);
  });

  it('keeps the inner ring pure: no I/O, no clock, no chance', () => {
    const impure = imports
      .filter((each) => PURE.includes(each.room) && each.target.startsWith('node:'))
      .filter((each) => !PURE_BUILTINS.includes(each.target))
      .map((each) => `${each.file} imports ${each.target}`);
    const calls = files
      .filter((file) => [...PURE, 'runner'].includes(roomOf(file)))
      .filter((file) =>
        /\b(Date\.now|new Date\(\)|Math\.random|setTimeout|performance\.now|process\.)/.test(
          readFileSync(file, 'utf8'),
        ),
      );
    expect([...impure, ...calls]).toEqual([]);
  });

  it('leaves the process to the edge', () => {
    const broken = files.filter(
      (file) =>
        !['cli', 'embedded'].includes(roomOf(file)) &&
        /\bprocess\.(exit|env|argv|on|stdout|stderr|stdin)\b/.test(readFileSync(file, 'utf8')),
    );
    expect(broken).toEqual([]);
  });
});
