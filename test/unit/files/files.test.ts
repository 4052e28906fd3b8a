/** Revision files and bundles in a folder of their own. */

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SlipwayError } from '../../../src/core/errors.ts';
import { bundleRelease } from '../../../src/files/bundle.ts';
import { BUNDLE_FORMAT, readHeader } from '../../../src/files/bundle-header.ts';
import { directoryRelease } from '../../../src/files/directory.ts';
import { writeIfAbsent, writeNewFile } from '../../../src/files/write.ts';
import { writeBundle } from '../../../src/files/write-bundle.ts';
import { releaseOf, revision } from '../../support/graph.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const at = (name: string): string => join(folder, name);
const put = (name: string, content: string | Uint8Array): void => writeFileSync(at(name), content);

async function errorOf(work: () => unknown): Promise<SlipwayError> {
  try {
    await work();
  } catch (error) {
    if (error instanceof SlipwayError) return error;
    throw error;
  }
  throw new Error('expected an error');
}

describe('a folder of revisions', () => {
  it('is read whatever the names, and other files are left alone', async () => {
    put('z.sql', revision('a').source);
    put('a.sql', revision('b<-a', { verify: 'select true;' }).source);
    put('README.md', '# not a revision');
    const release = directoryRelease(folder);
    const graph = await release.graph();
    expect(graph.order).toEqual(['a', 'b']);
    expect(graph.nodes.get('b')?.file).toBe(at('a.sql'));
    const b = graph.nodes.get('b');
    if (b === undefined) throw new Error('b is missing');
    expect((await release.script(b, 'verify')).statements).toHaveLength(1);
    const a = graph.nodes.get('a') ?? b;
    expect(await release.script(a, 'verify')).toEqual({ statements: [], parsed: true });
  });

  it('may be empty', async () => {
    expect((await directoryRelease(folder).graph()).order).toEqual([]);
    expect((await directoryRelease(folder).identity()).revisions).toBe(0);
  });

  it('is read once', async () => {
    put('a.sql', revision('a').source);
    const release = directoryRelease(folder);
    const graph = await release.graph();
    put('b.sql', revision('b<-a').source);
    expect(await release.graph()).toBe(graph);
  });

  it('of many files is read whole', async () => {
    for (let i = 0; i < 200; i++) put(`${i}.sql`, revision(`r${i}`).source);
    expect((await directoryRelease(folder).graph()).nodes.size).toBe(200);
  });

  it('has to exist', async () => {
    const error = await errorOf(() => directoryRelease(at('missing')).graph());
    expect(error.code).toBe('SLIPWAY_FILE_UNREADABLE');
    expect(error.details).toEqual({ file: at('missing') });
  });

  it('names the file and the place of what it cannot read', async () => {
    put('a.sql', '-- slipway:revision a\n-- slipway:nonsense\n');
    const error = await errorOf(() => directoryRelease(folder).graph());
    expect(error.code).toBe('SLIPWAY_FILE_MALFORMED');
    expect(error.details).toMatchObject({ file: at('a.sql'), line: 2 });
  });

  it('names the entry that ends in .sql and is no file', async () => {
    mkdirSync(at('folder.sql'));
    const error = await errorOf(() => directoryRelease(folder).graph());
    expect(error.code).toBe('SLIPWAY_FILE_UNREADABLE');
    expect(error.details).toEqual({ file: at('folder.sql') });
  });
});

describe('a release bundle', () => {
  const odd = revision('b<-a depends:c label:lab phase:contract compatible:no transaction:none', {
    up: "create index concurrently i on a (id);\n-- slipway:idempotent\nselect '한글 \\ \u2028 😀';",
    verify: 'select true;',
    header: ['ignore some-rule why', 'lock-timeout 7s'],
  });
  const source = releaseOf('a', odd, 'c');
  const about = { version: '0.0.0', release: 'v1' };

  async function bundle(): Promise<string> {
    const path = at('release.bundle');
    await writeBundle(path, source, about);
    return path;
  }

  it('gives back the release that was written', async () => {
    const release = bundleRelease(await bundle());
    const [graph, original] = [await release.graph(), await source.graph()];
    expect(graph.order).toEqual(original.order);
    expect(await release.identity()).toEqual(await source.identity());
    for (const [id, node] of original.nodes) {
      expect(graph.nodes.get(id)).toEqual(node);
      for (const section of ['up', 'verify', 'down'] as const) {
        expect(await release.script(node, section)).toEqual(await source.script(node, section));
      }
    }
  });

  it('has a header that says what it is, and leaves no draft behind', async () => {
    const header = readHeader(await bundle());
    expect(header).toMatchObject({ slipway: 'bundle', format: BUNDLE_FORMAT, ...about });
    expect(header.identity).toEqual(await source.identity());
    expect(readdirSync(folder)).toEqual(['release.bundle']);
  });

  it('is the same for the same revisions', async () => {
    const first = readFileSync(await bundle(), 'utf8');
    expect(readFileSync(await bundle(), 'utf8')).toBe(first);
  });

  it('may be without a name of its release, and without revisions', async () => {
    await writeBundle(at('empty'), releaseOf(), { version: '0.0.0', release: undefined });
    expect((await bundleRelease(at('empty')).graph()).order).toEqual([]);
  });

  it('is not cut short by a header longer than one read', async () => {
    const heads = Array.from({ length: 3000 }, (_, i) => `head${i}`);
    await writeBundle(at('wide'), releaseOf(...heads), about);
    expect(readHeader(at('wide')).identity.heads).toHaveLength(3000);
  });

  const [HEADER, CONTENT] = [0, 1];
  it.each<[string, (lines: string[]) => string[]]>([
    [
      'its identity was changed',
      (l) => l.with(HEADER, (l[HEADER] ?? '').replace(/"heads":\["./, '"heads":["x')),
    ],
    [
      'its digest was changed',
      (l) => l.with(HEADER, (l[HEADER] ?? '').replace(/"digest":"./, '"digest":"x')),
    ],
    ['a field was added', (l) => l.with(HEADER, (l[HEADER] ?? '').replace('{', '{"more":1,'))],
    [
      'its format is from the future',
      (l) => l.with(HEADER, (l[HEADER] ?? '').replace(`"format":${BUNDLE_FORMAT}`, '"format":9')),
    ],
    ['it is something else', (l) => l.with(HEADER, '{"slipway":"other"}')],
    ['it is not JSON', (l) => l.with(HEADER, 'select 1;')],
    ['it is null', (l) => l.with(HEADER, 'null')],
    ['it is a number', (l) => l.with(HEADER, '7')],
    ['it is empty', () => ['']],
    [
      'SQL was changed',
      (l) => l.with(CONTENT, (l[CONTENT] ?? '').replaceAll('create table', 'create view ')),
    ],
    ['a revision was removed', (l) => l.toSpliced(CONTENT, 1)],
    ['a revision was added', (l) => [...l.slice(0, -1), l[CONTENT] ?? '', '']],
    ['its end is missing', (l) => [...l.slice(0, -2), (l.at(-2) ?? '').slice(0, -5)]],
  ])('is refused when %s', async (_, tamper) => {
    const path = await bundle();
    const before = readFileSync(path, 'utf8');
    const after = tamper(before.split('\n')).join('\n');
    expect(after).not.toBe(before);
    writeFileSync(path, after);
    const error = await errorOf(async () => {
      const release = bundleRelease(path);
      await release.identity();
      await release.graph();
    });
    expect(error.code).toBe('SLIPWAY_BUNDLE_INVALID');
    expect(error.details).toMatchObject({ file: path });
  });

  it('has to exist and to be a file', async () => {
    expect((await errorOf(() => bundleRelease(at('missing')))).code).toBe(
      'SLIPWAY_FILE_UNREADABLE',
    );
    expect((await errorOf(() => bundleRelease(folder))).code).toBe('SLIPWAY_FILE_UNREADABLE');
  });

  it('that cannot be written leaves the old one as it was', async () => {
    const path = await bundle();
    const before = readFileSync(path, 'utf8');
    expect((await errorOf(() => writeBundle(at('no/such/folder'), source, about))).code).toBe(
      'SLIPWAY_FILE_UNREADABLE',
    );
    const broken = { ...source, script: async () => Promise.reject(new Error('no parser')) };
    await expect(writeBundle(path, broken, about)).rejects.toThrow('no parser');
    expect(readFileSync(path, 'utf8')).toBe(before);
  });
});

describe('writing files', () => {
  it('makes folders, and never writes over anything', async () => {
    await writeNewFile(at('a/b/c.txt'), 'one');
    expect(await writeIfAbsent(at('a/b/c.txt'), 'two')).toBe(false);
    const error = await errorOf(() => writeNewFile(at('a/b/c.txt'), 'three'));
    expect(error.code).toBe('SLIPWAY_FILE_EXISTS');
    expect(readFileSync(at('a/b/c.txt'), 'utf8')).toBe('one');
    expect(await writeIfAbsent(at('d.txt'), 'four')).toBe(true);
  });

  it('says why where it may not', async () => {
    put('file', '');
    const error = await errorOf(() => writeNewFile(at('file/below.txt'), 'x'));
    expect(error.exitCode).toBe(10);
  });
});
