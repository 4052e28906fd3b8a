/** The exact SQL that the rules about columns and long work propose, and which types change freely. */

import { describe, expect, it } from 'vitest';
import { lintText } from '../../support/lint.ts';

const rewriteOf = async (sql: string, postgres = 14): Promise<string | undefined> => {
  const [finding] = await lintText(sql, { postgres });
  return finding?.rewrite;
};

describe('rewrites', () => {
  it('give a volatile default to new rows, then to old ones', async () => {
    expect(
      await rewriteOf(
        'alter table app.users add column token uuid not null unique default gen_random_uuid();',
      ),
    ).toMatchInlineSnapshot(`
      "-- first revision: the column, and its default for new rows
      -- slipway:up
      alter table app.users add column token uuid;
      alter table app.users alter column token set default gen_random_uuid();

      -- second revision: the rows that are there
      -- slipway:transaction none

      -- slipway:up
      -- key: a column that is never null and leads an index, such as the primary key
      -- slipway:backfill table=app.users key=id batch=5000
      update app.users set token = default
      where id between :from and :to and token is null;

      -- third revision: what every row has from now on
      -- slipway:transaction none

      -- slipway:up
      alter table app.users add constraint users_token_not_null check (token is not null) not valid;
      alter table app.users validate constraint users_token_not_null;
      alter table app.users alter column token set not null;
      alter table app.users drop constraint users_token_not_null;
      create unique index concurrently users_token_key on app.users (token);
      alter table app.users add constraint users_token_key unique using index users_token_key;"
    `);
  });

  it('number rows later', async () => {
    expect(
      await rewriteOf('alter table app."Cities" add column id bigserial primary key;'),
    ).toMatchInlineSnapshot(`
      "-- first revision: the column, and numbers for new rows
      -- slipway:up
      create sequence app."Cities_id_seq";
      alter table app."Cities" add column id bigint;
      alter table app."Cities" alter column id set default nextval('app."Cities_id_seq"');
      alter sequence app."Cities_id_seq" owned by app."Cities".id;

      -- second revision: the rows that are there
      -- slipway:transaction none

      -- slipway:up
      -- key: a column that is never null and leads an index, such as the primary key
      -- slipway:backfill table=app."Cities" key=other_key batch=5000
      update app."Cities" set id = default
      where other_key between :from and :to and id is null;

      -- third revision: what every row has from now on
      -- slipway:transaction none

      -- slipway:up
      alter table app."Cities" add constraint "Cities_id_not_null" check (id is not null) not valid;
      alter table app."Cities" validate constraint "Cities_id_not_null";
      alter table app."Cities" alter column id set not null;
      alter table app."Cities" drop constraint "Cities_id_not_null";
      create unique index concurrently "Cities_pkey" on app."Cities" (id);
      alter table app."Cities" add constraint "Cities_pkey" primary key using index "Cities_pkey";"
    `);
  });

  it('compute a column by a trigger', async () => {
    expect(
      await rewriteOf(
        'alter table orders add column "Total" int generated always as (price * "Amount") stored;',
      ),
    ).toMatchInlineSnapshot(`
      "-- first revision: the column, and a trigger that fills it in rows that are written
      -- slipway:up
      alter table orders add column "Total" int;
      create function "orders_Total"() returns trigger language plpgsql as $$
      begin
        new."Total" := new.price * new."Amount";
        return new;
      end $$;
      create trigger "orders_Total" before insert or update on orders
        for each row execute function "orders_Total"();

      -- second revision: the rows that are there
      -- slipway:transaction none

      -- slipway:up
      -- key: a column that is never null and leads an index, such as the primary key
      -- slipway:backfill table=orders key=id batch=5000
      update orders set "Total" = price * "Amount"
      where id between :from and :to and "Total" is null;"
    `);
  });

  it('compute a column when it is read since Postgres 18', async () => {
    expect(
      await rewriteOf(
        'alter table orders add column total int generated always as (price * amount) stored;',
        18,
      ),
    ).toMatchInlineSnapshot(
      `"alter table orders add column total int generated always as (price * amount) virtual;"`,
    );
  });

  it('put a new column beside one whose type changes', async () => {
    expect(
      await rewriteOf(
        "alter table app.orders alter column placed type date using to_date(placed, 'YYYYMMDD');",
      ),
    ).toMatchInlineSnapshot(`
      "-- first revision: a new column that is kept in step
      -- slipway:up
      alter table app.orders add column placed_new date;
      create function app.orders_placed_new() returns trigger language plpgsql as $$
      begin
        if tg_op = 'INSERT' then
          new.placed_new := coalesce(new.placed_new, to_date(new.placed, 'YYYYMMDD'));
        elsif new.placed is distinct from old.placed then
          new.placed_new := to_date(new.placed, 'YYYYMMDD');
        end if;
        return new;
      end $$;
      create trigger orders_placed_new before insert or update on app.orders
        for each row execute function app.orders_placed_new();

      -- second revision: the rows that are there
      -- slipway:transaction none

      -- slipway:up
      -- key: a column that is never null and leads an index, such as the primary key
      -- slipway:backfill table=app.orders key=id batch=5000
      update app.orders set placed_new = to_date(placed, 'YYYYMMDD')
      where id between :from and :to and placed_new is null;

      -- third revision: its constraints and indexes are made like those of the old one
      -- slipway:transaction none

      -- slipway:up
      -- create index concurrently …, add constraint … not valid, validate constraint …

      -- fourth revision: once no release reads or writes the old column
      -- slipway:phase contract
      -- slipway:approve data-loss its values are in placed_new

      -- slipway:up
      drop trigger orders_placed_new on app.orders;
      drop function app.orders_placed_new();
      alter table app.orders drop column placed;"
    `);
  });

  it('join what goes through a table twice', async () => {
    const found = await lintText(`alter table rates alter column low type bigint;
alter table rates alter column high set not null;`);
    expect(found.find(({ rule }) => rule === 'repeated-rewrite')?.rewrite).toMatchInlineSnapshot(
      `"alter table rates alter column low type bigint, alter column high set not null;"`,
    );
  });

  it('move an index to another tablespace concurrently', async () => {
    expect(
      await rewriteOf('alter index app.users_email set tablespace "Fast";'),
    ).toMatchInlineSnapshot(`
      "-- slipway:transaction none

      -- slipway:up
      reindex (tablespace "Fast") index concurrently app.users_email;"
    `);
  });

  it('make a backfill of an update', async () => {
    expect(
      await rewriteOf(
        "update app.users u set city = c.name from cities c where c.id = u.city_id or u.city = '$32766';",
      ),
    ).toMatchInlineSnapshot(`
      "-- slipway:transaction none

      -- slipway:up
      -- key: a column that is never null and leads an index, such as the primary key
      -- slipway:backfill table=app.users key=id batch=5000
      update app.users as u set city = c.name from cities as c where u.id between :from and :to and (c.id = u.city_id or u.city = '$32766');"
    `);
  });

  it('make a backfill of a delete', async () => {
    expect(
      await rewriteOf('delete from "Old Sessions" where expires_at < now() and not kept;'),
    ).toMatchInlineSnapshot(`
      "-- slipway:transaction none

      -- slipway:up
      -- key: a column that is never null and leads an index, such as the primary key
      -- slipway:backfill table="Old Sessions" key=id batch=5000
      delete from "Old Sessions" where id between :from and :to and expires_at < now() and not (kept);"
    `);
  });

  it('put work into a revision of its own', async () => {
    expect(
      await rewriteOf(
        'alter table a add column x text;\ncreate table names as select name from users;',
      ),
    ).toMatchInlineSnapshot(`
      "-- in a revision of its own, behind this one
      -- slipway:up
      create table names as select name from users;"
    `);
  });

  it('use a label in the next revision', async () => {
    expect(
      await rewriteOf(
        "alter type app.status add value 'archived';\nalter table tasks alter status set default 'archived';",
      ),
    ).toMatchInlineSnapshot(`
      "-- first revision: the label
      -- slipway:up
      alter type app.status add value 'archived';

      -- second revision: its use, moved from the up section of this one
      -- slipway:up
      alter table tasks alter status set default 'archived';"
    `);
  });
});

describe('a change of a type whose old one is known', () => {
  const rulesOn = async (from: string, to: string): Promise<readonly string[]> => {
    const found = await lintText(
      `alter table t add column c ${from};\nalter table t alter column c type ${to};`,
      { header: ['compatible yes it is an example'] },
    );
    return found.map(({ rule }) => rule).filter((rule) => rule.startsWith('column-type'));
  };

  it.each([
    ['varchar(20)', 'varchar(20)'],
    ['varchar(20)', 'varchar(21)'],
    ['varchar(20)', 'varchar'],
    ['varchar(20)', 'text'],
    ['varchar', 'text'],
    ['text', 'varchar'],
    ['text', 'text'],
    ['numeric(8, 2)', 'numeric(9, 2)'],
    ['numeric(8, 2)', 'numeric'],
    ['timestamp(0)', 'timestamp(3)'],
    ['timestamptz(3)', 'timestamptz'],
    ['time(0)', 'time'],
    ['varbit(3)', 'varbit(4)'],
    ['cidr', 'inet'],
    ['xml', 'text'],
  ])('is free from %s to %s', async (from, to) => {
    expect(await rulesOn(from, to)).toEqual([]);
  });

  it.each([
    ['varchar(20)', 'varchar(19)'],
    ['varchar', 'varchar(20)'],
    ['text', 'varchar(20)'],
    ['char(20)', 'text'],
    ['int', 'bigint'],
    ['int', 'text'],
    ['numeric(8, 2)', 'numeric(9, 3)'],
    ['numeric', 'numeric(9, 3)'],
    ['timestamp', 'timestamp(3)'],
    ['inet', 'cidr'],
    ['text[]', 'varchar[]'],
    ['date', 'timestamp'],
  ])('writes the table anew from %s to %s', async (from, to) => {
    expect(await rulesOn(from, to)).toEqual(['column-type-rewrite']);
  });

  it.each([
    ['timestamp', 'timestamptz'],
    ['timestamptz(3)', 'timestamp'],
  ])('depends on the time zone from %s to %s', async (from, to) => {
    expect(await rulesOn(from, to)).toEqual(['column-type-may-rewrite']);
  });
});
