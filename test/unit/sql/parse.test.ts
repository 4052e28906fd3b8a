import { describe, expect, it } from 'vitest';
import { parseSql } from '../../../src/sql/parse.ts';

const slices = async (text: string): Promise<string[]> => {
  const result = await parseSql(text);
  if (!result.ok) throw new Error(result.message);
  return result.statements.map(({ offset, length }) => text.slice(offset, offset + length));
};

describe('parseSql', () => {
  it.each<[string, string[]]>([
    ['', []],
    [' -- nothing', []],
    ['select 1', ['select 1']],
    ['/* a */ select 1 -- b\n; select 2 /* c */', ['select 1', 'select 2']],
    ["select '한글😀'; select '😀' /* é */;", ["select '한글😀'", "select '😀'"]],
  ])('gives %j its statements without comments and semicolons', async (text, expected) => {
    expect(await slices(text)).toEqual(expected);
  });

  it('says where in the text it stopped understanding', async () => {
    const text = "select '😀한글'; selec 1";
    expect(await parseSql(text)).toEqual({
      ok: false,
      message: 'syntax error at or near "selec"',
      offset: text.indexOf('selec '),
    });
  });

  it.each([
    ["select 1; select 'a", 17],
    ['/* a', 0],
    ['select 1;\n\\d a\nselect 2;', 10],
    ['select \\d a\n;', 7],
  ])('does not take %j for SQL', async (text, offset) => {
    expect(await parseSql(text)).toMatchObject({ ok: false, offset });
  });

  it('parses long texts in pieces without losing the offsets', async () => {
    const one = `insert into t values ('${'é'.repeat(1000)}'); /* ; */\n`;
    const text = one.repeat(3000);
    const found = await slices(text);
    expect(found).toHaveLength(3000);
    expect(new Set(found)).toEqual(new Set([one.slice(0, one.indexOf(';'))]));
    expect(await parseSql(`${text}selec 1`)).toMatchObject({ ok: false, offset: text.length });
  });

  it('leaves a statement alone that would exhaust the memory of the parser', async () => {
    const text = `select 1; select '${'a'.repeat(17 * 2 ** 20)}'`;
    expect(await parseSql(text)).toMatchObject({ ok: false, offset: 10 });
    expect(await slices('select 1')).toEqual(['select 1']);
  });

  it('survives what is nested too deeply', async () => {
    expect(await parseSql(`select ${'('.repeat(50_000)}1`)).toMatchObject({ ok: false });
    expect(await parseSql(`select 1${'+1'.repeat(50_000)}`)).toMatchObject({ ok: false });
    expect(await slices('select 1')).toEqual(['select 1']);
  });
});
