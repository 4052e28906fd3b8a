import { describe, expect, it } from 'vitest';
import { failure } from '../../support/fake-catalog.ts';
import type { FakeServer } from '../../support/fake-database.ts';
import { revision } from '../../support/graph.ts';
import type { Trap } from '../../support/traps.ts';
import { errorOf, raise, world } from './support.ts';

const A = revision('a', {
  up: `create table numbers (id bigint primary key, n int);
insert into numbers (id) select generate_series(1, 20);`,
});
const UPDATE = 'update numbers set n = n + 1 where id between :from and :to';
const backfill = (sql = UPDATE, words = 'batch=3 pause=10ms', above = '') =>
  revision('b<-a transaction:none', {
    up: `${above}-- slipway:backfill table=numbers key=id ${words}\n${sql};`,
    down: '',
  });
const lost = raise(failure('connection-lost', 'Connection terminated unexpectedly'));

function touched(server: FakeServer): readonly number[] {
  return [...(server.state.tables.get('numbers')?.values() ?? [])];
}
const ONCE = Array.from({ length: 20 }, () => 1);

/** A world with rows in it, and a backfill pending. */
async function ready(b = backfill()) {
  const first = world([A]);
  await first.upgrade();
  return world([A, b], { server: first.server });
}

describe('a backfill', () => {
  it('runs batch by batch, a transaction each, and is journaled as done', async () => {
    const run = await ready();
    const before = run.server.commits.length;
    await run.upgrade();
    expect(touched(run.server)).toEqual(ONCE);
    // Begun, seven batches, recorded.
    expect(run.server.commits.length - before).toBe(9);
    expect(run.server.state.journal).toMatchObject([{ revision: 'b', state: 'done' }]);
    expect([...run.server.state.cursors.values()]).toMatchObject([
      { key: '20', keys: 20, rows: 20, batches: 7 },
    ]);
    expect(run.surroundings.sleeps).toEqual(Array.from({ length: 7 }, () => 10));
  });

  it('commits its batches without waiting for the disk, and its record with', async () => {
    const run = await ready();
    await run.upgrade();
    const durable = run.server.commits.map((options) => options.durable);
    expect(durable.slice(-8)).toEqual([...Array.from({ length: 7 }, () => false), true]);
  });

  it('says that it begins and that it is done', async () => {
    const run = await ready();
    await run.upgrade();
    const { reporter } = run.surroundings;
    const about = { revision: 'b', table: 'numbers' };
    expect(reporter.of('backfill.started')).toMatchObject([{ ...about, done: 0, total: 20 }]);
    expect(reporter.of('backfill.progress')).toEqual([]);
    expect(reporter.of('backfill.finished')).toMatchObject([
      { ...about, done: 20, rows: 20, batches: 7, elapsedMs: 70 },
    ]);
  });

  it('tells how far it is when it takes long', async () => {
    const run = await ready(backfill(UPDATE, 'batch=1 pause=1s'));
    await run.upgrade();
    const progress = run.surroundings.reporter.of('backfill.progress');
    expect(progress.map((event) => event.elapsedMs)).toEqual(
      Array.from({ length: 15 }, (_, second) => (second + 5) * 1000),
    );
    expect(progress[0]).toMatchObject({
      done: 6,
      total: 20,
      rows: 6,
      percent: 30,
      keysPerSecond: 1.2,
      remainingMs: 11_667,
      throttledBy: undefined,
    });
    // Nothing is at its end that has not ended.
    expect(progress.at(-1)).toMatchObject({ done: 20, percent: 99 });
  });

  it.each<[string, Omit<Trap, 'act'>]>([
    [
      'before its first key was asked for',
      { operation: 'statement', match: /next behind the start/ },
    ],
    ['in the middle of a batch', { operation: 'statement', match: /update numbers/ }],
    ['after a batch, before its commit', { operation: 'commit' }],
    ['after a commit', { operation: 'commit', when: 'after' }],
    ['before it was journaled as done', { operation: 'journal', match: /done/ }],
    ['after it was journaled as done', { operation: 'journal', match: /done/, when: 'after' }],
  ])('touches each row once when its runner dies %s, again and again', async (_, trap) => {
    let run = await ready();
    for (let crash = 0; crash < 4; crash++) {
      let passes = crash;
      run.server.trap({
        ...trap,
        times: 50,
        act: () => {
          if (passes-- === 0) lost();
        },
      });
      await run.upgrade().catch(() => undefined);
      run = world([A, backfill()], { server: run.server });
    }
    await run.upgrade();
    expect(run.applied).toEqual(['a', 'b']);
    expect(touched(run.server)).toEqual(ONCE);
  });

  it('goes on behind what is done, and says so', async () => {
    const run = await ready();
    run.server.trap({ operation: 'statement', match: /next behind 9/, act: lost });
    await errorOf(run.upgrade());
    const next = world([A, backfill()], { server: run.server });
    await next.upgrade();
    expect(next.surroundings.reporter.of('backfill.started')).toMatchObject([{ done: 9 }]);
    expect(touched(run.server)).toEqual(ONCE);
  });

  it('tries again on a lock timeout, and counts anew after each batch', async () => {
    const run = await ready();
    const busy = raise(failure('lock-timeout', 'lock timeout'));
    let calls = 0;
    run.server.trap({
      operation: 'statement',
      match: /update numbers/,
      times: 50,
      act: () => {
        // Each batch fails three times, which is as often as may be.
        if (calls++ % 4 !== 3) busy();
      },
    });
    await run.upgrade({ limits: { lockRetries: 3 } });
    expect(touched(run.server)).toEqual(ONCE);
    expect(run.surroundings.reporter.of('revision.retrying')).toHaveLength(21);
  });

  it('gives up on a lock that is never free, and keeps what is done', async () => {
    const run = await ready();
    const busy = raise(failure('lock-timeout', 'lock timeout'));
    run.server.trap({ operation: 'statement', match: /next behind 6/, times: 99, act: busy });
    const error = await errorOf(run.upgrade({ limits: { lockRetries: 2 } }));
    expect(error.code).toBe('SLIPWAY_OBJECT_LOCK_TIMEOUT');
    expect(error.details).toMatchObject({ revision: 'b', line: 9, rolledBack: false });
    expect(touched(run.server).filter((n) => n === 1)).toHaveLength(6);
  });

  it('stops between two batches when it is told to', async () => {
    const run = await ready();
    run.surroundings.at(25, () => run.surroundings.interrupt());
    const error = await errorOf(run.upgrade());
    expect(error.code).toBe('SLIPWAY_INTERRUPTED');
    const next = world([A, backfill()], { server: run.server });
    await next.upgrade();
    expect(touched(run.server)).toEqual(ONCE);
  });
});

describe('a backfill with replicas', () => {
  it('waits as long as one is too far behind', async () => {
    const run = await ready();
    let looks = 0;
    run.server.replicas(() => ({ lagMs: ++looks < 8 ? 11_000 : 3000, replica: 'db-2' }));
    await run.upgrade();
    expect(run.surroundings.sleeps.filter((ms) => ms === 1000)).toHaveLength(7);
    expect(run.surroundings.reporter.of('backfill.progress')[0]).toMatchObject({
      done: 0,
      throttledBy: 'replica db-2 is 11 s behind, more than 10 s',
    });
    expect(touched(run.server)).toEqual(ONCE);
  });

  it('can be stopped while it waits', async () => {
    const run = await ready();
    run.server.replicas(() => ({ lagMs: 60_000, replica: 'db-2' }));
    run.surroundings.at(30_000, () => run.surroundings.interrupt());
    expect((await errorOf(run.upgrade())).code).toBe('SLIPWAY_INTERRUPTED');
  });

  it('says once that it may not look, and goes on', async () => {
    const run = await ready(backfill(UPDATE, 'batch=3 pause=2s'));
    run.server.replicas(() => undefined);
    await run.upgrade();
    expect(run.surroundings.reporter.of('warning')).toHaveLength(1);
  });

  it('does not ask where the file says off', async () => {
    const run = await ready(backfill(UPDATE, 'max-lag=off'));
    run.server.replicas(raise(new Error('asked')));
    await run.upgrade();
    expect(touched(run.server)).toEqual(ONCE);
  });
});

describe('a backfill that is not what it was', () => {
  /** The server after a runner died behind the first nine keys. */
  async function half(b = backfill()) {
    const run = await ready(b);
    run.server.trap({ operation: 'statement', match: /next behind 9/, act: lost });
    await errorOf(run.upgrade());
    return run.server;
  }
  const OTHER = 'update numbers set n = n + 2 where id between :from and :to';

  it('is refused where rows are done', async () => {
    const server = await half();
    const error = await errorOf(world([A, backfill(OTHER)], { server }).upgrade());
    expect(error.code).toBe('SLIPWAY_REVISION_AMBIGUOUS');
    expect(error.details).toMatchObject({ revision: 'b', cursor: '9', keys: 9 });
  });

  it('begins anew where the file says that it may', async () => {
    const server = await half();
    const again = backfill(OTHER, '', '-- slipway:idempotent\n');
    await world([A, again], { server }).upgrade();
    expect(touched(server)).toEqual([...ONCE.slice(0, 9).map((n) => n + 1), ...ONCE.slice(9)]);
  });

  it('is the same with another pace', async () => {
    const server = await half();
    await world([A, backfill(UPDATE, 'batch=7 pause=0 max-lag=off')], { server }).upgrade();
    expect(touched(server)).toEqual(ONCE);
  });

  it('is another one where nothing is done yet, and begins', async () => {
    const run = await ready(backfill('update numbers set x = x where id between :from and :to'));
    run.server.trap({ operation: 'statement', match: /next behind the start/, act: lost });
    await errorOf(run.upgrade());
    await world([A, backfill()], { server: run.server }).upgrade();
    expect(touched(run.server)).toEqual(ONCE);
  });
});

describe('a backfill and its surroundings', () => {
  it('is asked for its condition once, before its first batch', async () => {
    const conditional = backfill(
      UPDATE,
      'batch=3',
      "-- slipway:only-if select to_regclass('flag') is null\n",
    );
    const run = await ready(conditional);
    run.server.trap({ operation: 'statement', match: /next behind 9/, act: lost });
    await errorOf(run.upgrade());
    run.server.put('flag', 'valid');
    await world([A, conditional], { server: run.server }).upgrade();
    expect(touched(run.server)).toEqual(ONCE);
  });

  it('is skipped where its condition does not hold', async () => {
    const run = await ready(backfill(UPDATE, 'batch=3', '-- slipway:only-if select false\n'));
    await run.upgrade();
    expect(run.server.state.journal).toMatchObject([{ revision: 'b', state: 'skipped' }]);
    expect(touched(run.server)).not.toContain(1);
  });

  it('is refused for a table that cannot be walked, with its place', async () => {
    const b = revision('b<-a transaction:none', {
      up: '-- slipway:backfill table=numbers key=uid\nupdate numbers set n = 1 where uid between :from and :to;',
    });
    const error = await errorOf((await ready(b)).upgrade());
    expect(error).toMatchObject({ code: 'SLIPWAY_BACKFILL_INVALID', exitCode: 12 });
    expect(error.details).toMatchObject({ revision: 'b', file: 'migrations/b.sql', column: 1 });
  });

  it('names the statement of the file when a batch fails', async () => {
    const run = await ready();
    const bad = failure('other', 'division by zero', { sqlState: '22012', position: 70 });
    run.server.trap({ operation: 'statement', match: /update numbers/, act: raise(bad) });
    const error = await errorOf(run.upgrade());
    expect(error.code).toBe('SLIPWAY_REVISION_FAILED');
    // Behind "$1::bigint" the text that is sent is longer than the file's.
    expect(error.details).toMatchObject({ line: 9, column: 57 });
  });
});
