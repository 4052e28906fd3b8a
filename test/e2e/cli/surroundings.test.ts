/** Folders, files, roles and environments as they are in clusters and on laptops. */

import { execFile } from 'node:child_process';
import { mkdir, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { failureOf, program } from '../../support/cli.ts';
import { createPlace, createUpgraded, type Place, placeAt } from '../../support/projects.ts';

const table = { id: 'r1', up: 'create table t ();' };

/** Runs the program with its standard streams bent by the shell. */
function upgradeInShell(place: Place, redirection: string) {
  const script = `exec "$0" "$@" ${redirection}`;
  return promisify(execFile)('sh', ['-c', script, process.execPath, program, 'upgrade', '--json'], {
    cwd: place.project.root,
    env: { PATH: process.env['PATH'], DATABASE_URL: place.url },
  });
}

describe('the revision folder', { concurrent: true }, () => {
  it('may be a mounted ConfigMap: links to links', async () => {
    const place = await createPlace(table, { id: 'r2', up: 'create table u ();' });
    const { migrations, file } = place.project;
    const data = join(migrations, '..2026_01_01');
    await mkdir(data);
    for (const path of [file('r1'), file('r2')]) {
      const name = path.slice(migrations.length + 1);
      await rename(path, join(data, name));
      await symlink(join('..data', name), path);
    }
    await symlink('..2026_01_01', join(migrations, '..data'));
    const outcome = await place.succeed(['upgrade']);
    expect(outcome.log.at(-1)).toMatchObject({ applied: 2, heads: ['r2'] });
  });

  it('may hold other files, which are left alone', async () => {
    const place = await createPlace(table);
    await place.project.write('migrations/README.md', '# Ours');
    await place.project.write('migrations/.hidden.sql', 'this is no revision');
    await place.project.write('migrations/r1.sql~', 'neither is this');
    await place.succeed(['upgrade']);
  });

  it('that is missing is an error that names it', async () => {
    const place = await createPlace();
    await rm(place.project.migrations, { recursive: true });
    const outcome = await place.run(['upgrade']);
    expect([10, 11]).toContain(outcome.exitCode);
    const failure = failureOf(outcome, outcome.exitCode ?? 0, String(outcome.log.at(-1)?.['code']));
    expect(failure.msg).toMatch(/migrations/);
    expect(failure['next']).toMatch(/--dir|SLIPWAY_DIR|init/);
  });

  it('that is empty is nothing to do', async () => {
    const place = await createPlace();
    expect((await place.succeed(['upgrade'])).log.at(-1)).toMatchObject({
      outcome: 'nothing-to-do',
      heads: [],
    });
  });

  it('may hold a very long revision', async () => {
    const rows = Array.from(
      { length: 5_000 },
      (_, i) => `insert into big values (${i}, '${'x'.repeat(40)}');`,
    );
    const place = await createPlace({
      id: 'r1',
      up: ['create table big (n int, s text);', ...rows].join('\n'),
    });
    await place.succeed(['upgrade']);
    expect(await place.query('select count(*)::int as n from big')).toEqual([{ n: 5_000 }]);
  });
});

describe('the environment', { concurrent: true }, () => {
  it('may have variables that are set to nothing, as templates leave them', async () => {
    const place = await createPlace(table);
    await place.succeed(['upgrade'], {
      env: {
        SLIPWAY_BUNDLE: '',
        SLIPWAY_ROLE: '',
        SLIPWAY_LOCK_WAIT: '',
        SLIPWAY_RELEASE: '',
        DATABASE_URL_FILE: '',
        POD_NAME: '',
        PGHOST: '',
      },
    });
  });

  it('may have no place left for the log: the run goes on', async () => {
    const place = await createPlace(table);
    const { stdout } = await upgradeInShell(place, '2>/dev/full');
    expect(JSON.parse(stdout)).toMatchObject({ outcome: 'done', heads: ['r1'] });
  });

  it('may have no standard error at all', async () => {
    const place = await createPlace(table);
    const { stdout } = await upgradeInShell(place, '2>&-');
    expect(JSON.parse(stdout)).toMatchObject({ outcome: 'done', heads: ['r1'] });
  });
});

describe('the database', { concurrent: true }, () => {
  it('may serve two programs, each with its own history schema', async () => {
    const [shop, billing] = await Promise.all([
      createPlace(table),
      createPlace({ id: 'r1', up: 'create table b ();' }),
    ]);
    const other = placeAt(billing.project, shop.url);
    const env = { SLIPWAY_HISTORY_SCHEMA: 'Billing "history"' };
    await Promise.all([shop.succeed(['upgrade']), other.succeed(['upgrade'], { env })]);
    expect(await shop.query('select count(*)::int as n from slipway.revision')).toEqual([{ n: 1 }]);
    expect(
      await shop.query('select count(*)::int as n from "Billing ""history""".revision'),
    ).toEqual([{ n: 1 }]);
    await other.succeed(['status'], { env });
    await other.succeed(['downgrade', 'base', '--allow-data-loss'], { env });
    expect((await shop.succeed(['current'])).stdout).toMatch(/^r1 /);
  });

  it('gives everything to the role that slipway is told to act as', async () => {
    const place = await createPlace(table);
    const role = `owner ${place.database}`;
    await place.query(
      `create role "${role}"; grant create on database ${place.database} to "${role}"; grant create on schema public to "${role}"`,
    );
    const env = { SLIPWAY_ROLE: role };
    await place.succeed(['upgrade'], { env });
    expect(
      await place.query(
        "select distinct pg_get_userbyid(relowner) as owner from pg_class where oid in ('t'::regclass, 'slipway.revision'::regclass)",
      ),
    ).toEqual([{ owner: role }]);
    expect(await place.query('select role from slipway.revision')).toEqual([{ role }]);
    await place.succeed(['upgrade'], { env });
    await place.succeed(['status'], { env });
  });

  it('that was dropped and made again is migrated again', async () => {
    const place = await createUpgraded(table);
    await place.query('drop schema slipway cascade; drop table t');
    expect((await place.succeed(['upgrade'])).log.at(-1)).toMatchObject({ outcome: 'done' });
  });

  it('with a history schema of a newer slipway is left alone', async () => {
    const place = await createUpgraded(table);
    await place.query('update slipway.summary set format = 999, readable_since = 999');
    await place.project.add({ id: 'r2', up: 'create table u ();' });
    failureOf(await place.run(['upgrade']), 11, 'SLIPWAY_HISTORY_FORMAT');
    expect(await place.query("select to_regclass('u') as it")).toEqual([{ it: null }]);
  });

  it('that is somebody else’s is left alone, with the way to another', async () => {
    const place = await createPlace({ id: 'r1', up: 'create table t ();' });
    await place.query('create schema slipway; create table slipway.summary (total int)');
    const failure = failureOf(await place.run(['upgrade']), 11, 'SLIPWAY_HISTORY_FORMAT');
    expect(failure['next']).toContain('--history-schema');
    await place.succeed(['upgrade', '--history-schema', 'migrations']);
  });
});
