/** A pod restart with nothing to do: one line, one query, no lock, whatever the number of revisions. */

import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EmbeddedPostgres } from '../../../src/embedded/server.ts';
import { lockKey } from '../../../src/postgres/lock.ts';
import { query, startPostgres } from '../../support/postgres.ts';
import { createPlace, createUpgraded, placeAt, type RevisionSpec } from '../../support/projects.ts';

const COUNT = 2000;
const many: readonly RevisionSpec[] = Array.from({ length: COUNT }, (_, i) => ({
  id: `r${i}`,
  up: i === 0 ? 'create table ran (n int);' : `insert into ran values (${i});`,
}));

describe('a second run', () => {
  let server: EmbeddedPostgres;
  beforeAll(async () => {
    server = await startPostgres({ config: { log_statement: 'all', log_line_prefix: '[%a] ' } });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it('with a bundle of two thousand revisions sends one query and writes one line', async () => {
    const { project } = await createPlace(...many);
    const place = placeAt(project, server.url);
    await place.succeed(['build', '--out', 'release.bundle']);
    const env = { SLIPWAY_BUNDLE: 'release.bundle' };
    const first = await place.succeed(['upgrade'], { env });
    expect(first.log.at(-1)).toMatchObject({ outcome: 'done', applied: COUNT });

    const pod = { POD_NAME: 'second', POD_NAMESPACE: 'shop' };
    const second = await place.succeed(['upgrade'], { env: { ...env, ...pod } });
    expect(second.log).toHaveLength(1);
    expect(second.stderr.trim().split('\n')).toHaveLength(1);
    expect(second.log[0]).toMatchObject({
      event: 'run.finished',
      level: 'info',
      outcome: 'nothing-to-do',
      heads: [`r${COUNT - 1}`],
    });
    expect(second.stdout).toBe('');
    const sent = server
      .log()
      .split(/\n(?=\[)/)
      .filter((entry) =>
        /^\[slipway\/shop\/second\] LOG: {2}(statement|execute|parse)/.test(entry),
      );
    expect(sent).toHaveLength(1);
    expect(sent[0]).toMatch(/summary/);
    expect(await query(server.url, 'select count(*)::int as n from ran')).toEqual([
      { n: COUNT - 1 },
    ]);
  }, 120_000);

  it('does not wait for the migration lock that another session holds', async () => {
    const place = await createUpgraded({ id: 'r1', up: 'create table t ();' });
    const holder = new Client({ connectionString: place.url });
    await holder.connect();
    await holder.query('select pg_advisory_lock($1::bigint)', [lockKey('slipway')]);
    const second = await place.succeed(['upgrade', '--lock-wait', '0s']);
    await holder.end();
    expect(second.log.map(({ event }) => event)).toEqual(['run.finished']);
  });

  it('is as short from files as from a bundle', async () => {
    const place = await createUpgraded({ id: 'r1', up: 'create table t ();' });
    const second = await place.succeed(['upgrade']);
    expect(second.log.map(({ event }) => event)).toEqual(['run.finished']);
  });

  it('with --json answers on standard output', async () => {
    const place = await createUpgraded({ id: 'r1', up: 'create table t ();' });
    const second = await place.succeed(['upgrade', '--json']);
    expect(JSON.parse(second.stdout)).toMatchObject({
      outcome: 'nothing-to-do',
      heads: ['r1'],
      revisions: [],
    });
  });
});
