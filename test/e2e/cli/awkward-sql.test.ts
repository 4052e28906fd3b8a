/** SQL that breaks naive migrators, run for real. */

import { describe, expect, it } from 'vitest';
import { failureOf } from '../../support/cli.ts';
import { createPlace, createUpgraded, placeAt } from '../../support/projects.ts';

describe('awkward SQL', { concurrent: true }, () => {
  it('copies rows from the file, with what looks like SQL, comments and directives in them', async () => {
    const place = await createUpgraded({
      id: 'r1',
      up: [
        'create table note (id int, body text);',
        'copy note (id, body) from stdin;',
        "1\tit's; -- not a comment",
        '2\t$$ ; drop table note;',
        '3\t\\N',
        '4\t한글 🎉\\ttab',
        '5\t-- slipway:down',
        '\\.',
        'insert into note values (6, null);',
      ].join('\n'),
    });
    expect(await place.query('select id, body from note order by id')).toEqual([
      { id: 1, body: "it's; -- not a comment" },
      { id: 2, body: '$$ ; drop table note;' },
      { id: 3, body: null },
      { id: 4, body: '한글 🎉\ttab' },
      { id: 5, body: '-- slipway:down' },
      { id: 6, body: null },
    ]);
  });

  it('says which row of copied data is wrong', async () => {
    const place = await createPlace({
      id: 'r1',
      up: 'create table note (id int);\ncopy note from stdin;\n1\n2\nthree\n\\.',
    });
    const failure = failureOf(await place.run(['upgrade']), 12, 'SLIPWAY_REVISION_FAILED');
    expect(failure).toMatchObject({ sqlState: '22P02' });
    expect(failure['where']).toMatch(/line 3/);
  });

  it('understands begin atomic, nested dollar quotes and semicolons in all kinds of quotes', async () => {
    const place = await createUpgraded({
      id: 'r1',
      up: `create table t (a text);
create function f() returns bigint language sql begin atomic
  select 1;
  select case when true then 2 else 3 end;
end;
create function g() returns text language plpgsql as $outer$
declare inner_text text := $inner$ a; $$ b; $$ -- slipway:up
$inner$;
begin
  /* a comment; /* nested; */ still one */
  return inner_text;
end;
$outer$;
insert into t values (E'it\\'s; one'), ('two; -- three'), (U&'\\0041;'), ('a '' b;');
create rule r as on delete to t do instead (select 1; select 2);
create table "odd;name""--" ();`,
    });
    expect(
      await place.query('select f()::int as f, g() as g, (select count(*)::int from t) as n'),
    ).toEqual([{ f: 2, g: ' a; $$ b; $$ -- slipway:up\n', n: 4 }]);
  });

  it('lets no setting of a revision leak into the next', async () => {
    const seen = `insert into public.seen
select current_setting('search_path'), current_user::text, current_setting('work_mem'), current_setting('standard_conforming_strings');`;
    const place = await createPlace(
      {
        id: 'r1',
        up: `create table public.seen (path text, who text, mem text, strings text);\n${seen}`,
      },
      {
        id: 'r2',
        up: `create schema other;
create role "leak_${process.pid}";
grant all on public.seen to "leak_${process.pid}";
set search_path = other;
set work_mem = '77MB';
set role "leak_${process.pid}";
select set_config('standard_conforming_strings', 'off', false);
select pg_advisory_xact_lock(1);`,
      },
      { id: 'r3', up: seen },
      {
        id: 'r4',
        header: ['transaction none'],
        up: "set search_path = other;\nset work_mem = '66MB';",
      },
      { id: 'r5', up: seen },
    );
    await place.succeed(['upgrade']);
    const rows = await place.query('select * from public.seen');
    expect(rows).toHaveLength(3);
    expect(rows[1]).toEqual(rows[0]);
    expect(rows[2]).toEqual(rows[0]);
    expect(await place.query('select count(*)::int as n from slipway.revision')).toEqual([
      { n: 5 },
    ]);
    await place.query(`drop owned by "leak_${process.pid}"; drop role "leak_${process.pid}"`);
  });

  it('is not disturbed by settings of the role or the database', async () => {
    const place = await createPlace({
      id: 'r1',
      up: 'create table t ();\nselect pg_sleep(0.3);',
    });
    const role = `slow_${place.database}`;
    await place.query(`create role ${role} superuser login;
alter role ${role} set statement_timeout = '100ms';
alter role ${role} set default_transaction_isolation = 'serializable';
alter role ${role} set lock_timeout = '1ms';
alter role ${role} set standard_conforming_strings = off;
alter role ${role} set datestyle = 'German';
alter role ${role} set intervalstyle = 'sql_standard';
alter role ${role} set bytea_output = 'escape';
alter role ${role} set client_encoding = 'LATIN1';
alter role ${role} set search_path = 'nowhere', public;`);
    const url = new URL(place.url);
    url.username = role;
    const there = placeAt(place.project, url.href);
    await there.succeed(['upgrade', '--connect-timeout', '2s']);
    expect((await there.succeed(['upgrade'])).log.at(-1)).toMatchObject({
      outcome: 'nothing-to-do',
    });
    await there.succeed(['status']);
    await there.succeed(['downgrade', 'base', '--allow-data-loss']);
  });

  it('refuses to end the transaction that a revision runs in', async () => {
    for (const up of [
      'create table t ();\ncommit;',
      'begin;\ncreate table t ();\ncommit;',
      'rollback;',
    ]) {
      const place = await createPlace({ id: 'r1', up });
      failureOf(await place.run(['upgrade']), 11, 'SLIPWAY_TRANSACTION_CONTROL');
      expect(await place.query("select to_regclass('t') as it")).toEqual([{ it: null }]);
    }
  });

  it('refuses psql commands, and passes over what pg_dump writes for psql alone', async () => {
    const refused = await createPlace({ id: 'r1', up: "\\copy t from 'x'\nselect 1;" });
    failureOf(await refused.run(['upgrade']), 11, 'SLIPWAY_FILE_MALFORMED');
    await createUpgraded({
      id: 'r1',
      up: '\\restrict abc123\ncreate table t ();\n\\unrestrict abc123',
    });
  });

  it('skips a statement whose condition is not true, and says so', async () => {
    const place = await createPlace({
      id: 'r1',
      up: `-- slipway:only-if select to_regclass('old') is not null
alter table old rename to new;
create table t ();`,
    });
    const outcome = await place.succeed(['upgrade']);
    expect(outcome.log).toContainEqual(
      expect.objectContaining({ event: 'statement.skipped', why: 'only-if' }),
    );
  });

  it('shows notices at debug and warnings always', async () => {
    const up = "do $$ begin raise notice 'a notice'; raise warning 'a warning'; end $$;";
    const place = await createPlace({ id: 'r1', up }, { id: 'r2', up });
    const messages = (log: readonly { event: string; msg: string }[]) =>
      log.filter(({ event }) => event === 'statement.notice').map(({ msg }) => msg);
    expect(messages((await place.succeed(['upgrade', '+1'])).log)).toEqual(['warning: a warning']);
    expect(messages((await place.succeed(['upgrade', '--log-level', 'debug'])).log)).toEqual([
      'notice: a notice',
      'warning: a warning',
    ]);
  });

  it('runs an empty revision and one with only comments', async () => {
    const place = await createUpgraded(
      { id: 'r1', up: '' },
      { id: 'r2', up: '-- nothing\n/* to do */;;\n' },
    );
    expect((await place.succeed(['current'])).stdout).toMatch(/^r2 /);
  });
});
