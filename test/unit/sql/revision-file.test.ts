import { describe, expect, it } from 'vitest';
import { RevisionFileError } from '../../../src/core/errors.ts';
import {
  parseRevisionFile,
  printRevisionFile,
  type RevisionParts,
} from '../../../src/sql/revision-file.ts';

const FILE = 'migrations/20260101000000_x.sql';
const parse = (text: string | Uint8Array) => parseRevisionFile(text, FILE);
const body = '-- slipway:up\nselect 1;\n-- slipway:down\nselect 2;\n';
const file = (header: string, rest = body) => `-- slipway:revision a1\n${header}${rest}`;
const failure = (text: string | Uint8Array): RevisionFileError => {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof RevisionFileError) return error;
    throw error;
  }
  throw new Error('the file was accepted');
};

describe('a file as people write it', () => {
  const text = [
    '-- slipway:revision 3f2a9c41d7e0',
    '-- slipway:revises 1b7e6a90c2f4',
    '-- slipway:phase contract',
    '-- Add phone to users',
    '-- because of the new form',
    '',
    '-- slipway:up',
    'alter table users add column phone text;',
    '',
    '-- slipway:verify',
    'select phone from users limit 0;',
    '-- slipway:down',
    'alter table users drop column phone;',
    '',
  ].join('\n');

  it('is read into a revision', () => {
    expect(parse(text)).toMatchObject({
      id: '3f2a9c41d7e0',
      revises: ['1b7e6a90c2f4'],
      dependsOn: [],
      labels: [],
      phase: 'contract',
      description: 'Add phone to users',
      file: FILE,
      transaction: 'one',
      ignores: [],
      up: { text: 'alter table users add column phone text;\n\n', line: 8 },
      verify: { text: 'select phone from users limit 0;\n', line: 11 },
      down: { text: 'alter table users drop column phone;\n', line: 13 },
      source: text,
    });
  });

  it('has sections whose offsets point into its source', () => {
    const { up, verify, down, source } = parse(text);
    for (const section of [up, verify, down]) {
      expect(source.startsWith(section?.text ?? 'missing', section?.offset)).toBe(true);
    }
  });

  it.each([
    ['bytes', (t: string) => new TextEncoder().encode(t)],
    ['a byte order mark', (t: string) => `\ufeff${t}`],
    ['Windows line ends', (t: string) => t.replaceAll('\n', '\r\n')],
    ['old Macintosh line ends', (t: string) => t.replaceAll('\n', '\r')],
    ['blanks behind lines', (t: string) => t.replaceAll('\n', ' \t\n')],
    ['empty lines around sections', (t: string) => t.replaceAll('\n-- slip', '\n\n\n-- slip')],
    ['another description', (t: string) => t.replace('Add phone', 'Add a phone')],
    [
      'other sections first',
      (t: string) => t.replace(/(-- slipway:verify[\s\S]*)(-- slipway:down[\s\S]*)/, '$2\n$1'),
    ],
    [
      'an ignore above a statement',
      (t: string) => t.replace('alter', '-- slipway:ignore some-rule why\nalter'),
    ],
    [
      'an approval',
      (t: string) => t.replace('-- Add', '-- slipway:approve data-loss fine\n-- Add'),
    ],
    [
      'lines of pg_dump for psql',
      (t: string) =>
        t
          .replace('alter', '\\restrict x\nalter')
          .replace('\\restrict x\n', '')
          .concat('\\unrestrict x\n'),
    ],
    ['directives written loosely', (t: string) => t.replaceAll('-- slipway:', '  --slipway: ')],
  ])('keeps its meaning and its checksum with %s', (_, change) => {
    const { checksum, description: _description, ...rest } = parse(text);
    const changed = parse(change(text));
    expect(changed.checksum).toBe(checksum);
    expect(changed).toMatchObject({ id: rest.id, revises: rest.revises, phase: 'contract' });
  });

  it.each([
    ['the SQL', (t: string) => t.replace('phone text', 'phone int')],
    ['a comment in the SQL', (t: string) => t.replace('text;', 'text; -- why')],
    ['blanks inside a line', (t: string) => t.replace('phone text', 'phone  text')],
    ['the id', (t: string) => t.replace('3f2a', '4f2a')],
    ['revises', (t: string) => t.replace('1b7e', '2b7e')],
    ['the phase', (t: string) => t.replace('contract', 'expand')],
    ['depends-on', (t: string) => t.replace('-- Add', '-- slipway:depends-on b\n-- Add')],
    ['a label', (t: string) => t.replace('-- Add', '-- slipway:label b\n-- Add')],
    ['the transaction', (t: string) => t.replace('-- Add', '-- slipway:transaction none\n-- Add')],
    ['a timeout', (t: string) => t.replace('-- Add', '-- slipway:lock-timeout 1s\n-- Add')],
    ['the verdict', (t: string) => t.replace('-- Add', '-- slipway:compatible no x\n-- Add')],
    ['only-if', (t: string) => t.replace('alter', '-- slipway:only-if select true\nalter')],
    [
      'the section of a statement',
      (t: string) => t.replace('-- slipway:verify\n', '').replace(/$/, '-- slipway:verify\n'),
    ],
    [
      'irreversibility',
      (t: string) =>
        t
          .replace(/-- slipway:down[\s\S]*/, '')
          .replace('-- Add', '-- slipway:irreversible x\n-- Add'),
    ],
  ])('has another checksum when %s changes', (_, change) => {
    expect(change(text)).not.toBe(text);
    expect(parse(change(text)).checksum).not.toBe(parse(text).checksum);
  });

  it('keeps its checksum across versions of slipway', () => {
    expect(parse(text).checksum).toBe(
      '05adfd8acf00ea194354e3cd140d4f1f1a91ca2fd2bf315de7b08d579f58954e',
    );
  });
});

describe('the header', () => {
  it('reads every key', () => {
    const header = [
      'revises b2, c3',
      'depends-on d4 e5',
      'label billing shop.v2',
      'phase contract',
      'compatible yes old code never reads it',
      'transaction none',
      'lock-timeout 500ms',
      'statement-timeout 5min',
      'approve data-loss the table is empty',
      'ignore some-rule it is small',
      'ignore other-rule it is new',
    ].map((line) => `-- slipway:${line}\n`);
    expect(parse(file(header.join('')))).toMatchObject({
      revises: ['b2', 'c3'],
      dependsOn: ['d4', 'e5'],
      labels: ['billing', 'shop.v2'],
      phase: 'contract',
      compatible: { verdict: 'yes', reason: 'old code never reads it' },
      transaction: 'none',
      lockTimeoutMs: 500,
      statementTimeoutMs: 300_000,
      approvals: [{ hazard: 'data-loss', reason: 'the table is empty' }],
      ignores: [
        { rule: 'some-rule', reason: 'it is small' },
        { rule: 'other-rule', reason: 'it is new' },
      ],
    });
  });

  it('may say that the revision is a base', () => {
    expect(parse(file('-- slipway:revises\n')).revises).toEqual([]);
    expect(parse(file('')).revises).toEqual([]);
  });

  it.each([
    ['the first line comment', '\n--\n--   Add phone  \n-- more\n', 'Add phone'],
    ['a block comment', '/**\n * Add phone\n * more\n */\n', 'Add phone'],
    ['nothing', '', ''],
    ['a comment that mentions slipway', '-- slipway is fun\n', 'slipway is fun'],
  ])('has %s as its description', (_, header, description) => {
    expect(parse(file(header)).description).toBe(description);
  });

  it.each([
    ['revision', '-- slipway:revision a b\n'],
    ['revision', '-- slipway:revision head\n'],
    ['revision', `-- slipway:revision ${'a'.repeat(65)}\n`],
    ['revision', '-- slipway:revision\n'],
  ])('refuses a bad %s', (_, header) => {
    expect(failure(`${header}${body}`).details).toMatchObject({ line: 1, column: 1 });
  });

  it.each([
    'revises b-c',
    'revises b b',
    'depends-on',
    'label',
    'label a@b',
    'label heads',
    'phase',
    'phase later',
    'compatible maybe x',
    'compatible yes',
    'transaction one',
    'lock-timeout 5',
    'lock-timeout -1s',
    'statement-timeout 99999d',
    'irreversible',
    'approve',
    'approve data-loss',
    'approve everything x',
    'ignore some-rule',
    'ignore Some_Rule why',
  ])('refuses the value in "%s" and says how it is written', (line) => {
    const error = failure(file(`-- slipway:${line}\n`));
    expect(error.code).toBe('SLIPWAY_FILE_MALFORMED');
    expect(error.details).toMatchObject({ line: 2, column: 1 });
    expect(error.hint).toContain(line.split(' ')[0]);
  });
});

describe('mistakes', () => {
  it.each<[string, string, number, number, RegExp]>([
    ['an empty file', '', 1, 1, /no revision id/],
    ['no revision id', `-- slipway:phase expand\n${body}`, 1, 1, /no revision id/],
    ['no section', '-- slipway:revision a1\n', 1, 1, /"up" is missing/],
    ['no section up', file('', '-- slipway:down\n'), 2, 1, /"up" is missing/],
    ['no section down', file('', '-- slipway:up\nselect 1;\n'), 2, 1, /"down" is missing/],
    ['irreversible and down', file('-- slipway:irreversible x\n'), 5, 1, /irreversible/],
    ['a section twice', file('', `${body}-- slipway:up\n`), 6, 1, /two sections/],
    ['something behind a marker', file('', '-- slipway:up now\n'), 2, 1, /nothing behind/],
    ['SQL in the header', file('-- x\n  select 1;\n'), 3, 3, /above the first section/],
    ['SQL in the header, unfinished', file('select 1\n'), 2, 1, /above the first section/],
    ['an unknown directive', file('-- slipway:phse expand\n'), 2, 1, /know.* "phse"/],
    [
      'a directive of a later version',
      file('', `-- slipway:up\n-- slipway:soft-truncate table a\nselect 1;\n`),
      3,
      1,
      /this version .* "soft-truncate"/,
    ],
    ['a directive without a name', file('-- slipway:\n'), 2, 1, /know.* ""/],
    ['a key twice', file('-- slipway:phase expand\n-- slipway:phase expand\n'), 3, 1, /twice/],
    [
      'a key in a section',
      file('', '-- slipway:up\n-- slipway:phase expand\nselect 1;\n'),
      3,
      1,
      /belongs in the header/,
    ],
    [
      'a statement directive in the header',
      file('-- slipway:idempotent\n'),
      2,
      1,
      /above a statement/,
    ],
    [
      'a directive in a statement',
      file('', '-- slipway:up\nselect\n -- slipway:idempotent\n1;\n'),
      4,
      2,
      /inside a statement/,
    ],
    [
      'a directive behind SQL',
      file('', '-- slipway:up\nselect 1; -- slipway:idempotent\n'),
      3,
      11,
      /line of its own/,
    ],
    [
      'a marker behind SQL',
      file('', '-- slipway:up\nselect 1; -- slipway:down\n'),
      3,
      11,
      /line of its own/,
    ],
    [
      'a directive behind copy',
      file('', '-- slipway:up\ncopy t from stdin; -- slipway:idempotent\n\\.\n'),
      3,
      20,
      /line of its own/,
    ],
    [
      'a directive with no statement',
      file('', '-- slipway:up\nselect 1;\n-- slipway:idempotent\n-- slipway:down\n'),
      4,
      1,
      /no statement under it/,
    ],
    [
      'a directive at the end',
      file('', `${body}-- slipway:idempotent\n`),
      6,
      1,
      /no statement under it/,
    ],
    [
      'idempotent with a value',
      file('', `-- slipway:up\n-- slipway:idempotent yes\n`),
      3,
      1,
      /not understood/,
    ],
    [
      'only-if without SQL',
      file('', `-- slipway:up\n-- slipway:only-if\nselect 1;\n`),
      3,
      1,
      /not understood/,
    ],
    [
      'an unclosed string',
      file('', "-- slipway:up\nselect '한글', 'x;\n-- slipway:down\n"),
      3,
      14,
      /not closed/,
    ],
    ['an unclosed comment in the header', file('/* x\n'), 2, 1, /not closed/],
    [
      'rows without an end',
      file('', '-- slipway:up\ncopy t from stdin;\n1\n-- slipway:down\n'),
      3,
      1,
      /copy/,
    ],
    ['\\copy', file('', '-- slipway:up\n\\copy t from x\n'), 3, 1, /\\copy is a command of psql/],
    [
      '\\i behind an emoji',
      file('', "-- slipway:up\nselect '😀'; \\i x.sql\n"),
      3,
      13,
      /\\i is a command of psql/,
    ],
    ['\\. without copy', file('', '-- slipway:up\n\\.\n'), 3, 1, /\\\. is a command/],
    ['a NUL character', file('', '-- slipway:up\nselect \0;\n'), 3, 8, /NUL/],
    ['half a character', file('-- \ud83d\n'), 2, 4, /surrogate/],
  ])('reports %s with its place', (_, text, line, column, message) => {
    const error = failure(text);
    expect(error.code).toBe('SLIPWAY_FILE_MALFORMED');
    expect(error.message).toMatch(message);
    expect(error.message.startsWith(`${FILE}:${line}:${column}: `)).toBe(true);
    expect(error.details).toMatchObject({ file: FILE, line, column });
    expect(error.details['excerpt']).toContain('^');
    expect(error.hint).toBeTruthy();
  });

  it('reports the first byte that is not UTF-8', () => {
    const text = new TextEncoder().encode(file('-- \ufffd 한글 \n'));
    const bytes = Uint8Array.from([...text.slice(0, 36), 0xe9, ...text.slice(36)]);
    const error = failure(bytes);
    expect(error.message).toContain('byte 0xe9 is not UTF-8');
    expect(error.details).toMatchObject({ line: 2, column: 8 });
  });

  it('offers the nearest directive', () => {
    expect(failure(file('-- slipway:phse expand\n')).hint).toContain('"phase"');
    expect(failure(file('-- slipway:UP\n')).hint).toContain('"up"');
    expect(failure(file('-- slipway:constructor x\n')).hint).toContain('revises');
  });
});

describe('what looks like a directive', () => {
  it.each([
    ['in a string', "select '\n-- slipway:down\n';\n"],
    ['in a dollar quote', 'do $x$\n-- slipway:down\n$x$;\n'],
    ['in a block comment', '/*\n-- slipway:down\n*/\n'],
    ['in the rows of copy', 'copy t from stdin;\n-- slipway:down\n\\.\n'],
    ['in a quoted identifier', 'select "\n-- slipway:down\n";\n'],
  ])('is data %s', (_, sql) => {
    expect(parse(file('', `-- slipway:up\n${sql}-- slipway:down\n`)).up.text).toBe(sql);
  });
});

describe('sections', () => {
  it('may be empty, as in a merge', () => {
    const revision = parse(file('-- slipway:revises a b\n', '-- slipway:up\n-- slipway:down'));
    expect(revision).toMatchObject({ up: { text: '', line: 4 }, down: { text: '', line: 4 } });
  });

  it('may lack down when the header says irreversible', () => {
    const revision = parse(file('-- slipway:irreversible no way\n', '-- slipway:up\nselect 1'));
    expect(revision).toMatchObject({ irreversible: 'no way', down: undefined, verify: undefined });
  });

  it('may end in a statement without a semicolon', () => {
    const text = '-- slipway:up\n-- slipway:idempotent\nselect (1\n-- slipway:down\nselect 2\n';
    expect(parse(file('', text))).toMatchObject({
      up: { text: '-- slipway:idempotent\nselect (1\n' },
    });
  });

  it('have blanks where pg_dump wrote lines for psql, so that offsets hold', () => {
    const text = file(
      '\\restrict k1\n',
      '-- slipway:up\n\\restrict k1\nselect 1;\n\\unrestrict k1\n-- slipway:down\n',
    );
    const { up, source } = parse(text);
    expect(up.text).toBe(`${' '.repeat(12)}\nselect 1;\n${' '.repeat(14)}\n`);
    expect(source).toBe(text);
  });
});

describe('printRevisionFile', () => {
  const parts: RevisionParts = {
    id: 'a1',
    revises: ['b2', 'c3'],
    description: 'Add phone\nto users',
    dependsOn: ['d4'],
    labels: ['billing'],
    phase: 'contract',
    compatible: { verdict: 'no', reason: 'it  is\nnot' },
    transaction: 'none',
    lockTimeoutMs: 90_000,
    statementTimeoutMs: 1500,
    approvals: [{ hazard: 'data-loss', reason: 'empty' }],
    ignores: [{ rule: 'some-rule', reason: 'small' }],
    up: '\n  select 1;\n\n',
    verify: 'select 2;',
    down: '',
  };

  it('writes a file for people', () => {
    expect(printRevisionFile(parts)).toBe(
      [
        '-- slipway:revision a1',
        '-- slipway:revises b2 c3',
        '-- slipway:depends-on d4',
        '-- slipway:label billing',
        '-- slipway:phase contract',
        '-- slipway:compatible no it is not',
        '-- slipway:transaction none',
        '-- slipway:lock-timeout 90s',
        '-- slipway:statement-timeout 1500ms',
        '-- slipway:approve data-loss empty',
        '-- slipway:ignore some-rule small',
        '-- Add phone to users',
        '',
        '-- slipway:up',
        '  select 1;',
        '',
        '-- slipway:verify',
        'select 2;',
        '',
        '-- slipway:down',
        '',
      ].join('\n'),
    );
  });

  it('writes the least that a revision needs', () => {
    expect(
      printRevisionFile({
        id: 'a1',
        revises: [],
        description: '',
        irreversible: 'why',
        up: 'select 1;',
      }),
    ).toBe(
      '-- slipway:revision a1\n-- slipway:phase expand\n-- slipway:irreversible why\n\n-- slipway:up\nselect 1;\n',
    );
  });

  it.each(['slipway:up is nice', '- a list', 'SLIPWAY : x', '-- x', '/* x'])(
    'keeps the description %j a description',
    (description) => {
      const revision = parse(printRevisionFile({ ...parts, description }));
      expect(revision.description).toContain(description);
      expect(revision.id).toBe('a1');
    },
  );
});
