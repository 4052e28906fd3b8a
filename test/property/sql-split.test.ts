import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RevisionFileError } from '../../src/core/errors.ts';
import { scanSql } from '../../src/sql/lexer.ts';
import { parseSql } from '../../src/sql/parse.ts';
import { parseRevisionFile } from '../../src/sql/revision-file.ts';
import { splitSection } from '../../src/sql/statements.ts';

const space = fc.constantFrom(
  ' ',
  '\n',
  '\r\n',
  '\t',
  ' -- ; \' " $$\n',
  '/* ; */',
  "/* /* '; */ $$ */",
  ' /**/ ',
  '-- 한글 😀;\n',
);
const literal = fc.constantFrom(
  "';'",
  "'it''s; \\'",
  "E'\\';'",
  "e'\\\\'",
  "E'a'\n'\\';'",
  "U&'\\0061;'",
  "B'01'",
  "x'1F'",
  "N';'",
  '$$;$$',
  "$a$ $$;' $b$ $a$",
  '$한글$;$한글$',
  '$1',
  '12.5e3',
  '"a;b"',
  '"a""b"',
  '한글',
  'a$b$c',
  "'😀'",
  '(select 1)',
  '(case when true then 1 end)',
  'f(a, b)',
  "array['a;', 'b']",
);
const gap = fc.array(space, { minLength: 1, maxLength: 3 }).map((all) => all.join(''));
const select = fc
  .array(fc.tuple(gap, literal), { minLength: 1, maxLength: 4 })
  .map((items) => `select${items.map(([blank, one]) => `${blank}${one}`).join(' ,')}`);
const statement = fc.oneof(
  select,
  select.map((query) => `create table a as\n${query}`),
  select.map(
    (query) => `create function f() returns int begin atomic ${query}; select 2 as end; end`,
  ),
  select.map(
    (query) =>
      `create or replace procedure f(begin int) begin atomic select case when true then 1 end; ${query}; end`,
  ),
  select.map((query) => `create rule r as on insert to t do also (${query}; delete from u)`),
  select.map((query) => `do $do$ begin ${query}; end $do$`),
  fc.constant('alter table a add column "end" text, drop column b'),
  fc.constant('savepoint a'),
);
const script = fc
  .array(fc.tuple(gap, statement, gap), { maxLength: 6 })
  .chain((all) =>
    fc
      .constantFrom('\n', ';', ';;', '; -- end')
      .map((end) => all.map((parts) => parts.join('')).join(';') + end),
  );

describe('the lexer', () => {
  it('ends statements where the parser does', async () => {
    await fc.assert(
      fc.asyncProperty(script, async (text) => {
        const mine = [...scanSql(text)].filter((token) => token.kind === 'statement');
        // With a single span the parser has nobody to ask but itself.
        const theirs = await parseSql(text, [{ start: 0, end: text.length }]);
        if (!theirs.ok) throw new Error(`${theirs.message} at ${theirs.offset}`);
        expect(mine.map(({ start }) => start)).toEqual(theirs.statements.map((one) => one.offset));
        theirs.statements.forEach(({ offset, length }, i) => {
          const end = mine[i]?.end ?? -1;
          expect(end).toBeLessThanOrEqual(offset + length);
          const behind = [...scanSql(text.slice(0, offset + length), end)];
          expect(behind.filter((token) => !token.kind.endsWith('comment'))).toEqual([]);
        });
      }),
      { numRuns: 500 },
    );
  });

  it('covers a text in order, without overlaps', () => {
    const soup = fc.array(fc.oneof(space, literal, fc.constantFrom(';', '(', ')', '\\', "'", '$')));
    fc.assert(
      fc.property(soup, (found) => {
        const text = found.join('');
        let last = 0;
        for (const token of scanSql(text)) {
          if (token.kind === 'problem') continue;
          expect(token.end).toBeGreaterThan(token.start);
          expect(token.end).toBeLessThanOrEqual(text.length);
          if (token.kind === 'statement') {
            expect(token.start).toBeGreaterThanOrEqual(last);
            last = token.end;
          }
        }
      }),
    );
  });
});

describe('splitting a section', () => {
  const rows = "copy t from stdin;\n; '\n-- slipway:down\n\\.\n";
  const section = fc
    .array(
      fc.tuple(
        gap,
        fc.oneof(
          statement.map((text) => `${text};`),
          fc.constant(rows),
        ),
      ),
      {
        maxLength: 6,
      },
    )
    .map((all) => all.map((parts) => parts.join('')).join(''));

  it('changes no byte, and leaves nothing but comments between the statements', async () => {
    await fc.assert(
      fc.asyncProperty(section, fc.boolean(), async (sql, isBroken) => {
        const text = isBroken ? `${sql}\nfrobnicate;` : sql;
        const file = `-- slipway:revision a\n-- slipway:irreversible x\n-- slipway:up\n${text}`;
        const revision = parseRevisionFile(file, 'x.sql');
        const result = await splitSection(revision, revision.up).catch((error: unknown) => error);
        if (result instanceof RevisionFileError) {
          expect(isBroken && sql.includes(rows)).toBe(true);
          return;
        }
        if (result instanceof Error) throw result;
        const { parsed, statements } = result as Awaited<ReturnType<typeof splitSection>>;
        expect(parsed).toBe(!isBroken);
        let rest = '';
        let joined = revision.source.slice(0, revision.up.offset);
        let at = revision.up.offset;
        for (const one of statements) {
          const between = revision.source.slice(at, one.offset);
          joined += between + one.text;
          rest += between;
          at = one.offset + one.text.length;
          if (one.copyData !== undefined) {
            expect(revision.source.startsWith(`;\n${one.copyData}\\.\n`, at)).toBe(true);
            joined += `;\n${one.copyData}\\.\n`;
            at = joined.length;
          }
        }
        joined += revision.source.slice(at);
        rest += revision.source.slice(at);
        expect(joined).toBe(file);
        expect([...scanSql(rest)].filter(({ kind }) => !kind.endsWith('comment'))).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});
