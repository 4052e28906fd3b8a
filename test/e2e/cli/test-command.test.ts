/** `slipway test` with the built program: servers, selections, several runners, kills, rollouts, reports. */

import { readFile } from 'node:fs/promises';
import { describe, expect, inject, it } from 'vitest';
import { slipway, start, until } from '../../support/cli.ts';
import { createDatabase, query } from '../../support/postgres.ts';
import { createProject, type RevisionSpec } from '../../support/projects.ts';
import { commit, expectNothingLeft, rehearse } from '../../support/rehearsals.ts';
import { readXml } from '../../support/xml.ts';

const USERS: RevisionSpec = {
  id: 'users',
  up: 'create table users (id bigint generated always as identity primary key, name text not null);',
  down: 'drop table users;',
};

describe('the scratch server', () => {
  it('is started from the npm package when none is named', async () => {
    const outcome = await slipway(['test', '--runners', '0', '--revisions', ':1b7e6a90c2f4'], {
      cwd: process.cwd(),
    });
    expect(outcome.exitCode, outcome.stderr).toBe(0);
    expect(outcome.stdout).toMatch(/PostgreSQL \d+\.\d+, started for this/);
    expect(outcome.stdout).toContain('2 passed, 0 failed');
  });

  it('says what to install when there is none', async () => {
    await using project = await createProject([USERS]);
    const outcome = await slipway(['test', '--postgres', '99'], { cwd: project.root });
    expect(outcome.exitCode).toBe(10);
    expect(outcome.log.at(-1)?.['next']).toContain('npm install --save-dev postgres-99@npm:');
  });

  it('is never the configured database, nor a database that is migrated', async () => {
    await using project = await createProject([USERS]);
    await using database = await createDatabase();
    const refused = async (scratch: string, url?: string) => {
      const outcome = await slipway(['test'], {
        cwd: project.root,
        url,
        env: { SLIPWAY_SCRATCH_URL: scratch },
      });
      expect(outcome.exitCode, outcome.stderr).toBe(10);
      expect(outcome.log.at(-1)).toMatchObject({ code: 'SLIPWAY_SCRATCH_REFUSED' });
      return outcome.log.at(-1)?.msg;
    };
    expect(await refused(database.url, database.url)).toContain('configured database itself');
    const elsewhere = 'postgres://app:secret@db.internal/app';
    expect(await refused('postgres://db.internal/postgres', elsewhere)).toContain(
      'the server of the configured database',
    );
    await query(database.url, 'create schema slipway');
    expect(await refused(database.url)).toContain('is migrated there');
  });

  it('needs a role that may make databases', async () => {
    await using project = await createProject([USERS]);
    const role = 'scratch_without_createdb';
    await query(inject('adminUrl'), `drop role if exists ${role}`);
    await query(inject('adminUrl'), `create role ${role} login`);
    const url = new URL(inject('adminUrl'));
    url.username = role;
    const outcome = await slipway(['test', '--scratch-url', url.href], { cwd: project.root });
    expect(outcome.log.at(-1)?.msg).toContain(`role ${role} may not make databases`);
    expect(outcome.exitCode).toBe(10);
  });

  it('has nothing left after SIGTERM', async () => {
    await using project = await createProject([USERS, { id: 'slow', up: 'select pg_sleep(60);' }]);
    const running = start(['test'], {
      cwd: project.root,
      env: { SLIPWAY_SCRATCH_URL: inject('adminUrl') },
    });
    await running.logged('revision.rehearsed');
    await until(async () => {
      const rows = await query(
        inject('adminUrl'),
        `select from pg_stat_activity where datname like 'slipway_test_%' and query like '%pg_sleep(60)%' and state = 'active' and pid <> pg_backend_pid()`,
      );
      expect(rows.length).toBeGreaterThan(0);
    });
    running.kill('SIGTERM');
    const outcome = await running.ended;
    expect(outcome.exitCode, outcome.stderr).toBe(24);
    await expectNothingLeft(outcome);
  });
});

describe('what is rehearsed', () => {
  it('is what was asked for; the rest is only applied', async () => {
    await using project = await createProject(
      ['a', 'b', 'c', 'd'].map((id) => ({
        id,
        up: `create table ${id} (id integer);`,
        down: `drop table ${id};`,
      })),
    );
    const names = async (...args: readonly string[]) =>
      (await rehearse(project, args)).report.revisions.map(({ name }) => name);
    expect(await names('--from', 'b')).toEqual(['c', 'd']);
    expect(await names('--revisions', 'b:c')).toEqual(['b', 'c']);
    expect(await names('--revisions', 'd')).toEqual(['d']);
    commit(project, 'v1');
    await project.add({ id: 'e', up: 'select 1;' });
    expect(await names('--changed-since', 'v1')).toEqual(['e']);
  });

  it('takes rows and roles from files', async () => {
    await using project = await createProject([
      USERS,
      {
        id: 'grants',
        up: 'grant select on users to test_setup_reader;',
        down: 'revoke select on users from test_setup_reader;',
      },
      {
        id: 'renames',
        up: 'alter table users rename column name to title;',
        down: "alter table users add column name text not null default ''; alter table users alter column name drop default; alter table users drop column title;",
      },
      {
        id: 'later',
        up: 'create table later (id integer primary key);',
        down: 'drop table later;',
      },
    ]);
    await project.write('setup.sql', 'create role test_setup_reader;');
    await project.write(
      'seed.sql',
      `insert into users (name) values ('it''s; me');\ninsert into later values (1);\ninsert into never values (1);`,
    );
    const { item, report } = await rehearse(project, [
      '--setup',
      'setup.sql',
      '--seed',
      'seed.sql',
    ]);
    expect(item('grants').verdict).toBe('passed');
    expect(item('renames').findings).toMatchObject([
      { phase: 'data', differences: ['- public.users.name: the values are not those of before'] },
    ]);
    expect(report.unusedSeeds).toEqual([
      'insert into later values (1): relation "later" does not exist',
      'insert into never values (1): relation "never" does not exist',
    ]);
    await query(inject('adminUrl'), 'drop role test_setup_reader');
  });
});

describe('several runners', () => {
  it('fail the test when one of them gives up', async () => {
    await using project = await createProject([{ id: 'slow', up: 'select pg_sleep(1.5);' }]);
    const { item, outcome } = await rehearse(project, ['--runners', '2', '--lock-wait', '50ms']);
    expect(outcome.exitCode).toBe(15);
    expect(item('runners').findings).toMatchObject([
      { phase: 'runners', message: expect.stringMatching(/runner \d of 2 ended with 22/) },
    ]);
  });
});

describe('chaos', () => {
  it('kills at every statement, and finds the database as after a quiet run', async () => {
    await using project = await createProject([
      USERS,
      {
        id: 'indexed',
        header: ['transaction none'],
        up: 'create index concurrently users_name on users (name);',
        down: 'drop index concurrently users_name;',
      },
    ]);
    const { item, outcome } = await rehearse(project, ['--chaos', '--revisions', 'indexed']);
    expect(outcome.exitCode, outcome.stdout).toBe(0);
    expect(item('indexed').done).toContain('chaos');
    const [, killed, all] =
      /killed at (\d+) of (\d+) places/.exec(item('indexed').notes[0] ?? '') ?? [];
    expect(killed).toBe(all);
    expect(Number(all)).toBeGreaterThan(20);
  }, 180_000);

  it('finds a statement after whose death nobody knows what happened', async () => {
    await using project = await createProject([
      {
        id: 'made',
        up: `create table t (id integer); create procedure work() language plpgsql as 'begin insert into t values (1); commit; end';`,
        down: 'drop procedure work(); drop table t;',
      },
      {
        id: 'called',
        header: ['transaction none', 'ignore call it is a test'],
        up: 'call work();',
        down: 'delete from t where id = 1;',
      },
    ]);
    const { item, outcome } = await rehearse(project, ['--chaos', '--revisions', 'called']);
    expect(outcome.exitCode, outcome.stdout).toBe(15);
    expect(item('called').findings.map(({ phase, code }) => [phase, code])).toContainEqual([
      'chaos',
      'SLIPWAY_REVISION_AMBIGUOUS',
    ]);
  }, 180_000);
});

describe('a rollout', () => {
  const V2: RevisionSpec = {
    id: 'v2',
    up: 'alter table users add column age integer;',
    down: 'alter table users drop column age;',
  };

  it('passes what the release before can live with, and rolls back and forth', async () => {
    await using project = await createProject([USERS]);
    commit(project, 'v1');
    await project.add(V2);
    const { item, outcome } = await rehearse(project, ['--rollout', 'v1']);
    expect(outcome.exitCode, outcome.stdout).toBe(0);
    expect(item('rollout').notes).toEqual([expect.stringContaining('v1 starts')]);
  });

  it('finds what the release before cannot live with', async () => {
    await using project = await createProject([USERS]);
    commit(project, 'v1');
    await project.add(V2, {
      id: 'breaks',
      up: 'alter table users rename column name to title;',
      down: 'alter table users rename column title to name;',
    });
    const { item, outcome } = await rehearse(project, ['--rollout', 'v1']);
    expect(outcome.exitCode).toBe(15);
    expect(item('rollout').findings).toMatchObject([
      { phase: 'rollout', revision: 'breaks', code: 'SLIPWAY_SCHEMA_AHEAD' },
    ]);
  });

  it('lets a contract revision break it', async () => {
    await using project = await createProject([USERS]);
    commit(project, 'v1');
    await project.add(V2, {
      id: 'contracts',
      header: ['phase contract'],
      up: 'alter table users rename column name to title;',
      down: 'alter table users rename column title to name;',
    });
    const { item, outcome } = await rehearse(project, ['--rollout', 'v1']);
    expect(outcome.exitCode, outcome.stdout).toBe(0);
    expect(item('rollout').notes[1]).toContain('as a contract revision may');
  });

  it('finds rows of the release before that a rollback loses', async () => {
    await using project = await createProject([USERS]);
    commit(project, 'v1');
    await project.add({
      id: 'loses',
      header: ['compatible yes a view covers it'],
      up: 'alter table users rename column name to title;',
      down: `alter table users add column name text not null default ''; alter table users alter column name drop default; alter table users drop column title;`,
    });
    const { item } = await rehearse(project, ['--rollout', 'v1']);
    expect(item('rollout').findings).toMatchObject([{ phase: 'rollback' }]);
  });
});

describe('the report', () => {
  it('is JUnit XML as well', async () => {
    await using project = await createProject([
      USERS,
      {
        id: 'bad',
        message: 'Ä "bad" <one> & more',
        up: 'create table t (id integer);',
        down: 'select 1;',
      },
    ]);
    const { outcome } = await rehearse(project, ['--junit', 'report.xml']);
    expect(outcome.exitCode).toBe(15);
    const [root] = readXml(await readFile(project.path('report.xml'), 'utf8'));
    expect(root).toMatchObject({ name: 'testsuites', attributes: { tests: '3', failures: '2' } });
    const cases = root?.children.flatMap(({ children }) => children) ?? [];
    const bad = cases.find(({ attributes }) => attributes['name'] === 'bad Ä "bad" <one> & more');
    expect(bad?.children[0]).toMatchObject({ name: 'failure', attributes: { type: 'down' } });
    expect(bad?.children[0]?.text).toContain('+ table public.t');
  });

  it('is text for people', async () => {
    await using project = await createProject([{ ...USERS, down: 'drop table people;' }]);
    const outcome = await slipway(['test', '--runners', '0'], {
      cwd: project.root,
      env: { SLIPWAY_SCRATCH_URL: inject('adminUrl') },
    });
    expect(outcome.stdout).toMatch(/^failed\s+users\s+Revision users\s+\(up, down\)/m);
    expect(outcome.stdout).toMatch(
      / {4}down: revision "users" failed at migrations\/\S+_users\.sql:8:/,
    );
    expect(outcome.stdout).toContain('0 passed, 2 failed');
  });
});
