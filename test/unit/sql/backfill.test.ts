import { describe, expect, it } from 'vitest';
import { prepareScript } from '../../../src/analysis/script.ts';
import { RevisionFileError } from '../../../src/core/errors.ts';
import { bindRange, rangeMarks, readBackfill } from '../../../src/sql/backfill.ts';
import { parseRevisionFile } from '../../../src/sql/revision-file.ts';

describe('the directive', () => {
  it.each([
    ['table=users key=id', { schema: undefined, table: 'users', key: 'id' }],
    ['  key = ID   table = App.Users ', { schema: 'app', table: 'users', key: 'id' }],
    ['table="My App"."Odd ""T""" key="a b"', { schema: 'My App', table: 'Odd "T"', key: 'a b' }],
    ['table=täble key=schlüssel', { schema: undefined, table: 'täble', key: 'schlüssel' }],
    [
      'table=t key=k batch=1 pause=0 max-lag=off max-time=2min',
      { batch: 1, pauseMs: 0, maxLagMs: undefined, maxTimeMs: 120_000 },
    ],
  ])('understands %s', (value, expected) => {
    expect(readBackfill(value)).toMatchObject(expected);
  });

  it('has defaults that are easy on the server', () => {
    expect(readBackfill('table=users key=id')).toEqual({
      schema: undefined,
      table: 'users',
      key: 'id',
      batch: 5000,
      pauseMs: 50,
      maxLagMs: 10_000,
      maxTimeMs: 1000,
    });
  });

  it.each([
    ['', 'the backfill does not say its table'],
    ['table=users', 'the backfill does not say its key'],
    ['users id', 'a backfill takes pairs such as key=id, not "users id"'],
    ['table=users key=id now', 'a backfill takes pairs such as key=id, not "now"'],
    ['table=users key=id size=3', 'a backfill has no "size"'],
    ['table=users key=id key=id', '"key" is given twice'],
    ['table=a.b.c key=id', '"a.b.c" is no name of a table'],
    ['table=a. key=id', '"a." is no name of a table'],
    ['table=users key=id,tenant', '"id,tenant" is not the name of one column'],
    ['table=users key=users.id', '"users.id" is not the name of one column'],
    ['table=users key=id batch=0', 'batch is a number of keys from 1 to 1000000, not "0"'],
    ['table=users key=id batch=9999999', 'batch is a number of keys'],
    ['table=users key=id pause=50', 'pause is a duration up to a day, not "50"'],
    ['table=users key=id max-lag=0', 'max-lag is a duration up to a day, or off, not "0"'],
    ['table=users key=id max-time=0', 'max-time is a duration up to a day, not "0"'],
    ['table="users key=id', 'a backfill takes pairs such as key=id, not "table="users key=id"'],
  ])('says what is wrong with "%s"', (value, complaint) => {
    expect(readBackfill(value)).toContain(complaint);
  });
});

describe('the marks', () => {
  it.each([
    ['where id between :from and :to', ['from', 'to']],
    ['where id>=:FROM and id<=:To', ['from', 'to']],
    ['set a = :from::text', ['from']],
    ['a::to', []],
    ['a :: from', []],
    ['array[1:2], arr[:to]', ['to']],
    ["':from' || E'\\':to' || $$:from$$ || $x$ :to $x$", []],
    ['":from" -- :to\n/* :from /* :to */ */', []],
    ["E'a'\n'\\':from' :to", ['to']],
    [':fromage :total :from_ :to1', []],
    [': from', []],
    ['1:from', ['from']],
  ])('are found in %s', (text, names) => {
    expect(rangeMarks(text).map(({ name }) => name)).toEqual(names);
  });

  it('become parameters of the type of the key', () => {
    const { text } = bindRange('id between :from and :to', 'character varying(20)');
    expect(text).toBe('id between $1::character varying(20) and $2::character varying(20)');
  });

  it('leave the way back to the file for positions behind them, also behind emoji', () => {
    const sql = "select '😀' where id between :from and :to and x";
    const { text, positionOf } = bindRange(sql, 'uuid');
    for (const word of ['select', 'where', 'between', ' and x']) {
      const inBound = Array.from(text.slice(0, text.indexOf(word))).length + 1;
      const inSource = Array.from(sql.slice(0, sql.indexOf(word))).length + 1;
      expect(positionOf(inBound)).toBe(inSource);
    }
    const inParameter = Array.from(text.slice(0, text.indexOf('::uuid'))).length + 1;
    expect(positionOf(inParameter)).toBe(Array.from(sql.slice(0, sql.indexOf(':from'))).length + 1);
  });
});

describe('a file with a backfill', () => {
  const file = (up: string, more: { header?: string; verify?: string; down?: string } = {}) =>
    `-- slipway:revision b
-- slipway:${more.header ?? 'transaction none'}
-- slipway:up
${up}
${more.verify === undefined ? '' : `-- slipway:verify\n${more.verify}\n`}-- slipway:down
${more.down ?? ''}
`;
  const read = async (text: string) => {
    const revision = parseRevisionFile(text, 'migrations/b.sql');
    return prepareScript(revision, revision.up);
  };
  const complaintOf = async (text: string): Promise<string> => {
    const error: unknown = await read(text).catch((thrown: unknown) => thrown);
    if (error instanceof RevisionFileError) return error.message;
    throw new Error('the file was accepted');
  };
  const above = '-- slipway:backfill table=users key=id\n';
  const update = 'update users set n = 1 where id between :from and :to;';

  it('has statements with the marks as they were written, and what they walk', async () => {
    const { statements, parsed } = await read(file(`select 1;\n${above}${update}\nselect 2;`));
    expect(parsed).toBe(true);
    expect(statements.map(({ backfill }) => backfill?.table)).toEqual([
      undefined,
      'users',
      undefined,
    ]);
    expect(statements[1]).toMatchObject({ text: update.slice(0, -1), line: 6, column: 1 });
  });

  it('may have it in the down section, and another directive beside it', async () => {
    const both = `${above}-- slipway:idempotent\n-- slipway:only-if select true\n${update}`;
    const revision = parseRevisionFile(file('', { down: both }), 'migrations/b.sql');
    if (revision.down === undefined) throw new Error('no down');
    const { statements } = await prepareScript(revision, revision.down);
    expect(statements).toMatchObject([{ idempotent: true, onlyIf: 'select true' }]);
  });

  it.each<[string, string, string]>([
    [
      'in a transaction',
      file(above + update, { header: 'phase expand' }),
      'migrations/b.sql:4:1: a backfill commits batch by batch, which it cannot do inside a transaction',
    ],
    [
      'in the verify section',
      file('', { verify: above + update }),
      'migrations/b.sql:6:1: a backfill stands in the section "verify"',
    ],
    [
      'twice above one statement',
      file(above + above + update),
      'migrations/b.sql:5:1: "backfill" is given twice',
    ],
    [
      'without the marks',
      file(`${above}update users set n = 1;`),
      'migrations/b.sql:5:1: the statement of the backfill does not use :from and :to',
    ],
    [
      'with one mark, and the other in a comment',
      file(`${above}update users set n = 1 where id > :from -- :to\n;`),
      'migrations/b.sql:5:1: the statement of the backfill does not use :to',
    ],
    [
      'with parameters of its own',
      file(`${above}update users set n = $1 where id between :from and :to;`),
      'the statement of the backfill has parameters of its own',
    ],
    [
      'above a query',
      file(`${above}select * from users where id between :from and :to;`),
      'a backfill cannot run select',
    ],
    [
      'that changes the key',
      file(`${above}update users set id = id + 1 where id between :from and :to;`),
      'the backfill changes the key by which it walks',
    ],
    [
      'that feeds itself',
      file(`${above}insert into users select id + 9 from users where id between :from and :to;`),
      'the backfill inserts into the table that it walks',
    ],
    [
      'with a value that makes no sense',
      file(`-- slipway:backfill table=users key=id batch=many\n${update}`),
      'migrations/b.sql:4:1: batch is a number of keys from 1 to 1000000, not "many"',
    ],
  ])('is refused %s', async (_, text, complaint) => {
    expect(await complaintOf(text)).toContain(complaint);
  });

  it('has a checksum that the directive counts in', () => {
    const checksum = (text: string) => parseRevisionFile(text, 'b.sql').checksum;
    expect(checksum(file(above + update))).not.toBe(checksum(file(update)));
  });

  it.each([
    ['delete from users where id between :from and :to', ['rows of table users']],
    ['delete from users where id >= :from and id <= :to', ['rows of table users']],
    ['delete from users where id between :from and :to and gone', []],
    [
      'with d as (delete from users where id between :from and :to returning *) insert into old select * from d',
      ['rows of table users'],
    ],
  ])('loses what all its batches together lose: %s', async (sql, losses) => {
    const { statements } = await read(file(`${above}${sql};`));
    expect(statements[0]?.facts.dataLoss).toEqual(losses);
  });
});
