/** The directives `soft-drop` and `soft-restore`: how they are read, and what is wrong with them where. */

import { describe, expect, it } from 'vitest';
import { prepareScript } from '../../../src/analysis/script.ts';
import { parseRevisionFile } from '../../../src/sql/revision-file.ts';
import { readHideable } from '../../../src/sql/soft-drop.ts';

const file = (up: string, down: string, header = '') =>
  parseRevisionFile(
    `-- slipway:revision a\n${header}-- slipway:up\n${up}\n-- slipway:down\n${down}\n`,
    'm/a.sql',
  );
const PHONE = 'soft-drop column app.users.phone';

describe('a name', () => {
  it.each([
    ['column app.users.phone', { kind: 'column', schema: 'app', table: 'users', column: 'phone' }],
    ['column Users.Phone', { kind: 'column', schema: undefined, table: 'users', column: 'phone' }],
    ['table audit', { kind: 'table', schema: undefined, table: 'audit' }],
    ['table "My App"."Audit ""x"""', { kind: 'table', schema: 'My App', table: 'Audit "x"' }],
    ['column "a.b".c', { kind: 'column', schema: undefined, table: 'a.b', column: 'c' }],
    ['table tabelle_ä1$', { kind: 'table', schema: undefined, table: 'tabelle_ä1$' }],
  ])('%s is read as SQL reads it', (value, object) => {
    expect(readHideable(value)).toEqual(object);
  });

  it.each([
    ['', 'it does not say what'],
    ['users.phone', '"users.phone" is neither column nor table'],
    ['column', 'it does not say which column'],
    ['column phone', '"phone" does not say the table of the column'],
    ['column a.b.c.d', '"a.b.c.d" is no name of a column'],
    ['table a.b.c', '"a.b.c" is no name of a table'],
    ['table audit;', '"audit;" is no name of a table'],
    ['table audit, users', '"audit, users" is no name of a table'],
    ['table "audit', '""audit" is no name of a table'],
    ['column a..b', '"a..b" is no name of a column'],
  ])('%j is none, and it is said why', (value, problem) => {
    expect(readHideable(value)).toBe(problem);
  });
});

describe('a file', () => {
  it.each([
    [`-- slipway:soft-drop phone`, 'select 1;', /^m\/a.sql:3:1: soft-drop: "phone" is neither/],
    [
      `select 1;\n-- slipway:${PHONE}`,
      'select 1;',
      /^m\/a.sql:4:1: the section "down" does not bring column app.users.phone back/,
    ],
    [
      'select 1;',
      '-- slipway:soft-restore table audit',
      /^m\/a.sql:5:1: the section "up" does not soft-drop table audit/,
    ],
    [
      `-- slipway:${PHONE}`,
      '-- slipway:soft-restore column users.phone',
      /^m\/a.sql:5:1: the section "up" does not soft-drop column users.phone/,
    ],
    [
      `-- slipway:${PHONE}\n-- slipway:${PHONE}`,
      'select 1;',
      /^m\/a.sql:4:1: column app.users.phone is soft-dropped twice/,
    ],
    [
      `-- slipway:${PHONE}`,
      '-- slipway:soft-restore column app.users.phone\n-- slipway:soft-restore column app.users.phone',
      /^m\/a.sql:6:1: column app.users.phone is restored twice/,
    ],
    [
      '-- slipway:soft-restore table audit',
      'select 1;',
      /^m\/a.sql:3:1: "soft-restore" stands in the section "up"/,
    ],
    [
      `select 1\n-- slipway:${PHONE}\n;`,
      'select 1;',
      /^m\/a.sql:4:1: "soft-drop" stands inside a statement/,
    ],
    [
      `select 1; -- slipway:${PHONE}`,
      'select 1;',
      /^m\/a.sql:3:11: "soft-drop" does not stand on a line of its own/,
    ],
    [
      `-- slipway:backfill table=t key=id\n-- slipway:${PHONE}`,
      'select 1;',
      /^m\/a.sql:3:1: "backfill" stands above "soft-drop"/,
    ],
    [
      `-- slipway:idempotent\n-- slipway:idempotent\n-- slipway:${PHONE}`,
      'select 1;',
      /^m\/a.sql:4:1: "idempotent" is given twice/,
    ],
  ])('with %j is refused', (up, down, message) => {
    expect(() => file(up, down)).toThrow(message);
  });

  it('has none in its header, nor in its verify section', () => {
    expect(() => file('select 1;', '', `-- slipway:${PHONE}\n`)).toThrow(
      /^m\/a.sql:2:1: "soft-drop" belongs in a section/,
    );
    expect(() => file(`select 1;\n-- slipway:verify\n-- slipway:${PHONE}`, '')).toThrow(
      /^m\/a.sql:5:1: "soft-drop" stands in the section "verify"/,
    );
  });

  it('that is irreversible brings nothing back', () => {
    const text = `-- slipway:revision a\n-- slipway:irreversible gone\n-- slipway:up\n-- slipway:${PHONE}\n`;
    expect(parseRevisionFile(text, 'm/a.sql').down).toBeUndefined();
  });

  it('may hide on its way down what it created', () => {
    file('create table audit (id int);', '-- slipway:soft-drop table audit');
  });

  it('with another soft drop has another checksum', () => {
    const sum = (name: string) =>
      file(`-- slipway:soft-drop table ${name}`, `-- slipway:soft-restore table ${name}`).checksum;
    expect(sum('one')).not.toBe(sum('two'));
  });
});

describe('a section', () => {
  const sections = async (up: string, down: string) => {
    const revision = file(up, down);
    return prepareScript(revision, revision.up);
  };

  it('has soft drops in their order among the other statements, each in its place', async () => {
    const { statements, parsed } = await sections(
      `-- slipway:soft-drop table one
select 1; -- a comment
  -- slipway:only-if select true
  -- slipway:soft-drop table two
-- about three
/* and more */ select 3;
-- slipway:soft-drop table four  
-- the end`,
      ['one', 'two', 'four'].map((name) => `-- slipway:soft-restore table ${name}`).join('\n'),
    );
    expect(parsed).toBe(true);
    expect(
      statements.map(({ text, command, line, column, onlyIf }) => [
        text,
        command,
        line,
        column,
        onlyIf,
      ]),
    ).toEqual([
      ['-- slipway:soft-drop table one', 'soft-drop table', 3, 1, undefined],
      ['select 1', 'select', 4, 1, undefined],
      ['-- slipway:soft-drop table two', 'soft-drop table', 6, 3, 'select true'],
      ['select 3', 'select', 8, 16, undefined],
      ['-- slipway:soft-drop table four', 'soft-drop table', 9, 1, undefined],
    ]);
    expect(statements[0]?.softDrop).toEqual({
      action: 'hide',
      object: { kind: 'table', schema: undefined, table: 'one' },
      revision: 'a',
    });
  });

  it('may have nothing else', async () => {
    const { statements } = await sections(
      '-- slipway:soft-drop table one',
      '-- slipway:soft-restore table one',
    );
    expect(statements).toHaveLength(1);
  });

  it('that the parser does not understand says so where it does not', async () => {
    await expect(
      sections(
        '-- slipway:soft-drop table one\nselect 1;\nfrobnicate all;',
        '-- slipway:soft-restore table one',
      ),
    ).rejects.toMatchObject({
      code: 'SLIPWAY_SQL_SYNTAX',
      message: expect.stringMatching(/^m\/a.sql:5:1: /),
      hint: expect.stringContaining('give the soft drop a revision of its own'),
    });
  });
});
