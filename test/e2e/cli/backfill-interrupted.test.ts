/** Backfills that are killed, stopped, edited, blocked and written around: each row once all the same. */

import { readFile } from 'node:fs/promises';
import { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import { backfill, COUNT, counters, cursorOf, touched } from '../../support/backfills.ts';
import { failureOf, serverRuns, until } from '../../support/cli.ts';
import { createUpgraded, type Place } from '../../support/projects.ts';

/** Killed at random, a backfill may take any number of runs: from here on it is left alone. */
const MOST_KILLS = 6;

describe('a backfill that is interrupted', { concurrent: true }, () => {
  it('is killed again and again at random moments, and touches each row once', {
    timeout: 180_000,
  }, async () => {
    const place = await createUpgraded(counters(20_000));
    await place.project.add(backfill('table=counter key=id batch=100 pause=1ms', COUNT));
    let kills = 0;
    while (kills < MOST_KILLS) {
      const run = place.start(['upgrade']);
      const aimMs = Math.random() * 300;
      void run.logged('backfill.started').then(
        () => setTimeout(() => run.child.kill('SIGKILL'), aimMs),
        () => undefined,
      );
      const { exitCode, stderr } = await run.ended;
      if (exitCode !== null) {
        expect(exitCode, stderr).toBe(0);
        break;
      }
      kills++;
    }
    await place.succeed(['upgrade']);
    expect(kills).toBeGreaterThan(0);
    expect(await touched(place)).toEqual([{ n: 1, rows: 20_000 }]);
    expect(await cursorOf(place)).toMatchObject({ keys: 20_000, rows: 20_000 });
  });

  it('is cancelled by SIGTERM, rolled back to its last batch, and goes on from there', async () => {
    const place = await createUpgraded(counters(1000), {
      id: 'a2',
      up: 'create table speed (fast boolean);',
    });
    await place.project.add(
      backfill(
        'table=counter key=id batch=100 pause=0',
        `update counter set n = n + 1
where id between :from and :to and (id <> 450 or pg_sleep(case when exists (select from speed) then 0 else 60 end) is not null)`,
      ),
    );
    const run = place.start(['upgrade']);
    await serverRuns(place.url, 'update counter%');
    await until(async () => expect(await cursorOf(place)).toMatchObject({ keys: 400 }));
    run.kill('SIGTERM');
    const outcome = await run.ended;
    const failure = failureOf(outcome, 24, 'SLIPWAY_INTERRUPTED');
    expect(failure).toMatchObject({ revision: 'b', line: 8 });
    expect(outcome.stoppedInMs).toBeLessThan(15_000);
    expect(await touched(place)).toEqual([
      { n: 0, rows: 600 },
      { n: 1, rows: 400 },
    ]);
    await place.query('insert into speed values (true)');
    const next = await place.succeed(['upgrade']);
    expect(next.log).toContainEqual(
      expect.objectContaining({ event: 'backfill.started', done: 400 }),
    );
    expect(await touched(place)).toEqual([{ n: 1, rows: 1000 }]);
  });

  it('stops in a pause at once', async () => {
    const place = await createUpgraded(counters(1000));
    await place.project.add(backfill('table=counter key=id batch=100 pause=1h', COUNT));
    const run = place.start(['upgrade']);
    await until(async () => expect(await cursorOf(place)).toMatchObject({ keys: 100 }));
    run.kill('SIGTERM');
    failureOf(await run.ended, 24, 'SLIPWAY_INTERRUPTED');
    expect(await cursorOf(place)).toMatchObject({ keys: 100, batches: 1 });
  });

  it('is refused when it was edited half way, unless it may run over the rows that are done', async () => {
    const place = await createUpgraded(counters(1000));
    const bad = 'update counter set n = n + 1 / (id - 550)::int where id between :from and :to';
    const good = 'update counter set n = 7 where id between :from and :to';
    await place.project.add(backfill('table=counter key=id batch=100 pause=0', bad));
    const failed = failureOf(await place.run(['upgrade']), 12, 'SLIPWAY_REVISION_FAILED');
    expect(failed).toMatchObject({ sqlState: '22012', line: 8 });
    await place.project.write(
      `migrations/${place.project.file('b').split('/').at(-1)}`,
      (await file(place)).replace(bad, good),
    );
    const refused = failureOf(await place.run(['upgrade']), 30, 'SLIPWAY_REVISION_AMBIGUOUS');
    expect(refused).toMatchObject({ cursor: '500', keys: 500 });
    await place.project.write(
      `migrations/${place.project.file('b').split('/').at(-1)}`,
      (await file(place)).replace(
        '-- slipway:backfill',
        '-- slipway:idempotent\n-- slipway:backfill',
      ),
    );
    await place.succeed(['upgrade']);
    expect(await touched(place)).toEqual([{ n: 7, rows: 1000 }]);
  });

  it('may be given another pace half way', async () => {
    const place = await createUpgraded(counters(1000));
    await place.project.add(backfill('table=counter key=id batch=100 pause=1h', COUNT));
    const run = place.start(['upgrade']);
    await until(async () => expect(await cursorOf(place)).toMatchObject({ keys: 100 }));
    run.kill('SIGKILL');
    await run.ended;
    await place.project.write(
      `migrations/${place.project.file('b').split('/').at(-1)}`,
      (await file(place)).replace('batch=100 pause=1h', 'batch=450 pause=0'),
    );
    await place.succeed(['upgrade']);
    expect(await touched(place)).toEqual([{ n: 1, rows: 1000 }]);
    expect(await cursorOf(place)).toMatchObject({ batches: 3 });
  });

  it('waits for a lock on its rows as long as it makes headway in between', async () => {
    const place = await createUpgraded(counters(1000));
    await place.project.add(backfill('table=counter key=id batch=100 pause=0', COUNT));
    const other = new Client({ connectionString: place.url });
    other.on('error', () => undefined);
    await other.connect();
    await other.query('begin; update counter set n = n where id = 250');
    const run = place.start(['upgrade', '--lock-timeout', '200ms', '--lock-retries', '50']);
    // The first tries may be over before it was seen who is in the way.
    await until(() =>
      expect(run.log()).toContainEqual(
        expect.objectContaining({
          event: 'revision.retrying',
          blockers: [expect.objectContaining({ state: 'idle in transaction' })],
        }),
      ),
    );
    await other.query('commit; begin; update counter set n = n where id = 850');
    await until(async () => expect(await cursorOf(place)).toMatchObject({ keys: 800 }));
    await other.query('commit');
    await other.end();
    expect((await run.ended).exitCode).toBe(0);
    expect(await touched(place)).toEqual([{ n: 1, rows: 1000 }]);
  });
});

describe('a backfill among other writers', { concurrent: true }, () => {
  it('leaves no row behind that the new code does not fill itself', async () => {
    const place = await createUpgraded({
      id: 'a',
      up: `create table person (id bigint generated always as identity primary key, email text not null,
  touched int not null default 0, email_lower text);
create function fill() returns trigger language plpgsql as
$$ begin new.email_lower := lower(new.email); return new; end $$;
insert into person (email) select 'User' || n || '@Example.com' from generate_series(1, 20000) n;
create trigger fill before insert or update of email on person for each row execute function fill();`,
    });
    await place.project.add(
      backfill(
        'table=person key=id batch=200 pause=2ms',
        `update person set email_lower = lower(email), touched = touched + 1
where id between :from and :to and email_lower is null`,
        { verify: 'select count(*) = 0 from person where email_lower is null;' },
      ),
    );
    const writers = await Promise.all(
      [1, 2, 3].map(async (seed) => {
        const client = new Client({ connectionString: place.url });
        await client.connect();
        return { client, seed };
      }),
    );
    let isRunning = true;
    const writing = writers.map(async ({ client, seed }) => {
      for (let i = seed; isRunning; i += 3) {
        await client.query("insert into person (email) values ('New' || $1 || '@Example.com')", [
          i,
        ]);
        await client.query("update person set email = 'Changed' || $1 where id = $2", [
          i,
          1 + ((i * 7919) % 20_000),
        ]);
        await client.query('delete from person where id = $1', [1 + ((i * 104_729) % 20_000)]);
      }
      await client.end();
    });
    try {
      await place.succeed(['upgrade']);
    } finally {
      isRunning = false;
      await Promise.all(writing);
    }
    const [row] = await place.query(
      `select count(*) filter (where email_lower is distinct from lower(email))::int as wrong,
         max(touched) as most from person`,
    );
    expect(row).toEqual({ wrong: 0, most: 1 });
  });
});

async function file(place: Place): Promise<string> {
  return readFile(place.project.file('b'), 'utf8');
}
