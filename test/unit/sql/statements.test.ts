import { describe, expect, it } from 'vitest';
import { RevisionFileError } from '../../../src/core/errors.ts';
import { parseRevisionFile } from '../../../src/sql/revision-file.ts';
import { type SplitSection, splitSection } from '../../../src/sql/statements.ts';

const FILE = 'migrations/20260101000000_x.sql';
const HEADER = '-- slipway:revision a1\n-- slipway:irreversible test\n-- slipway:up\n';
const revisionOf = (sql: string) => parseRevisionFile(`${HEADER}${sql}`, FILE);
const split = (sql: string): Promise<SplitSection> => {
  const revision = revisionOf(sql);
  return splitSection(revision, revision.up);
};
const texts = async (sql: string) => (await split(sql)).statements.map(({ text }) => text);
const failure = async (sql: string): Promise<RevisionFileError> => {
  const error: unknown = await split(sql).catch((thrown: unknown) => thrown);
  if (error instanceof RevisionFileError) return error;
  throw new Error('the section was accepted');
};

describe('splitting a section', () => {
  it.each<[string, string, string[]]>([
    ['an empty section', '', []],
    ['comments alone', '-- nothing\n/* here; */ ;', []],
    [
      'comments around statements',
      '/* a */ select 1 /* b */ ; -- c\nselect 2 -- d\n',
      ['select 1', 'select 2'],
    ],
    [
      'quotes of every kind',
      "select ';', E'\\';', $a$;$a$ as \";\"; select 2",
      ["select ';', E'\\';', $a$;$a$ as \";\"", 'select 2'],
    ],
    ['text outside of ASCII', "select '한글😀é'; select 'ß' ;", ["select '한글😀é'", "select 'ß'"]],
    ['Windows line ends', 'select 1;\r\nselect\r\n2;\r\n', ['select 1', 'select\r\n2']],
    [
      'begin atomic',
      'create function f() returns int begin atomic select case when true then 1 end; end; select 2',
      [
        'create function f() returns int begin atomic select case when true then 1 end; end',
        'select 2',
      ],
    ],
    [
      'rules',
      'create rule r as on insert to t do also (delete from a; delete from b); select 1',
      ['create rule r as on insert to t do also (delete from a; delete from b)', 'select 1'],
    ],
    ['lines of pg_dump for psql', '\\restrict x\nselect 1;\n\\unrestrict x\n', ['select 1']],
    [
      'savepoints',
      'savepoint a; rollback to a; release a;',
      ['savepoint a', 'rollback to a', 'release a'],
    ],
  ])('knows %s', async (_, sql, expected) => {
    expect(await texts(sql)).toEqual(expected);
  });

  it('says where each statement stands in the file', async () => {
    const revision = revisionOf("select '한글'; select 2;\n\n  select 3;\n");
    const { statements } = await splitSection(revision, revision.up);
    expect(statements.map(({ line, column }) => [line, column])).toEqual([
      [4, 1],
      [4, 14],
      [6, 3],
    ]);
    for (const { text, offset } of statements) {
      expect(revision.source.startsWith(text, offset)).toBe(true);
    }
  });

  it('gives each statement its parse tree and its command', async () => {
    const { parsed, statements } = await split('create table a (b int); drop index c;');
    expect(parsed).toBe(true);
    expect(statements).toMatchObject([
      { command: 'create table', node: { CreateStmt: { relation: { relname: 'a' } } } },
      { command: 'drop index', node: { DropStmt: { removeType: 'OBJECT_INDEX' } } },
    ]);
  });
});

describe('directives above a statement', () => {
  it('belong to the next statement alone', async () => {
    const { statements } = await split(
      [
        '-- slipway:ignore some-rule it is small',
        '-- slipway:ignore other-rule it is new',
        '-- slipway:only-if select count(*) = 0 from a; -- no kidding',
        '',
        '-- a plain comment',
        'create index on a (b);',
        '-- slipway:idempotent',
        'select 2;',
        'select 3;',
      ].join('\n'),
    );
    expect(statements).toMatchObject([
      {
        ignores: [
          { rule: 'some-rule', reason: 'it is small' },
          { rule: 'other-rule', reason: 'it is new' },
        ],
        onlyIf: 'select count(*) = 0 from a; -- no kidding',
        idempotent: false,
      },
      { ignores: [], onlyIf: undefined, idempotent: true },
      { ignores: [], onlyIf: undefined, idempotent: false },
    ]);
  });
});

describe('copy … from stdin', () => {
  it('has its rows beside it, whatever they look like', async () => {
    const rows = "';\n-- slipway:idempotent\n\\\\. $$ /*\n한글\t\\N\n";
    const { parsed, statements } = await split(
      `copy a from stdin;\n${rows}\\.\n-- slipway:idempotent\nselect 1;\ncopy b from stdin;\n\\.\n`,
    );
    expect(parsed).toBe(true);
    expect(statements).toMatchObject([
      { text: 'copy a from stdin', command: 'copy', copyData: rows, idempotent: false },
      { text: 'select 1', copyData: undefined, idempotent: true },
      { text: 'copy b from stdin', copyData: '' },
    ]);
  });
});

it('does not show the parser the rows, however many there are', async () => {
  const rows = `${'a'.repeat(1023)}\n`.repeat(17 * 1024);
  const { parsed, statements } = await split(`copy a from stdin;\n${rows}\\.\nselect 1;`);
  expect(parsed).toBe(true);
  expect(statements.map(({ copyData }) => copyData?.length)).toEqual([rows.length, undefined]);
});

describe('a section that the parser does not understand', () => {
  const sql = '-- why\nselect 1;\nselect 한글 frobnicate over 2;\n';

  it('is one statement for the server, comments included', async () => {
    const { parsed, problem, statements } = await split(sql);
    expect(parsed).toBe(false);
    expect(statements).toMatchObject([
      { text: sql.trim(), command: 'sql', line: 4, column: 1, node: undefined },
    ]);
    expect(problem?.message).toMatch(/syntax error at or near "over"/);
    expect(revisionOf(sql).source.startsWith('over', problem?.offset)).toBe(true);
  });

  it('keeps the directives of its only statement', async () => {
    const { statements } = await split('-- slipway:only-if select true\nfrobnicate a;\n');
    expect(statements).toMatchObject([{ text: 'frobnicate a', onlyIf: 'select true' }]);
  });

  it('is idempotent only when all of it is', async () => {
    const mark = '-- slipway:idempotent\n';
    const some = await split(`${mark}frobnicate a;\nselect 1;`);
    const all = await split(`${mark}frobnicate a;\n${mark}select 1;`);
    expect(some.statements).toMatchObject([{ idempotent: false }]);
    expect(all.statements).toMatchObject([{ idempotent: true }]);
  });

  it.each([
    ['only-if', 'frobnicate a;\n-- slipway:only-if select true\nselect 1;'],
    ['rows', 'frobnicate a;\ncopy t from stdin;\n1\n\\.\n'],
  ])('is refused when it has %s, which cannot be sent as a whole', async (_, text) => {
    const error = await failure(text);
    expect(error.code).toBe('SLIPWAY_SQL_SYNTAX');
    expect(error.details).toMatchObject({ file: FILE, line: 4, column: 1 });
  });
});

describe('transaction control', () => {
  it.each([
    'begin',
    'BEGIN ISOLATION LEVEL SERIALIZABLE',
    'start transaction',
    'commit',
    'commit and chain',
    'end',
    'rollback',
    'abort',
    "prepare transaction 'x'",
    "commit prepared 'x'",
  ])('%s is refused where it stands', async (statement) => {
    const error = await failure(`select 1;\n  /* c */ ${statement};\nselect 2;`);
    expect(error.code).toBe('SLIPWAY_TRANSACTION_CONTROL');
    expect(error.message.startsWith(`${FILE}:5:11: `)).toBe(true);
    expect(error.details).toMatchObject({ file: FILE, line: 5, column: 11 });
  });

  it('is found in a section that the parser does not understand', async () => {
    const error = await failure('frobnicate;\ncommit;\n');
    expect(error.code).toBe('SLIPWAY_TRANSACTION_CONTROL');
    expect(error.details).toMatchObject({ line: 5, column: 1 });
  });

  it.each(['prepare p as select 1', 'rollback to savepoint a'])(
    'does not mean %s, even beside what is not understood',
    async (statement) => {
      expect((await split(`${statement};\nfrobnicate;\n`)).parsed).toBe(false);
    },
  );
});
