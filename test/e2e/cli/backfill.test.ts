/** Backfills on real Postgres: whatever the key, the statement and the pace, each row once. */

import { describe, expect, it } from 'vitest';
import { backfill, COUNT, counters, cursorOf, touched } from '../../support/backfills.ts';
import { failureOf } from '../../support/cli.ts';
import { createPlace, createUpgraded } from '../../support/projects.ts';

describe('a backfill', { concurrent: true }, () => {
  it('touches each of 200,000 rows once, and says how it went', async () => {
    const place = await createUpgraded(counters(200_000));
    await place.project.add(backfill('table=counter key=id batch=5000 pause=0', COUNT));
    const outcome = await place.succeed(['upgrade']);
    expect(await touched(place)).toEqual([{ n: 1, rows: 200_000 }]);
    expect(await cursorOf(place)).toEqual({
      cursor: '200000',
      keys: 200_000,
      rows: 200_000,
      batches: 40,
    });
    expect(outcome.log).toContainEqual(
      expect.objectContaining({ event: 'backfill.started', table: 'counter', total: 200_000 }),
    );
    expect(outcome.log).toContainEqual(
      expect.objectContaining({ event: 'backfill.finished', rows: 200_000, batches: 40 }),
    );
    expect((await place.succeed(['upgrade'])).log.at(-1)).toMatchObject({
      outcome: 'nothing-to-do',
    });
  });

  it.each([
    ['smallint', 'n'],
    ['numeric(12,3)', 'n * 0.125'],
    ['double precision', 'n / 7.0 + 1e14'],
    ['real', 'n / 7.0'],
    ['text', "md5(n::text) || e'\\n\\\\ '''"],
    ['text collate "C"', 'chr(64 + n % 60) || n'],
    ['varchar(40)', 'md5(n::text)'],
    ['char(12)', "'k' || n"],
    ['uuid', 'md5(n::text)::uuid'],
    ['bytea', "decode(md5(n::text), 'hex')"],
    ['date', "date '2020-02-27' - 300 + n"],
    ['timestamptz', "timestamptz '2024-10-26 20:00+00' + n * interval '7 minutes 0.000001 s'"],
    ['timestamp', "timestamp '0001-01-01 BC' + n * interval '7 days'"],
    ['time', "time '00:00' + n * interval '1 minute'"],
    ['interval', "n * interval '-1 month 1 day 00:00:01'"],
    ['inet', "inet '10.0.0.0' + n"],
    ['int4range', 'int4range(n, n + 5)'],
    ['boolean', null],
  ])('walks by a key of type %s, whatever the settings of the role are', async (type, value) => {
    const rows = value === null ? 2 : 700;
    const place = await createUpgraded(
      counters(rows, `id ${type} primary key`, value ?? '(n = 1)'),
    );
    // The database's own settings, which the batches of any role begin with.
    for (const setting of [
      "datestyle = 'SQL, DMY'",
      "timezone = 'America/New_York'",
      "intervalstyle = 'sql_standard'",
      "bytea_output = 'escape'",
      'extra_float_digits = -5',
    ]) {
      await place.query(`alter database ${place.database} set ${setting}`);
    }
    await place.project.add(backfill('table=counter key=id batch=9 pause=0', COUNT));
    await place.succeed(['upgrade']);
    expect(await touched(place)).toEqual([{ n: 1, rows }]);
  });

  it('walks by a domain, an enum, and names that need quotes', async () => {
    const place = await createUpgraded({
      id: 'a',
      up: `create domain positive as int check (value > 0);
create type mood as enum ('sad', 'ok', 'happy');
create schema "My App";
create table "My App"."Odd ""Table" ("The Key" positive not null, m mood not null, n int default 0);
insert into "My App"."Odd ""Table" select n, (enum_range(null::mood))[1 + n % 3] from generate_series(1, 100) n;
create index on "My App"."Odd ""Table" ("The Key");
create index on "My App"."Odd ""Table" (m, n);`,
    });
    const table = '"My App"."Odd ""Table"';
    await place.project.add({
      id: 'b',
      header: ['transaction none'],
      up: `-- slipway:backfill table=${table} key="The Key" batch=7 pause=0
update ${table} set n = n + 1 where "The Key" between :from and :to;
-- slipway:backfill table=${table} key=m batch=1 pause=0
update ${table} set n = n + 10 where m between :FROM and :TO;`,
    });
    await place.succeed(['upgrade']);
    const rows = await place.query(`select n, count(*)::int as rows from ${table} group by n`);
    expect(rows).toEqual([{ n: 11, rows: 100 }]);
  });

  it('takes many equal keys together, and an empty table for done', async () => {
    const place = await createUpgraded({
      id: 'a',
      up: `create table counter (id int not null, n int not null default 0);
insert into counter (id) select n / 50 from generate_series(0, 999) n;
create index on counter (id);
create table nothing (id int primary key);`,
    });
    await place.project.add({
      id: 'b',
      header: ['transaction none'],
      up: `-- slipway:backfill table=counter key=id batch=20 pause=0
${COUNT};
-- slipway:backfill table=nothing key=id
delete from nothing where id between :from and :to and false;`,
    });
    await place.succeed(['upgrade']);
    expect(await touched(place)).toEqual([{ n: 1, rows: 1000 }]);
  });

  it('walks a partitioned table', async () => {
    const place = await createUpgraded({
      id: 'a',
      up: `create table counter (id int primary key, n int not null default 0) partition by range (id);
create table counter_1 partition of counter for values from (0) to (500);
create table counter_2 partition of counter for values from (500) to (1001);
insert into counter (id) select generate_series(1, 1000);
analyze counter;`,
    });
    await place.project.add(backfill('table=counter key=id batch=33 pause=0', COUNT));
    const outcome = await place.succeed(['upgrade']);
    expect(await touched(place)).toEqual([{ n: 1, rows: 1000 }]);
    expect(outcome.log).toContainEqual(
      expect.objectContaining({ event: 'backfill.started', total: 1000 }),
    );
  });

  it('runs insert … select, and merge where the server has it, and in the other direction delete', async () => {
    const place = await createUpgraded(counters(1000));
    const [server] = await place.query("select current_setting('server_version_num')::int as n");
    const again =
      Number(server?.['n']) < 150_000
        ? 'update copied set n = 2 where id between :from and :to'
        : `merge into copied c using (select * from counter where id between :from and :to) s on c.id = s.id
when matched then update set n = c.n + 1`;
    await place.project.add(
      {
        id: 'a2',
        up: 'create table copied (id bigint primary key, n int);',
        down: 'drop table copied;',
      },
      {
        id: 'b',
        header: ['transaction none'],
        up: `-- slipway:backfill table=counter key=id batch=100 pause=0
insert into copied select id, 1 from counter where id between :from and :to;
-- slipway:backfill table=counter key=id batch=100 pause=0
${again};`,
        down: `-- slipway:backfill table=copied key=id batch=100 pause=0
delete from copied where id between :from and :to;`,
      },
    );
    await place.succeed(['upgrade']);
    expect(await place.query('select n, count(*)::int as rows from copied group by n')).toEqual([
      { n: 2, rows: 1000 },
    ]);
    const refused = await place.run(['downgrade', '-1']);
    failureOf(refused, 16, 'SLIPWAY_NEEDS_APPROVAL');
    await place.succeed(['downgrade', '-1', '--allow-data-loss']);
    expect(await place.query('select count(*)::int as rows from copied')).toEqual([{ rows: 0 }]);
    expect(await place.query('select count(*)::int as rows from slipway.backfill')).toEqual([
      { rows: 0 },
    ]);
    await place.succeed(['upgrade']);
    expect(await place.query('select n, count(*)::int as rows from copied group by n')).toEqual([
      { n: 2, rows: 1000 },
    ]);
  });

  it('runs from a bundle, with what its directive says', async () => {
    const place = await createUpgraded(counters(1000));
    await place.project.add(
      backfill('table=counter key=id batch=300 pause=0 max-lag=off max-time=1min', COUNT),
    );
    await place.succeed(['build', '--out', 'release.bundle']);
    await place.succeed(['upgrade', '--bundle', 'release.bundle']);
    expect(await touched(place)).toEqual([{ n: 1, rows: 1000 }]);
    expect(await cursorOf(place)).toMatchObject({ batches: 4 });
  });

  it('runs smaller batches when they take too long, and larger ones again', async () => {
    const place = await createUpgraded(counters(3000), {
      id: 'a2',
      up: `create function slow(bigint) returns int language sql as
$$ select 1 from (select pg_sleep(case when $1 between 1000 and 1300 then 0.002 else 0 end)) s $$;`,
    });
    await place.project.add(
      backfill(
        'table=counter key=id batch=500 pause=0 max-time=60ms',
        'update counter set n = n + slow(id) where id between :from and :to',
      ),
    );
    await place.succeed(['upgrade']);
    expect(await touched(place)).toEqual([{ n: 1, rows: 3000 }]);
    // At full size it would have been six.
    expect(Number((await cursorOf(place))?.['batches'])).toBeGreaterThan(7);
  });
});

describe('a backfill that cannot be', { concurrent: true }, () => {
  it.each([
    ['a table that is not there', 'table=nowhere key=id', 'there is no table nowhere'],
    ['a column that is not there', 'table=counter key=uid', 'table counter has no column uid'],
    ['a view', 'table=seen key=id', 'seen is not a table'],
    ['a key that may be null', 'table=counter key=maybe', 'column maybe of counter may be null'],
    ['a key without an index', 'table=counter key=n', 'no index of counter is ordered by n'],
    [
      'a key with half an index',
      'table=counter key=half',
      'no index of counter is ordered by half',
    ],
    ['a key of several columns in one', 'table=counter key=pair', 'composite type'],
  ])('is refused for %s, before its first batch', async (_, directive, problem) => {
    const place = await createUpgraded({
      id: 'a',
      up: `create type pair as (a int, b int);
create table counter (id bigint primary key, n int not null default 0, maybe int, half int not null default 1, touched boolean default false, pair pair not null default '(1,2)');
insert into counter (id) values (1);
create index on counter (maybe);
create index on counter (pair);
create index on counter (half) where half > 0;
create view seen as select * from counter;`,
    });
    await place.project.add(
      backfill(directive, 'update counter set touched = true where id between :from and :to'),
    );
    const failure = failureOf(await place.run(['upgrade']), 12, 'SLIPWAY_BACKFILL_INVALID');
    expect(failure['msg']).toContain(problem);
    expect(failure).toMatchObject({ revision: 'b', line: 8 });
    expect(await place.query('select touched from counter')).toEqual([{ touched: false }]);
  });

  it('is refused offline, and shown by a dry run', async () => {
    const place = await createPlace(counters(10), backfill('table=counter key=id', COUNT));
    const offline = await place.run(['upgrade', '--sql']);
    failureOf(offline, 10, 'SLIPWAY_OFFLINE_UNSUPPORTED');
    expect(offline.stdout).toBe('');
    const preview = await place.succeed(['upgrade', '--dry-run', '--json']);
    const { statements } = JSON.parse(preview.stdout) as { statements: Record<string, unknown>[] };
    expect(statements.at(-1)).toMatchObject({
      backfill: { table: 'counter', key: 'id', batch: 5000 },
    });
  });
});
