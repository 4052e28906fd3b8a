/** A server that crashes under a backfill, whose batches were not flushed, and sessions that it ends. */

import { afterAll, beforeAll, expect, it } from 'vitest';
import type { EmbeddedPostgres } from '../../../src/embedded/server.ts';
import { failureOf, until } from '../../support/cli.ts';
import { query, startPostgres } from '../../support/postgres.ts';
import { createProject, type Place, placeAt } from '../../support/projects.ts';

let server: EmbeddedPostgres;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server[Symbol.asyncDispose]());

/** Rows that count how often they were touched, and a backfill that touches them. */
async function place(name: string): Promise<Place> {
  await query(server.url, `create database ${name}`);
  const url = new URL(server.url);
  url.pathname = `/${name}`;
  const project = await createProject([
    {
      id: 'a',
      up: `create table counter (id int primary key, n int not null default 0);
insert into counter (id) select generate_series(1, 20000);`,
    },
    {
      id: 'b',
      header: ['transaction none'],
      up: `-- slipway:backfill table=counter key=id batch=50 pause=10ms
update counter set n = n + 1 where id between :from and :to;`,
    },
  ]);
  const at = placeAt(project, url.href);
  await at.succeed(['upgrade', 'a']);
  return at;
}

async function keysOf(at: Place): Promise<number> {
  const [row] = await at.query('select keys_done::int as keys from slipway.backfill');
  return Number(row?.['keys'] ?? 0);
}

it('a crash of the server loses whole batches with their cursor, and they run again', async () => {
  const at = await place('crashes');
  for (const keys of [500, 2000, 4000]) {
    const run = at.start(['upgrade']);
    await until(async () => expect(await keysOf(at)).toBeGreaterThan(keys));
    await server.stop('immediate');
    failureOf(await run.ended, 20, 'SLIPWAY_DB_CONNECTION_LOST');
    await server.start();
    const [row] = await at.query(
      'select sum(n)::int as touched, count(*) filter (where n > 1)::int as twice from counter',
    );
    expect(row).toEqual({ touched: await keysOf(at), twice: 0 });
  }
  await at.succeed(['upgrade']);
  expect(await at.query('select n, count(*)::int as rows from counter group by n')).toEqual([
    { n: 1, rows: 20_000 },
  ]);
});

it('a session that is ended in a batch or at its commit leaves the batch whole or not at all', async () => {
  const at = await place('terminates');
  let ended = 0;
  for (const keys of [0, 1000, 2000, 3000, 4000]) {
    const run = at.start(['upgrade']);
    await until(async () => expect(await keysOf(at)).toBeGreaterThan(keys));
    await at.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and application_name like 'slipway/%'`,
    );
    const outcome = await run.ended;
    // On a busy machine it may have been done before it was ended.
    if (outcome.exitCode === 0) break;
    failureOf(outcome, 20, 'SLIPWAY_DB_CONNECTION_LOST');
    ended++;
  }
  expect(ended).toBeGreaterThan(0);
  await at.succeed(['upgrade']);
  expect(await at.query('select n, count(*)::int as rows from counter group by n')).toEqual([
    { n: 1, rows: 20_000 },
  ]);
});
