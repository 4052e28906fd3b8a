/** `--sql`: what the command line prints, asks for and refuses. */

import { readFile, stat } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { failureOf, until } from '../../support/cli.ts';
import { openHistory } from '../../support/history-database.ts';
import { contentOf, psql, psqlProgram, startPsql } from '../../support/offline.ts';
import { createPlace, type RevisionSpec } from '../../support/projects.ts';

const LINE: readonly RevisionSpec[] = [
  { id: 'a1', up: 'create table a1 (id int);', down: 'drop table a1;' },
  { id: 'b2', up: 'create table b2 (id int);', down: 'drop table b2;' },
  {
    id: 'c3',
    up: 'alter table b2 add column note text;',
    down: 'alter table b2 drop column note;',
  },
];

/** A server that nobody listens at: whoever asks a database fails. */
const NOWHERE = 'postgres://nobody:sesame@127.0.0.1:1/nowhere';

describe('--sql', { concurrent: true }, () => {
  it('prints the same script each time, and asks no database', async () => {
    const { run } = await createPlace(...LINE);
    const scripts = await Promise.all([
      run(['upgrade', '--sql'], { url: NOWHERE }),
      run(['upgrade', 'base:head', '--sql'], { url: NOWHERE }),
      run(['upgrade', ':c3', '--sql'], { url: NOWHERE }),
      run(['upgrade', 'a1:+1', '--sql'], { url: NOWHERE }),
      run(['stamp', 'head', '--sql'], { url: NOWHERE }),
      run(['downgrade', 'head:a1', '--sql', '--allow-data-loss'], { url: NOWHERE }),
      run(['upgrade', 'head:head', '--sql'], { url: NOWHERE }),
    ]);
    for (const { exitCode, stderr, stdout } of scripts) {
      expect({ exitCode, errors: stderr.match(/"level":"error".*/) }).toEqual({
        exitCode: 0,
        errors: null,
      });
      expect(stdout).toMatch(/^-- slipway \S+: /);
      expect(stdout).not.toContain('sesame');
    }
    const [all, ranged, open] = scripts.map(({ stdout }) => withoutRun(stdout));
    expect(ranged).toBe(all);
    expect(open).toBe(all);
    const [again] = [await run(['upgrade', '--sql'], { url: NOWHERE })];
    expect(again?.stdout).toBe(scripts[0]?.stdout);
    expect(scripts.at(-1)?.stdout).toContain('-- Nothing to do.');
  });

  it.skipIf(psqlProgram === undefined)('is what the command does', async () => {
    const [scripted, online] = await Promise.all([createPlace(...LINE), createPlace(...LINE)]);
    for (const [range, args] of [
      ['base:head', ['upgrade', 'head']],
      ['head:a1', ['downgrade', 'a1', '--allow-data-loss']],
      ['a1:c3', ['stamp', 'c3']],
    ] as const) {
      const [name = '', , ...flags] = args;
      const { stdout } = await scripted.succeed([name, range, ...flags, '--sql']);
      expect(await psql(scripted.url, stdout)).toMatchObject({ exitCode: 0 });
      await online.succeed(args);
      expect(await contentOf(scripted.url), name).toEqual(await contentOf(online.url));
    }
    const { log } = await scripted.succeed(['upgrade']);
    expect(log.at(-1)).toMatchObject({ event: 'run.finished', outcome: 'nothing-to-do' });
  });

  it.skipIf(psqlProgram === undefined)('works from a release bundle', async () => {
    const { project, url, succeed } = await createPlace(...LINE);
    await succeed(['build', '-o', 'release.bundle']);
    const { stdout } = await succeed(['upgrade', '--sql', '--bundle', 'release.bundle']);
    expect(stdout).toBe((await succeed(['upgrade', '--sql'])).stdout);
    expect(await psql(url, stdout)).toMatchObject({ exitCode: 0 });
    await succeed(['upgrade', '--bundle', project.path('release.bundle')]);
  });

  it('asks the database where the range names it, and takes no lock', async () => {
    const { url, succeed, run } = await createPlace(...LINE);
    await succeed(['upgrade', 'a1']);
    const other = await openHistory(url);
    await other.db.lock.tryAcquire();
    const before = await contentOf(url);
    for (const args of [
      ['upgrade', 'current:head', '--sql'],
      ['upgrade', '+1', '--sql'],
      ['downgrade', 'current:-1', '--sql', '--allow-data-loss'],
      ['downgrade', '-1', '--sql', '--allow-data-loss'],
      ['downgrade', 'current:base', '--sql', '--dir', 'nowhere', '--allow-data-loss'],
      ['upgrade', 'base:current', '--sql'],
    ]) {
      const { stdout } = await succeed(args);
      expect(stdout, args.join(' ')).toMatch(/^-- From (base|a1) to /m);
      failureOf(
        await run(args, { url: NOWHERE, env: { SLIPWAY_CONNECT_TIMEOUT: '10ms' } }),
        20,
        'SLIPWAY_DB_UNREACHABLE',
      );
    }
    expect(await contentOf(url)).toEqual(before);
    await other.close();
  });

  it('writes a file whole or not at all', async () => {
    const { project, succeed, run } = await createPlace(...LINE);
    const { stdout } = await succeed(['upgrade', '--sql', '-o', 'up.sql']);
    expect(stdout).toBe('');
    const text = await readFile(project.path('up.sql'), 'utf8');
    expect(text).toBe((await succeed(['upgrade', '--sql'])).stdout);
    await project.add({ id: 'd4', up: 'drop table a1;' });
    failureOf(
      await run(['upgrade', 'c3:head', '--sql', '-o', 'up.sql']),
      16,
      'SLIPWAY_NEEDS_APPROVAL',
    );
    expect(await readFile(project.path('up.sql'), 'utf8')).toBe(text);
    const nowhere = await run(['upgrade', 'c3', '--sql', '-o', 'no/such/up.sql']);
    failureOf(nowhere, 11, 'SLIPWAY_FILE_UNREADABLE');
    await expect(stat(project.path('no'))).rejects.toThrow();
  });

  it('holds the same gate as the command', async () => {
    const { run, succeed, project } = await createPlace(...LINE);
    const lost = await run(['downgrade', 'head:base', '--sql']);
    expect(lost.stdout).toBe('');
    failureOf(lost, 16, 'SLIPWAY_NEEDS_APPROVAL');
    await project.add({ id: 'd4', up: 'alter table b2 rename to b3;' });
    const { stdout, log } = await succeed(['upgrade', 'c3:d4', '--sql']);
    expect(log.map(({ event, level }) => [event, level])).toEqual([['hazard.found', 'warn']]);
    expect(stdout).toMatch(/^-- hazard: .*b2/m);
    const refused = await run(['upgrade', 'c3:d4', '--sql'], {
      env: { SLIPWAY_HAZARDS: 'refuse' },
    });
    failureOf(refused, 13, 'SLIPWAY_HAZARD_REFUSED');
    expect(refused.stdout).toBe('');
  });

  it.each([
    [['upgrade', '--sql', '--json'], '--json does not go with --sql'],
    [['upgrade', '--sql', '--dry-run'], '--dry-run does not go with --sql'],
    [['stamp', 'head', '--sql', '--json'], '--json does not go with --sql'],
    [['upgrade', '-o', 'up.sql'], '--out is for the script of --sql'],
    [['downgrade', 'a1', '--sql'], 'downgrade --sql takes a range with both ends'],
    [['downgrade', 'head:', '--sql'], 'downgrade --sql takes a range with both ends'],
    [['upgrade', 'a1:head'], '"a1:head" is a range, and only --sql takes one'],
    [['downgrade', 'head:a1'], '"head:a1" is a range, and only --sql takes one'],
    [['stamp', 'a1:head'], '"a1:head" is a range, and only --sql takes one'],
  ])('refuses %j', async (args, message) => {
    const { run } = await createPlace(...LINE);
    const outcome = await run(args, { url: NOWHERE });
    expect(outcome.stdout).toBe('');
    expect(failureOf(outcome, 10, 'SLIPWAY_USAGE').msg).toContain(message);
  });

  it('refuses a program before it prints a line', async () => {
    const { project, run, succeed } = await createPlace(...LINE);
    await project.write(
      'migrations/20270101000000_program.ts',
      `import { defineRevision } from 'slipway';
export default defineRevision({
  revision: 'd4',
  revises: 'c3',
  description: 'a program',
  async up() { throw new Error('must not run'); },
  async down() {},
});
`,
    );
    const outcome = await run(['upgrade', '--sql'], { url: NOWHERE });
    expect(outcome.stdout).toBe('');
    expect(failureOf(outcome, 10, 'SLIPWAY_OFFLINE_UNSUPPORTED').msg).toContain('revision "d4"');
    await succeed(['upgrade', 'c3', '--sql'], { url: NOWHERE });
  });

  it('refuses to take back what cannot be taken back', async () => {
    const { project, run } = await createPlace(...LINE);
    await project.write(
      'migrations/20270101000000_d4.sql',
      '-- slipway:revision d4\n-- slipway:revises c3\n-- slipway:irreversible it burns\n-- slipway:up\nselect 1;\n',
    );
    const outcome = await run(['downgrade', 'd4:c3', '--sql'], { url: NOWHERE });
    failureOf(outcome, 11, 'SLIPWAY_NO_WAY_BACK');
    expect(outcome.stdout).toBe('');
  });

  it.skipIf(psqlProgram === undefined)('is waited for by those who migrate', async () => {
    const place = await createPlace(
      ...LINE,
      {
        id: 'd4',
        up: 'do $$ begin while not exists (select from gate) loop perform pg_sleep(0.02); end loop; end $$;',
      },
      { id: 'e5', up: 'create table e5 (id int);' },
    );
    await place.query('create table gate ()');
    const { stdout } = await place.succeed(['upgrade', '--sql']);
    const script = startPsql(place.url, stdout);
    await until(() => expect(script.stdout()).toContain('slipway: applied c3'));
    const waiter = place.start(['upgrade']);
    await waiter.logged('lock.waiting');
    await place.query('insert into gate default values');
    const outcome = await waiter.ended;
    expect(outcome.exitCode, outcome.stderr).toBe(0);
    expect(outcome.log.at(-1)).toMatchObject({ outcome: 'done-by-another', heads: ['e5'] });
    expect(await script.ended).toMatchObject({ exitCode: 0 });
    expect(await place.query(`select count(*)::int as n from slipway.log`)).toEqual([{ n: 5 }]);
  });
});

/** The run's name follows from the range as it was typed, as does the title. */
function withoutRun(script: string): string {
  return script
    .replace(/^-- slipway.*\n/, '')
    .replaceAll(/'[0-9a-f]{12}', null, null/g, `'<run>', null, null`);
}
