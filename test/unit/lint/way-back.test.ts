/** What the rules about down sections, verify sections and phases say and propose. */

import { describe, expect, it } from 'vitest';
import { lintText } from '../../support/lint.ts';

function revision(up: string, down: string, header: readonly string[] = []): string {
  const lines = ['revision r2', 'revises r1', ...header].map((line) => `-- slipway:${line}\n`);
  return `${lines.join('')}-- An example\n\n-- slipway:up\n${up}\n\n-- slipway:down\n${down}\n`;
}

async function only(rule: string, text: string) {
  return (await lintText(text)).filter((each) => each.rule === rule);
}

describe('an empty down section', () => {
  it('is written from the up section, backwards', async () => {
    const [finding] = await only(
      'missing-down',
      revision(
        `create type app.status as enum ('open');
create table app."Tickets" (id bigint primary key, status app.status);
create trigger stamp before insert on app."Tickets" for each row execute function stamp();
alter table users add column phone text, add constraint phones check (length(phone) < 30) not valid;
alter table users alter column state set default 'new';
alter index users_email rename to "Mail";
create policy own_rows on users using (true);`,
        '',
        ['compatible yes for the test'],
      ),
    );
    expect(finding?.message).toMatchInlineSnapshot(
      `"revision "r2" creates type app.status (and 7 more), and its down section is empty"`,
    );
    expect(finding?.rewrite).toMatchInlineSnapshot(`
      "-- slipway:down
      drop policy own_rows on users;
      alter index "Mail" rename to users_email;
      alter table users alter column state drop default;
      alter table users drop constraint phones;
      alter table users drop column phone;
      drop trigger stamp on app."Tickets";
      drop table app."Tickets";
      drop type app.status;"
    `);
  });

  it('drops an index the way it was made', async () => {
    const [finding] = await only(
      'missing-down',
      revision('create index concurrently on app.users (email);', '', ['transaction none']),
    );
    expect(finding?.rewrite).toBe('-- slipway:down\ndrop index concurrently app.users_email_idx;');
  });

  it('stands at the statement', async () => {
    const [finding] = await only('missing-down', revision('create schema reports;', ''));
    expect([finding?.line, finding?.column]).toEqual([6, 1]);
  });
});

describe('a down section that forgets', () => {
  it('names each thing at its statement', async () => {
    const findings = await only(
      'down-does-not-undo',
      revision(
        `create table a (id bigint);
create table b (id bigint);
drop view v;
alter table t rename column x to y;
alter table t rename constraint c to d;
alter trigger g on t rename to h;`,
        'drop table a;',
        ['phase contract'],
      ),
    );
    expect(
      findings.map(({ line, message, rewrite }) => [line, message, rewrite]),
    ).toMatchInlineSnapshot(`
      [
        [
          8,
          "creates table b, which the down section does not take back",
          "-- slipway:down
      drop table b;",
        ],
        [
          9,
          "drops view v, which the down section does not take back",
          "-- slipway:down
      -- <creates view v as it was>",
        ],
        [
          10,
          "renames column t.x to y, which the down section does not take back",
          "-- slipway:down
      alter table t rename column y to x;",
        ],
        [
          11,
          "renames constraint c of t to d, which the down section does not take back",
          "-- slipway:down
      alter table t rename constraint d to c;",
        ],
        [
          12,
          "renames trigger g of t to h, which the down section does not take back",
          "-- slipway:down
      alter trigger h on t rename to g;",
        ],
      ]
    `);
  });

  it('is silent where the down section takes along what it does not name', async () => {
    const findings = await only(
      'down-does-not-undo',
      revision(
        `create type s as enum ('a');
create table t (s s);
create view v as select s from t;`,
        'drop table t cascade;\ndrop type s;',
      ),
    );
    expect(findings).toEqual([]);
  });

  it('keeps two tables of one name in two schemas apart', async () => {
    const findings = await only(
      'down-does-not-undo',
      revision('create table a.t (id bigint);\ncreate table b.t (id bigint);', 'drop table b.t;'),
    );
    expect(findings.map(({ message }) => message)).toEqual([
      'creates table a.t, which the down section does not take back',
    ]);
  });
});

describe('a down section that loses data', () => {
  it('names only what the up section did not create', async () => {
    const findings = await only(
      'lossy-down',
      revision(
        'alter table users add column phone text;\ncreate table a (id bigint);',
        'drop table a, b;\nalter table users drop column phone, drop column fax;',
      ),
    );
    expect(findings.map(({ line, message }) => [line, message])).toMatchInlineSnapshot(`
      [
        [
          10,
          "going down loses table b, which the up section did not create",
        ],
        [
          11,
          "going down loses column users.fax, which the up section did not create",
        ],
      ]
    `);
  });
});

describe('phases', () => {
  const contract = (id: string, revises: string) =>
    revision('alter table users alter column a drop not null;', 'select 1;', ['phase contract'])
      .replace('revision r2', `revision ${id}`)
      .replace('revises r1', `revises ${revises}`);
  const expand = (id: string, revises: string, up = 'create schema s;') =>
    revision(up, up === '' ? '' : 'drop schema s;')
      .replace('revision r2', `revision ${id}`)
      .replace('revises r1', `revises ${revises}`);

  it('turns the two around', async () => {
    const [finding, ...others] = await only(
      'contract-before-expand',
      `-- file: migrations/1_c.sql\n${contract('c', 'r1')}-- file: migrations/2_e.sql\n${expand('e', 'c')}`,
    );
    expect(others).toEqual([]);
    expect([finding?.file, finding?.line]).toEqual(['migrations/1_c.sql', 3]);
    expect(finding?.message).toMatchInlineSnapshot(
      `"revision "c" is phase contract, but expand revision "e" (migrations/2_e.sql) of the same release needs it"`,
    );
    expect(finding?.rewrite).toMatchInlineSnapshot(`
      "-- in the header of migrations/2_e.sql
      -- slipway:revises r1

      -- in the header of migrations/1_c.sql
      -- slipway:revises e"
    `);
  });

  it('makes an empty merge wait instead', async () => {
    const [finding] = await only(
      'contract-before-expand',
      `-- file: migrations/1_c.sql\n${contract('c', 'r1')}-- file: migrations/2_m.sql\n${expand('m', 'c', '')}`,
    );
    expect(finding?.rewrite).toBe(
      '-- in the header of migrations/2_m.sql\n-- slipway:phase contract',
    );
  });
});

describe('questions', () => {
  it('names the object that the release has just created', async () => {
    const [finding] = await only(
      'only-if-own-object',
      revision(
        `alter table users add column phone text;
-- slipway:only-if select exists (select from information_schema.columns where table_name = 'users' and column_name = 'phone')
comment on column users.phone is 'as dialled';`,
        'alter table users drop column phone;',
      ),
    );
    expect(finding?.message).toBe(
      'only-if asks about users.phone, which this release has just created',
    );
    expect(finding?.rewrite).toBe(
      "-- without the line only-if\ncomment on column users.phone is 'as dialled';",
    );
  });

  it('moves a write to the up section', async () => {
    const [finding] = await only(
      'verify-writes',
      `-- slipway:revision r2
-- slipway:revises r1
-- An example

-- slipway:up
create schema s;

-- slipway:verify
update users set a = 1 where id = 1;

-- slipway:down
drop schema s;
`,
    );
    expect(finding?.message).toBe('the verify section runs update, which changes something');
    expect(finding?.line).toBe(9);
    expect(finding?.rewrite).toMatchInlineSnapshot(`
      "-- slipway:up
      update users set a = 1 where id = 1;

      -- slipway:verify
      select <whether it is as it should be>;"
    `);
  });
});
