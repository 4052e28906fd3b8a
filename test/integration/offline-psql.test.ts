/** What psql makes of SQL in a script: the server gets what an online run would have sent. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dollarQuoted, psqlText } from '../../src/postgres/script-text.ts';
import { scriptWriter } from '../../src/postgres/script-writer.ts';
import { psql, psqlProgram } from '../support/offline.ts';
import { createDatabase, query, withClient } from '../support/postgres.ts';

/** Values in all the forms that confuse, each a whole expression of type text. */
const value = fc.constantFrom(
  `'plain'`,
  `':HOST :''USER'' :"PORT" :{?HOST}'`,
  `'back\\slash\\'`,
  `'it''s; -- no comment'`,
  `E'it\\'s; :HOST \\\\'`,
  `e'\\\\'`,
  `E'a\\''\n   'b\\';:HOST'`,
  `E'a\\\\' -- :HOST ; '\n 'b'`,
  `'a'\n 'b;\\'`,
  `U&'d\\0061t:HOST'`,
  `N'n;'`,
  '$$dollar; :HOST \\ $$',
  `$q$it's $$ ; :HOST$q$`,
  `$x1$\n\n  \\echo no\n;$x1$`,
  `('{1,2,3}'::int[])[1:2]::text`,
  `(array['a','b'])[array_lower(array['x'],1):host]::text`,
  `('{"k":[1,2]}'::jsonb)::text`,
  `(select "HOST;" from (select ':x' as "HOST;") as "q:u""o;te")`,
  `/* ; :HOST /* nested ' */ " */ 'after'`,
  `'before' -- it's ; :HOST\n`,
  `'한글 :표 naïve;'`,
  `(case when 1 = 1 then 'a;' else 'b' end)`,
  `\r\n'windows'\r\n`,
);
const values = fc.array(value, { minLength: 1, maxLength: 8 });
const statements = fc.array(
  values.map(
    (parts) =>
      `insert into seen select n, array[${parts.join(', ')}] from (select %n, 1) as s(n, host)`,
  ),
  { minLength: 30, maxLength: 60 },
);

describe.skipIf(psqlProgram === undefined)('psql', () => {
  it('sends any statement as it is', async () => {
    await using scripted = await createDatabase();
    await using direct = await createDatabase();
    await fc.assert(
      fc.asyncProperty(statements, async (drawn) => {
        const texts = drawn.map((text, n) => text.replace('%n', String(n)));
        const script = scriptWriter();
        script.meta('\\set ON_ERROR_STOP on');
        script.sql(`set client_encoding = 'UTF8'`);
        for (const { url } of [scripted, direct]) {
          await query(url, 'drop table if exists seen');
          await query(url, 'create table seen (n int, said text[])');
        }
        for (const text of texts) script.sql(text);
        const { exitCode, stderr } = await psql(scripted.url, script.text());
        expect(exitCode, stderr).toBe(0);
        await withClient(direct.url, async (client) => {
          for (const text of texts) await client.query(text);
        });
        const [said, wanted] = await Promise.all(
          [scripted, direct].map(({ url }) => query(url, 'select * from seen order by n')),
        );
        expect(said).toEqual(wanted);
        expect(said).toHaveLength(texts.length);
      }),
      { numRuns: 5 },
    );
  });

  it('sends several statements as one message, and a block as one statement', async () => {
    await using database = await createDatabase();
    const script = scriptWriter();
    script.sql('create table t (a int); insert into t values (1); insert into t values (1 / 0)');
    const { exitCode } = await psql(database.url, script.text());
    expect(exitCode).toBe(3);
    expect(await query(database.url, `select to_regclass('t') as t`)).toEqual([{ t: null }]);
    const body = `begin create table t (a text); insert into t values (${dollarQuoted(':a; $slipway$')}); end`;
    const blocks = scriptWriter();
    blocks.block(body);
    expect(psqlText(blocks.text().trim())).toBe(`${blocks.text().trim().slice(0, -1)}\\;`);
    expect(await psql(database.url, blocks.text())).toMatchObject({ exitCode: 0 });
    expect(await query(database.url, 'select a from t')).toEqual([{ a: ':a; $slipway$' }]);
  });

  it('takes a script from its standard input, too', async () => {
    await using database = await createDatabase();
    const script = scriptWriter();
    script.sql('create table t (a text)');
    script.sql('copy t from stdin');
    script.raw(`it's :HOST\n\\.\n`);
    script.sql('select 1 / 0');
    script.sql('drop table t');
    const { exitCode } = await psql(database.url, script.text(), { stdin: true });
    expect(exitCode).toBe(3);
    expect(await query(database.url, 'select a from t')).toEqual([{ a: `it's :HOST` }]);
  });
});
