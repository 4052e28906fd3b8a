/** `slipway repair` as an operator uses it, and runners that are killed while an index is built. */

import { writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { failureOf, until } from '../../support/cli.ts';
import { withClient } from '../../support/postgres.ts';
import { createPlace, type Place, revisionText } from '../../support/projects.ts';

const account = {
  id: 'aaa1',
  up: 'create table account (id bigint primary key, paid int not null default 0);',
  down: 'drop table account;',
};
const pay = {
  id: 'bbb2',
  revises: ['aaa1'],
  header: ['transaction none'],
  up: 'update account set paid = 1;\ncall pay();\ncreate index concurrently account_paid on account (paid);',
  down: 'drop index concurrently account_paid;',
};

/** A runner was killed in a procedure that commits. */
async function killedInProcedure(): Promise<Place> {
  const place = await createPlace(account);
  await place.succeed(['upgrade']);
  await place.query(`create procedure pay() language plpgsql as $$
    begin
      insert into account values (2);
      commit;
      perform pg_sleep(60);
    end $$`);
  await place.project.add(pay);
  const run = place.start(['upgrade']);
  await until(async () => {
    expect(await place.query('select 1 from account where id = 2')).toHaveLength(1);
  });
  run.kill('SIGKILL');
  await run.ended;
  await place.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where query = 'call pay()' and datname = current_database()",
  );
  failureOf(await place.run(['upgrade']), 30, 'SLIPWAY_REVISION_AMBIGUOUS');
  return place;
}

const logged = (place: Place) =>
  place.query("select event, revision, detail from slipway.log where event = 'repair' order by id");

describe('repair', { concurrent: true }, () => {
  it('finds nothing in a database that is in order, or that slipway has never seen', async () => {
    const place = await createPlace(account);
    expect((await place.succeed(['repair'])).stdout).toBe('nothing needs a person\n');
    await place.succeed(['upgrade']);
    const { stdout } = await place.succeed(['repair', '--json']);
    expect(JSON.parse(stdout)).toEqual({ partial: [], changed: [] });
  });

  it('leads from the question to the next run', async () => {
    const place = await killedInProcedure();
    const shown = await place.run(['repair']);
    const failure = failureOf(shown, 15, 'SLIPWAY_REPAIR_NEEDED');
    expect(failure['partial']).toEqual(['bbb2']);
    expect(shown.stdout).toMatch(/^bbb2 Revision bbb2: half applied\nupgrade begun 2\S+ by role /);
    expect(shown.stdout).toMatch(/\n1 +done +update +\S+:7:1 +- +is done\n/);
    expect(shown.stdout).toMatch(/\n2 +started +call +\S+:8:1 +- +needs you\n/);
    expect(shown.stdout).toMatch(/\n3 +open +create index +\S+:9:1 +- +goes on by itself\n/);
    const command = /slipway (repair bbb2 --statement 2=done) \(or =absent\)/.exec(shown.stdout);
    const args = [...(command?.[1]?.split(' ') ?? []), '--reason', 'looked: row 2 is there'];

    expect((await place.succeed([...args, '--dry-run'])).stdout).toMatch(/^would do: statement 2/);
    expect(await logged(place)).toEqual([]);
    await place.succeed(args);
    expect(await logged(place)).toMatchObject([
      { revision: 'bbb2', detail: { action: 'settled', reason: 'looked: row 2 is there' } },
    ]);
    await place.succeed(['upgrade']);
    await place.succeed(['repair']);
    expect(await place.query('select id, paid from account')).toEqual([{ id: '2', paid: 0 }]);
    expect(await place.query("select to_regclass('account_paid') is not null as it")).toEqual([
      { it: true },
    ]);
  });

  it('marks a revision as a whole, either way', async () => {
    const place = await killedInProcedure();
    await place.succeed(['repair', 'bbb', '--mark-reverted', '--reason', 'undone by hand']);
    expect((await place.succeed(['current'])).stdout).toMatch(/^aaa1,/);
    const other = await killedInProcedure();
    await other.succeed(['repair', 'bbb2', '--mark-applied', '--reason', 'done by hand']);
    expect((await other.succeed(['current'])).stdout).toMatch(/^bbb2/);
    await other.succeed(['current', '--check-heads']);
  });

  it.each([
    [['repair', 'aaa1', '--mark-applied'], 10, 'SLIPWAY_USAGE'],
    [['repair', '--mark-applied', '--reason', 'x'], 10, 'SLIPWAY_USAGE'],
    [['repair', 'aaa1', '--statement', '1', '--reason', 'x'], 10, 'SLIPWAY_USAGE'],
    [['repair', 'aaa1', '--mark-applied', '--mark-reverted', '--reason', 'x'], 10, 'SLIPWAY_USAGE'],
    [['repair', 'aaa1', '--mark-applied', '--reason', 'x'], 13, 'SLIPWAY_REPAIR_REFUSED'],
    [['repair', 'zzz', '--mark-applied', '--reason', 'x'], 11, 'SLIPWAY_TARGET_UNKNOWN'],
  ] as const)('refuses %j', async (args, exit, code) => {
    const place = await createPlace(account);
    await place.succeed(['upgrade']);
    failureOf(await place.run([...args]), exit, code);
    expect(await logged(place)).toEqual([]);
  });

  it('shows how an applied file changed, and takes it for what was applied', async () => {
    const place = await createPlace(account);
    await place.succeed(['upgrade']);
    const edited = { ...account, down: 'drop table if exists account;' };
    await writeFile(place.project.file('aaa1'), revisionText(edited));
    failureOf(await place.run(['upgrade']), 11, 'SLIPWAY_APPLIED_CHECKSUM_CHANGED');
    const shown = await place.run(['repair']);
    expect(failureOf(shown, 15, 'SLIPWAY_REPAIR_NEEDED')['changed']).toEqual(['aaa1']);
    expect(shown.stdout).toContain('\n- drop table account;\n+ drop table if exists account;\n');
    await place.succeed(['repair', '--accept-changed', 'aaa1']);
    await place.succeed(['upgrade']);
    expect((await place.succeed(['show', 'aaa1', '--applied'])).stdout).toBe(revisionText(edited));

    const other = { ...edited, up: `${account.up}\nselect 1;` };
    await writeFile(place.project.file('aaa1'), revisionText(other));
    const refusal = await place.run(['repair', 'aaa1', '--accept-changed']);
    failureOf(refusal, 13, 'SLIPWAY_REPAIR_REFUSED');
    await place.succeed(['repair', 'aaa1', '--accept-changed', '--reason', 'harmless']);
    await place.succeed(['upgrade']);
  });
});

describe('a runner that is killed while it builds an index', { concurrent: true }, () => {
  const index = {
    id: 'iii2',
    revises: ['aaa1'],
    header: ['transaction none'],
    up: 'create index concurrently account_paid on account (paid);',
    down: 'drop index concurrently account_paid;',
  };
  const invalid = 'select 1 from pg_index where not indisvalid';

  it('leaves a remnant that the next one cleans up, or repair', async () => {
    const place = await createPlace(account);
    await place.succeed(['upgrade']);
    await place.project.add(index);
    for (const next of ['upgrade', 'repair']) {
      await withClient(place.url, async (blocker) => {
        await blocker.query('begin; insert into account values (1)');
        const run = place.start(['upgrade']);
        await until(async () => expect(await place.query(invalid)).toHaveLength(1));
        run.kill('SIGKILL');
        await run.ended;
        // The server process notices that nobody listens any more, although it waits.
        await until(async () => {
          const alive = "select 1 from pg_stat_activity where query like 'create index conc%'";
          expect(await place.query(`${alive} and datname = current_database()`)).toEqual([]);
        });
        await blocker.query('rollback');
      });
      if (next === 'repair') {
        const { stdout } = await place.succeed(['repair', '--drop-remnants', '--json']);
        expect(JSON.parse(stdout).actions).toMatchObject([{ revision: 'iii2' }]);
        expect(await place.query(invalid)).toEqual([]);
      }
      const { log } = await place.succeed(['upgrade']);
      const resumed = log.filter((line) => line.event === 'statement.resumed');
      expect(resumed.map((line) => line['evidence'])).toContain(
        next === 'upgrade'
          ? 'index public.account_paid is not valid; cleaned up'
          : 'index account_paid is absent',
      );
      expect(await place.query(invalid)).toEqual([]);
      await place.succeed(['downgrade', 'aaa1']);
    }
  });
});
