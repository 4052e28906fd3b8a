/** Scripts of --sql that end in the middle: the next online run finishes what they began. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../support/cli.ts';
import { releaseOf, revision } from '../support/graph.ts';
import {
  type Command,
  contentOf,
  migratedOnline,
  online,
  psql,
  psqlProgram,
  scriptOf,
  startPsql,
} from '../support/offline.ts';
import { createDatabase, query, type TestDatabase, withClient } from '../support/postgres.ts';

let database: TestDatabase;

beforeEach(async () => {
  database = await createDatabase();
});
afterEach(() => database.drop());

const UP: Command = { name: 'upgrade', range: 'heads' };

/** Waits until no psql works on the database any more: the server may notice its end late. */
function nobodyThere(url: string): Promise<void> {
  return until(async () => {
    const rows = await query(
      url,
      `select pid from pg_stat_activity
       where datname = current_database() and application_name = 'psql'`,
    );
    expect(rows).toEqual([]);
  });
}

describe.skipIf(psqlProgram === undefined)('a script that is cut', () => {
  const SLOW = 'select pg_sleep(case when exists (select from gate) then 600 else 0 end);';
  const gate = 'create table gate (id int); insert into gate values (1);';

  it.each([
    ['a transaction', revision('b<-a', { up: `create table b (id int); ${SLOW}` })],
    [
      'an index build',
      revision('b<-a transaction:none', {
        up: 'create index concurrently gate_id on gate (id);',
        down: 'drop index concurrently gate_id;',
      }),
    ],
    [
      'a repeatable statement outside a transaction',
      revision('b<-a transaction:none', {
        up: `create index concurrently a_id on a (id);\n-- slipway:idempotent\n${SLOW}`,
        down: 'drop index concurrently a_id;',
      }),
    ],
  ])('in %s is finished by the next online run', async (_, slow) => {
    const release = releaseOf('a', slow, 'c<-b');
    await query(database.url, gate);
    await withClient(database.url, async (blocker) => {
      // Whoever has written to the table and not committed yet keeps the index from being built.
      await blocker.query('begin; insert into gate values (2)');
      const running = startPsql(database.url, await scriptOf(release, UP));
      await until(() => expect(running.stdout()).toContain('slipway: applied a'));
      await until(async () => {
        const rows = await query(
          database.url,
          `select pid from pg_stat_activity where datname = current_database()
           and application_name = 'psql' and (query ilike '%pg_sleep(case%' or wait_event_type = 'Lock')`,
        );
        expect(rows).toHaveLength(1);
      });
      running.kill();
      await running.ended;
      await nobodyThere(database.url);
      await blocker.query('rollback');
    });
    expect(await query(database.url, 'select heads from slipway.summary')).toEqual([
      { heads: ['a'] },
    ]);
    await query(database.url, 'delete from gate');
    await online(database.url, release, UP);
    expect(await query(database.url, 'select heads, applied from slipway.summary')).toEqual([
      { heads: ['c'], applied: 3 },
    ]);
    expect(
      await query(database.url, 'select indexrelid::regclass from pg_index where not indisvalid'),
    ).toEqual([]);
    await online(database.url, release, { name: 'downgrade', range: 'base' });
    expect(await query(database.url, 'select heads from slipway.summary')).toEqual([{ heads: [] }]);
  });

  it('at any line leaves what the next online run can finish', async () => {
    const release = releaseOf(
      'a',
      revision('b<-a transaction:none', {
        up: [
          'create index concurrently a_id on a (id);',
          '-- slipway:only-if select false',
          'drop index concurrently a_id;',
          '-- slipway:idempotent',
          '-- slipway:only-if select true',
          'insert into a values (1) on conflict do nothing;',
        ].join('\n'),
      }),
      'c<-b',
    );
    const script = await scriptOf(release, UP);
    const lines = script.split('\n');
    // Between statements, not within one; each third of these, since each costs a database.
    const cuts = lines.flatMap((line, i) =>
      /^(commit|begin|\\|create|insert|reset)/.test(line) ? [i + 1] : [],
    );
    const wanted = await migratedOnline(release);
    for (const cut of cuts.filter((_, i) => i % 3 === 2)) {
      await using cutShort = await createDatabase();
      await psql(cutShort.url, `${lines.slice(0, cut).join('\n')}\n`);
      await nobodyThere(cutShort.url);
      await online(cutShort.url, release, UP);
      const [summary] = await query(
        cutShort.url,
        'select heads, digest, applied from slipway.summary',
      );
      expect(summary, `cut behind line ${cut}: ${lines[cut - 1]}`).toMatchObject({ heads: ['c'] });
      expect(catalogOf(await contentOf(cutShort.url)), `cut behind line ${cut}`).toEqual(
        catalogOf(wanted),
      );
    }
  }, 120_000);
});

/** Without rows: a log tells how often it was tried. */
function catalogOf(content: unknown): unknown {
  return Object.entries(content as object).filter(
    ([name]) => !name.startsWith('rows of') || name === 'rows of slipway.summary',
  );
}
