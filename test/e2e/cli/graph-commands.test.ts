/** The commands that answer questions about the graph, as a person and as a script see them. */

import { describe, expect, it } from 'vitest';
import { branched, up } from '../../support/branched.ts';
import { failureOf, type LogLine, slipway, succeed } from '../../support/cli.ts';
import { createPlace, createProject } from '../../support/projects.ts';

const warnings = (log: readonly LogLine[]): readonly string[] =>
  log.filter((line) => line.event === 'warning').map((line) => line.msg);

describe('heads', { concurrent: true }, () => {
  it('prints one line per head, without a database', async () => {
    await using project = await createProject(branched);
    const there = { cwd: project.root };
    expect((await succeed(['heads'], there)).stdout).toBe(
      'd1 (head) (mergepoint), Merge\nx1 (audit) (head), Audit\n',
    );
    expect((await succeed(['heads', '-v'], there)).stdout).toMatch(/^Branch names: audit$/m);
    const coloured = await succeed(['heads'], { ...there, env: { FORCE_COLOR: '1' } });
    expect(coloured.stdout).toMatch('\u001b[');
    const plain = await succeed(['heads'], { ...there, env: { FORCE_COLOR: '1', NO_COLOR: '1' } });
    expect(plain.stdout).not.toMatch('\u001b[');
    expect(JSON.parse((await succeed(['heads', '--json'], there)).stdout)).toMatchObject([
      { id: 'd1', isHead: true, isMergePoint: true, inheritedLabels: ['users', 'billing'] },
      { id: 'x1', isHead: true, isBase: true, labels: ['audit'], inheritedLabels: [] },
    ]);
  });

  it('--resolve-dependencies leaves out what others depend on', async () => {
    await using project = await createProject([
      { id: 'a1', revises: [], up },
      { id: 'x1', revises: [], header: ['depends-on a1'], up },
    ]);
    const there = { cwd: project.root };
    expect((await succeed(['heads'], there)).stdout).toBe(
      'a1 (effective head), Revision a1\nx1 (head), Revision x1\n',
    );
    expect((await succeed(['heads', '--resolve-dependencies'], there)).stdout).toBe(
      'x1 (head), Revision x1\n',
    );
  });

  it('prints nothing where there is no revision', async () => {
    await using project = await createProject();
    const there = { cwd: project.root };
    expect((await succeed(['heads'], there)).stdout).toBe('');
    expect((await succeed(['branches'], there)).stdout).toBe('');
    expect((await succeed(['heads', '--json'], there)).stdout).toBe('[]\n');
  });
});

describe('branches', { concurrent: true }, () => {
  it('prints each branch point with the ways that begin there', async () => {
    await using project = await createProject(branched);
    const there = { cwd: project.root };
    expect((await succeed(['branches'], there)).stdout).toBe(
      [
        'a1 (branchpoint), Base',
        '   -> b1 (users), 사용자 추가 (leads to d1)',
        '   -> c1 (billing), Billing (leads to d1)',
        '',
        '',
      ].join('\n'),
    );
    expect(JSON.parse((await succeed(['branches', '--json'], there)).stdout)).toMatchObject([
      {
        id: 'a1',
        isBranchPoint: true,
        branches: [
          { id: 'b1', labels: ['users'], leadsTo: ['d1'] },
          { id: 'c1', labels: ['billing'], leadsTo: ['d1'] },
        ],
      },
    ]);
  });
});

describe('show', { concurrent: true }, () => {
  it('prints several files for targets of any form', async () => {
    await using project = await createProject(branched);
    const there = { cwd: project.root };
    const ids = async (...targets: readonly string[]) =>
      (await succeed(['show', '--json', ...targets], there)).stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).id);
    expect(await ids('heads')).toEqual(['d1', 'x1']);
    expect(await ids('users', 'b2-1', 'c', 'billing@head')).toEqual(['b1', 'c1', 'd1']);
    const { stdout } = await succeed(['show', 'b1', 'c1'], there);
    expect(stdout.match(/^-- slipway:revision (b1|c1)$/gm)).toHaveLength(2);
    failureOf(await slipway(['show', 'head'], there), 11, 'SLIPWAY_MULTIPLE_HEADS');
    failureOf(await slipway(['show', 'base'], there), 11, 'SLIPWAY_TARGET_UNKNOWN');
  });

  it('--verbose prints the facts first', async () => {
    await using project = await createProject(branched);
    const { stdout } = await succeed(['show', '-v', 'd1'], { cwd: project.root });
    expect(stdout).toMatch(/^Rev: d1 [\s\S]*\n {4}Merge\n\n-- slipway:revision d1\n/);
  });

  it('current is what the database is at, even where no file has it', async () => {
    const place = await createPlace(...branched);
    failureOf(await place.run(['show', 'current']), 11, 'SLIPWAY_TARGET_UNKNOWN');
    await place.succeed(['upgrade', 'b2']);
    expect((await place.succeed(['show', 'current'])).stdout).toMatch('slipway:revision b2\n');
    expect((await place.succeed(['show', 'current-1'])).stdout).toMatch('slipway:revision b1\n');
    for (const id of ['b2', 'd1', 'c1', 'x1']) await place.project.remove(id);
    const outcome = await place.succeed(['show', 'current']);
    expect(outcome.stdout).toMatch('slipway:revision b2\n');
    expect(warnings(outcome.log)).toEqual([expect.stringMatching(/"b2" is not in this release/)]);
    const kept = await place.succeed(['show', '--applied', 'heads', 'users', '--verbose']);
    expect(kept.stdout.match(/^Rev: \w+/gm)).toEqual(['Rev: b2', 'Rev: b1']);
  });
});

describe('current', { concurrent: true }, () => {
  it('says on standard error that a database is not managed yet', async () => {
    const place = await createPlace(...branched);
    const outcome = await place.succeed(['current']);
    expect(outcome.stdout).toBe('');
    expect(warnings(outcome.log)).toEqual([expect.stringMatching(/not managed by slipway yet/)]);
  });

  it('prints labels and marks as heads does, and says which heads the files lack', async () => {
    const place = await createPlace(...branched);
    await place.succeed(['upgrade', 'heads']);
    const [current, heads] = await Promise.all(
      ['current', 'heads'].map(async (name) => (await place.succeed([name])).stdout),
    );
    expect(current).toBe(heads);
    await place.project.remove('d1');
    expect((await place.succeed(['current'])).stdout).toBe(
      'd1 (mergepoint) (not in this release), Merge\nx1 (audit) (head), Audit\n',
    );
    const { revisions } = JSON.parse((await place.succeed(['current', '--json'])).stdout);
    expect(revisions).toMatchObject([
      { id: 'd1', state: 'unknown', isHead: false, isCurrent: true },
      { id: 'x1', state: 'current', isHead: true, isCurrent: true, labels: ['audit'] },
    ]);
  });

  it('answers where the files are missing or broken', async () => {
    const place = await createPlace(...branched);
    await place.succeed(['upgrade', 'b1']);
    const none = await place.succeed(['current', '--dir', 'nowhere']);
    expect({ stdout: none.stdout, warnings: warnings(none.log) }).toEqual({
      stdout: 'b1 (users), 사용자 추가\n',
      warnings: [],
    });
    await place.project.write('migrations/broken.sql', 'select 1;');
    const broken = await place.succeed(['current']);
    expect(broken.stdout).toBe('b1 (users), 사용자 추가\n');
    expect(warnings(broken.log)).toEqual([expect.stringMatching(/broken\.sql/)]);
    failureOf(await place.run(['current', '--check-heads']), 11, 'SLIPWAY_FILE_MALFORMED');
  });
});
