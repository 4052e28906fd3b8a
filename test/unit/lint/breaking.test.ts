/** What the rules about old code and lost data say, and the revisions they propose instead. */

import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../src/lint/finding.ts';
import { lintText } from '../../support/lint.ts';

async function found(rule: string, text: string, header: readonly string[] = []): Promise<Finding> {
  const findings = await lintText(text, { header });
  const [finding, ...others] = findings.filter((each) => each.rule === rule);
  expect(others).toEqual([]);
  if (finding === undefined) throw new Error(`${rule} found nothing`);
  return finding;
}

describe('drops', () => {
  it('proposes a contract revision with the approval, and only with what is dropped', async () => {
    const finding = await found(
      'drop-column',
      'alter table app."Users" add column email text, drop column if exists "Phone";',
    );
    expect(finding.message).toMatchInlineSnapshot(
      `"drops column app.Users.Phone, which code of the previous release may still use"`,
    );
    expect(finding.rewrite).toMatchInlineSnapshot(`
      "-- in a revision of its own, once no pod of the previous release is left
      -- slipway:phase contract
      -- slipway:approve data-loss <why the data may go>
      -- slipway:irreversible it is an example

      -- slipway:up
      alter table app."Users" drop column if exists "Phone";"
    `);
  });

  it('puts the caret under the name', async () => {
    const { excerpt } = await found('drop-column', 'alter table users drop column phone;');
    expect(excerpt.split('\n').slice(-2)).toEqual([
      '   7 | alter table users drop column phone;',
      '     |                               ^',
    ]);
  });

  it("takes over the file's own down section and the reason it gives", async () => {
    const { rewrite } = await found(
      'drop-table',
      `-- slipway:revision r2
-- slipway:revises r1
-- slipway:approve data-loss archived in March
-- Drop the audit log

-- slipway:up
drop table audit;

-- slipway:down
create table audit (id bigint primary key, entry text);
`,
    );
    expect(rewrite).toMatchInlineSnapshot(`
      "-- in a revision of its own, once no pod of the previous release is left
      -- slipway:phase contract
      -- slipway:approve data-loss archived in March

      -- slipway:up
      drop table audit;

      -- slipway:down
      create table audit (id bigint primary key, entry text);"
    `);
  });

  it('names everything that goes, and says once that nobody has approved it', async () => {
    const finding = await found('drop-table', 'drop table audit, app.log;');
    expect([finding.message, finding.why]).toMatchInlineSnapshot(`
      [
        "drops table audit, table app.log, which code of the previous release may still use",
        "Pods of the previous release fail at them until the rollout is through, and again after a rollback. The data is lost for good, which nobody has approved.",
      ]
    `);
  });

  it('writes cascade out', async () => {
    const { message, rewrite } = await found(
      'drop-cascade',
      'drop function app.total(bigint), app.sum(int)  CASCADE;',
      ['phase contract'],
    );
    expect(message).toMatchInlineSnapshot(
      `"drops function app.total, function app.sum with cascade, and with it what this file does not name"`,
    );
    expect(rewrite).toMatchInlineSnapshot(`
      "-- without cascade Postgres refuses and lists what depends on it; drop that by name first
      drop function app.total(bigint), app.sum(int);"
    `);
  });

  it('writes cascade out of truncate', async () => {
    const { rewrite } = await found(
      'truncate-cascade',
      'truncate app."Orders", b restart identity cascade;',
      ['approve data-loss test data'],
    );
    expect(rewrite).toMatchInlineSnapshot(`
      "-- without cascade Postgres names the table that is missing in the list
      truncate app."Orders", b restart identity;"
    `);
  });

  it('asks for the approval in the header', async () => {
    const { message, why, rewrite } = await found('unapproved-data-loss', 'truncate sessions;');
    expect(message).toBe('loses rows of table sessions, which the header does not approve');
    expect(why).toContain('exit 16');
    expect(rewrite).toMatchInlineSnapshot(`
      "-- in the header of this revision
      -- slipway:approve data-loss <why the data may go>"
    `);
  });
});

describe('renames', () => {
  it('puts a view between the names of a table', async () => {
    const { message, rewrite } = await found(
      'rename-table',
      'alter table app."User Stars" rename to favorites;',
    );
    expect(message).toMatchInlineSnapshot(
      `"renames table app."User Stars" to favorites, which code of the previous release still calls by its old name"`,
    );
    expect(rewrite).toMatchInlineSnapshot(`
      "-- first revision: before the rollout
      -- slipway:phase expand

      -- slipway:up
      create view app.favorites as select * from app."User Stars";

      -- slipway:down
      drop view app.favorites;

      -- second revision: once no pod of the previous release is left
      -- slipway:phase contract

      -- slipway:up
      drop view app.favorites;
      alter table app."User Stars" rename to favorites;

      -- slipway:down
      alter table app.favorites rename to "User Stars";
      create view app.favorites as select * from app."User Stars";"
    `);
  });

  it('puts two columns, a trigger and a backfill between the names of a column', async () => {
    const { rewrite } = await found(
      'rename-column',
      'alter table app."Users" rename column name to "Full Name";',
    );
    expect(rewrite).toMatchInlineSnapshot(`
      "-- first revision: before the rollout
      -- slipway:phase expand
      -- slipway:compatible yes a trigger keeps name and Full Name the same

      -- slipway:up
      alter table app."Users" add column "Full Name" <type of name>;
      create function app."Users_Full Name_sync"() returns trigger language plpgsql as $$
      begin
        if tg_op = 'INSERT' then
          new."Full Name" := coalesce(new."Full Name", new.name);
          new.name := new."Full Name";
        elsif new."Full Name" is distinct from old."Full Name" then
          new.name := new."Full Name";
        else
          new."Full Name" := new.name;
        end if;
        return new;
      end $$;
      create trigger "Users_Full Name_sync" before insert or update on app."Users"
        for each row execute function app."Users_Full Name_sync"();

      -- slipway:down
      drop trigger "Users_Full Name_sync" on app."Users";
      drop function app."Users_Full Name_sync"();
      alter table app."Users" drop column "Full Name";

      -- second revision: before the rollout
      -- slipway:phase expand
      -- slipway:transaction none

      -- slipway:up
      -- slipway:backfill table=app."Users" key=id batch=5000
      -- key: a column that is never null and leads an index, such as the primary key
      update app."Users" set "Full Name" = name
      where id between :from and :to and "Full Name" is distinct from name;

      -- slipway:down

      -- third revision: with a later release, once no code uses name any more
      -- slipway:phase contract
      -- slipway:approve data-loss Full Name has every value of name
      -- slipway:irreversible no code knows name any more

      -- slipway:up
      drop trigger "Users_Full Name_sync" on app."Users";
      drop function app."Users_Full Name_sync"();
      alter table app."Users" drop column name;"
    `);
  });

  it('knows the type of the column where an earlier revision tells it', async () => {
    const findings = await lintText(`-- file: migrations/1_a.sql
-- slipway:revision a
-- slipway:revises
-- Users

-- slipway:up
create table if not exists users (id bigint primary key, name varchar(80));

-- slipway:down
-- file: migrations/2_b.sql
-- slipway:revision b
-- slipway:revises a
-- Rename

-- slipway:up
alter table users rename column name to full_name;

-- slipway:down
alter table users rename column full_name to name;
`);
    expect(findings.find(({ rule }) => rule === 'rename-column')?.rewrite).toContain(
      'alter table users add column full_name varchar(80);',
    );
  });

  it('puts both values of an enum beside each other', async () => {
    const { message, rewrite } = await found(
      'rename-enum-value',
      `alter type app.status rename value 'it''s done' to 'completed';`,
    );
    expect(message).toMatchInlineSnapshot(
      `"renames value 'it''s done' of type app.status to 'completed', which code of the previous release still writes"`,
    );
    expect(rewrite).toMatchInlineSnapshot(`
      "-- first revision: before the rollout
      -- slipway:phase expand
      -- slipway:irreversible Postgres cannot drop a label

      -- slipway:up
      alter type app.status add value 'completed' after 'it''s done';

      -- second revision: once no pod of the previous release is left
      -- slipway:phase contract
      -- slipway:transaction none

      -- slipway:up
      -- for each column of the type:
      -- slipway:backfill table=<table> key=<key> batch=5000
      update <table> set <column> = 'completed'
      where <key> between :from and :to and <column> = 'it''s done';

      -- slipway:down"
    `);
  });

  it('puts a view where a table will be', async () => {
    const { rewrite } = await found('set-schema', 'alter table invoices set schema billing;');
    expect(rewrite).toMatchInlineSnapshot(`
      "-- first revision: before the rollout
      -- slipway:phase expand

      -- slipway:up
      create view billing.invoices as select * from invoices;

      -- slipway:down
      drop view billing.invoices;

      -- second revision: once no pod of the previous release is left
      -- slipway:phase contract

      -- slipway:up
      drop view billing.invoices;
      alter table invoices set schema billing;

      -- slipway:down
      alter table billing.invoices set schema public;
      create view billing.invoices as select * from invoices;"
    `);
  });

  it('says what old code still calls a view', async () => {
    const { message } = await found('rename-object', 'alter view app.v rename to w;');
    expect(message).toMatchInlineSnapshot(
      `"renames view app.v to w, which code of the previous release still calls by its old name"`,
    );
  });
});

describe('columns and indexes', () => {
  it('takes a required column apart into steps', async () => {
    const { message, rewrite, excerpt } = await found(
      'required-column',
      'ALTER TABLE "Recipe" ADD COLUMN "public" boolean NOT NULL CHECK ("public"), add note text;',
    );
    expect(message).toBe('adds column Recipe.public as not null without a default');
    expect(excerpt.split('\n').at(-1)?.indexOf('^')).toBe(
      7 + 'ALTER TABLE "Recipe" ADD COLUMN "public" boolean '.length,
    );
    expect(rewrite).toMatchInlineSnapshot(`
      "-- with a value for rows that nobody fills: alter table "Recipe" add column public boolean check (public) not null default <value>;
      -- without one:

      -- first revision: before the rollout
      -- slipway:phase expand

      -- slipway:up
      alter table "Recipe" add column public boolean check (public);

      -- slipway:down
      alter table "Recipe" drop column public;

      -- second revision: once no pod of the previous release is left: the rows from before
      -- slipway:phase contract
      -- slipway:transaction none

      -- slipway:up
      -- slipway:backfill table="Recipe" key=id batch=5000
      -- key: a column that is never null and leads an index, such as the primary key
      update "Recipe" set public = <value>
      where id between :from and :to and public is null;

      -- slipway:down

      -- third revision: once no pod of the previous release is left
      -- slipway:phase contract

      -- slipway:up
      alter table "Recipe" add constraint "Recipe_public_not_null" check (public is not null) not valid;

      -- slipway:down
      alter table "Recipe" drop constraint "Recipe_public_not_null";

      -- fourth revision: once no pod of the previous release is left
      -- slipway:phase contract

      -- slipway:up
      alter table "Recipe" validate constraint "Recipe_public_not_null";

      -- slipway:down

      -- fifth revision: once no pod of the previous release is left
      -- slipway:phase contract

      -- slipway:up
      alter table "Recipe" alter column public set not null;
      alter table "Recipe" drop constraint "Recipe_public_not_null";

      -- slipway:down
      alter table "Recipe" add constraint "Recipe_public_not_null" check (public is not null) not valid;
      alter table "Recipe" alter column public drop not null;"
    `);
  });

  it('shows the query that finds what is there twice', async () => {
    const { message, why, rewrite } = await found(
      'unique-index-on-existing-data',
      'create unique index on app."Users" (lower(email), "Team") where active;',
    );
    expect(message).toMatchInlineSnapshot(
      `"creates unique index Users_lower_Team_idx on app.Users, whose rows may be alike in lower(email), "Team""`,
    );
    expect(why).toContain('pods of the previous release');
    expect(rewrite).toMatchInlineSnapshot(`
      "-- look first: this must find nothing
      select lower(email), "Team", count(*) from app."Users" where active group by lower(email), "Team" having count(*) > 1 limit 10;

      -- in a revision of its own, once no pod of the previous release is left
      -- slipway:phase contract
      -- slipway:compatible yes <why no two rows are alike>
      -- slipway:transaction none

      -- slipway:up
      create unique index concurrently "Users_lower_Team_idx" on app."Users" ((lower(email)), "Team") where active;

      -- slipway:down
      drop index concurrently app."Users_lower_Team_idx";"
    `);
  });

  it('says nothing of old code in a contract revision', async () => {
    const { why } = await found(
      'unique-index-on-existing-data',
      'create unique index concurrently users_email on users (email);',
      ['phase contract', 'transaction none'],
    );
    expect(why).not.toContain('previous release');
  });

  it('moves drop not null behind the rollout', async () => {
    const { rewrite } = await found(
      'drop-not-null',
      'alter table users alter column "E-Mail" drop not null;',
    );
    expect(rewrite).toMatchInlineSnapshot(`
      "-- before the rollout, where new code only leaves the column out
      alter table users alter column "E-Mail" set default <value>;

      -- in a revision of its own, once no pod of the previous release is left
      -- slipway:phase contract
      -- slipway:irreversible it is an example

      -- slipway:up
      alter table users alter column "E-Mail" drop not null;"
    `);
  });

  it('keeps the way back of a foreign key', async () => {
    const { rewrite } = await found(
      'drop-foreign-key',
      'alter table app.orders drop constraint orders_user_id_fkey, add column note text;',
    );
    expect(rewrite).toMatchInlineSnapshot(`
      "-- in a revision of its own, once no pod of the previous release is left
      -- slipway:phase contract
      -- slipway:irreversible it is an example

      -- slipway:up
      alter table app.orders drop constraint orders_user_id_fkey;"
    `);
  });
});

describe('last words', () => {
  it('says what the facts say, and both ways out', async () => {
    const { message, rewrite } = await found(
      'breaking-change',
      'alter table orders add constraint orders_total check (total >= 0) not valid;',
    );
    expect(message).toMatchInlineSnapshot(
      `"adds check constraint orders_total on orders, which writes of the previous release may violate"`,
    );
    expect(rewrite).toMatchInlineSnapshot(`
      "-- where code of the previous release cannot notice, in the header of this revision:
      -- slipway:compatible yes <why it keeps working>

      -- everywhere else:
      -- in a revision of its own, once no pod of the previous release is left
      -- slipway:phase contract
      -- slipway:irreversible it is an example

      -- slipway:up
      alter table orders add constraint orders_total check (total >= 0) not valid;"
    `);
  });

  it('asks for a verdict where nobody can tell', async () => {
    const { message, severity, rewrite } = await found(
      'unclassified',
      'do $$ begin perform 1; end $$;',
    );
    expect(severity).toBe('info');
    expect(message).toMatchInlineSnapshot(
      `"nobody can tell what it does to running code: slipway does not know what a do block does"`,
    );
    expect(rewrite).toMatchInlineSnapshot(
      `"-- slipway:compatible yes <why code of the previous release keeps working>"`,
    );
  });
});
