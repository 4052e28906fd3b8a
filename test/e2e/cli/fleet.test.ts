/** One run for many databases or schemas: all get there, each fails on its own, no secret is said. */

import { readFile } from 'node:fs/promises';
import { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import { lockKey } from '../../../src/postgres/lock.ts';
import { failureOf } from '../../support/cli.ts';
import { COUNTED, endOf, fleetOfDatabases, fleetOfSchemas, linesOf } from '../../support/fleets.ts';
import { query } from '../../support/postgres.ts';

const TARGETS = ['upgrade', '--targets', 'targets'];

describe('a fleet of databases', { timeout: 120_000 }, () => {
  it('is upgraded, each database once, with its name in every line', async () => {
    const fleet = await fleetOfDatabases(20);
    const outcome = await fleet.succeed(TARGETS);
    expect(await fleet.at(['r2'])).toEqual(fleet.names);
    for (const name of fleet.names) {
      expect(await query(fleet.urlOf(name), 'select revision from ran order by 1')).toEqual([
        { revision: 'r1' },
        { revision: 'r2' },
      ]);
      expect(linesOf(outcome, name).map(({ event }) => event)).toEqual([
        'run.started',
        'lock.acquired',
        'history.created',
        'plan.ready',
        'revision.applied',
        'revision.applied',
        'run.finished',
      ]);
    }
    expect(outcome.log[0]).toMatchObject({ event: 'fleet.started', targets: 20, concurrency: 4 });
    expect(endOf(outcome)).toMatchObject({ changed: 20, failed: 0, exitCode: 0, level: 'info' });
    // The configured database is none of the targets.
    expect(await fleet.query("select to_regclass('ran') as it")).toEqual([{ it: null }]);

    const again = await fleet.succeed([...TARGETS, '--json']);
    expect(JSON.parse(again.stdout)).toMatchObject({ total: 20, changed: 0, unchanged: 20 });
  });

  it('goes on where one of them fails, and ends with the worst exit code', async () => {
    const fleet = await fleetOfDatabases(6);
    await query(fleet.urlOf('db-3'), 'create table ran (other integer)');
    await query(
      fleet.urlOf('db-5'),
      `create schema slipway;
       create table slipway.summary as
         select '{}'::text[] as heads, '' as digest, 0 as applied, null as floor, 99 as format, 99 as readable_since`,
    );
    const gone = new URL(fleet.urlOf('db-4'));
    gone.pathname = '/no_such_database';
    const list = await readFile(fleet.project.path('targets'), 'utf8');
    await fleet.project.write('targets', `gone ${gone.href}\n${list}`);
    const outcome = await fleet.run([...TARGETS, '--json']);
    expect(outcome.exitCode, outcome.stderr).toBe(12);
    expect(await fleet.at(['r2'])).toEqual(['db-1', 'db-2', 'db-4', 'db-6']);
    expect(endOf(outcome)).toMatchObject({ changed: 4, failed: 3, exitCode: 12, level: 'warn' });
    const answer = JSON.parse(outcome.stdout) as { targets: { target: string; code?: string }[] };
    const codes = new Map(answer.targets.map(({ target, code }) => [target, code]));
    expect(codes.get('gone')).toBe('SLIPWAY_DB_MISSING');
    expect(codes.get('db-3')).toBe('SLIPWAY_REVISION_FAILED');
    expect(codes.get('db-5')).toBe('SLIPWAY_HISTORY_FORMAT');
    expect(codes.get('db-1')).toBeUndefined();
    // Once per target that failed, each with its name.
    const failed = outcome.log.filter(({ event }) => event === 'run.failed');
    expect(failed.map((line) => line['target']).sort()).toEqual(['db-3', 'db-5', 'gone']);
  });

  it('waits for the lock of one target while the others are done', async () => {
    const fleet = await fleetOfDatabases(5);
    const holder = new Client({ connectionString: fleet.urlOf('db-1'), application_name: 'psql' });
    await holder.connect();
    await holder.query('select pg_advisory_lock($1::bigint)', [lockKey('slipway')]);
    const outcome = await fleet.run([...TARGETS, '--lock-wait', '5s', '--concurrency', '2']);
    await holder.end();
    expect(outcome.exitCode, outcome.stderr).toBe(22);
    expect(await fleet.at(['r2'])).toEqual(['db-2', 'db-3', 'db-4', 'db-5']);
    expect(endOf(outcome)).toMatchObject({
      failed: 1,
      firstFailure: { target: 'db-1', code: 'SLIPWAY_LOCK_TIMEOUT', exitCode: 22 },
    });
    expect(linesOf(outcome, 'db-1')).toContainEqual(
      expect.objectContaining({ event: 'lock.waiting', holder: expect.anything() }),
    );
  });

  it('never says a password, whatever goes wrong', async () => {
    const fleet = await fleetOfDatabases(2);
    const password = 'hunter2-s3cr3t';
    const withPassword = (url: string, change: (at: URL) => void = () => undefined): string => {
      const at = new URL(url);
      at.password = password;
      change(at);
      return at.href;
    };
    const lines = [
      `ok ${withPassword(fleet.urlOf('db-1'))}`,
      `${JSON.stringify({
        name: 'gone',
        url: withPassword(fleet.urlOf('db-2'), (at) => {
          at.pathname = '/nowhere';
        }),
      })}`,
      `deaf ${withPassword(fleet.urlOf('db-2'), (at) => {
        at.port = '1';
      })}`,
    ];
    await fleet.project.write('targets', lines.join('\n'));
    const settings = ['--report', 'report', '--connect-timeout', '200ms', '--log-level', 'debug'];
    const outcome = await fleet.run([...TARGETS, ...settings, '--json'], {
      env: { SLIPWAY_TERMINATION_LOG: fleet.project.path('termination') },
    });
    expect(outcome.exitCode, outcome.stderr).toBe(21);
    const said = [outcome.stdout, outcome.stderr];
    for (const name of ['report', 'termination']) {
      said.push(await readFile(fleet.project.path(name), 'utf8'));
    }
    const wrongLists = [
      lines.map((line) => line.replace('postgres', 'mysql')).join('\n'),
      `{"name": "a", "url": "${withPassword(fleet.urlOf('db-1'))}"`,
      `[{"name": "a", "url": "${withPassword(fleet.urlOf('db-1'))}",}]`,
      `${withPassword(fleet.urlOf('db-1'))} name`,
      `{"name": "a", "${withPassword(fleet.urlOf('db-1'))}": "url"}`,
      `a postgres://me:${password}@@x/y`,
    ];
    for (const text of wrongLists) {
      await fleet.project.write('wrong', text);
      const refused = await fleet.run(['upgrade', '--targets', 'wrong']);
      expect(refused.exitCode, refused.stderr).toBe(10);
      said.push(refused.stderr);
    }
    for (const text of said) expect(text).not.toContain(password);
    expect(said[1]).toContain('"target":"gone"');
  });

  it('reads URLs from files, and a database or a role beside them', async () => {
    const fleet = await fleetOfDatabases(2);
    await fleet.project.write('secrets/one', `${fleet.urlOf('db-1')}\n`);
    const second = new URL(fleet.urlOf('db-2')).pathname.slice(1);
    const role = `owner_${second}`;
    await fleet.query(`create role ${role}`);
    await query(
      fleet.urlOf('db-2'),
      `do $$ begin execute format('grant create on database %I to ${role}', current_database()); end $$;
       grant all on schema public to ${role};`,
    );
    await fleet.project.write(
      'targets',
      JSON.stringify([
        { name: 'one', urlFile: 'secrets/one' },
        { name: 'two', database: second, role },
      ]),
    );
    await fleet.succeed(TARGETS);
    expect(await fleet.at(['r2'])).toEqual(['db-1', 'db-2']);
    expect(
      await query(
        fleet.urlOf('db-2'),
        "select relowner::regrole::text as owner from pg_class where oid = 'ran'::regclass",
      ),
    ).toEqual([{ owner: role }]);
    await query(fleet.urlOf('db-2'), `drop owned by ${role}`);
    await query(fleet.urlOf('db-2'), `drop role ${role}`);
  });
});

describe('a fleet of schemas', { timeout: 120_000 }, () => {
  it('has fifty tenants in one database that know nothing of each other', async () => {
    const fleet = await fleetOfSchemas(50);
    await fleet.query('create table t7.ran (other integer)');
    const outcome = await fleet.run([...TARGETS, '--concurrency', '6']);
    expect(outcome.exitCode, outcome.stderr).toBe(12);
    const others = fleet.names.filter((name) => name !== 't7');
    expect(await fleet.at(['r2'])).toEqual(others);
    const ran = await fleet.query(
      `select count(*)::integer as tables from pg_class c join pg_namespace n on n.oid = relnamespace
       where relname = 'ran' and nspname like 't%'`,
    );
    expect(ran).toEqual([{ tables: 50 }]);
    expect(await fleet.query("select to_regclass('public.ran') as it")).toEqual([{ it: null }]);
    expect(await fleet.query('select count(*)::integer as rows from t50.ran')).toEqual([
      { rows: 2 },
    ]);

    await fleet.query('drop table t7.ran');
    const second = await fleet.succeed(TARGETS);
    expect(endOf(second)).toMatchObject({ changed: 1, unchanged: 49 });
    expect(await fleet.at(['r2'])).toEqual(fleet.names);
  });

  it('is listed by a query', async () => {
    const fleet = await fleetOfSchemas(5);
    const tenants = `select nspname as schema from pg_namespace where nspname ~ '^t[0-9]' order by 1`;
    const outcome = await fleet.succeed(['upgrade', '--targets-sql', tenants]);
    expect(endOf(outcome)).toMatchObject({ total: 5, changed: 5 });
    expect(await fleet.at(['r2'])).toEqual(fleet.names);
    // The histories that the first run has made are no tenants.
    const again = await fleet.succeed(['upgrade', '--targets-sql', tenants]);
    expect(endOf(again)).toMatchObject({ total: 5, unchanged: 5 });

    const everything = `select nspname as schema from pg_namespace where nspname ~ 't[0-9]'`;
    const refused = await fleet.run(['upgrade', '--targets-sql', everything]);
    expect(failureOf(refused, 10, 'SLIPWAY_TARGETS_INVALID').msg).toContain('holds the history');
    for (const [sql, message] of [
      ['select 1 as tenant', 'unknown key "tenant"'],
      ['selec 1', 'failed: syntax error'],
      ['select 1; select 2', 'more than one statement'],
      ['create table x () returning name', 'failed'],
      ['create table never_made ()', 'failed: cannot execute CREATE TABLE in a read-only'],
    ] as const) {
      const wrong = await fleet.run(['upgrade', '--targets-sql', sql]);
      expect(failureOf(wrong, 10, 'SLIPWAY_TARGETS_INVALID').msg).toContain(message);
    }
  });

  it('creates no schema that is not there', async () => {
    const fleet = await fleetOfSchemas(2);
    await fleet.query('drop schema t1');
    const outcome = await fleet.run(TARGETS);
    expect(outcome.exitCode, outcome.stderr).toBe(21);
    expect(endOf(outcome)).toMatchObject({
      changed: 1,
      firstFailure: { target: 't1', code: 'SLIPWAY_SCHEMA_MISSING' },
    });
    expect(
      await fleet.query("select nspname from pg_namespace where nspname in ('t1', 'slipway_t1')"),
    ).toEqual([]);
  });

  it('finds what stands beside the tenants where the search path says so', async () => {
    const fleet = await fleetOfSchemas(2, [
      { id: 'r1', up: 'create table item (kind kind_of_item);' },
    ]);
    await fleet.query("create schema shared; create type shared.kind_of_item as enum ('a')");
    const outcome = await fleet.run(TARGETS);
    expect(outcome.exitCode).toBe(12);
    await fleet.succeed([...TARGETS, '--search-path', '{schema}, shared']);
    expect(await fleet.at(['r1'])).toEqual(fleet.names);
    expect(await fleet.query("select to_regclass('t2.item')::text as it")).toEqual([
      { it: 't2.item' },
    ]);
    const lost = await fleet.run([...TARGETS, '--search-path', 'shared']);
    failureOf(lost, 10, 'SLIPWAY_TARGETS_INVALID');
  });
});

describe('a list of targets', () => {
  it.each([
    ['a name twice', `a postgres://h/a\na postgres://h/b`, 'the name "a" is there twice'],
    [
      'a database twice',
      `a postgres://h/a\nb postgres://h/a`,
      'history schema "slipway" in h:5432/a',
    ],
    ['a schema twice', `{"name":"a","schema":"t"}\n{"name":"b","schema":"t"}`, 'is there twice'],
    [
      'a schema twice, with two histories',
      `{"name":"a","schema":"t"}\n{"name":"b","schema":"t","historySchema":"other"}`,
      'the schema "t"',
    ],
    ['a history of one as another', `{"schema":"t"}\n{"schema":"slipway_t"}`, 'holds the history'],
    ['a name that Postgres would cut', `{"schema":"${'t'.repeat(60)}"}`, 'more than 63 bytes'],
    ['a schema that a search path cannot hold', `{"schema":"a,b"}`, 'has a comma'],
    ['no place', `{"name":"a"}`, 'says nothing of where'],
    ['two URLs', `{"name":"a","url":"postgres://h/a","urlFile":"f"}`, 'has a url and a urlFile'],
    ['a file that is not there', `{"name":"a","urlFile":"nowhere"}`, 'nowhere'],
  ])('with %s is refused before anything runs', async (_, text, message) => {
    const fleet = await fleetOfSchemas(1);
    await fleet.project.write('targets', `{"name":"first","schema":"t1"}\n${text}\n`);
    const outcome = await fleet.run(TARGETS);
    expect(outcome.exitCode, outcome.stderr).toBe(10);
    expect(outcome.log.at(-1)?.msg).toContain(message);
    expect(await fleet.at(['r2'])).toEqual([]);
  });

  it('needs a command that knows lists, and flags that fit it', async () => {
    const fleet = await fleetOfSchemas(1);
    for (const args of [
      ['downgrade', 'base', '--targets', 'targets'],
      ['rollback', '--targets', 'targets'],
      ['upgrade', '--targets', 'targets', '--dry-run'],
      ['upgrade', '--targets', 'targets', '--sql'],
      ['upgrade', '--targets', 'targets', '--targets-sql', 'select 1'],
      ['upgrade', '--targets', 'targets', '--report', 'a', '--resume', 'b'],
      ['upgrade', '--concurrency', '3'],
      ['upgrade', '--resume', 'report'],
    ]) {
      failureOf(await fleet.run(args), 10, 'SLIPWAY_USAGE');
    }
    for (const args of [
      ['--concurrency', '0'],
      ['--canary', '-1'],
      ['--max-failures', 'x'],
      ['--shard', '3/2'],
      ['--shard', '0/2'],
    ]) {
      failureOf(await fleet.run([...TARGETS, ...args]), 10, 'SLIPWAY_CONFIG_INVALID');
    }
    expect(await fleet.at(['r2'])).toEqual([]);
    expect(await fleet.query("select to_regclass('slipway.summary') as it")).toEqual([
      { it: null },
    ]);
  });

  it('may be empty', async () => {
    const fleet = await fleetOfSchemas(1, COUNTED);
    await fleet.project.write('targets', '# nobody yet\n\n');
    expect(endOf(await fleet.succeed(TARGETS))).toMatchObject({ total: 0, exitCode: 0 });
  });
});
