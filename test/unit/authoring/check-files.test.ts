/** What `check-files` finds in a folder of revisions. */

import { describe, expect, it } from 'vitest';
import { type CheckRequest, checkFiles } from '../../../src/authoring/check-files.ts';
import type { PublishedFile, UnreadableFile } from '../../../src/authoring/ports.ts';
import { SlipwayError } from '../../../src/core/errors.ts';
import type { Revision } from '../../../src/core/revision.ts';
import { parseRevisionFile } from '../../../src/sql/revision-file.ts';
import { revision } from '../../support/graph.ts';

type Part = string | Revision | UnreadableFile;

const check = (
  parts: readonly Part[],
  more: Partial<CheckRequest> & { others?: string[] } = {},
) => {
  const all = parts.map((part) => (typeof part === 'string' ? revision(part) : part));
  return checkFiles({
    folder: {
      revisions: all.filter((part) => 'id' in part),
      unreadable: all.filter((part) => 'error' in part),
      passedOver: more.others ?? [],
    },
    published: undefined,
    allowMultipleHeads: false,
    ...more,
  });
};

/** The problems as `code files:line`. */
const problemsIn = async (...args: Parameters<typeof check>): Promise<readonly string[]> =>
  (await check(...args)).problems.map(
    ({ code, files, line }) =>
      `${code.slice('SLIPWAY_'.length)} ${files.join(' ').replaceAll('migrations/', '')}${line === undefined ? '' : `:${line}`}`,
  );

/** A file of this text, which is no revision file. */
function broken(file: string, text: string): UnreadableFile {
  try {
    parseRevisionFile(text, file);
  } catch (error) {
    if (error instanceof SlipwayError) return { file, text, error };
    throw error;
  }
  throw new Error(`${file} is a revision file`);
}

const at = (of: Revision, file: string): Revision => ({ ...of, file: `migrations/${file}` });

describe('a check of revision files', () => {
  it('finds nothing where nothing is wrong', async () => {
    expect(await check(['a', 'b<-a', 'c<-a', 'd<-b,c'])).toEqual({
      files: 4,
      heads: ['d'],
      problems: [],
    });
    expect(await check([])).toEqual({ files: 0, heads: [], problems: [] });
  });

  it.each<[string, readonly Part[], readonly string[]]>([
    ['several heads', ['a', 'b<-a', 'c<-a'], ['MULTIPLE_HEADS b.sql c.sql']],
    [
      'one id twice',
      ['a', at(revision('b<-a'), 'b1.sql'), at(revision('b<-a'), 'b2.sql')],
      ['FILE_DUPLICATE_ID b1.sql b2.sql'],
    ],
    [
      'one id three times',
      ['1', '2', '3'].map((n) => at(revision('b'), `b${n}.sql`)),
      ['FILE_DUPLICATE_ID b1.sql b2.sql', 'FILE_DUPLICATE_ID b1.sql b3.sql'],
    ],
    [
      'labels twice',
      ['a label:x,y', 'b<-a label:x,y'],
      ['GRAPH_DUPLICATE_LABEL a.sql b.sql', 'GRAPH_DUPLICATE_LABEL a.sql b.sql'],
    ],
    [
      'revisions that are missing, with the line that names them',
      ['b<-zz', 'c<-b depends:yy,xx'],
      [
        'GRAPH_MISSING_REVISION b.sql:2',
        'GRAPH_MISSING_REVISION c.sql:3',
        'GRAPH_MISSING_REVISION c.sql:3',
      ],
    ],
    ['circles', ['a<-b', 'b<-a', 'c<-c', 'd'], ['GRAPH_CYCLE a.sql b.sql', 'GRAPH_CYCLE c.sql']],
    [
      'SQL that does not parse, in every section',
      [revision('a', { up: 'selec 1;', verify: 'selec 2;', down: 'selec 3;' })],
      ['SQL_SYNTAX a.sql:6', 'SQL_SYNTAX a.sql:9', 'SQL_SYNTAX a.sql:12'],
    ],
    [
      'transactions of its own and none where one is forbidden',
      [revision('a', { up: 'begin;\nselect 1;', down: 'vacuum;' })],
      ['TRANSACTION_CONTROL a.sql:6', 'TRANSACTION_MODE a.sql:10'],
    ],
    [
      'a file that is none, and what is wrong beside it',
      [
        revision('a', { up: 'selec 1;' }),
        broken('migrations/b.sql', '-- slipway:revision b\n-- slipway:revises a\n-- slipway:upp\n'),
        'c<-b',
      ],
      ['SQL_SYNTAX a.sql:6', 'FILE_MALFORMED b.sql:3'],
    ],
    [
      'heads, also where a head cannot be read',
      ['a', broken('migrations/b.sql', '-- slipway:revision b\n-- slipway:revises a\n'), 'c<-a'],
      ['FILE_MALFORMED b.sql:1', 'MULTIPLE_HEADS b.sql c.sql'],
    ],
  ])('finds %s', async (_, parts, problems) => {
    expect((await problemsIn(parts)).toSorted()).toEqual(problems.toSorted());
  });

  it('says nothing of heads while a file does not tell its place', async () => {
    const parts = ['a', 'c<-a', 'd<-a', broken('migrations/b.sql', 'select 1;')];
    expect(await problemsIn(parts)).toEqual(['FILE_MALFORMED b.sql:1']);
    expect(await problemsIn(['a', 'b<-aa'])).toEqual(['GRAPH_MISSING_REVISION b.sql:2']);
  });

  it('names files and the one command that joins heads', async () => {
    const [problem] = (await check(['a', 'b'])).problems;
    expect(problem?.files).toEqual(['migrations/a.sql', 'migrations/b.sql']);
    expect(problem?.hint).toContain('slipway merge -m "merge a and b"');
    expect(await problemsIn(['a', 'b'], { allowMultipleHeads: true })).toEqual([]);
  });

  it('keeps the place out of the message', async () => {
    const { problems } = await check([revision('a', { up: 'selec 1;' })]);
    expect(problems[0]).toMatchObject({ severity: 'error', line: 6, column: 1 });
    expect(problems[0]?.message).not.toContain('a.sql');
    expect(problems[0]?.excerpt).toContain('selec 1;');
  });

  it('warns of files that are passed over and look like revisions', async () => {
    const others = [
      'A.SQL',
      'a.sql.bak',
      'a.sql~',
      'b.ts.orig',
      'c.mts',
      'd.d.ts',
      'README.md',
      'templates',
      'my.sql-files/notes.txt',
    ];
    const { problems } = await check(['a'], { others });
    expect(problems.map(({ files: [file] }) => file)).toEqual([
      'A.SQL',
      'a.sql.bak',
      'a.sql~',
      'b.ts.orig',
      'c.mts',
    ]);
    expect(new Set(problems.map(({ severity }) => severity))).toEqual(new Set(['warning']));
  });

  it('lists by file and line', async () => {
    const parts = [
      revision('b<-zz', { up: 'selec 1;' }),
      revision('a<-b', { up: 'selec 1;', down: 'selec 2;' }),
    ];
    expect(await problemsIn(parts)).toEqual([
      'SQL_SYNTAX a.sql:7',
      'SQL_SYNTAX a.sql:10',
      'GRAPH_MISSING_REVISION b.sql:2',
      'SQL_SYNTAX b.sql:7',
    ]);
  });
});

describe('a check against what was published', () => {
  const published = (...parts: readonly (Revision | PublishedFile)[]) => ({
    published: {
      ref: 'origin/main',
      files: parts.map((part) =>
        'id' in part ? { file: part.file, content: Buffer.from(part.source) } : part,
      ),
    },
  });
  const a = revision('a');
  const b = revision('b<-a');

  it('finds nothing where revisions were only added', async () => {
    expect(await problemsIn([a, b, 'c<-b'], published(a, b))).toEqual([]);
    expect(await problemsIn([a, b], published())).toEqual([]);
  });

  it('finds what was changed and what was deleted, each with the way back', async () => {
    const changed = revision('a', { up: 'create table other (id int);' });
    const { problems } = await check([changed], published(a, b));
    expect(problems.map(({ code, severity }) => [code, severity])).toEqual([
      ['SLIPWAY_PUBLISHED_CHANGED', 'error'],
      ['SLIPWAY_PUBLISHED_DELETED', 'error'],
    ]);
    expect(problems[0]?.hint).toContain('git checkout origin/main -- migrations/a.sql');
    expect(problems[1]?.hint).toContain('git checkout origin/main -- migrations/b.sql');
  });

  it('takes a new name for no change, and a change under a new name for one', async () => {
    expect(await problemsIn([at(a, 'z.sql')], published(a))).toEqual([]);
    const changed = at(revision('a', { up: 'select 1;' }), 'z.sql');
    const { problems } = await check([changed], published(a));
    expect(problems[0]?.hint).toContain(
      'git show origin/main:./migrations/a.sql > migrations/z.sql',
    );
  });

  it('looks at the meaning, not at bytes', async () => {
    const crlf = parseRevisionFile(a.source.replaceAll('\n', '\r\n'), a.file);
    const approved = revision('a', { header: ['approve data-loss reviewed'] });
    expect(await problemsIn([crlf], published(a))).toEqual([]);
    expect(await problemsIn([approved], published(a))).toEqual([]);
  });

  it('knows a program by its text', async () => {
    const file = 'migrations/a.ts';
    const text = "export default defineRevision({ revision: 'a', description: 'x', up, down });\n";
    const program = { ...a, file, language: 'typescript' as const, source: text };
    const before = { file, content: Buffer.from(text.replaceAll('\n', '\r\n')) };
    expect(await problemsIn([program], published(before))).toEqual([]);
    expect(await problemsIn([{ ...program, file: 'migrations/z.ts' }], published(before))).toEqual(
      [],
    );
    expect(await problemsIn([{ ...program, source: `${text};` }], published(before))).toEqual([
      'PUBLISHED_CHANGED a.ts',
    ]);
    expect(await problemsIn([], published(before))).toEqual(['PUBLISHED_DELETED a.ts']);
  });

  it('does not call deleted what cannot be read now, nor judge what could not be read then', async () => {
    const now = broken('migrations/a.sql', '-- slipway:revision a\n');
    expect(await problemsIn([now], published(a))).toEqual(['FILE_MALFORMED a.sql:1']);
    const then = { file: 'migrations/x.sql', content: Buffer.from('select 1;') };
    expect(await problemsIn([a], published(a, then))).toEqual([]);
  });

  it('warns of a branch below published revisions, unless it says that it is one', async () => {
    const more = { ...published(a, b), allowMultipleHeads: true };
    const { problems } = await check([a, b, 'c<-a'], more);
    expect(problems).toMatchObject([
      { code: 'SLIPWAY_REVISION_SPLICED', severity: 'warning', files: ['migrations/c.sql'] },
    ]);
    const ignoring = revision('c<-a', { header: ['ignore spliced-revision a hot fix'] });
    expect(await problemsIn([a, b, ignoring], more)).toEqual([]);
    expect(await problemsIn([a, b, 'c<-a label:fix'], more)).toEqual([]);
    expect(await problemsIn([a, b, 'c<-b', 'd<-b', 'e<-c,d'], published(a, b))).toEqual([]);
  });
});
