/** What administrators set on roles and databases must not decide about migrations. */

import { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import { failureOf, until } from '../../support/cli.ts';
import { createPlace, type Place, placeAt } from '../../support/projects.ts';

/** The place as seen by a role of its own with these settings. */
async function asRole(
  place: Place,
  settings: readonly string[],
  attributes = 'superuser',
): Promise<Place> {
  const role = `role_${place.database}`;
  await place.query(`create role ${role} ${attributes} login`);
  for (const setting of settings) await place.query(`alter role ${role} set ${setting}`);
  const url = new URL(place.url);
  url.username = role;
  return placeAt(place.project, url.href);
}

describe('settings of the role', { concurrent: true }, () => {
  it('that end idle sessions and long transactions are not those of a migration', async () => {
    const place = await createPlace(
      { id: 'r1', up: 'create table item ();\nselect pg_sleep(0.7);' },
      { id: 'r2', up: 'alter table item add a int;' },
      {
        id: 'r3',
        header: ['transaction none'],
        up: 'create index concurrently item_a on item (a);\nselect pg_sleep(0.7);',
      },
    );
    const [server] = await place.query("select current_setting('server_version_num')::int as n");
    const there = await asRole(place, [
      "idle_session_timeout = '2s'",
      "idle_in_transaction_session_timeout = '400ms'",
      ...(Number(server?.['n']) >= 170000 ? ["transaction_timeout = '500ms'"] : []),
    ]);
    await there.succeed(['upgrade', '+1']);
    const other = new Client({ connectionString: place.url });
    // A test that fails leaves it open until its database is dropped.
    other.on('error', () => undefined);
    await other.connect();
    await other.query('begin; lock table item');
    // Between two tries the session is idle with the migration lock, and its waiters are idle too.
    const holder = there.start(['upgrade', '--lock-timeout', '50ms', '--lock-retries', '20']);
    await holder.logged('lock.acquired');
    const waiter = there.start(['upgrade']);
    await waiter.logged('lock.waiting');
    await until(() => {
      const tries = holder.log().filter(({ event }) => event === 'revision.retrying');
      // The pauses grow beyond what the role allows.
      expect(tries.length).toBeGreaterThanOrEqual(5);
    });
    await other.end();
    const outcomes = await Promise.all([holder.ended, waiter.ended]);
    expect(outcomes.map(({ exitCode, stderr }) => (exitCode === 0 ? 0 : stderr))).toEqual([0, 0]);
    expect(await place.query('select id from slipway.revision order by sequence')).toEqual([
      { id: 'r1' },
      { id: 'r2' },
      { id: 'r3' },
    ]);
  });

  it('default_transaction_read_only ends with 25, and the hint names it', async () => {
    const place = await createPlace({ id: 'r1', up: 'create table item ();' });
    const there = await asRole(place, ['default_transaction_read_only = on']);
    const outcome = await there.run(['upgrade', '--connect-timeout', '300ms']);
    expect(failureOf(outcome, 25, 'SLIPWAY_DB_READ_ONLY')['next']).toMatch(
      /default_transaction_read_only/,
    );
  });

  it('search_path decides where revisions create, and the history stays where it is', async () => {
    const up = 'create table item ();';
    const place = await createPlace(
      { id: 'r1', up: 'create schema app;\ncreate schema other;' },
      { id: 'r2', up: `${up}\nset search_path = other;` },
      { id: 'r3', up: 'create table second ();' },
    );
    const there = await asRole(place, ['search_path = app, public']);
    await there.succeed(['upgrade']);
    const tables =
      "select schemaname || '.' || tablename as it from pg_tables where tablename in ('item', 'second', 'summary') order by 1";
    expect(await place.query(tables)).toEqual([
      { it: 'app.item' },
      { it: 'app.second' },
      { it: 'slipway.summary' },
    ]);
  });
});
