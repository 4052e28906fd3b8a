/** Behind a real PgBouncer in transaction mode: exactly once, or refused before anything ran. */

import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type PgBouncer, startPgBouncer, whyNoPgBouncer } from '../../support/pgbouncer.ts';
import { query } from '../../support/postgres.ts';
import { createPlace, type RevisionSpec } from '../../support/projects.ts';

const missing = whyNoPgBouncer();
if (missing !== undefined) console.warn(`skipped: ${missing}`);

describe.skipIf(missing !== undefined)('behind a transaction pooler', { timeout: 120_000 }, () => {
  let pooler: PgBouncer;
  beforeAll(async () => {
    pooler = await startPgBouncer(inject('adminUrl'));
  });
  afterAll(async () => {
    await pooler[Symbol.asyncDispose]();
  });

  const counted: readonly RevisionSpec[] = Array.from({ length: 5 }, (_, i) => ({
    id: `r${i}`,
    up: `${i === 0 ? 'create table ran (revision text);\n' : ''}insert into ran values ('r${i}');`,
  }));

  it('twenty runners apply each revision once, and each ends well', async () => {
    const place = await createPlace(...counted);
    const url = pooler.through(place.url);
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, () => place.run(['upgrade'], { url })),
    );
    expect(outcomes.filter(({ exitCode }) => exitCode !== 0).map(({ stderr }) => stderr)).toEqual(
      [],
    );
    const ran = await query(place.url, 'select revision from ran order by 1');
    expect(ran.map((row) => row['revision'])).toEqual(['r0', 'r1', 'r2', 'r3', 'r4']);
    const [logged] = await query(
      place.url,
      "select count(*)::int as n from slipway.log where event = 'upgrade'",
    );
    expect(logged?.['n']).toBe(5);
  });

  it('runners that say +2 at the same time mean the same two', async () => {
    const place = await createPlace(...counted);
    const url = pooler.through(place.url);
    const outcomes = await Promise.all(
      Array.from({ length: 4 }, () => place.run(['upgrade', '+2'], { url })),
    );
    expect(outcomes.map(({ exitCode }) => exitCode)).toContain(0);
    const applied = await query(place.url, 'select id from slipway.revision order by sequence');
    expect(applied.length % 2).toBe(0);
    expect(applied.slice(0, 2).map((row) => row['id'])).toEqual(['r0', 'r1']);
  });

  it('a revision outside a transaction is refused before anything ran, and runs past the pooler', async () => {
    const place = await createPlace(
      { id: 'r0', up: 'create table t (a int);' },
      { id: 'r1', header: ['transaction none'], up: 'create index concurrently t_a on t (a);' },
    );
    const url = pooler.through(place.url);
    const refused = await place.run(['upgrade'], { url });
    expect(refused.exitCode).toBe(10);
    expect(refused.log.at(-1)?.['code']).toBe('SLIPWAY_POOLER_UNSUPPORTED');
    const [state] = await query(place.url, "select to_regclass('t') as t");
    expect(state?.['t']).toBeNull();

    const direct = await place.run(['upgrade'], { url, env: { SLIPWAY_DIRECT_URL: place.url } });
    expect(direct.exitCode, direct.stderr).toBe(0);
    const [index] = await query(
      place.url,
      "select indisvalid from pg_index where indexrelid = 't_a'::regclass",
    );
    expect(index?.['indisvalid']).toBe(true);
  });
});
