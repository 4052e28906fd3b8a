/** Writing revisions with the built program: templates, branches, merges, and two people at once. */

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { failureOf, program, slipway, succeed } from '../../support/cli.ts';
import { createPlace, createProject, type Project } from '../../support/projects.ts';
import { commitAll, git, makeRepository } from '../../support/repository.ts';

const table = { id: 'r1', up: 'create table account (id int);', down: 'drop table account;' };

describe('two people who write a revision at once', () => {
  it('are told which files meet, and the command that is printed mends it', async () => {
    const place = await createPlace(table);
    const ada = place.project.root;
    await makeRepository(ada);
    const ben = await mkdtemp(join(tmpdir(), 'slipway-clone-'));
    leftovers.push(ben);
    await git(ben, 'clone', '--quiet', ada, '.');

    const add = async (cwd: string, message: string) => {
      const { stdout } = await succeed(['revision', '-m', message, '--json'], { cwd });
      await commitAll(cwd, message);
      return JSON.parse(stdout) as { readonly id: string; readonly file: string };
    };
    const phone = await add(ada, 'add phone');
    const tax = await add(ben, 'add tax');
    await git(ada, 'pull', '--quiet', '--no-rebase', '--no-edit', ben, 'main');

    const refused = await place.run(['upgrade']);
    const failure = failureOf(refused, 11, 'SLIPWAY_MULTIPLE_HEADS');
    expect(failure.msg).toContain(phone.file);
    expect(failure.msg).toContain(tax.file);
    expect(await place.query('select to_regclass($1) as found', ['account'])).toEqual([
      { found: null },
    ]);

    const [, command = ''] = /(slipway merge .*?)[;.]/.exec(String(failure['next'])) ?? [];
    expect(command).toContain(phone.id);
    runAsPrinted(command, ada);
    await place.succeed(['upgrade']);
    const { stdout } = await place.succeed(['history', '--json']);
    expect(stdout).toContain(phone.id);
    expect(stdout).toContain(tax.id);
    await place.succeed(['current', '--check-heads']);
    await place.succeed(['downgrade', 'r1']);
  });
});

describe('slipway revision', { concurrent: true }, () => {
  it('writes files that a database takes, from every template and both ways', async () => {
    const place = await createPlace();
    const write = (name: string, ...more: readonly string[]) =>
      place.succeed(['revision', '-m', name, '--template', name, ...more]);
    await write('create-table');
    await place.project.add({
      id: 'prepare',
      revises: [String((await heads(place.project.root))[0])],
      up: "create type type_name as enum ('a');\nalter table table_name add old_name text;",
      down: 'drop type type_name;\nalter table table_name drop old_name;',
    });
    await write('add-enum-value');
    await write('add-column', '--rev-id', 'column');
    for (const name of ['create-index', 'data-change', 'add-constraint', 'rename-column']) {
      await write(name);
    }
    await place.succeed(['check-files']);
    await place.succeed(['upgrade']);
    await place.query("insert into table_name (column_name, new_name) values ('x', 'Ada')");
    await place.query("update table_name set old_name = 'Bea'");
    expect(await place.query('select old_name, new_name from table_name')).toEqual([
      { old_name: 'Bea', new_name: 'Bea' },
    ]);
    await place.query("update table_name set new_name = 'Cy'");
    expect(await place.query('select old_name, new_name from table_name')).toEqual([
      { old_name: 'Cy', new_name: 'Cy' },
    ]);
    await place.query('delete from table_name');
    await place.succeed(['downgrade', 'column-1', '--allow-data-loss']);
    await place.succeed(['upgrade']);
  });

  it('writes a program that runs', async () => {
    const place = await createPlace(table);
    const { stdout } = await place.succeed(['revision', '-m', 'fill', '--ts']);
    const file = place.project.path(stdout.trim());
    expect(file).toMatch(/_fill\.ts$/);
    const text = await readFile(file, 'utf8');
    await place.project.write(
      stdout.trim(),
      text.replace(
        'async up(db) {\n',
        "async up(db) {\n    await db.query('insert into account values ($1)', [7]);\n",
      ),
    );
    await place.succeed(['upgrade']);
    expect(await place.query('select id from account')).toEqual([{ id: 7 }]);
  });

  it('uses the templates of the project, and does not take them for revisions', async () => {
    await using project = await createProject([table]);
    const cwd = project.root;
    const body = '\n-- slipway:up\n-- Ticket: fill in\n\n-- slipway:down\n';
    await project.write('migrations/templates/default.sql', `{{header}}\n${body}`);
    await project.write('migrations/templates/create-index.sql', `{{header}}\n-- ours${body}`);
    const first = (await succeed(['revision', '-m', 'a'], { cwd })).stdout.trim();
    expect(await readFile(project.path(first), 'utf8')).toContain('-- Ticket: fill in');
    const args = ['revision', '-m', 'b', '--template', 'create-index'];
    const second = (await succeed(args, { cwd })).stdout.trim();
    expect(await readFile(project.path(second), 'utf8')).toContain('-- ours');
    await succeed(['check-files'], { cwd });

    await project.write('migrations/templates/wrong.sql', '{{header}}\n-- {{author}}\n');
    const wrong = await slipway(['revision', '-m', 'c', '--template', 'wrong'], { cwd });
    const failure = failureOf(wrong, 11, 'SLIPWAY_TEMPLATE_INVALID');
    expect(failure.msg).toContain('migrations/templates/wrong.sql:2:4: ');
    const unknown = await slipway(['revision', '-m', 'c', '--template', 'creat-index'], { cwd });
    expect(failureOf(unknown, 10, 'SLIPWAY_USAGE')['next']).toContain('"create-index"');
    expect(await readdir(project.migrations)).toHaveLength(4);
  });

  it('finds its place by targets, and says all about it as JSON', async () => {
    await using project = await createProject([table]);
    const cwd = project.root;
    const write = async (message: string, ...args: readonly string[]) => {
      const { stdout } = await succeed(['revision', '-m', message, '--json', ...args], { cwd });
      return JSON.parse(stdout) as Record<string, unknown>;
    };
    const billing = await write('bills', '--base', '--branch-label', 'billing');
    expect(billing).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{12}$/),
      revises: [],
      dependsOn: [],
      labels: ['billing'],
      phase: 'expand',
      file: expect.stringMatching(/^migrations\/\d{14}_bills\.sql$/),
    });
    const late = await write('late', '--head', 'billing@head', '--phase', 'contract');
    expect(late).toMatchObject({ revises: [billing['id']], phase: 'contract' });
    const old = await write('old', '--head', 'r1', '--revision-phase', 'contract');
    expect(old).toMatchObject({ revises: ['r1'], phase: 'contract' });
    const side = await write('side', '--head', `${old['id']}-1`, '--splice', '--rev-id', 'side');
    expect(side).toMatchObject({ revises: ['r1'], id: 'side' });
    const last = await write('last', '--head', 'side', '--depends-on', 'billing@head');
    expect(last).toMatchObject({ revises: ['side'], dependsOn: [late['id']] });
    const merge = await succeed(['merge', '--json', 'billing@head', `${last['id']}`], { cwd });
    expect(JSON.parse(merge.stdout)).toMatchObject({
      revises: [late['id'], last['id']],
      phase: 'contract',
    });
    const names = (await readdir(project.migrations)).filter((name) => name.startsWith('2'));
    expect(new Set(names.map((name) => name.slice(0, 14))).size).toBe(names.length);
  });

  it('opens an editor on a terminal only', async () => {
    await using project = await createProject();
    const args = ['revision', '-m', 'x', '--edit'];
    const outcome = await slipway(args, { cwd: project.root, env: { EDITOR: 'true' } });
    failureOf(outcome, 10, 'SLIPWAY_USAGE');
    expect(await readdir(project.migrations)).toEqual([]);
  });

  it.skipIf(!existsSync('/usr/bin/script'))('hands the file to the editor', async () => {
    await using project = await createProject();
    const command = `"${process.execPath}" "${program}" revision -m x --edit`;
    execFileSync('/usr/bin/script', ['-qec', command, '/dev/null'], {
      cwd: project.root,
      env: { PATH: process.env['PATH'], EDITOR: "sed -i 's/^-- x$/-- edited/'" },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [name = ''] = await readdir(project.migrations);
    expect(await readFile(join(project.migrations, name), 'utf8')).toContain('-- edited\n');
  });
});

describe('slipway edit', { concurrent: true }, () => {
  const inTerminal = (project: Project, args: string): string => {
    const command = `"${process.execPath}" "${program}" ${args}`;
    return execFileSync('/usr/bin/script', ['-qec', command, '/dev/null'], {
      cwd: project.root,
      env: { PATH: process.env['PATH'], EDITOR: 'echo opened' },
      stdio: ['ignore', 'pipe', 'pipe'],
      encoding: 'utf8',
    });
  };

  it.skipIf(!existsSync('/usr/bin/script'))('opens the files that targets name', async () => {
    await using project = await createProject([
      { id: 'a1', up: 'select 1;' },
      { id: 'b2', up: 'select 1;' },
    ]);
    expect(inTerminal(project, 'edit')).toMatch(/^opened migrations\/\S+_b2\.sql\r?\n$/);
    expect(inTerminal(project, 'edit head-1 b2')).toMatch(/^opened \S+_a1\.sql \S+_b2\.sql\r?\n$/);
  });

  it('needs a terminal, and a revision that is there', async () => {
    await using project = await createProject([{ id: 'a1', up: 'select 1;' }]);
    const options = { cwd: project.root, env: { EDITOR: 'true' } };
    failureOf(await slipway(['edit'], options), 10, 'SLIPWAY_USAGE');
  });
});

describe('slipway merge', { concurrent: true }, () => {
  it('joins three heads at once, and there is nothing to do but that', async () => {
    const place = await createPlace(
      table,
      { id: 'b', revises: ['r1'], up: 'create table b ();', down: 'drop table b;' },
      { id: 'c', revises: ['r1'], up: 'create table c ();', down: 'drop table c;' },
      { id: 'd', revises: [], up: 'create table d ();', down: 'drop table d;' },
    );
    const { stdout } = await place.succeed(['merge']);
    expect(stdout).toMatch(/^migrations\/\d{14}_merge_b_c_and_d\.sql\n$/);
    await place.succeed(['upgrade']);
    await place.succeed(['downgrade', 'base', '--allow-data-loss']);
    failureOf(await place.run(['merge']), 10, 'SLIPWAY_USAGE');
  });
});

const leftovers: string[] = [];
afterAll(async () => {
  for (const folder of leftovers) await rm(folder, { recursive: true, force: true });
});

/** Runs what was printed for people, through a shell. */
function runAsPrinted(command: string, cwd: string): void {
  const definition = `slipway() { "${process.execPath}" "${program}" "$@"; }`;
  execFileSync('sh', ['-ec', `${definition}\n${command}`], {
    cwd,
    env: { PATH: process.env['PATH'] },
  });
}

async function heads(cwd: string): Promise<readonly string[]> {
  const { stdout } = await succeed(['check-files', '--json'], { cwd });
  return (JSON.parse(stdout) as { readonly heads: readonly string[] }).heads;
}
