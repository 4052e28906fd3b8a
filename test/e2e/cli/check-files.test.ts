/** `slipway check-files` as CI and pre-commit run it: on folders and in real repositories. */

import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { failureOf, type StartOptions, slipway, succeed } from '../../support/cli.ts';
import { createProject, type Project, type RevisionSpec } from '../../support/projects.ts';
import { commitAll, git, gitEnvironment, makeRepository } from '../../support/repository.ts';

interface Report {
  readonly ok: boolean;
  readonly files: number;
  readonly heads: readonly string[];
  readonly problems: readonly {
    readonly severity: string;
    readonly code: string;
    readonly hint: string;
    readonly files: readonly string[];
    readonly line?: number;
  }[];
}

const a: RevisionSpec = { id: 'a', up: 'create table a (id int);', down: 'drop table a;' };
const b: RevisionSpec = { id: 'b', up: 'create table b (id int);', down: 'drop table b;' };

const inside = (project: Project, env: Readonly<Record<string, string>> = {}): StartOptions => ({
  cwd: project.root,
  env,
});

async function reportOf(project: Project, ...args: readonly string[]): Promise<Report> {
  const env = { ...gitEnvironment };
  const { stdout } = await slipway(['check-files', '--json', ...args], inside(project, env));
  return JSON.parse(stdout) as Report;
}

async function codesIn(project: Project, ...args: readonly string[]): Promise<readonly string[]> {
  return (await reportOf(project, ...args)).problems.map(({ code }) => code);
}

describe('slipway check-files', { concurrent: true }, () => {
  it('passes where nothing is wrong, and says so', async () => {
    await using project = await createProject([a, b]);
    const { stdout, stderr } = await succeed(['check-files'], inside(project));
    expect(stdout).toBe('2 revision files, 1 head, 0 errors, 0 warnings\n');
    expect(stderr).toBe('');
    expect(await reportOf(project)).toEqual({ ok: true, files: 2, heads: ['b'], problems: [] });
  });

  it('reports everything at once, and ends with the code of the first error', async () => {
    await using project = await createProject([
      a,
      { ...b, up: 'selec 1;' },
      { id: 'c', revises: ['zz'], up: 'vacuum;' },
    ]);
    await project.write('migrations/0_malformed.sql', '-- slipway:revison x\n');
    await project.write('migrations/b.sql.bak', '');
    expect(await codesIn(project)).toEqual([
      'SLIPWAY_FILE_MALFORMED',
      'SLIPWAY_SQL_SYNTAX',
      'SLIPWAY_GRAPH_MISSING_REVISION',
      'SLIPWAY_TRANSACTION_MODE',
      'SLIPWAY_FILE_PASSED_OVER',
    ]);
    const outcome = await slipway(['check-files'], inside(project));
    failureOf(outcome, 11, 'SLIPWAY_FILE_MALFORMED');
    expect(outcome.stdout).toMatch(/^error migrations\/0_malformed\.sql:1:1: /m);
    expect(outcome.stdout).toMatch(/^ +\d+ \| selec 1;\n +\| \^$/m);
    expect(outcome.stdout).toMatch(/^warning migrations\/b\.sql\.bak: /m);
    expect(outcome.stdout).toMatch(/\n4 revision files, \d heads?, 4 errors, 1 warning\n$/);
  });

  it('passes with warnings alone', async () => {
    await using project = await createProject([a]);
    await project.write('migrations/b.SQL', '');
    const { stdout } = await succeed(['check-files', '--json'], inside(project));
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, problems: [{ severity: 'warning' }] });
  });

  it('finds several heads, unless they are allowed', async () => {
    await using project = await createProject([a, b, { ...b, id: 'c', revises: ['a'] }]);
    const outcome = await slipway(['check-files'], inside(project));
    expect(String(failureOf(outcome, 11, 'SLIPWAY_MULTIPLE_HEADS')['next'])).toContain(
      'slipway merge -m "merge b and c"',
    );
    await succeed(['check-files', '--allow-multiple-heads'], inside(project));
  });

  it('annotates for GitHub, from the root of the repository', async () => {
    await using project = await createProject([{ ...a, up: 'selec 1;' }]);
    const workspace = join(project.root, '..');
    const folder = project.root.slice(workspace.length + 1);
    const line = new RegExp(
      `^::error file=${folder}/migrations/\\d+_a\\.sql,line=5,col=1,title=SLIPWAY_SQL_SYNTAX::.+%0A.+$`,
      'm',
    );
    const only = await slipway(
      ['check-files', '--format', 'github'],
      inside(project, { GITHUB_WORKSPACE: workspace }),
    );
    expect(only.stdout.trim()).toMatch(line);
    expect(only.stdout.trim().split('\n')).toHaveLength(1);
    const both = await slipway(
      ['check-files'],
      inside(project, { GITHUB_ACTIONS: 'true', GITHUB_WORKSPACE: workspace }),
    );
    expect(both.stdout).toMatch(line);
    expect(both.stdout).toMatch(/^error migrations/m);
    const json = await slipway(
      ['check-files', '--json'],
      inside(project, { GITHUB_ACTIONS: 'true' }),
    );
    expect(() => JSON.parse(json.stdout)).not.toThrow();
  });

  it('refuses a folder that is not there', async () => {
    await using project = await createProject();
    const outcome = await slipway(['check-files', '--dir', 'nowhere'], inside(project));
    failureOf(outcome, 11, 'SLIPWAY_FILE_UNREADABLE');
  });
});

describe('slipway check-files --base', { concurrent: true }, () => {
  const base = ['--base', 'main'] as const;

  async function repository(): Promise<Project> {
    const project = await createProject([a, b]);
    await makeRepository(project.root);
    await git(project.root, 'checkout', '--quiet', '-b', 'work');
    return project;
  }

  it('passes where revisions are added or files are renamed', async () => {
    await using project = await repository();
    await project.add({ id: 'c', up: 'create table c ();' });
    await rename(project.file('a'), join(project.migrations, '00000000000000_renamed.sql'));
    expect(await reportOf(project, ...base)).toMatchObject({ ok: true, problems: [] });
  });

  it('finds changes, committed or not, and the command of the hint puts them back', async () => {
    await using project = await repository();
    const file = project.file('a');
    await writeFile(file, '-- slipway:revision a\n-- slipway:up\nselect 2;\n-- slipway:down\n');
    const { problems } = await reportOf(project, ...base);
    expect(problems.map(({ code }) => code)).toEqual(['SLIPWAY_PUBLISHED_CHANGED']);
    await commitAll(project.root, 'change');
    expect(await codesIn(project, ...base)).toEqual(['SLIPWAY_PUBLISHED_CHANGED']);
    const [, command = ''] = /\(git ([^)]+)\)/.exec(problems[0]?.hint ?? '') ?? [];
    await git(project.root, ...command.split(' '));
    expect(await codesIn(project, ...base)).toEqual([]);
  });

  it('finds what was deleted', async () => {
    await using project = await repository();
    await rm(project.file('b'));
    const { problems } = await reportOf(project, ...base);
    expect(problems.map(({ code }) => code)).toEqual(['SLIPWAY_PUBLISHED_DELETED']);
    const [, command = ''] = /\(git ([^)]+)\)/.exec(problems[0]?.hint ?? '') ?? [];
    await git(project.root, ...command.split(' '));
    expect(await codesIn(project, ...base)).toEqual([]);
  });

  it('does not miss what was added to the base since', async () => {
    await using project = await repository();
    await git(project.root, 'checkout', '--quiet', 'main');
    await project.add({ id: 'c', up: 'create table c ();' });
    await commitAll(project.root, 'more');
    await git(project.root, 'checkout', '--quiet', 'work');
    expect(await codesIn(project, ...base)).toEqual([]);
    expect(await codesIn(project, '--base', 'main~1')).toEqual([]);
  });

  it('warns of a branch below what was published', async () => {
    await using project = await repository();
    await project.add({ id: 'c', revises: ['a'], up: 'create table c ();' });
    const report = await reportOf(project, ...base, '--allow-multiple-heads');
    expect(report).toMatchObject({ ok: true, problems: [{ code: 'SLIPWAY_REVISION_SPLICED' }] });
  });

  it('works in a folder of the repository, in a hook, and with names of any script', async () => {
    await using project = await createProject([a]);
    await project.write('apps/shop/migrations/a b_전화.sql', textOf('x'));
    await makeRepository(project.root);
    const shop = project.path('apps/shop');
    const env = { ...gitEnvironment, GIT_DIR: '.git', GIT_INDEX_FILE: '.git/index' };
    await succeed(['check-files', '--base', 'HEAD'], { cwd: shop, env });
    await rm(project.path('apps/shop/migrations/a b_전화.sql'));
    const outcome = await slipway(['check-files', '--base', 'HEAD'], { cwd: shop, env });
    failureOf(outcome, 11, 'SLIPWAY_PUBLISHED_DELETED');
    expect(outcome.stdout).toContain('migrations/a b_전화.sql');
  });

  it('passes where the folder is new', async () => {
    await using project = await repository();
    await project.write('other/a.sql', textOf('z'));
    expect(await codesIn(project, ...base, '--dir', 'other')).toEqual([]);
  });

  it.each([
    ['a ref that is none', 'nowhere'],
    ['a ref that looks like a flag', '--output=x'],
    ['an empty ref', ''],
  ])('refuses %s', async (_, ref) => {
    await using project = await repository();
    const args = ['check-files', `--base=${ref}`];
    failureOf(await slipway(args, inside(project, gitEnvironment)), 10, 'SLIPWAY_GIT_FAILED');
  });

  it('refuses where there is no repository, no common history, or no git', async () => {
    await using alone = await createProject([a]);
    const args = ['check-files', '--base', 'main'];
    const ceiling = { ...gitEnvironment, GIT_CEILING_DIRECTORIES: join(alone.root, '..') };
    const outside = await slipway(args, inside(alone, ceiling));
    expect(failureOf(outside, 10, 'SLIPWAY_GIT_FAILED').msg).toContain('not a git repository');

    await using project = await repository();
    await git(project.root, 'checkout', '--quiet', '--orphan', 'unrelated');
    await commitAll(project.root, 'unrelated');
    const unrelated = await slipway(args, inside(project, gitEnvironment));
    expect(String(failureOf(unrelated, 10, 'SLIPWAY_GIT_FAILED')['next'])).toContain('unshallow');

    const without = await slipway(args, inside(project, { PATH: '/nonexistent' }));
    expect(failureOf(without, 10, 'SLIPWAY_GIT_FAILED').msg).toBe('git cannot be started');
  });
});

function textOf(id: string): string {
  return `-- slipway:revision ${id}\n-- slipway:up\nselect 1;\n-- slipway:down\n`;
}
