/** `history`: ranges, marks, and the drawing, as a person and as a script see them. */

import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { branched, up } from '../../support/branched.ts';
import { failureOf, type LogLine, program, slipway, succeed } from '../../support/cli.ts';
import { createPlace, createProject, type Place } from '../../support/projects.ts';

const boxes = { LC_ALL: 'C.UTF-8' };

const idsOf = (stdout: string): readonly string[] =>
  JSON.parse(stdout).map((entry: { id: string }) => entry.id);

const warnings = (log: readonly LogLine[]): readonly string[] =>
  log.filter((line) => line.event === 'warning').map((line) => line.msg);

async function history(place: Place, ...args: readonly string[]): Promise<readonly string[]> {
  return idsOf((await place.succeed(['history', '--json', ...args])).stdout);
}

describe('history', { concurrent: true }, () => {
  it.each([
    { range: 'b1:', ids: ['d1', 'b2', 'b1'] },
    { range: ':b2', ids: ['b2', 'b1', 'a1'] },
    { range: 'a1:c1', ids: ['c1', 'a1'] },
    { range: 'users@base:users@head', ids: ['d1', 'c1', 'b2', 'b1', 'a1'] },
    { range: '-1:b2', ids: ['b2', 'b1'] },
    { range: 'b1:+1', ids: ['b2', 'b1'] },
    { range: 'audit:', ids: ['x1'] },
  ])('-r $range lists $ids and needs no database', async ({ range, ids }) => {
    await using project = await createProject(branched);
    const { stdout } = await succeed(['history', '-r', range, '--json'], { cwd: project.root });
    expect(idsOf(stdout).toSorted()).toEqual(ids.toSorted());
  });

  it('counts from what is applied, and lists what leads there', async () => {
    const place = await createPlace(...branched);
    await place.succeed(['upgrade', 'b2']);
    expect(await history(place, '-r', '-1:current')).toEqual(['b2', 'b1']);
    expect(await history(place, '-r', 'current:+1')).toEqual(['d1', 'b2']);
    expect(await history(place, '-r', 'current:')).toEqual(['d1', 'b2']);
    expect(await history(place, '-r', ':current')).toEqual(['b2', 'b1', 'a1']);
    expect(await history(place, '-r', '-99:current')).toEqual(['b2', 'b1', 'a1']);
  });

  it('takes head for the head of the files, although the database has gone another way', async () => {
    const place = await createPlace(...branched.slice(0, 3));
    await place.project.add({ id: 'u1', revises: ['a1'], message: 'Elsewhere', up });
    await place.succeed(['upgrade', 'u1']);
    await place.project.remove('u1');
    expect(await history(place, '-r', 'b1:head')).toEqual(['b2', 'b1']);
    expect(await history(place, '-r', 'a1:')).toEqual(['u1', 'b2', 'b1', 'a1']);
    expect(await history(place, '-r', ':current')).toEqual(['u1', 'a1']);
    const { stdout } = await place.succeed(['show', '--json', 'head', 'current']);
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).id),
    ).toEqual(['b2', 'u1']);
  });

  it('refuses a revision where a range is needed, and says how to write one', async () => {
    await using project = await createProject(branched);
    const there = { cwd: project.root };
    const single = failureOf(await slipway(['history', '-r', 'b1'], there), 10, 'SLIPWAY_USAGE');
    expect(single['next']).toMatch('slipway show b1');
    failureOf(await slipway(['history', '-r', 'b1:c1'], there), 11, 'SLIPWAY_TARGET_OUT_OF_RANGE');
    failureOf(await slipway(['history', '-r', 'zz:'], there), 11, 'SLIPWAY_TARGET_UNKNOWN');
    const nowhere = { ...there, env: { PGHOST: '127.0.0.1', PGPORT: '1' } };
    const asked = ['history', '--connect-timeout', '1ms'];
    for (const more of [['-i'], ['-r', 'current:'], ['-r', '-2:+1']]) {
      const outcome = await slipway([...asked, ...more], nowhere);
      failureOf(outcome, 20, 'SLIPWAY_DB_UNREACHABLE');
      const offline = await slipway(['history', '--offline', ...more], there);
      failureOf(offline, 10, 'SLIPWAY_USAGE');
    }
  });

  it('--indicate-current asks the database that libpq would take', async () => {
    const place = await createPlace(...branched);
    await place.succeed(['upgrade', 'c1']);
    const { hostname, port, username, password } = new URL(place.url);
    const env = {
      PGHOSTADDR: hostname === 'localhost' ? '127.0.0.1' : hostname,
      PGPORT: port,
      PGUSER: decodeURIComponent(username),
      PGPASSWORD: decodeURIComponent(password),
      PGDATABASE: place.database,
    };
    const { stdout } = await place.succeed(['history', '-i'], { url: undefined, env });
    expect(stdout).toMatch(/^\* +c1 +a1 +current +Billing \(billing\) \(current\)$/m);
  });

  it('marks heads, branch points and merges, and says what depends on what', async () => {
    await using project = await createProject(branched);
    const { stdout } = await succeed(['history'], { cwd: project.root });
    expect(stdout).toMatch(/^REVISION +REVISES +DESCRIPTION$/m);
    expect(stdout).toMatch(/^a1 +<base> +Base \(branchpoint\)$/m);
    expect(stdout).toMatch(/^b1 +a1 +사용자 추가 \(users\)$/m);
    expect(stdout).toMatch(/^d1 +b2 c1 +Merge \(head\) \(mergepoint\)$/m);
    expect(stdout).toMatch(/^x1 +<base> +Audit \(audit\) \(head\) \(depends on b1\)$/m);
  });

  it('--verbose says all that is known, also of revisions that only the database has', async () => {
    const place = await createPlace(...branched);
    await place.succeed(['upgrade', 'd1'], { env: { SLIPWAY_RELEASE: 'v42' } });
    await place.project.write(
      'migrations/20260101000002_b1.sql',
      '-- slipway:revision b1\n-- slipway:revises a1\n-- Changed\n-- slipway:up\nselect 2;\n-- slipway:down\nselect 1;\n',
    );
    await place.project.remove('d1');
    const { stdout } = await place.succeed(['history', '-v']);
    expect(stdout).toMatch(/^Rev: d1 \(current\) \(mergepoint\) \(not in this release\)$/m);
    expect(stdout).toMatch(/^Merges: b2, c1$/m);
    expect(stdout).toMatch(/^Applied: \S+ by role \w+ of v42$/m);
    expect(stdout).toMatch(/^Checksum: \w{12}, changed: \w{12} was applied$/m);
    expect(stdout).toMatch(/^Rev: x1 \(head\)\nParent: <base>\nAlso depends on: b1\n/m);
    expect(stdout).toMatch(/^Rev: a1 \(branchpoint\)\nParent: <base>\nBranches into: b1, c1$/m);
  });

  it('draws with --graph alone where the output is no terminal', async () => {
    await using project = await createProject(branched.slice(0, 5));
    const there = { cwd: project.root, env: boxes };
    expect((await succeed(['history'], there)).stdout).not.toMatch('├');
    const { stdout } = await succeed(['history', '--graph'], there);
    const lanes = stdout.split('\n').map((line) => line.replace(/ {2,}.*/, ''));
    expect(lanes.slice(1)).toEqual(['●', '├─╮', '│ ●', '● │', '● │', '├─╯', '●', '']);
    const column = new Set(
      stdout.split('\n').flatMap((line) => {
        const at = line.search(/\b(?:[a-d][12]|REVISION)\b/);
        return at < 0 ? [] : [at];
      }),
    );
    expect(column.size).toBe(1);
  });

  it('shows what is pending as hollow', async () => {
    const place = await createPlace(...branched);
    await place.succeed(['upgrade', 'b1']);
    const { stdout } = await place.succeed(['history', '--graph'], { env: boxes });
    expect(stdout).toMatch(/^○[ │]* +d1 .*pending/m);
    expect(stdout).toMatch(/^[ │]*●[ │]* +b1 .*current/m);
  });

  const draws = 'draws on a terminal what is more than a line, with colour, unless told not to';
  it.skipIf(spawnSync('script', ['--version']).status !== 0)(draws, async () => {
    await using forked = await createProject(branched);
    await using line = await createProject(branched.slice(0, 3));
    const shown = (cwd: string, flags: string, env: Readonly<Record<string, string>> = boxes) => {
      const command = `${process.execPath} ${program} history ${flags}`;
      const { stdout } = spawnSync('script', ['-qec', command, '/dev/null'], {
        cwd,
        encoding: 'utf8',
        env: { PATH: process.env['PATH'], TERM: 'xterm', ...env },
      });
      return stdout;
    };
    expect(shown(forked.root, '')).toMatch('├─╯');
    expect(shown(forked.root, '')).toMatch('\u001b[');
    expect(shown(forked.root, '', { ...boxes, NO_COLOR: '1' })).not.toMatch('\u001b[');
    expect(shown(forked.root, '', { LC_ALL: 'C' })).toMatch('|-/');
    expect(shown(forked.root, '--no-graph')).not.toMatch('├');
    expect(shown(line.root, '')).not.toMatch('●');
    expect(shown(forked.root, '-r a1:b2')).not.toMatch('●');
  });

  it('warns instead of drawing what nobody could follow', async () => {
    const bases = Array.from({ length: 210 }, (_, index) => `r${index}`);
    await using project = await createProject([
      ...bases.map((id) => ({ id, revises: [], up })),
      { id: 'm', revises: bases, up },
    ]);
    const outcome = await succeed(['history', '--graph'], { cwd: project.root, env: boxes });
    expect(outcome.stdout).not.toMatch('●');
    expect(warnings(outcome.log)).toEqual([expect.stringMatching(/^not drawn: /)]);
  });
});
