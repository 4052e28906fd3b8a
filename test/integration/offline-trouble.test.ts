/** Scripts of --sql where something is wrong: refused without harm, stopped, run twice. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HISTORY_FORMATS } from '../../src/postgres/history-schema.ts';
import { CURRENT_FORMAT } from '../../src/postgres/summary.ts';
import { appliedRevisions } from '../../src/postgres/version-table.ts';
import { releaseOf, revision } from '../support/graph.ts';
import { openHistory } from '../support/history-database.ts';
import {
  type Command,
  contentOf,
  migratedOnline,
  online,
  psql,
  psqlProgram,
  scriptOf,
} from '../support/offline.ts';
import { createDatabase, query, type TestDatabase } from '../support/postgres.ts';

let database: TestDatabase;

beforeEach(async () => {
  database = await createDatabase();
});
afterEach(() => database.drop());

const UP: Command = { name: 'upgrade', range: 'heads' };

/** Runs the script and expects it to fail with nothing changed. */
async function refused(script: string, message: string): Promise<void> {
  const before = await contentOf(database.url);
  const { exitCode, stderr } = await psql(database.url, script);
  expect(stderr).toContain(message);
  expect(exitCode).toBe(3);
  expect(await contentOf(database.url)).toEqual(before);
}

describe.skipIf(psqlProgram === undefined)('a script', () => {
  const abc = releaseOf('a', 'b<-a', 'c<-b');

  it('is refused where the database is not where it starts', async () => {
    const fromA = await scriptOf(abc, { name: 'upgrade', range: 'a:head' });
    await refused(fromA, 'this script starts from a, and slipway has never migrated this database');
    await online(database.url, abc, { name: 'upgrade', range: 'b' });
    await refused(fromA, 'this script starts from a, and the database is at b');
    await refused(
      await scriptOf(abc, UP),
      'this script starts from base, and the database is at b',
    );
  });

  it('is refused where files that are applied have another content', async () => {
    await online(database.url, abc, { name: 'upgrade', range: 'b' });
    const changed = releaseOf('a', revision('b<-a', { up: 'create table b (id bigint);' }), 'c<-b');
    await refused(
      await scriptOf(changed, { name: 'upgrade', range: 'b:head' }),
      'this script starts from b; so is the database, with other files or in another order',
    );
  });

  it('does no harm when it is run a second time', async () => {
    const script = await scriptOf(abc, UP);
    expect(await psql(database.url, script)).toMatchObject({ exitCode: 0 });
    await refused(script, 'this script starts from base, and the database is at c');
  });

  it('brings a history of an earlier format up before it changes anything', async () => {
    const other = await openHistory(database.url);
    await appliedRevisions(other.session, other.context, HISTORY_FORMATS.slice(0, 1)).prepare();
    await other.close();
    const script = await scriptOf(abc, UP);
    expect(await psql(database.url, script)).toMatchObject({ exitCode: 0, stderr: '' });
    const [summary] = await query(database.url, 'select format, heads from slipway.summary');
    expect(summary).toEqual({ format: CURRENT_FORMAT, heads: ['c'] });
    expect(await query(database.url, 'select * from slipway.backfill')).toEqual([]);
  });

  it('is refused while another runner holds the lock', async () => {
    const script = await scriptOf(abc, UP);
    const other = await openHistory(database.url);
    expect(await other.db.lock.tryAcquire()).toBe(true);
    await refused(script, 'another session holds the migration lock of schema "slipway"');
    await other.db.lock.release();
    await other.close();
    expect(await psql(database.url, script)).toMatchObject({ exitCode: 0 });
  });

  it('gives way when the history is changed while it runs', async () => {
    const release = releaseOf(
      'a',
      revision('b<-a', { up: `update slipway.summary set digest = repeat('f', 64);` }),
    );
    const { exitCode, stderr } = await psql(database.url, await scriptOf(release, UP));
    expect(stderr).toContain('the history of schema "slipway" was changed while this script ran');
    expect(exitCode).toBe(3);
    expect(await query(database.url, 'select heads from slipway.summary')).toEqual([
      { heads: ['a'] },
    ]);
  });

  it.each([
    ['answers false', 'select id > 0 from t;', 'the query on line 10'],
    [
      'answers false in its last row',
      'select x <> 3 from generate_series(1, 3) x;',
      'not verified',
    ],
    ['answers false in JSON', `select 'false'::jsonb;`, 'not verified'],
    ['answers false to an update', 'update t set id = id returning false;', 'not verified'],
    ['fails', 'select 1 / (id - id) from t;', 'division by zero'],
    ['fails in a block', `do $$ begin raise 'not like this'; end $$;`, 'not like this'],
  ])(
    'stops where a verify section %s, with nothing of the revision left',
    async (_, verify, why) => {
      const release = releaseOf(
        'a',
        revision('t<-a', { up: 'create table t (id int); insert into t values (0);', verify }),
      );
      const { exitCode, stderr } = await psql(database.url, await scriptOf(release, UP));
      expect(stderr).toContain(why);
      expect(exitCode).toBe(3);
      expect(await query(database.url, `select to_regclass('t') as t`)).toEqual([{ t: null }]);
      expect(await query(database.url, 'select heads from slipway.summary')).toEqual([
        { heads: ['a'] },
      ]);
    },
  );

  it('is not run over a half applied revision', async () => {
    const release = releaseOf('a', revision('b<-a transaction:none', { up: 'select 1 / 0;' }));
    await expect(online(database.url, release, UP)).rejects.toThrow();
    const script = await scriptOf(release, { name: 'upgrade', range: 'a:head' });
    await refused(script, 'half applied: b');
    const history = await openHistory(database.url);
    const asked = scriptOf(release, { name: 'upgrade', range: 'current:head' }, {}, history.db);
    await expect(asked).rejects.toMatchObject({ code: 'SLIPWAY_OFFLINE_UNSUPPORTED' });
    await history.close();
  });

  it('starts from what the database holds where the range says so', async () => {
    const release = releaseOf('a', 'b<-a compatible:no', 'c<-a', 'd<-b,c');
    await online(database.url, release, { name: 'upgrade', range: 'c' });
    await online(database.url, release, { name: 'upgrade', range: 'b' });
    const history = await openHistory(database.url);
    for (const command of [
      { name: 'upgrade', range: 'current:head' },
      { name: 'downgrade', range: 'current:-1' },
      { name: 'upgrade', range: 'current:head' },
      { name: 'downgrade', range: 'current:base' },
      { name: 'upgrade', range: '+1' },
      { name: 'stamp', range: 'current:c' },
    ] as const) {
      const script = await scriptOf(release, command, {}, history.db);
      expect(await psql(database.url, script), command.range).toMatchObject({ exitCode: 0 });
    }
    await history.close();
    expect(await query(database.url, 'select heads from slipway.summary')).toEqual([
      { heads: ['c'] },
    ]);
  });

  it('is refused for a program, before anything of it is written', async () => {
    const program = { ...revision('b<-a'), language: 'typescript' as const };
    await expect(scriptOf(releaseOf('a', program), UP)).rejects.toMatchObject({
      code: 'SLIPWAY_OFFLINE_UNSUPPORTED',
      details: { revision: 'b', file: 'migrations/b.sql' },
    });
  });

  it('is refused for a condition that is more than one query', async () => {
    const up = '-- slipway:only-if select true; select false\nselect 1;';
    await expect(scriptOf(releaseOf(revision('a', { up })), UP)).rejects.toMatchObject({
      code: 'SLIPWAY_OFFLINE_UNSUPPORTED',
    });
  });

  it('refuses to copy CSV through a psql that would add a row to it', async () => {
    const up = [
      'create table t (line text);',
      'copy t from stdin with (format csv);',
      '"a ""quoted"" word"',
      '"two',
      'lines"',
      '\\.',
    ].join('\n');
    const { exitCode, stderr } = await psql(
      database.url,
      await scriptOf(releaseOf(revision('a', { up })), UP),
    );
    if (exitCode === 0) {
      expect(await query(database.url, 'select line from t')).toHaveLength(2);
    } else {
      expect(stderr).toContain('this psql is too old to send CSV rows to this server');
      expect(await query(database.url, `select to_regclass('t') as t`)).toEqual([{ t: null }]);
    }
  });

  it.each([
    ['a locale that is not UTF-8', [], { PGCLIENTENCODING: 'SJIS' }],
    ['another one', [], { PGCLIENTENCODING: 'LATIN1' }],
    ['settings of its own', ['-v', 'AUTOCOMMIT=off', '-v', 'FETCH_COUNT=1', '-a'], {}],
    ['settings that change errors', ['-v', 'ON_ERROR_ROLLBACK=on', '-v', 'ON_ERROR_STOP=0'], {}],
    ['newlines that end statements', ['-S'], {}],
    ['a transaction around it all', ['-1'], {}],
    ['variables', ['-v', 'host=boom', '-v', 'slipway_only_if=boom', '-v', 'a=boom'], {}],
  ])('means the same to a psql with %s', async (_, args, env) => {
    const release = releaseOf(
      revision('a', {
        up: [
          `create table a (a int[], host int); insert into a values ('{1,2}', 1);`,
          `create view v as select a[1:host] from a;`,
          `comment on table a is '\uae40\uce58, \u8868, na\u00efve \\';`,
          'create table t (word text);',
          'copy t from stdin;',
          '\u8868 \uae40\uce58',
          '\\.',
          `-- slipway:only-if select '\u8868' = '\u8868'`,
          `insert into t values ('\u8868');`,
        ].join('\n'),
      }),
      'b<-a',
    );
    const script = await scriptOf(release, UP);
    const outcome = await psql(database.url, script, { args, env });
    expect(outcome).toMatchObject({ exitCode: 0 });
    expect(await contentOf(database.url)).toEqual(await migratedOnline(release));
  });

  it('stops at its first error, whatever psql was told', async () => {
    const release = releaseOf('a', revision('b<-a', { up: 'select 1 / 0;' }), 'c<-b');
    const script = await scriptOf(release, UP);
    const { exitCode } = await psql(database.url, script, { args: ['-v', 'ON_ERROR_STOP=0'] });
    expect(exitCode).toBe(3);
    expect(await query(database.url, 'select heads from slipway.summary')).toEqual([
      { heads: ['a'] },
    ]);
  });

  it('works as the role it was written for', async () => {
    const role = `owner_${database.name}`;
    await using other = await createDatabase();
    await query(database.url, `create role ${role}`);
    const release = releaseOf(
      'a',
      revision('b<-a', { up: 'reset role; create table b (id int);' }),
    );
    const ways = { role };
    try {
      for (const { url } of [database, other]) {
        await query(url, `grant create on database ${new URL(url).pathname.slice(1)} to ${role}`);
        await query(url, `grant create on schema public to ${role}`);
      }
      await online(other.url, release, UP, ways);
      const { exitCode, stderr } = await psql(database.url, await scriptOf(release, UP, ways));
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      const mine = JSON.stringify(await contentOf(database.url));
      expect(mine.replaceAll(database.name, other.name)).toBe(
        JSON.stringify(await contentOf(other.url)).replaceAll(
          `owner_${database.name}`,
          `owner_${other.name}`,
        ),
      );
    } finally {
      for (const { url } of [database, other]) await query(url, `drop owned by ${role}`);
      await query(database.url, `drop role ${role}`);
    }
  });
});
