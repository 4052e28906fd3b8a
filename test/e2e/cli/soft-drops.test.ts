/** Soft drops, `purge`, and what `status` and `downgrade` say of them, as an operator sees it. */

import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../../support/cli.ts';
import { withClient } from '../../support/postgres.ts';
import { createPlace, createUpgraded, type Place } from '../../support/projects.ts';

const users = {
  id: 'aaa1',
  up: `create table users (id int primary key, phone text);
create table audit (what text);
insert into users values (1, 'one');
insert into audit values ('first');`,
  down: 'drop table users;\ndrop table audit;',
};
const hides = {
  id: 'bbb2',
  up: '-- slipway:soft-drop column users.phone\n\n-- slipway:soft-drop table public.audit',
  down: '-- slipway:soft-restore table public.audit\n-- slipway:soft-restore column users.phone',
};
const later = { id: 'ccc3', up: 'create table later (id int);', down: 'drop table later;' };

const age = (place: Place, days: number) =>
  place.query(`update slipway.soft_drop set hidden_at = hidden_at - interval '${days} days'`);

describe('a soft drop', { concurrent: true }, () => {
  it('needs no approval, and its way back loses nothing and needs no files', async () => {
    const place = await createUpgraded(users, hides);
    await expect(place.query('select * from audit')).rejects.toThrow(/does not exist/);
    await place.query('insert into users values (2)');
    const elsewhere = await mkdtemp(join(tmpdir(), 'slipway-elsewhere-'));
    await place.succeed(['downgrade', 'aaa1'], { cwd: elsewhere });
    expect(await place.query('select * from users order by id')).toEqual([
      { id: 1, phone: 'one' },
      { id: 2, phone: null },
    ]);
    expect(await place.query('select * from audit')).toEqual([{ what: 'first' }]);
    await place.succeed(['upgrade']);
    await expect(place.query('select phone from users')).rejects.toThrow(/does not exist/);
  });

  it('works from a bundle, and in a plan that says what it does', async () => {
    const place = await createPlace(users, hides);
    await place.succeed(['build', '--out', 'release.bundle']);
    const bundle = ['--bundle', 'release.bundle'];
    await place.succeed(['upgrade', 'aaa1', ...bundle]);
    const { stdout } = await place.succeed(['plan', '--json', ...bundle]);
    expect(JSON.parse(stdout)).toMatchObject({
      revisions: [
        {
          compatibility: {
            verdict: 'no',
            reason: 'hides column users.phone, which code of the previous release may still use',
          },
          statements: [
            {
              sql: '-- slipway:soft-drop column users.phone',
              command: 'soft-drop column',
              line: 6,
              locks: [{ relation: 'public.users', mode: 'access exclusive' }],
            },
            { sql: '-- slipway:soft-drop table public.audit', line: 8 },
          ],
        },
      ],
    });
    await place.succeed(['upgrade', ...bundle]);
    expect(await place.query('select count(*)::int from slipway.soft_drop')).toEqual([
      { count: 2 },
    ]);
  });

  it('is seen in status until it is brought back', async () => {
    const place = await createPlace(users, hides);
    expect((await place.succeed(['status'])).stdout).not.toMatch(/hidden/);
    await place.succeed(['upgrade']);
    await age(place, 3);
    const { stdout } = await place.succeed(['status']);
    expect(stdout).toMatch(/\nhidden {4}2, the oldest for 3 d: column public.users.phone/);
    const status = JSON.parse((await place.succeed(['status', '--json'])).stdout);
    expect(status.hidden).toMatchObject([
      { kind: 'column', schema: 'public', table: 'users', column: 'phone', revision: 'bbb2' },
      { kind: 'table', schema: 'public', table: 'audit', revision: 'bbb2' },
    ]);
    await place.succeed(['downgrade', '-1']);
    expect((await place.succeed(['status'])).stdout).not.toMatch(/hidden/);
  });

  it('runs outside a transaction, too, with its entry in the journal', async () => {
    const place = await createPlace(users, {
      ...hides,
      header: ['transaction none'],
      up: `${hides.up}\ncreate index concurrently users_index on users (id);`,
      down: `drop index concurrently users_index;\n${hides.down}`,
    });
    await place.succeed(['upgrade']);
    await place.succeed(['downgrade', '-1']);
    expect(await place.query('select * from users')).toEqual([{ id: 1, phone: 'one' }]);
  });

  it('is not done where only-if says no', async () => {
    const place = await createUpgraded(users, {
      ...hides,
      up: `-- slipway:only-if select false\n${hides.up}`,
      down: `-- slipway:soft-restore table public.audit
-- slipway:only-if select false
-- slipway:soft-restore column users.phone`,
    });
    expect(await place.query('select phone from users')).toEqual([{ phone: 'one' }]);
    await place.succeed(['downgrade', '-1']);
  });

  it('belongs to the role that slipway acts as, whatever role the revision sets', async () => {
    const place = await createPlace();
    const role = `owner_${place.database}`;
    await place.query(`create role ${role}`);
    await place.query(`grant all on schema public to ${role}`);
    await place.project.add(
      { ...users, up: `set role ${role};\n${users.up}`, down: users.down },
      { ...hides, up: `set role ${role};\n${hides.up}`, down: `set role ${role};\n${hides.down}` },
    );
    await place.succeed(['upgrade']);
    await place.succeed(['downgrade', '-1']);
    expect(await place.query('select * from users')).toEqual([{ id: 1, phone: 'one' }]);
    await place.query(`drop owned by ${role}`);
    await place.query(`drop role ${role}`);
  });
});

describe('purge', { concurrent: true }, () => {
  it('drops nothing unless it is told what', async () => {
    const place = await createUpgraded(users, hides);
    failureOf(await place.run(['purge']), 10, 'SLIPWAY_USAGE');
    failureOf(await place.run(['purge', '--older-than', 'soon']), 10, 'SLIPWAY_USAGE');
    const wrong = failureOf(await place.run(['purge', 'public.users.phon']), 10, 'SLIPWAY_USAGE');
    expect(wrong['next']).toBe('Did you mean "public.users.phone"?');
    const { stdout } = await place.succeed(['purge', '--older-than', '14d']);
    expect(stdout).toBe('nothing to purge (2 left hidden)\n');
    expect(await place.query('select purged_at from slipway.soft_drop')).toEqual([
      { purged_at: null },
      { purged_at: null },
    ]);
  });

  it('drops for good what is old enough, and says so first with --dry-run', async () => {
    const place = await createUpgraded(users, hides, later);
    await place.query('analyze users');
    await age(place, 15);
    const dry = await place.succeed(['purge', '--older-than', '14d', '--dry-run']);
    expect(dry.stdout).toMatch(
      /^HIDDEN +AGE +ROWS +SIZE +REVISION +NOW CALLED\ncolumn public.users.phone +15 d +~1 +~4 B +bbb2 +_slipway_dropped_\w+_phone\ntable public.audit +15 d/,
    );
    expect(dry.stdout).toMatch(/\nwould purge 2, .*; 0 left hidden\n$/);
    const done = await place.succeed(['purge', '--older-than', '14d', '--json']);
    expect(JSON.parse(done.stdout)).toMatchObject({
      purged: [{ column: 'phone' }, { table: 'audit' }],
      kept: [],
      dryRun: false,
    });
    expect(done.log.map(({ event }) => event)).toContain('object.purged');
    expect(
      await place.query("select relname from pg_class where relname ~ '^_slipway_dropped'"),
    ).toEqual([]);
    expect(
      await place.query(
        "select attname from pg_attribute where attrelid = 'users'::regclass and attnum > 0 and not attisdropped",
      ),
    ).toEqual([{ attname: 'id' }]);
    expect(
      await place.query(
        "select revision, detail ->> 'object' as object from slipway.log where event = 'purge' order by id",
      ),
    ).toEqual([
      { revision: 'bbb2', object: 'column public.users.phone' },
      { revision: 'bbb2', object: 'table public.audit' },
    ]);
    const again = await place.succeed(['purge', '--older-than', '0']);
    expect(again.stdout).toBe('nothing to purge (0 left hidden)\n');
    // The way back is closed, which is said before anything runs.
    for (const args of [
      ['downgrade', 'aaa1'],
      ['downgrade', 'aaa1', '--dry-run'],
    ]) {
      const failure = failureOf(await place.run(args), 11, 'SLIPWAY_NO_WAY_BACK');
      expect(failure.msg).toMatch(
        /^revision "bbb2" cannot be taken back: table public.audit was purged on 2\d{3}-\d\d-\d\d$/,
      );
    }
    await place.query('select from later');
    await place.succeed(['downgrade', 'bbb2', '--allow-data-loss']);
  });

  it('takes names, and asks back where a name means several things', async () => {
    const place = await createUpgraded(
      {
        ...users,
        up: 'create schema a; create schema b; create table a.t (v int); create table b.t (v int);',
        down: 'drop schema a cascade;',
      },
      {
        id: 'bbb2',
        up: '-- slipway:soft-drop column a.t.v\n-- slipway:soft-drop column b.t.v',
        down: '-- slipway:soft-restore column a.t.v\n-- slipway:soft-restore column b.t.v',
      },
    );
    const unclear = failureOf(await place.run(['purge', 't.v']), 10, 'SLIPWAY_USAGE');
    expect(unclear['candidates']).toEqual(['column a.t.v', 'column b.t.v']);
    await place.succeed(['purge', 'column b.t.v']);
    expect((await place.succeed(['status'])).stdout).toMatch(/hidden {4}1, .* column a.t.v/);
    expect((await place.run(['downgrade', '-1'])).exitCode).toBe(11);
  });

  it('leaves what somebody still uses, and says who', async () => {
    const place = await createUpgraded(
      {
        ...users,
        up: `${users.up}\ncreate view shown as select phone from users;`,
      },
      hides,
    );
    const failure = failureOf(
      await place.run(['purge', 'users.phone']),
      12,
      'SLIPWAY_PURGE_FAILED',
    );
    expect(failure['detail']).toMatch(/view shown depends on column/);
    await place.query('drop view shown');
    await place.succeed(['purge', 'users.phone', 'table audit']);
  });

  it('ends with the blocker where it gets no lock, and everything is there still', async () => {
    const place = await createUpgraded(users, hides);
    await withClient(place.url, async (client: Client) => {
      await client.query('begin; select * from users');
      const flags = ['--lock-timeout', '100ms', '--lock-retries', '1'];
      const outcome = await place.run(['purge', 'users.phone', ...flags]);
      failureOf(outcome, 23, 'SLIPWAY_OBJECT_LOCK_TIMEOUT');
      expect(outcome.log.filter(({ event }) => event === 'revision.retrying')).toHaveLength(1);
      await client.query('commit');
    });
    await place.succeed(['downgrade', '-1']);
    expect(await place.query('select * from users')).toEqual([{ id: 1, phone: 'one' }]);
  });

  it('forgets what somebody dropped by hand, and downgrade knows before it runs', async () => {
    const place = await createUpgraded(users, hides);
    const [row] = await place.query(
      "select hidden_name from slipway.soft_drop where kind = 'table'",
    );
    await place.query(`drop table ${row?.['hidden_name']}`);
    const failure = failureOf(await place.run(['downgrade', '-1']), 11, 'SLIPWAY_NO_WAY_BACK');
    expect(failure.msg).toMatch(/table public.audit was dropped by hand while it was hidden$/);
    expect((await place.succeed(['purge', 'audit'])).stdout).toMatch(/dropped by hand/);
  });
});

it('a revision that was stamped has hidden nothing, and says so before anything runs', async () => {
  const place = await createUpgraded(users);
  await place.project.add(hides);
  await place.succeed(['stamp', 'head']);
  const failure = failureOf(await place.run(['downgrade', '-1']), 11, 'SLIPWAY_NO_WAY_BACK');
  expect(failure.msg).toMatch(/table public.audit is not hidden: it was dropped without/);
});
