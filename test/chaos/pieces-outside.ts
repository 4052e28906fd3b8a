/** Random changes that run outside a transaction: each can be caught half way. */

import type { PieceMaker } from './pieces-inside.ts';
import { type ChaosStatement, plain } from './world.ts';

/** All kinds, one of which is drawn at a time. */
export const OUTSIDE: readonly PieceMaker[] = [
  (world) => {
    const table = world.use('table');
    if (table === undefined) return undefined;
    const name = world.name('i');
    const [unique, shape] = world.random.pick([
      ['', '(n)'],
      ['unique ', '(id, note)'],
      ['', '((n + 1), lower(note))'],
      ['', '(note text_pattern_ops) where n > 0'],
      ['', '(n desc nulls last) include (note)'],
    ] as const);
    const sql = `create ${unique}index concurrently ${name} on ${table.name} ${shape}`;
    world.add({ kind: 'index', name, table: table.name, again: sql });
    return {
      name: 'create index concurrently',
      up: plain(sql),
      down: plain(`drop index concurrently ${name}`),
    };
  },
  (world) => {
    const index = world.take('index');
    if (index?.again === undefined) return undefined;
    return {
      name: 'drop index concurrently',
      up: plain(`drop index concurrently ${index.name}`),
      down: plain(index.again),
    };
  },
  (world) => {
    const index = world.use('index');
    if (index === undefined) return undefined;
    return {
      name: 'reindex index concurrently',
      up: plain(`reindex index concurrently ${index.name}`),
      down: [],
    };
  },
  (world) => {
    const table = world.use('table');
    if (table === undefined) return undefined;
    return {
      name: 'reindex table concurrently',
      up: plain(`reindex table concurrently ${table.name}`),
      down: [],
    };
  },
  (world) => {
    const type = world.own('enum');
    if (type === undefined) return undefined;
    const label = world.name('label');
    const place = world.random.pick(['', " before 'two'", " after 'one'"]);
    return {
      name: 'add value',
      // A label cannot be taken away, so it is there already when the revision comes back.
      up: plain(`alter type ${type.name} add value if not exists '${label}'${place}`),
      down: [],
    };
  },
  (world) => {
    const check = world.use('check');
    if (check === undefined) return undefined;
    return {
      name: 'validate constraint',
      up: plain(`alter table ${check.table} validate constraint ${check.name}`),
      down: [],
    };
  },
  (world) => {
    const table = world.use('table');
    if (table === undefined) return undefined;
    const sql = `${world.random.pick(['vacuum', 'vacuum (analyze)', 'analyze'])} ${table.name}`;
    return { name: 'vacuum', up: plain(sql), down: [] };
  },
  (world) => {
    const partition = world.take('partition');
    if (partition === undefined) return undefined;
    const from = (Number(partition.name.split('_').at(-1)) - 1) * 100;
    return {
      name: 'detach concurrently',
      up: plain(`alter table ${partition.table} detach partition ${partition.name} concurrently`),
      // Detaching leaves a check constraint behind: https://www.postgresql.org/docs/18/sql-altertable.html
      down: plain(
        `alter table ${partition.table} attach partition ${partition.name} for values from (${from}) to (${from + 100})`,
        `alter table ${partition.name} drop constraint if exists ${partition.name}_id_check`,
      ),
    };
  },
  (world) => {
    const table = world.take('long table');
    if (table === undefined) return undefined;
    const { random } = world;
    // Either each row is counted, or a row is passed over that has been done already.
    const counts = random.chance(0.5);
    const batch = random.pick([3, 7, 15, 100]);
    const change = (by: string, before: number): ChaosStatement => ({
      sql: `update ${table.name} set n = n ${by} 1${counts ? '' : ` where n = ${before}`}`,
      inFile: `-- slipway:backfill table=${table.name} key=id batch=${batch} pause=1ms
update ${table.name} set n = n ${by} 1 where id between :from and :to${counts ? '' : ` and n = ${before}`};`,
    });
    return {
      name: counts ? 'counting backfill' : 'backfill',
      up: [change('+', 0)],
      down: [change('-', 1)],
      ...(counts ? { oneWay: true } : {}),
    };
  },
  (world) => {
    const table = world.use('table');
    if (table === undefined) return undefined;
    const { number } = world;
    const again: ChaosStatement = {
      sql: `insert into ${table.name} (id) values (${number}041) on conflict do nothing`,
      idempotent: true,
    };
    return {
      name: 'idempotent',
      up: [again],
      down: [{ sql: `delete from ${table.name} where id = ${number}041`, idempotent: true }],
    };
  },
];

/** Statements of which nobody can know whether they ran: here, and only here, exit 30 is right. */
export const UNKNOWABLE: PieceMaker = (world) => {
  const table = world.use('table');
  if (table === undefined) return undefined;
  return {
    name: 'unknowable',
    oneWay: true,
    up: [{ sql: `update ${table.name} set n = n + 1 where id <= 5`, unknowable: true }],
    down: [{ sql: `update ${table.name} set n = n - 1 where id <= 5`, unknowable: true }],
  };
};
