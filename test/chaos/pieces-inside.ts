/** Random changes that run in a transaction, each of which would show if it ran twice or by halves. */

import { type Piece, plain, type World } from './world.ts';

/** Makes a piece, or nothing where the world lacks what it works on. */
export type PieceMaker = (world: World) => Piece | undefined;

/** A table with five rows; others count on the rows 1 to 5 and on its columns. */
export function newTable(world: World): Piece {
  const name = world.name('t');
  world.add({ kind: 'table', name, table: name });
  return {
    name: 'table',
    up: plain(
      `create table ${name} (id int primary key, n int not null default 0, note text, spare int)`,
      `insert into ${name} (id, note) select i, 'row ' || i from generate_series(1, 5) i`,
    ),
    down: plain(`drop table ${name}`),
  };
}

const onTable =
  (make: (table: string, world: World) => Piece): PieceMaker =>
  (world) => {
    const table = world.use('table');
    return table === undefined ? undefined : make(table.name, world);
  };

/** All kinds, one of which is drawn at a time. */
export const INSIDE: readonly PieceMaker[] = [
  newTable,
  onTable((table) => ({
    name: 'count',
    up: plain(`update ${table} set n = n + 1 where id <= 5`),
    down: plain(`update ${table} set n = n - 1 where id <= 5`),
  })),
  onTable((table, { number }) => ({
    name: 'insert',
    up: plain(`insert into ${table} (id, note) values (${number}001, 'it''s;'), (${number}002, $$a
-- b$$)`),
    down: plain(`delete from ${table} where id in (${number}001, ${number}002)`),
  })),
  onTable((table, world) => {
    const column = world.name('c');
    return {
      name: 'column',
      up: plain(
        `alter table ${table} add column ${column} int not null default 7`,
        `update ${table} set ${column} = ${column} + 1 where id <= 5`,
      ),
      down: plain(`alter table ${table} drop column ${column}`),
      verify: `select count(*) = 5 from ${table} where ${column} = 8`,
    };
  }),
  onTable((table, world) => {
    const name = world.name('i');
    const again = `create index concurrently ${name} on ${table} (n, note)`;
    world.add({ kind: 'index', name, table, again });
    return {
      name: 'index',
      up: plain(`create index ${name} on ${table} (n, note)`),
      down: plain(`drop index ${name}`),
    };
  }),
  onTable((table, world) => {
    const name = world.name('k');
    world.add({ kind: 'check', name, table });
    return {
      name: 'check',
      up: plain(`alter table ${table} add constraint ${name} check (n > -1000) not valid`),
      down: plain(`alter table ${table} drop constraint ${name}`),
    };
  }),
  onTable((table, world) => {
    const name = world.name('e');
    const column = world.name('c');
    world.add({ kind: 'enum', name, table });
    return {
      name: 'enum',
      up: plain(
        `create type ${name} as enum ('one', 'two')`,
        `alter table ${table} add column ${column} ${name} default 'one'`,
      ),
      down: plain(`alter table ${table} drop column ${column}`, `drop type ${name}`),
    };
  }),
  onTable((table, world) => {
    const view = world.name('v');
    const work = world.name('f');
    return {
      name: 'view and function',
      up: plain(
        `create view ${view} as select id, n from ${table}`,
        `create function ${work}() returns bigint language sql begin atomic select count(*) from ${table}; end`,
        `comment on view ${view} is 'of ${table}'`,
      ),
      down: plain(`drop function ${work}()`, `drop view ${view}`),
    };
  }),
  onTable((table, { number }) => ({
    name: 'only-if',
    up: [
      {
        sql: `insert into ${table} (id) values (${number}011)`,
        onlyIf: `select count(*) = 5 from ${table} where id <= 5`,
      },
      {
        sql: `insert into ${table} (id) values (${number}012)`,
        onlyIf: `select exists (select from ${table} where id = -1)`,
      },
    ],
    down: plain(`delete from ${table} where id in (${number}011, ${number}012)`),
  })),
  onTable((table, { number }) => ({
    name: 'copy',
    up: [
      {
        sql: `insert into ${table} (id, note) values (${number}021, 'a'), (${number}022, null)`,
        inFile: `copy ${table} (id, note) from stdin;\n${number}021\ta\n${number}022\t\\N\n\\.`,
      },
    ],
    down: plain(`delete from ${table} where id between ${number}021 and ${number}022`),
  })),
  onTable((table, { number, random }) => ({
    name: 'many statements',
    up: plain(
      ...Array.from(
        { length: random.integer(10, 40) },
        (_, i) =>
          `insert into ${table} (id, n) values (${number}1${String(i).padStart(2, '0')}, ${i})`,
      ),
    ),
    down: plain(`delete from ${table} where id between ${number}100 and ${number}199`),
  })),
  onTable((table, { number }) => ({
    name: 'do block',
    up: plain(`do $do$ begin
  for i in 1..3 loop
    insert into ${table} (id, n) values (${number}030 + i, i);
    raise notice 'row %', i;
  end loop;
end $do$`),
    down: plain(`delete from ${table} where id between ${number}031 and ${number}033`),
  })),
  (world) => {
    const name = world.name('b');
    world.add({ kind: 'long table', name, table: name });
    return {
      name: 'long table',
      up: plain(
        `create table ${name} (id int primary key, n int not null default 0)`,
        `insert into ${name} (id) select i * 3 from generate_series(1, 40) i`,
      ),
      down: plain(`drop table ${name}`),
    };
  },
  (world) => {
    const table = world.name('p');
    const parts = [1, 2, 3].map((part) => `${table}_${part}`);
    for (const name of parts.slice(1)) world.add({ kind: 'partition', name, table });
    return {
      name: 'partitions',
      up: plain(
        `create table ${table} (id int not null, n int) partition by range (id)`,
        ...parts.map(
          (name, i) =>
            `create table ${name} partition of ${table} for values from (${i * 100}) to (${i * 100 + 100})`,
        ),
        `insert into ${table} select i, i from generate_series(0, 299, 20) i`,
      ),
      down: plain(...parts.map((name) => `drop table ${name}`), `drop table ${table}`),
    };
  },
];
