/** SQL of unusual size, encoding and settings, run for real. */

import { describe, expect, inject, it } from 'vitest';
import { failureOf } from '../../support/cli.ts';
import { query } from '../../support/postgres.ts';
import { createPlace, createUpgraded, placeAt } from '../../support/projects.ts';

describe('odd SQL', { concurrent: true }, () => {
  it('of a hundred thousand statements is applied whole', { timeout: 180_000 }, async () => {
    const rows = Array.from({ length: 100_000 }, (_, i) => `insert into big values (${i});`);
    const place = await createUpgraded({
      id: 'r1',
      up: ['create table big (n int);', ...rows].join('\n'),
    });
    expect(await place.query('select count(*)::int as n, max(n) as last from big')).toEqual([
      { n: 100_000, last: 99_999 },
    ]);
  });

  it('of fifty megabytes to copy in is applied whole', { timeout: 180_000 }, async () => {
    const rows = Array.from({ length: 500_000 }, (_, i) => `${i}\t${'x'.repeat(94)}`);
    const place = await createUpgraded({
      id: 'r1',
      up: `create table big (n int, s text);\ncopy big from stdin;\n${rows.join('\n')}\n\\.\ncreate index on big (n);`,
    });
    expect(
      await place.query('select count(*)::int as n, sum(length(s))::int as size from big'),
    ).toEqual([{ n: 500_000, size: 47_000_000 }]);
    const [kept] = await place.query('select length(source) as n from slipway.revision');
    expect(Number(kept?.['n'])).toBeGreaterThan(49_000_000);
  });

  it('in one line of eight megabytes is applied, and a mistake in it is shown short', async () => {
    const values = Array.from({ length: 800_000 }, (_, i) => `(${i})`).join();
    const place = await createUpgraded({
      id: 'r1',
      up: `create table big (n int); insert into big values ${values};`,
    });
    expect(await place.query('select count(*)::int as n from big')).toEqual([{ n: 800_000 }]);
    await place.project.add({ id: 'r2', up: `insert into bigg values ${values};` });
    const outcome = await place.run(['upgrade']);
    const failure = failureOf(outcome, 12, 'SLIPWAY_REVISION_FAILED');
    expect(failure).toMatchObject({ line: 6, column: 13, sqlState: '42P01' });
    expect(outcome.stderr.length).toBeLessThan(10_000);
  });

  it('shows what the server says at every severity that it sends', async () => {
    const levels = ['notice', 'warning', 'info', 'log', 'debug'];
    const raised = levels.map((level) => `raise ${level} 'a ${level}';`).join(' ');
    const place = await createPlace({
      id: 'r1',
      up: `set client_min_messages = debug1;
do $$ begin ${raised} end $$;
create table if not exists slipway_probe ();
create table if not exists slipway_probe ();
drop index if exists nothing_here;`,
    });
    const outcome = await place.succeed(['upgrade', '--log-level', 'debug']);
    const said = outcome.log
      .filter(({ event }) => event === 'statement.notice')
      .map(({ msg }) => msg);
    for (const level of levels) expect(said.join('\n').toLowerCase()).toContain(`a ${level}`);
    expect(said.join('\n')).toMatch(/slipway_probe.*already exists/);
    expect(said.join('\n')).toMatch(/nothing_here.*does not exist/);
  });

  it('keeps backslashes where the role has standard_conforming_strings off', async () => {
    const place = await createPlace({
      id: 'r1',
      up: String.raw`create table t (a text);
insert into t values ('one\'), (E'two\\');`,
    });
    const role = `old_${place.database}`;
    await place.query(`create role ${role} superuser login`);
    await place.query(`alter role ${role} set standard_conforming_strings = off`);
    const url = new URL(place.url);
    url.username = role;
    await placeAt(place.project, url.href).succeed(['upgrade', '--log-level', 'debug']);
    expect(await place.query('select a from t')).toEqual([{ a: 'one\\' }, { a: 'two\\' }]);
  });

  it('knows comments with dollar quotes in them, and dollar quotes with comments', async () => {
    const place = await createUpgraded({
      id: 'r1',
      up: `/* $$ not a quote; /* $a$ nor this; */ $$ */ create table t (a text);
-- $$ nor this;
insert into t values ($a$ /* $$ ; -- $a$), ($$ $a$ */ ; $$); -- $a$
do $do$ begin
  -- it's $$ a comment;
  execute $exec$ insert into t values ($in$ -- ; $in$) $exec$;
end $do$;`,
    });
    expect(await place.query('select a from t')).toEqual([
      { a: ' /* $$ ; -- ' },
      { a: ' $a$ */ ; ' },
      { a: ' -- ; ' },
    ]);
  });

  it('with a NUL in it is refused at its place before anything runs', async () => {
    const place = await createPlace({ id: 'r1', up: "create table t ();\nselect 'a\0b';" });
    const failure = failureOf(await place.run(['upgrade']), 11, 'SLIPWAY_FILE_MALFORMED');
    expect(failure).toMatchObject({ line: 6, column: 10 });
  });

  describe('in a database that is not UTF-8', () => {
    async function createLatin1(place: Awaited<ReturnType<typeof createPlace>>) {
      const name = `${place.database}_latin1`;
      const admin = inject('adminUrl');
      await query(admin, `create database ${name} template template0 encoding 'LATIN1' locale 'C'`);
      const url = new URL(place.url);
      url.pathname = `/${name}`;
      return {
        place: placeAt(place.project, url.href),
        drop: () => query(admin, `drop database ${name} with (force)`),
      };
    }

    it('is translated where the encoding has its characters', async () => {
      const { place, drop } = await createLatin1(
        await createPlace({
          id: 'r1',
          message: 'Größe',
          up: "create table größe (a text);\ninsert into größe values ('naïve');",
        }),
      );
      await place.succeed(['upgrade']);
      expect(await place.query('select a, octet_length(a) as n from größe')).toEqual([
        { a: 'naïve', n: 5 },
      ]);
      const shown = await place.succeed(['history']);
      expect(shown.stdout).toContain('Größe');
      await drop();
    });

    it('is refused by the server where it has not, and nothing stays', async () => {
      const { place, drop } = await createLatin1(
        await createPlace({
          id: 'r1',
          up: "create table t (a text);\ninsert into t values ('한글');",
        }),
      );
      const failure = failureOf(await place.run(['upgrade']), 12, 'SLIPWAY_REVISION_FAILED');
      expect(failure).toMatchObject({ sqlState: '22P05', line: 6, rolledBack: true });
      expect(await place.query("select to_regclass('t') as it")).toEqual([{ it: null }]);
      await drop();
    });

    it('is refused too where only its file has such characters, which the history keeps', async () => {
      const { place, drop } = await createLatin1(
        await createPlace({ id: 'r1', up: 'create table t (a text); -- 한글' }),
      );
      const failure = failureOf(await place.run(['upgrade']), 12, 'SLIPWAY_REVISION_FAILED');
      expect(failure).toMatchObject({ sqlState: '22P05', rolledBack: true });
      expect(failure['next']).toMatch(/encoding/);
      await drop();
    });
  });
});
