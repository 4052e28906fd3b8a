/** A backfill waits for a real standby that falls behind, and tells where it may not look. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EmbeddedPostgres } from '../../../src/embedded/server.ts';
import { until } from '../../support/cli.ts';
import { query, startPostgres } from '../../support/postgres.ts';
import { createProject, placeAt, type RevisionSpec } from '../../support/projects.ts';
import { startStandby } from '../../support/standby.ts';

const REVISIONS: readonly RevisionSpec[] = [
  {
    id: 'a',
    up: `create table counter (id int primary key, n int not null default 0);
insert into counter (id) select generate_series(1, 2000);`,
  },
  {
    id: 'b',
    header: ['transaction none'],
    up: `-- slipway:backfill table=counter key=id batch=100 pause=100ms max-lag=500ms
update counter set n = n + 1 where id between :from and :to;`,
  },
];

let primary: EmbeddedPostgres;
let standby: EmbeddedPostgres;
beforeAll(async () => {
  primary = await startPostgres();
  standby = await startStandby(primary);
});
afterAll(async () => {
  await standby[Symbol.asyncDispose]();
  await primary[Symbol.asyncDispose]();
});

async function place(name: string) {
  await query(primary.url, `create database ${name}`);
  const url = new URL(primary.url);
  url.pathname = `/${name}`;
  const at = placeAt(await createProject(REVISIONS), url.href);
  await at.succeed(['upgrade', 'a']);
  return at;
}

describe('a backfill with a standby', () => {
  it('waits while the standby is too far behind, and goes on when it has caught up', async () => {
    const shop = await place('waits');
    await until(async () =>
      expect(await query(primary.url, 'select state from pg_stat_replication')).toEqual([
        { state: 'streaming' },
      ]),
    );
    const run = shop.start(['upgrade']);
    await run.logged('backfill.started');
    await query(standby.url, 'select pg_wal_replay_pause()');
    const line = await run.logged('backfill.progress');
    expect(line['throttledBy']).toMatch(/^replica walreceiver is .* behind, more than 500 ms$/);
    const [waiting] = await shop.query('select count(*)::int as rows from counter where n = 0');
    expect(waiting?.['rows']).toBeGreaterThan(0);
    await query(standby.url, 'select pg_wal_replay_resume()');
    expect((await run.ended).exitCode).toBe(0);
    expect(await shop.query('select distinct n from counter')).toEqual([{ n: 1 }]);
  });

  it('says once that it may not see how far the standby is, and does not wait', async () => {
    const shop = await place('blind');
    await query(primary.url, 'create role clerk login');
    await shop.query('grant all on schema slipway to clerk');
    await shop.query('grant all on all tables in schema slipway to clerk');
    await shop.query('grant all on all sequences in schema slipway to clerk');
    await shop.query('grant all on counter to clerk');
    const url = new URL(shop.url);
    url.username = 'clerk';
    const outcome = await shop.succeed(['upgrade'], { url: url.href });
    const warnings = outcome.log.filter((line) => line.event === 'warning');
    expect(warnings.map((line) => line.msg)).toEqual([
      expect.stringMatching(/may not see how far replicas are behind/),
    ]);
    expect(await shop.query('select distinct n from counter')).toEqual([{ n: 1 }]);
  });
});
