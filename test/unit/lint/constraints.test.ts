/** The exact SQL and edits that the rules about constraints propose. */

import { describe, expect, it } from 'vitest';
import { applyFixes } from '../../../src/lint/fix.ts';
import { lintText, wholeFile } from '../../support/lint.ts';

const rewriteOf = async (sql: string, postgres = 14): Promise<string | undefined> => {
  const [finding] = await lintText(sql, { postgres });
  return finding?.rewrite;
};

const fixed = async (sql: string): Promise<string> => {
  const source = wholeFile(sql);
  const found = await lintText(source);
  return applyFixes(
    source,
    found.map(({ fix }) => fix),
  ).text;
};

describe('rewrites', () => {
  it('add a foreign key in two steps, with all it says', async () => {
    expect(
      await rewriteOf(`alter table "App".lines add constraint "Line Order"
  foreign key (shop, "Order") references "App"."Orders" (shop, id) on delete cascade deferrable initially deferred;`),
    ).toMatchInlineSnapshot(`
      "-- slipway:transaction none

      -- slipway:up
      alter table "App".lines add constraint "Line Order" foreign key (shop, "Order") references "App"."Orders" (shop, id) on delete cascade not valid deferrable initially deferred;
      alter table "App".lines validate constraint "Line Order";"
    `);
  });

  it('choose the name that Postgres would choose', async () => {
    expect(
      await rewriteOf('alter table app.lines add foreign key (order_id) references orders;'),
    ).toMatchInlineSnapshot(`
      "-- slipway:transaction none

      -- slipway:up
      alter table app.lines add constraint lines_order_id_fkey foreign key (order_id) references orders not valid;
      alter table app.lines validate constraint lines_order_id_fkey;"
    `);
    expect(
      await rewriteOf('alter table lines add check (amount > 0 and price > 0);'),
    ).toMatchInlineSnapshot(`
      "-- slipway:transaction none

      -- slipway:up
      alter table lines add constraint lines_check check (amount > 0 and price > 0) not valid;
      alter table lines validate constraint lines_check;"
    `);
    expect(await rewriteOf('alter table lines add check (amount > 0);')).toContain(
      'lines_amount_check',
    );
  });

  it('cut a name as Postgres does', async () => {
    const long = 'a_table_with_a_name_that_is_as_long_as_names_of_tables_can_be_63';
    const rewrite = await rewriteOf(
      `alter table ${long.slice(0, 60)} add unique (some_column_of_it);`,
    );
    const [, name = ''] = /concurrently (\S+)/.exec(rewrite ?? '') ?? [];
    expect(name).toBe('a_table_with_a_name_that_is_as_long_as_na_some_column_of_it_key');
    expect(name).toHaveLength(63);
  });

  it('take the constraint of a new column out of it', async () => {
    expect(
      await rewriteOf(
        'alter table lines add column shop_id bigint default 1 not null references shops (id), add column note text;',
      ),
    ).toMatchInlineSnapshot(`
      "-- slipway:transaction none

      -- slipway:up
      alter table lines add column shop_id bigint default 1 not null, add column note text;
      alter table lines add constraint lines_shop_id_fkey foreign key (shop_id) references shops (id) not valid;
      alter table lines validate constraint lines_shop_id_fkey;"
    `);
  });

  it('leave what is checked as well to its own finding', async () => {
    expect(
      await rewriteOf(
        'alter table lines add constraint a check (x > 0), add constraint b check (y > 0), add column z int;',
      ),
    ).toMatchInlineSnapshot(`
      "-- slipway:transaction none

      -- slipway:up
      alter table lines add column z int;
      alter table lines add constraint a check (x > 0) not valid;
      alter table lines validate constraint a;"
    `);
  });

  it('build the index of a unique constraint with all it says', async () => {
    expect(
      await rewriteOf(
        'alter table "App"."Users" add constraint "One E-Mail" unique nulls not distinct ("E-Mail", tenant) include (name) with (fillfactor=70) deferrable initially deferred;',
        15,
      ),
    ).toMatchInlineSnapshot(`
      "-- slipway:transaction none

      -- slipway:up
      create unique index concurrently "One E-Mail" on "App"."Users" ("E-Mail", tenant) include (name) nulls not distinct with (fillfactor=70);
      alter table "App"."Users" add constraint "One E-Mail" unique using index "One E-Mail" deferrable initially deferred;"
    `);
  });

  it('make the columns of a primary key not null first', async () => {
    expect(
      await rewriteOf('alter table lines add primary key ("Order", number);'),
    ).toMatchInlineSnapshot(`
      "-- slipway:transaction none

      -- slipway:up
      -- where a column may be null so far; else leave it out
      alter table lines add constraint "lines_Order_number_not_null" check ("Order" is not null and number is not null) not valid;
      alter table lines validate constraint "lines_Order_number_not_null";
      alter table lines alter column "Order" set not null, alter column number set not null;
      alter table lines drop constraint "lines_Order_number_not_null";
      create unique index concurrently lines_pkey on lines ("Order", number);
      alter table lines add constraint lines_pkey primary key using index lines_pkey;"
    `);
  });

  it('know none for an exclusion constraint', async () => {
    expect(
      await rewriteOf('alter table b add exclude using gist (during with &&);'),
    ).toBeUndefined();
  });

  it('make a column not null by a check before Postgres 18', async () => {
    expect(
      await rewriteOf('alter table app."Users" alter "E-Mail" set not null;', 17),
    ).toMatchInlineSnapshot(`
      "-- slipway:transaction none

      -- slipway:up
      alter table app."Users" add constraint "Users_E-Mail_not_null" check ("E-Mail" is not null) not valid;
      alter table app."Users" validate constraint "Users_E-Mail_not_null";
      alter table app."Users" alter column "E-Mail" set not null;
      alter table app."Users" drop constraint "Users_E-Mail_not_null";"
    `);
  });

  it('make a column not null by itself since Postgres 18', async () => {
    expect(
      await rewriteOf('alter table app."Users" alter "E-Mail" set not null;', 18),
    ).toMatchInlineSnapshot(`
      "-- slipway:transaction none

      -- slipway:up
      alter table app."Users" add constraint "Users_E-Mail_not_null" not null "E-Mail" not valid;
      alter table app."Users" validate constraint "Users_E-Mail_not_null";"
    `);
  });

  it('part adding and validating', async () => {
    expect(
      await rewriteOf(
        'alter table users add constraint a check (x > 0) not valid, validate constraint a;',
      ),
    ).toMatchInlineSnapshot(`
      "-- slipway:transaction none

      -- slipway:up
      alter table users add constraint a check (x > 0) not valid;
      alter table users validate constraint a;"
    `);
  });

  it('leave old values of a domain alone', async () => {
    expect(
      await rewriteOf("alter domain app.email add constraint at check (value like '%@%');"),
    ).toMatchInlineSnapshot(`
      "-- for new values; old ones stay as they are
      alter domain app.email add constraint at check (value like '%@%') not valid;"
    `);
  });
});

describe('fixes', () => {
  it('validate a named constraint in a statement of its own', async () => {
    expect(
      await fixed('alter table users\n  add constraint "Price" check (price > 0);'),
    ).toMatchInlineSnapshot(`
      "-- slipway:revision r2
      -- slipway:revises r1
      -- slipway:transaction none
      -- slipway:irreversible it is an example
      -- An example

      -- slipway:up
      alter table users
        add constraint "Price" check (price > 0) not valid;
      alter table users validate constraint "Price";
      "
    `);
  });

  it('do so for a foreign key', async () => {
    expect(
      await fixed(
        'alter table a.users add constraint fk foreign key (o) references orders on delete cascade',
      ),
    ).toMatchInlineSnapshot(`
      "-- slipway:revision r2
      -- slipway:revises r1
      -- slipway:transaction none
      -- slipway:irreversible it is an example
      -- An example

      -- slipway:up
      alter table a.users add constraint fk foreign key (o) references orders on delete cascade not valid;
      alter table a.users validate constraint fk
      "
    `);
  });

  it('leave a constraint alone whose name the server chooses, and one beside other commands', async () => {
    const unnamed = 'alter table users add check (price > 0);';
    const several = 'alter table users add constraint a check (price > 0), add column note text;';
    expect(await fixed(unnamed)).toBe(wholeFile(unnamed));
    expect(await fixed(several)).toBe(wholeFile(several));
  });

  it('part a transaction that adds and validates', async () => {
    expect(
      await fixed(`alter table users add constraint a check (price > 0) not valid;
alter table users validate constraint a;`),
    ).toMatchInlineSnapshot(`
      "-- slipway:revision r2
      -- slipway:revises r1
      -- slipway:transaction none
      -- slipway:irreversible it is an example
      -- An example

      -- slipway:up
      alter table users add constraint a check (price > 0) not valid;
      alter table users validate constraint a;
      "
    `);
  });

  it('leave a transaction alone that does more than that', async () => {
    const sql = `alter table users add constraint a check (price > 0) not valid;
alter table users validate constraint a;
alter table users add column note text;`;
    expect(await fixed(sql)).toBe(wholeFile(sql));
  });
});
