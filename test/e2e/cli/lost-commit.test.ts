/** The connection is cut between a commit and its answer: the same run finds out what became of it. */

import { describe, expect, inject, it } from 'vitest';
import { failureOf, type Outcome } from '../../support/cli.ts';
import { type CommitProxy, type Cut, startCommitProxy } from '../../support/commit-proxy.ts';
import { startPgBouncer, whyNoPgBouncer } from '../../support/pgbouncer.ts';
import { createUpgraded, type Place, placeAt } from '../../support/projects.ts';

const ARRIVED: Cut = { arrives: true, serverLearns: true };
const NOT_ARRIVED: Cut = { arrives: false, serverLearns: true };

/** A place at r1 with r2 and r3 pending; each says so in a table. */
async function createTwoPending(): Promise<Place> {
  const place = await createUpgraded({ id: 'r1', up: 'create table ran (revision text);' });
  await place.project.add(
    {
      id: 'r2',
      up: "insert into ran values ('r2');",
      down: "delete from ran where revision = 'r2';",
    },
    {
      id: 'r3',
      up: "insert into ran values ('r3');",
      down: "delete from ran where revision = 'r3';",
    },
  );
  return place;
}

function through(place: Place, proxy: CommitProxy): Place {
  const url = new URL(place.url);
  url.port = String(proxy.port);
  return placeAt(place.project, url.href);
}

const ran = (place: Place) => place.query('select revision from ran order by 1');
const recorded = (place: Place) =>
  place.query(
    "select revision, count(*)::int as n from slipway.log where event = 'upgrade' group by 1 order by 1",
  );

async function expectAll(place: Place, outcome: Outcome): Promise<void> {
  expect(outcome.exitCode, outcome.stderr).toBe(0);
  expect(outcome.log.at(-1)).toMatchObject({ outcome: 'done', applied: 2, heads: ['r3'] });
  expect(await ran(place)).toEqual([{ revision: 'r2' }, { revision: 'r3' }]);
  expect(await recorded(place)).toEqual([
    { revision: 'r1', n: 1 },
    { revision: 'r2', n: 1 },
    { revision: 'r3', n: 1 },
  ]);
}

describe('a connection lost at a commit', { concurrent: true }, () => {
  it('that had happened: the run goes on with the rest', async () => {
    const place = await createTwoPending();
    await using proxy = await startCommitProxy(place.url);
    proxy.arm(ARRIVED);
    const outcome = await through(place, proxy).run(['upgrade']);
    expect(proxy.hasCut).toBe(true);
    await expectAll(place, outcome);
    expect(outcome.log.find(({ event }) => event === 'warning')?.msg).toMatch(/commit of .*r2/);
  });

  it('that had not happened: exit 20 says so, and the next run applies it', async () => {
    const place = await createTwoPending();
    await using proxy = await startCommitProxy(place.url);
    proxy.arm(NOT_ARRIVED);
    const outcome = await through(place, proxy).run(['upgrade']);
    const failure = failureOf(outcome, 20, 'SLIPWAY_DB_CONNECTION_LOST');
    expect(failure).toMatchObject({ revision: 'r2', rolledBack: true, finished: [] });
    expect(failure.msg).toMatch(/was not committed/);
    expect(await ran(place)).toEqual([]);
    expect(
      await place.query('select event, revision from slipway.log order by id desc limit 1'),
    ).toEqual([{ event: 'failure', revision: 'r2' }]);
    await expectAll(place, await place.run(['upgrade']));
  });

  it.each([
    ['arrived', true],
    ['did not arrive', false],
  ])('over a network that told the server nothing, where it %s', async (_, arrives) => {
    const place = await createTwoPending();
    await using proxy = await startCommitProxy(place.url);
    proxy.arm({ arrives, serverLearns: false });
    const outcome = await through(place, proxy).run(['upgrade']);
    if (arrives) return expectAll(place, outcome);
    // The old session still held the lock, with the transaction open in it.
    failureOf(outcome, 20, 'SLIPWAY_DB_CONNECTION_LOST');
    expect(await ran(place)).toEqual([]);
    return expectAll(place, await place.run(['upgrade']));
  });

  it('does not claim to know where there is no new connection', async () => {
    const place = await createTwoPending();
    const proxy = await startCommitProxy(place.url);
    proxy.arm({ ...ARRIVED, before: async () => void proxy[Symbol.asyncDispose]() });
    const outcome = await through(place, proxy).run(['upgrade', '--connect-timeout', '300ms']);
    const failure = failureOf(outcome, 20, 'SLIPWAY_DB_CONNECTION_LOST');
    expect(failure.msg).toMatch(/not known/);
    expect(await ran(place)).toEqual([{ revision: 'r2' }]);
    const next = await place.succeed(['upgrade']);
    expect(next.log.at(-1)).toMatchObject({ applied: 1 });
  });

  it('of a downgrade goes on to its target and no further', async () => {
    const place = await createTwoPending();
    await place.succeed(['upgrade']);
    await using proxy = await startCommitProxy(place.url);
    proxy.arm(ARRIVED);
    const there = through(place, proxy);
    const outcome = await there.run(['downgrade', '-2', '--allow-data-loss']);
    expect(outcome.exitCode, outcome.stderr).toBe(0);
    expect(await place.query('select id from slipway.revision')).toEqual([{ id: 'r1' }]);
    expect(await ran(place)).toEqual([]);
  });

  it('of the record of a revision outside a transaction does not run it again', async () => {
    const place = await createTwoPending();
    await place.succeed(['upgrade']);
    await place.project.add({
      id: 'r4',
      header: ['transaction none'],
      up: 'create index concurrently ran_revision on ran (revision);',
    });
    await using proxy = await startCommitProxy(place.url);
    // The first commit is that it has begun.
    proxy.arm(ARRIVED);
    const there = through(place, proxy);
    const failure = failureOf(await there.run(['upgrade']), 20, 'SLIPWAY_DB_CONNECTION_LOST');
    expect(failure.msg).toMatch(/is not finished/);
    const next = await there.succeed(['upgrade']);
    expect(next.log.at(-1)).toMatchObject({ applied: 1, heads: ['r4'] });
  });

  it.skipIf(whyNoPgBouncer() !== undefined).each([
    ['arrived', true],
    ['did not arrive', false],
  ])('behind a transaction pooler, where it %s', async (_, arrives) => {
    const place = await createTwoPending();
    await using pooler = await startPgBouncer(inject('adminUrl'));
    await using proxy = await startCommitProxy(pooler.through(place.url));
    proxy.arm({ arrives, serverLearns: true });
    const outcome = await through(place, proxy).run(['upgrade']);
    if (arrives) return expectAll(place, outcome);
    const failure = failureOf(outcome, 20, 'SLIPWAY_DB_CONNECTION_LOST');
    expect(failure.msg).toMatch(/was not committed/);
    return expectAll(place, await place.run(['upgrade']));
  });
});
