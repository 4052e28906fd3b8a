/** The exact SQL and edits that the rules about `concurrently` propose. */

import { describe, expect, it } from 'vitest';
import { applyFixes } from '../../../src/lint/fix.ts';
import { lintText, wholeFile } from '../../support/lint.ts';

const rewriteOf = async (sql: string, postgres = 14): Promise<string | undefined> => {
  const [finding] = await lintText(sql, { postgres });
  return finding?.rewrite;
};

/** The file with the fixes of all findings. */
const fixed = async (sql: string, header: readonly string[] = []): Promise<string> => {
  const source = wholeFile(sql, header);
  const found = await lintText(source);
  return applyFixes(
    source,
    found.map(({ fix }) => fix),
  ).text;
};

describe('rewrites', () => {
  it('keep the words of the index as they are', async () => {
    expect(
      await rewriteOf(
        'CREATE INDEX "Email" ON app."Users"\n  (lower(email)) /* (all) */ WHERE active;',
      ),
    ).toMatchInlineSnapshot(`
      "-- slipway:transaction none

      -- slipway:up
      CREATE INDEX concurrently "Email" ON app."Users"
        (lower(email)) /* (all) */ WHERE active;"
    `);
  });

  it('leave `if not exists` out', async () => {
    expect(
      await rewriteOf('create index if not exists users_email on users (email);'),
    ).toMatchInlineSnapshot(`
      "-- slipway:transaction none

      -- slipway:up
      create index concurrently users_email on users (email);"
    `);
  });

  it('drop one index at a time', async () => {
    expect(
      await rewriteOf('drop index if exists app.users_email, "Users"."By Name";'),
    ).toMatchInlineSnapshot(`
      "-- slipway:transaction none

      -- slipway:up
      drop index concurrently if exists app.users_email;
      drop index concurrently if exists "Users"."By Name";"
    `);
  });

  it('rebuild with the same options', async () => {
    expect(await rewriteOf('reindex (verbose) index app.users_email;')).toMatchInlineSnapshot(`
      "-- slipway:transaction none

      -- slipway:up
      reindex (verbose) index concurrently app.users_email;"
    `);
  });

  it('say what a refresh needs', async () => {
    expect(await rewriteOf('refresh materialized view reports.daily;')).toMatchInlineSnapshot(`
      "-- needs a unique index of reports.daily
      refresh materialized view concurrently reports.daily;"
    `);
  });

  it('know nothing for the indexes of the catalogs', async () => {
    expect(await rewriteOf('reindex system shop;')).toBeUndefined();
  });

  it('check the bound of a list before the partition is attached', async () => {
    expect(
      await rewriteOf(
        "alter table orders attach partition app.orders_eu for values in ('de', 'fr');",
      ),
    ).toMatchInlineSnapshot(`
      "-- slipway:transaction none

      -- slipway:up
      -- partition_key: the column by which the table is partitioned
      alter table app.orders_eu add constraint orders_eu_bound
        check (partition_key is not null and partition_key in ('de', 'fr')) not valid;
      alter table app.orders_eu validate constraint orders_eu_bound;
      alter table orders attach partition app.orders_eu for values in ('de', 'fr');
      alter table app.orders_eu drop constraint orders_eu_bound;"
    `);
  });

  it('check an open range over the key that the file tells', async () => {
    expect(
      await rewriteOf(`create table orders (id bigint, placed date) partition by range (placed);
alter table orders attach partition old_orders for values from (minvalue) to ('2024-01-01');`),
    ).toMatchInlineSnapshot(`
      "-- slipway:transaction none

      -- slipway:up
      alter table old_orders add constraint old_orders_bound
        check (placed is not null and placed < '2024-01-01') not valid;
      alter table old_orders validate constraint old_orders_bound;
      alter table orders attach partition old_orders for values from (minvalue) to ('2024-01-01');
      alter table old_orders drop constraint old_orders_bound;"
    `);
  });

  it('know no check for a hash', async () => {
    expect(
      await rewriteOf(
        'alter table orders attach partition p for values with (modulus 4, remainder 1);',
      ),
    ).toBeUndefined();
  });
});

describe('fixes', () => {
  it('build every index of a revision concurrently, with one line in the header', async () => {
    expect(
      await fixed('create index a on users (email);\nCREATE UNIQUE INDEX b ON app.users (name);'),
    ).toMatchInlineSnapshot(`
      "-- slipway:revision r2
      -- slipway:revises r1
      -- slipway:transaction none
      -- slipway:irreversible it is an example
      -- An example

      -- slipway:up
      create index concurrently a on users (email);
      CREATE UNIQUE INDEX concurrently b ON app.users (name);
      "
    `);
  });

  it('put the line where slipway itself would, and leave the description and the down section', async () => {
    const source = `-- slipway:revision r2
-- slipway:revises r1
-- slipway:phase expand
-- Find users

-- slipway:up
create index a on users (email);

-- slipway:down
drop index concurrently a;
`;
    const found = await lintText(source);
    const { text } = applyFixes(
      source,
      found.map(({ fix }) => fix),
    );
    expect(text).toMatchInlineSnapshot(`
      "-- slipway:revision r2
      -- slipway:revises r1
      -- slipway:phase expand
      -- slipway:transaction none
      -- Find users

      -- slipway:up
      create index concurrently a on users (email);

      -- slipway:down
      drop index concurrently a;
      "
    `);
  });

  it('leave a revision alone that does something else, too', async () => {
    const sql = 'alter table users add column a text;\ncreate index a on users (a);';
    expect(await fixed(sql)).toBe(wholeFile(sql));
  });

  it('leave the header alone that says it already', async () => {
    expect(
      await fixed('create index a on users (email);', ['transaction none']),
    ).toMatchInlineSnapshot(`
      "-- slipway:revision r2
      -- slipway:revises r1
      -- slipway:irreversible it is an example
      -- slipway:transaction none
      -- An example

      -- slipway:up
      create index concurrently a on users (email);
      "
    `);
  });

  it('detach concurrently', async () => {
    expect(
      await fixed('alter table t detach partition "P" /* of 2019 */;', [
        'compatible yes nobody reads it',
      ]),
    ).toMatchInlineSnapshot(`
      "-- slipway:revision r2
      -- slipway:revises r1
      -- slipway:irreversible it is an example
      -- slipway:compatible yes nobody reads it
      -- slipway:transaction none
      -- An example

      -- slipway:up
      alter table t detach partition "P" concurrently /* of 2019 */;
      "
    `);
  });

  it('drop one index concurrently', async () => {
    expect(await fixed('drop index if exists app.a;')).toMatchInlineSnapshot(`
      "-- slipway:revision r2
      -- slipway:revises r1
      -- slipway:transaction none
      -- slipway:irreversible it is an example
      -- An example

      -- slipway:up
      drop index concurrently if exists app.a;
      "
    `);
  });

  it('leave several indexes in one statement, and a cascade', async () => {
    expect(await fixed('drop index a, b;')).toBe(wholeFile('drop index a, b;'));
    expect(await fixed('drop index a cascade;')).toBe(wholeFile('drop index a cascade;'));
  });

  it('give a statement the header it needs', async () => {
    expect(await fixed('vacuum (analyze) users;')).toMatchInlineSnapshot(`
      "-- slipway:revision r2
      -- slipway:revises r1
      -- slipway:transaction none
      -- slipway:irreversible it is an example
      -- An example

      -- slipway:up
      vacuum (analyze) users;
      "
    `);
  });
});

describe('places', () => {
  it('point at the word', async () => {
    const [finding] = await lintText('alter table "T"\n  detach   partition p;', {
      header: ['phase contract'],
    });
    expect(finding?.excerpt).toMatchInlineSnapshot(`
      "   8 | alter table "T"
         9 |   detach   partition p;
           |   ^"
    `);
  });
});
