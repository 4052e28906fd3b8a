/** Waiting, building a release, and the command line itself: flags, settings, suggestions. */

import { readdir, readFile, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { failureOf, serverRuns, slipway, until } from '../../support/cli.ts';
import {
  createPlace,
  createUpgraded,
  type Place,
  type RevisionSpec,
} from '../../support/projects.ts';

const chain: readonly RevisionSpec[] = [
  { id: 'aaa1', up: 'create table a ();', down: 'drop table a;' },
  { id: 'bbb2', up: 'create table b ();', down: 'drop table b;' },
  { id: 'ccc3', up: 'create table c ();', down: 'drop table c;' },
];

async function tables(place: Place): Promise<string> {
  const rows = await place.query(
    "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' order by 1",
  );
  return rows.map((row) => row['relname']).join(' ');
}

describe('wait', { concurrent: true }, () => {
  it('leaves when a concurrent upgrade is done, and migrates nothing itself', async () => {
    const place = await createUpgraded({ id: 'r1', up: 'create table gate (open boolean);' });
    await place.project.add({
      id: 'r2',
      up: `do $$ begin
  while not exists (select from gate) loop perform pg_sleep(0.02); end loop;
end $$;`,
    });
    const ready = place.project.path('ready');
    const waiting = place.start(['wait', '--ready-file', ready]);
    await waiting.logged('schema.waiting');
    const upgrading = place.start(['upgrade']);
    await serverRuns(place.url, '%pg_sleep%');
    await place.query('insert into gate values (true)');
    expect((await upgrading.ended).exitCode).toBe(0);
    const outcome = await waiting.ended;
    expect(outcome.exitCode, outcome.stderr).toBe(0);
    expect(await readFile(ready, 'utf8')).toBe('r2\n');
  });

  it('gives up after its time and says what is pending', async () => {
    const place = await createPlace(...chain);
    const outcome = await place.run(['wait', '--timeout', '200ms']);
    const failure = failureOf(outcome, 22, 'SLIPWAY_WAIT_TIMEOUT');
    expect(failure['pending']).toEqual(['aaa1', 'bbb2', 'ccc3']);
    expect(await place.query("select 1 from pg_namespace where nspname = 'slipway'")).toEqual([]);
  });
});

describe('build', { concurrent: true }, () => {
  it('writes a bundle that needs no files, and is refused when it was damaged', async () => {
    const place = await createPlace(...chain);
    await place.succeed(['build', '--out', 'release.bundle']);
    for (const { id } of chain) await place.project.remove(id);
    await place.succeed(['upgrade', '--bundle', 'release.bundle']);
    expect(await tables(place)).toBe('a b c');
    const bundle = await readFile(place.project.path('release.bundle'));
    bundle[bundle.length - 20] = (bundle[bundle.length - 20] ?? 0) ^ 1;
    await writeFile(place.project.path('damaged.bundle'), bundle);
    const fresh = await createPlace();
    const damaged = await fresh.run(['upgrade', '--bundle', place.project.path('damaged.bundle')]);
    failureOf(damaged, 11, 'SLIPWAY_BUNDLE_INVALID');
    expect(await tables(fresh)).toBe('');
  });

  it('refuses a syntax error and says where', async () => {
    const place = await createPlace(...chain, { id: 'ddd4', up: 'create tabel d ();' });
    const failure = failureOf(await place.run(['build']), 11, 'SLIPWAY_SQL_SYNTAX');
    expect(failure).toMatchObject({ line: 6, column: 8 });
    expect(failure.msg).toMatch(/ddd4\.sql:6:8: /);
    expect(failure['excerpt']).toMatch(/create tabel d/);
    expect(await readdir(place.project.root)).toEqual(['migrations']);
  });

  it('refuses a concurrent index in a revision that runs in a transaction', async () => {
    const place = await createPlace(...chain, {
      id: 'ddd4',
      up: 'create index concurrently i on a (x);',
    });
    const failure = failureOf(await place.run(['build']), 11, 'SLIPWAY_TRANSACTION_MODE');
    expect(failure['next']).toMatch(/transaction none/);
    failureOf(await place.run(['upgrade']), 11, 'SLIPWAY_TRANSACTION_MODE');
    expect(await tables(place)).toBe('');
  });
});

describe('the command line', { concurrent: true }, () => {
  it.each([
    { args: ['upgarde'], guess: 'upgrade' },
    { args: ['upgrade', '--dry-rn'], guess: '--dry-run' },
    { args: ['upgrade', '--lock-wiat', '3s'], guess: '--lock-wait' },
    { args: ['explain', 'SLIPWAY_LOCK_TIMEOT'], guess: 'SLIPWAY_LOCK_TIMEOUT' },
  ])('suggests $guess for $args', async ({ args, guess }) => {
    const outcome = await slipway(args);
    const failure = failureOf(outcome, 10, 'SLIPWAY_USAGE');
    expect(failure['next']).toMatch(guess);
    expect(outcome.stdout).toBe('');
  });

  it('refuses an unknown key of the config file and suggests the nearest', async () => {
    const place = await createPlace();
    await place.project.write('slipway.config.json', '{ "lokWait": "3s" }');
    const failure = failureOf(await place.run(['config']), 10, 'SLIPWAY_CONFIG_INVALID');
    expect(`${failure.msg} ${failure['next']}`).toMatch('lockWait');
  });

  it('takes a flag before the environment before the config file', async () => {
    const place = await createPlace();
    await place.project.write(
      'slipway.config.json',
      '{ "lockWait": "1m", "lockTimeout": "1s", "lockRetries": "7" }',
    );
    const env = { SLIPWAY_LOCK_WAIT: '2m', SLIPWAY_LOCK_TIMEOUT: '2s' };
    const { stdout } = await place.succeed(['config', '--lock-wait', '3m', '--json'], { env });
    const { settings } = JSON.parse(stdout);
    const of = (name: string) => settings.find((row: { setting: string }) => row.setting === name);
    expect(of('lockWait')).toMatchObject({
      value: '3 min',
      from: expect.stringMatching(/lock-wait/),
    });
    expect(of('lockTimeout')).toMatchObject({
      value: expect.stringMatching(/^2(\.0)? s$/),
      from: expect.stringMatching(/SLIPWAY_LOCK_TIMEOUT/),
    });
    expect(of('lockRetries')).toMatchObject({
      value: '7',
      from: expect.stringMatching(/slipway\.config\.json/),
    });
    expect(of('connectTimeout')).toMatchObject({ from: expect.stringMatching(/default/) });
  });

  it('prints its version', async () => {
    expect((await slipway(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('ends quietly when nobody reads its answer', async () => {
    const place = await createPlace();
    const run = place.start(['explain']);
    run.child.stdout?.destroy();
    const outcome = await run.ended;
    expect(outcome.stderr).toBe('');
    await until(() => expect(outcome.exitCode).toBe(0));
  });
});
