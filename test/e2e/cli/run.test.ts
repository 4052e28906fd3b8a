/** `run -- CMD`: the upgrade, and then the command in its place, as if it had been started itself. */

import { constants } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { failureOf, serverRuns, until } from '../../support/cli.ts';
import { createPlace, createUpgraded } from '../../support/projects.ts';

const table = { id: 'r1', up: 'create table account (id int);' };
const run = (...command: readonly string[]) => ['run', '--', ...command];
const shell = (script: string, ...args: readonly string[]) =>
  run('sh', '-c', script, 'sh', ...args);

describe('run', { concurrent: true }, () => {
  it('upgrades and becomes the command, in the same process', async () => {
    const place = await createPlace(table);
    const outcome = await place.succeed(shell('echo $$'));
    expect(outcome.stdout).toBe(`${outcome.pid}\n`);
    expect(outcome.log.map(({ event }) => event)).toContain('revision.applied');
    expect(await place.query("select to_regclass('account')::text as it")).toEqual([
      { it: 'account' },
    ]);
  });

  it('passes the exit code of the command on', async () => {
    const place = await createUpgraded(table);
    expect((await place.run(shell('exit 42'))).exitCode).toBe(42);
  });

  it('ends by the signal that ended the command', async () => {
    const place = await createUpgraded(table);
    const outcome = await place.run(shell('kill -USR1 $$'));
    expect({ exitCode: outcome.exitCode, signal: outcome.signal }).toEqual({
      exitCode: null,
      signal: 'SIGUSR1',
    });
  });

  it('lets the command have SIGTERM', async () => {
    const place = await createUpgraded(table);
    const started = place.start(
      shell("trap 'echo stopping; exit 7' TERM; echo ready; while :; do sleep 0.05; done"),
    );
    await until(() => expect(started.stdout()).toMatch('ready'));
    started.kill('SIGTERM');
    const outcome = await started.ended;
    expect(outcome.exitCode).toBe(7);
    expect(outcome.stdout).toBe('ready\nstopping\n');
  });

  it('dies of SIGTERM and SIGINT where the command does not handle them', async () => {
    const place = await createUpgraded(table);
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const started = place.start(shell('echo ready; exec sleep 60'));
      await until(() => expect(started.stdout()).toMatch('ready'));
      started.kill(signal);
      expect((await started.ended).signal).toBe(signal);
    }
  });

  it('passes standard input on, none of it lost', async () => {
    const place = await createPlace(table);
    const input = `${'a line of input\n'.repeat(20_000)}the end`;
    const outcome = await place.succeed(run('cat'), { input });
    expect(outcome.stdout).toBe(input);
  });

  it('hands over blocking standard streams', async () => {
    const place = await createPlace(table);
    const outcome = await place.succeed(shell('cd /proc/$$/fdinfo; grep -h flags 0 1 2'));
    const flags = outcome.stdout.match(/\d+/g)?.map((octal) => Number.parseInt(octal, 8)) ?? [];
    const { O_NONBLOCK } = constants;
    expect(flags.map((value) => value & O_NONBLOCK)).toEqual([0, 0, 0]);
  });

  it('leaves no child, no open connection and no file descriptor behind', async () => {
    const place = await createPlace(table);
    const outcome = await place.succeed(
      shell('cat /proc/$$/task/$$/children; echo; ls /proc/$$/fd | tr "\\n" " "'),
    );
    const [children = '', descriptors = ''] = outcome.stdout.split('\n');
    expect(children.trim().split(' ').filter(Boolean).length).toBeLessThanOrEqual(1);
    expect(
      descriptors
        .trim()
        .split(' ')
        .filter((fd) => Number(fd) <= 2),
    ).toEqual(['0', '1', '2']);
    expect(descriptors.trim().split(' ').length).toBeLessThanOrEqual(5);
    expect(
      await place.query(
        "select 1 from pg_stat_activity where datname = current_database() and application_name like 'slipway/%'",
      ),
    ).toEqual([]);
  });

  it('gives the command the default dispositions of all signals', async () => {
    const place = await createUpgraded(table);
    const outcome = await place.succeed(run('cat', '/proc/self/status'));
    const mask = (name: string) =>
      outcome.stdout.match(new RegExp(`^${name}:\\s*(\\w+)`, 'm'))?.[1];
    expect({ ignored: mask('SigIgn'), blocked: mask('SigBlk') }).toEqual({
      ignored: '0000000000000000',
      blocked: '0000000000000000',
    });
  });

  it('refuses a command that does not exist before anything is migrated', async () => {
    const place = await createPlace(table);
    const missing = await place.run(run('no-such-program'));
    failureOf(missing, 10, 'SLIPWAY_COMMAND_NOT_FOUND');
    const notExecutable = await place.run(run('./migrations'));
    failureOf(notExecutable, 10, 'SLIPWAY_COMMAND_NOT_FOUND');
    expect(await place.query("select to_regclass('account') as it")).toEqual([{ it: null }]);
  });

  it('refuses to run nothing', async () => {
    const place = await createPlace(table);
    failureOf(await place.run(['run']), 10, 'SLIPWAY_USAGE');
    failureOf(await place.run(['run', '--']), 10, 'SLIPWAY_USAGE');
  });

  it('does not start the command when the upgrade fails', async () => {
    const place = await createPlace({ id: 'r1', up: 'select 1 / 0;' });
    const outcome = await place.run(shell('echo started'));
    failureOf(outcome, 12, 'SLIPWAY_REVISION_FAILED');
    expect(outcome.stdout).toBe('');
  });

  it('does not start the command when it is told to stop during the upgrade', async () => {
    const place = await createPlace({ id: 'r1', up: 'select pg_sleep(60);' });
    const started = place.start(shell('echo started'));
    await serverRuns(place.url, '%pg_sleep%');
    started.kill('SIGTERM');
    const outcome = await started.ended;
    failureOf(outcome, 24, 'SLIPWAY_INTERRUPTED');
    expect(outcome.stdout).toBe('');
  });

  it('keeps blanks, quotes, empty arguments and flags of the command as they are', async () => {
    const place = await createUpgraded(table);
    const args = [
      'two words',
      '',
      '--url',
      'x',
      '--json',
      '--',
      "it's",
      '"',
      '$HOME',
      '한글 🎉',
      '*',
    ];
    const outcome = await place.succeed(
      run(
        process.execPath,
        '-e',
        'console.log(JSON.stringify(process.argv.slice(1)))',
        '--',
        ...args,
      ),
    );
    expect(JSON.parse(outcome.stdout)).toEqual(args);
  });

  it('keeps the environment and the folder as they are', async () => {
    const place = await createUpgraded(table);
    const env = { PLAIN: 'x', BLANKS: ' two  words ', EMPTY: '', HANGUL: '한글', LINES: 'a\nb' };
    const outcome = await place.succeed(
      run(process.execPath, '-p', 'JSON.stringify({ env: process.env, cwd: process.cwd() })'),
      { env },
    );
    const seen = JSON.parse(outcome.stdout);
    expect(seen.env).toMatchObject({ ...env, DATABASE_URL: place.url });
    expect(seen.cwd).toBe(place.project.root);
  });

  it('takes its own flags in front of the command', async () => {
    const place = await createPlace(table);
    const ready = place.project.path('ready');
    const outcome = await place.succeed(['run', '--ready-file', ready, '--', 'cat', ready]);
    expect(outcome.stdout).toBe('r1\n');
    expect(await readFile(ready, 'utf8')).toBe('r1\n');
  });
});
