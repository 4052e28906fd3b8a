/** `slipway test` with the built program: what passes, and each way in which a revision may not keep its word. */

import { describe, expect, it } from 'vitest';
import { createProject, type RevisionSpec } from '../../support/projects.ts';
import { rehearse } from '../../support/rehearsals.ts';

const USERS: RevisionSpec = {
  id: 'users',
  up: 'create table users (id bigint generated always as identity primary key, email text not null unique, phone text);',
  down: 'drop table users;',
};

describe('a rehearsal', () => {
  it('passes the sample revisions of this repository', async () => {
    const { report, outcome, item } = await rehearse({ root: process.cwd() }, ['--runners', '3']);
    expect(outcome.exitCode, outcome.stdout).toBe(0);
    expect(report.ok).toBe(true);
    expect(report.revisions).toHaveLength(7);
    expect(report.revisions.map(({ done }) => done)).toEqual(
      Array(7).fill(['up', 'down', 'up again']),
    );
    expect(report.emptyTables).toEqual([]);
    expect(item('runners').verdict).toBe('passed');
    expect(item('f2d86b13a07c').notes).toEqual([
      'public.customers.phone: the downgrade leaves the values of the upgrade',
    ]);
  });

  it('passes branches, merges, backfills, only-if, concurrent indexes and what is irreversible', async () => {
    await using project = await createProject([
      USERS,
      {
        id: 'left',
        revises: ['users'],
        up: 'alter table users add column a integer;',
        down: 'alter table users drop column a;',
      },
      {
        id: 'right',
        revises: ['users'],
        up: '-- slipway:only-if select false\nselect 1/0;\nalter table users add column b integer;',
        down: 'alter table users drop column b;',
      },
      { id: 'joined', revises: ['left', 'right'], up: '', down: '' },
      {
        id: 'filled',
        header: ['transaction none'],
        up: '-- slipway:backfill table=users key=id batch=2\nupdate users set a = 1 where id between :from and :to;',
      },
      {
        id: 'quick',
        header: ['transaction none'],
        up: 'create index concurrently users_a on users (a);',
        down: 'drop index concurrently users_a;',
      },
    ]);
    await project.write(
      'migrations/20270101000000_final.sql',
      '-- slipway:revision final\n-- slipway:revises quick\n-- slipway:irreversible the column was never used\n\n-- slipway:up\ndrop index users_a;\n',
    );
    const { outcome, item } = await rehearse(project);
    expect(outcome.exitCode, outcome.stdout).toBe(0);
    expect(item('final').done).toEqual(['up']);
    expect(item('final').notes[0]).toContain('the column was never used');
    expect(item('all at once').notes).toEqual([
      expect.stringContaining('taken back: 0 of 7 revisions'),
    ]);
  });

  it('finds a down that forgets an index', async () => {
    await using project = await createProject([
      USERS,
      {
        id: 'forgets',
        up: 'alter table users add column age integer; create index users_phone on users (phone);',
        down: 'alter table users drop column age;',
      },
    ]);
    const { outcome, item } = await rehearse(project);
    expect(outcome.exitCode).toBe(15);
    expect(outcome.log.at(-1)).toMatchObject({ event: 'run.failed', code: 'SLIPWAY_TEST_FAILED' });
    expect(item('users').verdict).toBe('passed');
    expect(item('forgets').findings).toMatchObject([
      {
        phase: 'down',
        file: expect.stringContaining('_forgets.sql'),
        differences: [
          '+ index public.users_phone: CREATE INDEX users_phone ON public.users USING btree (phone)',
        ],
      },
    ]);
  });

  it('finds a down that loses values although the schema is the same again', async () => {
    await using project = await createProject([
      USERS,
      {
        id: 'moves',
        up: 'alter table users rename column phone to tel;',
        down: 'alter table users add column phone text; alter table users drop column tel;',
      },
    ]);
    const { outcome, item } = await rehearse(project);
    expect(outcome.exitCode).toBe(15);
    expect(item('moves').findings).toMatchObject([
      {
        phase: 'data',
        differences: [
          expect.stringMatching(/^- public\.users\.phone: \d of \d values did not come back/),
        ],
      },
    ]);
  });

  it('passes a soft drop, whose down brings the data back', async () => {
    await using project = await createProject([
      USERS,
      {
        id: 'hides',
        up: '-- slipway:soft-drop column users.phone',
        down: '-- slipway:soft-restore column users.phone',
      },
      {
        id: 'keeps',
        up: 'alter table users add column nickname text;',
        down: '-- slipway:soft-drop column users.nickname',
      },
    ]);
    const { outcome, item } = await rehearse(project);
    expect(outcome.exitCode, outcome.stdout).toBe(0);
    expect(item('hides').notes).toEqual([]);
    expect(item('keeps').notes).toEqual([]);
  });

  it('lets an approved loss pass, and says so', async () => {
    await using project = await createProject([
      USERS,
      {
        id: 'drops',
        header: ['approve data-loss nobody has a fax'],
        up: 'alter table users drop column phone;',
        down: 'alter table users add column phone text;',
      },
    ]);
    const { outcome, item } = await rehearse(project);
    expect(outcome.exitCode, outcome.stdout).toBe(0);
    expect(item('drops').notes).toEqual([
      expect.stringMatching(/^lossy, which is approved \(nobody has a fax\): public\.users\.phone/),
    ]);
  });

  it('finds rows that an up deletes and a down does not bring back', async () => {
    await using project = await createProject([
      USERS,
      {
        id: 'deletes',
        header: ['ignore delete-without-where it is meant'],
        up: `delete from users where email like '%1%';`,
        down: 'select 1;',
      },
    ]);
    const { outcome, item } = await rehearse(project, [], { env: { SLIPWAY_APPROVE: 'deletes' } });
    expect(outcome.exitCode, outcome.stdout).toBe(15);
    expect(item('deletes').findings).toMatchObject([
      {
        phase: 'data',
        differences: [expect.stringMatching(/public\.users: \d of \d rows did not come back/)],
      },
    ]);
  });

  it('finds an up that fails the second time', async () => {
    await using project = await createProject([
      {
        id: 'settings',
        up: 'create table settings (key text primary key);',
        down: 'drop table settings;',
      },
      { id: 'adds', up: `insert into settings values ('theme');`, down: 'select 1;' },
    ]);
    const { outcome, item } = await rehearse(project);
    expect(outcome.exitCode).toBe(15);
    expect(item('adds').notes).toEqual(['public.settings: 1 row more than before']);
    expect(item('adds').findings).toMatchObject([
      {
        phase: 'up again',
        code: 'SLIPWAY_REVISION_FAILED',
        line: 6,
        file: expect.stringContaining('_adds.sql'),
      },
    ]);
  });

  it('finds an up whose second run makes something else', async () => {
    await using project = await createProject([
      {
        ...USERS,
        up: `${USERS.up} create sequence seen;`,
        down: 'drop sequence seen; drop table users;',
      },
      {
        id: 'fickle',
        up: `do $$ begin if nextval('seen') > 1 then alter table users add column b text; else alter table users add column a text; end if; end $$;`,
        down: 'alter table users drop column if exists a; alter table users drop column if exists b;',
      },
    ]);
    const { item } = await rehearse(project);
    expect(item('fickle').findings).toMatchObject([
      {
        phase: 'up again',
        differences: ['- column public.users.a: type text', '+ column public.users.b: type text'],
      },
    ]);
  });

  it('finds a verify section that says no', async () => {
    await using project = await createProject([{ ...USERS, verify: 'select false;' }]);
    const { outcome, item } = await rehearse(project);
    expect(outcome.exitCode).toBe(15);
    expect(item('users').findings).toMatchObject([
      { phase: 'verify', code: 'SLIPWAY_VERIFY_FAILED' },
    ]);
    expect(item('all at once').verdict).toBe('skipped');
  });

  it('finds a down that fails, with its place', async () => {
    await using project = await createProject([
      { ...USERS, down: 'drop table users;\ndrop table people;' },
    ]);
    const { item } = await rehearse(project);
    expect(item('users').findings).toMatchObject([
      {
        phase: 'down',
        code: 'SLIPWAY_REVISION_FAILED',
        line: 9,
        excerpt: expect.stringContaining('people'),
      },
    ]);
    expect(item('all at once').findings).toMatchObject([{ phase: 'down', revision: 'users' }]);
  });

  it('finds an up that only fails when there are rows, and goes on with what does not need it', async () => {
    await using project = await createProject([
      USERS,
      {
        id: 'narrows',
        up: 'alter table users add column must text not null;',
        down: 'alter table users drop column must;',
      },
      { id: 'above', up: 'select 1;' },
      {
        id: 'beside',
        revises: ['users'],
        up: 'create table t (id integer);',
        down: 'drop table t;',
      },
    ]);
    const { report, item } = await rehearse(project);
    expect(item('narrows').findings).toMatchObject([
      {
        phase: 'up',
        code: 'SLIPWAY_REVISION_FAILED',
        message: expect.stringContaining('contains null values'),
      },
    ]);
    expect(item('above')).toMatchObject({
      verdict: 'skipped',
      notes: [expect.stringContaining('narrows')],
    });
    expect(item('beside').verdict).toBe('passed');
    expect(report.ok).toBe(false);
  });

  it('goes on after a concurrent index that cannot be built', async () => {
    await using project = await createProject([
      USERS,
      {
        id: 'twice',
        header: ['transaction none'],
        up: 'create unique index concurrently users_same on users ((1));',
        down: 'drop index concurrently users_same;',
      },
      {
        id: 'beside',
        revises: ['users'],
        up: 'create table t (id integer);',
        down: 'drop table t;',
      },
    ]);
    const { item } = await rehearse(project);
    expect(item('twice').findings).toMatchObject([{ phase: 'up' }]);
    expect(item('beside').verdict).toBe('passed');
  });

  it('refuses what production would refuse: data loss without approval', async () => {
    await using project = await createProject([
      USERS,
      {
        id: 'drops',
        up: 'alter table users drop column phone;',
        down: 'alter table users add column phone text;',
      },
    ]);
    const { item } = await rehearse(project);
    expect(item('drops').findings).toMatchObject([{ phase: 'up', code: 'SLIPWAY_NEEDS_APPROVAL' }]);
  });
});
