/** Many runners at once: each revision is applied once, and nobody fails or hangs. */

import { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import { lockKey } from '../../../src/postgres/lock.ts';
import { type Outcome, until } from '../../support/cli.ts';
import {
  createPlace,
  createUpgraded,
  type Place,
  type RevisionSpec,
} from '../../support/projects.ts';

/** Revisions that leave a row behind each time they run. */
function countedRevisions(count: number): readonly RevisionSpec[] {
  return Array.from({ length: count }, (_, i) => ({
    id: `r${i}`,
    up: `${i === 0 ? 'create table ran (revision text);\n' : ''}insert into ran values ('r${i}');`,
  }));
}

function upgradeAtOnce(place: Place, count: number): Promise<Outcome[]> {
  return Promise.all(
    Array.from({ length: count }, (_, i) =>
      place.run(['upgrade'], { env: { POD_NAME: `pod-${i}` } }),
    ),
  );
}

function expectAllZero(outcomes: readonly Outcome[]): void {
  const failed = outcomes.filter((outcome) => outcome.exitCode !== 0);
  expect(failed.map(({ stderr }) => stderr)).toEqual([]);
}

const outcomesOf = (outcomes: readonly Outcome[]) =>
  outcomes.map(({ log }) => String(log.at(-1)?.['outcome']));

describe('many runners at once', { timeout: 120_000 }, () => {
  it('apply each revision once on an empty database, fifty of them', async () => {
    const place = await createPlace(...countedRevisions(10));
    const outcomes = await upgradeAtOnce(place, 50);
    expectAllZero(outcomes);
    expect(await place.query('select revision from ran order by revision')).toEqual(
      Array.from({ length: 10 }, (_, i) => ({ revision: `r${i}` })),
    );
    const events = outcomes.flatMap(({ log }) => log.map(({ event }) => event));
    expect(events.filter((event) => event === 'history.created')).toHaveLength(1);
    expect(events.filter((event) => event === 'revision.applied')).toHaveLength(10);
    expect(new Set(outcomesOf(outcomes))).toContain('done');
    const [audit] = await place.query(
      "select count(*)::int as entries, count(distinct revision)::int as revisions from slipway.log where event = 'upgrade'",
    );
    expect(audit).toEqual({ entries: 10, revisions: 10 });
  });

  it('build an index concurrently once, twenty of them, without a deadlock', async () => {
    const place = await createUpgraded({
      id: 'r1',
      up: `create table item (id int, name text);
insert into item select n, 'item ' || n from generate_series(1, 20000) n;`,
    });
    await place.project.add({
      id: 'r2',
      header: ['transaction none'],
      up: 'create index concurrently item_name on item (name);',
    });
    const outcomes = await upgradeAtOnce(place, 20);
    expectAllZero(outcomes);
    expect(outcomesOf(outcomes).filter((outcome) => outcome === 'done')).toHaveLength(1);
    expect(
      await place.query(
        "select indisvalid as valid from pg_index where indexrelid::regclass::text like 'item_name%'",
      ),
    ).toEqual([{ valid: true }]);
  });

  it('leave as soon as a slow holder has done the work, ten of them', async () => {
    const place = await createPlace(
      { id: 'r1', up: 'create table gate (open boolean); ' },
      {
        id: 'r2',
        up: `do $$ begin
  while not exists (select from gate where open) loop
    perform pg_sleep(0.02);
  end loop;
end $$;`,
      },
    );
    await place.succeed(['upgrade', '+1']);
    const runs = Array.from({ length: 10 }, () => place.start(['upgrade']));
    const waiting = () => runs.filter(({ log }) => log().some((l) => l.event === 'lock.waiting'));
    await until(() => expect(waiting()).toHaveLength(9));
    await place.query('insert into gate values (true)');
    const outcomes = await Promise.all(runs.map(({ ended }) => ended));
    expectAllZero(outcomes);
    expect(outcomesOf(outcomes).sort()).toEqual(
      ['done', ...Array(9).fill('done-by-another')].sort(),
    );
  });

  it('name a holder that is no slipway, and go on when it is gone', async () => {
    const place = await createPlace(...countedRevisions(2));
    const holder = new Client({ connectionString: place.url, application_name: 'psql' });
    await holder.connect();
    await holder.query('select pg_advisory_lock($1::bigint)', [lockKey('slipway')]);
    const run = place.start(['upgrade']);
    const waiting = await run.logged('lock.waiting');
    expect(waiting).toMatchObject({ holder: { application: 'psql' }, done: 0, total: 2 });
    await holder.end();
    const outcome = await run.ended;
    expect(outcome.exitCode, outcome.stderr).toBe(0);
    expect(outcome.log.at(-1)).toMatchObject({ outcome: 'done', applied: 2 });
  });
});
