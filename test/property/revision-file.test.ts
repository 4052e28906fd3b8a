import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RevisionFileError } from '../../src/core/errors.ts';
import { HAZARD_CLASSES } from '../../src/core/hazards.ts';
import {
  parseRevisionFile,
  printRevisionFile,
  type RevisionParts,
} from '../../src/sql/revision-file.ts';

const FILE = 'migrations/x.sql';

/** Reads the file, or checks that the error names a place in it. */
function readOrExplain(content: Uint8Array | string): void {
  try {
    const revision = parseRevisionFile(content, FILE);
    const whole = typeof content === 'string' ? content : new TextDecoder().decode(content);
    expect(revision.source.replace('\ufeff', '')).toBe(whole.replace('\ufeff', ''));
  } catch (error) {
    if (!(error instanceof RevisionFileError)) throw error;
    const text = typeof content === 'string' ? content : new TextDecoder().decode(content);
    const lines = text.split(/\r\n|\r|\n/);
    const { line, column, excerpt, file } = error.details;
    expect(file).toBe(FILE);
    expect(error.message.startsWith(`${FILE}:${line}:${column}: `)).toBe(true);
    expect(error.message).not.toContain('\n');
    expect(excerpt).toMatch(/\^$/);
    expect(Number(line)).toBeGreaterThanOrEqual(1);
    expect(Number(line)).toBeLessThanOrEqual(lines.length);
    expect(Number(column)).toBeGreaterThanOrEqual(1);
    expect(Number(column)).toBeLessThanOrEqual([...(lines[Number(line) - 1] ?? '')].length + 1);
  }
}

const pieces = [
  '-- slipway:revision a1\n',
  '-- slipway:revises b, c\n',
  '-- slipway:phase expand\n',
  '-- slipway:ignore some-rule why\n',
  '-- slipway:lock-timeout 3s\n',
  '-- slipway:irreversible why\n',
  '-- slipway:up\n',
  '-- slipway:down\n',
  '-- slipway:verify\r\n',
  '-- slipway:idempotent\n',
  '-- slipway:soft-drop table a\n',
  '-- slipway:soft-restore table a\n',
  '-- slipway:only-if select true\n',
  '-- slipway:',
  '-- A description\n',
  'select 1;\n',
  "insert into t values ('한글 😀');\n",
  'copy t from stdin;\n1\t2\n\\.\n',
  'do $x$ begin; $x$;\n',
  'create function f() returns int begin atomic select 1; end;\n',
  '\\restrict k\n',
  '\\i x\n',
  "'",
  '"',
  '$$',
  '/*',
  '*/',
  '--',
  ';',
  '\\',
  '\r',
  '\n',
  '\t',
  '\0',
  '\ufeff',
  '😀',
  '(',
];

const validFile = [
  '-- slipway:revision a1',
  '-- slipway:revises b2 c3',
  '-- slipway:compatible yes it is',
  '-- Add 한글 to users 😀',
  '-- slipway:up',
  '-- slipway:ignore some-rule why',
  "alter table users add column phone text default E'\\';';",
  'copy users from stdin;',
  '-- slipway:down',
  '\\.',
  '-- slipway:verify',
  'select $a$;$a$, /* ; */ 1;',
  '-- slipway:down',
  'alter table users drop column phone;',
  '',
].join('\n');

describe('any content', () => {
  it('is read, or refused with its place: bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), readOrExplain), { numRuns: 1000 });
  });

  it('is read, or refused with its place: text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 300 }), readOrExplain));
  });

  it('is read, or refused with its place: pieces of revision files', () => {
    const soup = fc.array(fc.constantFrom(...pieces), { maxLength: 20 });
    fc.assert(
      fc.property(soup, (found) => readOrExplain(found.join(''))),
      { numRuns: 1000 },
    );
  });

  it('is read, or refused with its place: a valid file with a mutation', () => {
    const position = fc.nat({ max: validFile.length });
    fc.assert(
      fc.property(
        position,
        fc.nat({ max: 12 }),
        fc.oneof(fc.constant(''), fc.constantFrom(...pieces), fc.string({ maxLength: 3 })),
        (at, cut, added) => {
          readOrExplain(validFile.slice(0, at) + added + validFile.slice(at + cut));
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('is read, or refused with its place: a valid file with a changed byte', () => {
    const bytes = new TextEncoder().encode(validFile);
    fc.assert(
      fc.property(fc.nat({ max: bytes.length - 1 }), fc.nat({ max: 255 }), (at, byte) => {
        readOrExplain(bytes.with(at, byte));
      }),
      { numRuns: 1000 },
    );
  });
});

const id = fc
  .stringMatching(/^[A-Za-z0-9_]{1,12}$/)
  .filter((word) => !/^(heads?|base|current)$/.test(word));
const ids = fc.uniqueArray(id, { maxLength: 3 });
const phrase = fc
  .array(
    fc.constantFrom('a', 'column', '한글', '😀', "it's", 'slipway:up', '--', '/*', '$$', '\\i'),
    {
      minLength: 1,
      maxLength: 5,
    },
  )
  .map((words) => words.join(' '));
const reason = phrase.map((words) => `why ${words}`);
const timeout = fc.integer({ min: 0, max: 2 ** 31 - 1 });
const sql = fc
  .array(
    fc.constantFrom(
      'select 1;',
      "select '\n-- slipway:down\n';",
      '-- slipway:ignore some-rule why\n-- slipway:only-if select true\nselect 2;',
      '/* -- slipway:up */',
      'do $x$\n-- slipway:up\n$x$;',
      'copy t from stdin;\n-- slipway:down\n\\.',
      '-- plain',
      '\t한글;',
      '',
    ),
    { maxLength: 5 },
  )
  .map((parts) => parts.join('\n'));
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

const parts: fc.Arbitrary<RevisionParts> = fc
  .record({
    id,
    revises: ids,
    dependsOn: ids,
    labels: ids,
    phase: fc.constantFrom('expand' as const, 'contract' as const),
    description: fc.oneof(fc.constant(''), phrase),
    transaction: fc.constantFrom('one' as const, 'none' as const),
    lockTimeoutMs: optional(timeout),
    statementTimeoutMs: optional(timeout),
    irreversible: optional(reason),
    compatible: optional(
      fc.record({ verdict: fc.constantFrom('yes' as const, 'no' as const), reason }),
    ),
    approvals: fc.array(fc.record({ hazard: fc.constantFrom(...HAZARD_CLASSES), reason }), {
      maxLength: 2,
    }),
    ignores: fc.array(fc.record({ rule: fc.constantFrom('some-rule', 'other-rule'), reason }), {
      maxLength: 2,
    }),
    up: sql,
    verify: optional(sql),
    down: sql,
  })
  .map((all) => (all.irreversible === undefined ? all : { ...all, down: undefined }));

describe('printing', () => {
  it('is undone by reading', () => {
    fc.assert(
      fc.property(parts, (written) => {
        const { up, verify, down, description, ...header } = written;
        const read = parseRevisionFile(printRevisionFile(written), FILE);
        expect(read).toMatchObject(header);
        expect(read.description.replace(/^"|"$/g, '')).toBe(description.replace(/^"|"$/g, ''));
        for (const [section, text] of [
          [read.up, up],
          [read.verify, verify],
          [read.down, down],
        ] as const) {
          expect(section?.text.trimEnd()).toBe(text?.replace(/^\n+/, '').trimEnd());
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(parts, (written) => {
        const first = printRevisionFile(written);
        const read = parseRevisionFile(first, FILE);
        const { up, verify, down } = read;
        const again = { ...read, up: up.text, verify: verify?.text, down: down?.text };
        expect(printRevisionFile(again)).toBe(first);
        expect(parseRevisionFile(first.replaceAll('\n', '\r\n'), FILE).checksum).toBe(
          read.checksum,
        );
      }),
    );
  });
});
