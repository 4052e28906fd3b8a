/** `slipway lint` as people and CI run it: on folders, on named files and in real repositories. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { failureOf, type Outcome, type StartOptions, slipway, succeed } from '../../support/cli.ts';
import { createProject, type Project, type RevisionSpec } from '../../support/projects.ts';
import { commitAll, git, gitEnvironment, makeRepository } from '../../support/repository.ts';

interface Report {
  readonly ok: boolean;
  readonly revisions: number;
  readonly programs: number;
  readonly fixed: readonly { readonly file: string; readonly rules: readonly string[] }[];
  readonly findings: readonly {
    readonly rule: string;
    readonly severity: string;
    readonly revision?: string;
    readonly file: string;
    readonly line: number;
    readonly fixable: boolean;
  }[];
}

const clean: RevisionSpec = {
  id: 'a',
  up: 'create table a (id bigint primary key);',
  down: 'drop table a;',
};
const drops: RevisionSpec = {
  id: 'b',
  header: ['approve data-loss nobody reads it'],
  up: 'drop table old_things;',
  down: 'create table old_things (id bigint primary key);',
};
const indexes: RevisionSpec = {
  id: 'i',
  up: 'create index things_name on things (name);',
  down: 'drop index concurrently things_name;',
};

const inside = (project: Project, env: Readonly<Record<string, string>> = {}): StartOptions => ({
  cwd: project.root,
  env,
});

async function reportOf(project: Project, ...args: readonly string[]): Promise<Report> {
  const { stdout } = await slipway(['lint', '--json', ...args], inside(project, gitEnvironment));
  return JSON.parse(stdout) as Report;
}

const rulesIn = (report: Report) => report.findings.map(({ rule }) => rule);
const revisionsIn = (report: Report) => report.findings.map(({ revision }) => revision);

describe('slipway lint', { concurrent: true }, () => {
  it('passes where nothing is found, and says so', async () => {
    await using project = await createProject([clean]);
    const { stdout, stderr } = await succeed(['lint'], inside(project));
    expect(stdout).toBe('1 revision, 0 errors, 0 warnings\n');
    expect(stderr).toBe('');
  });

  it('shows what it finds with a caret, and ends with 15', async () => {
    await using project = await createProject([clean, drops]);
    const outcome = await slipway(['lint'], inside(project));
    failureOf(outcome, 15, 'SLIPWAY_LINT_FINDINGS');
    expect(outcome.stdout).toMatch(
      /^error migrations\/\d+_b\.sql:7:\d+: .*old_things.* drop-table$/m,
    );
    expect(outcome.stdout).toMatch(/^ +7 \| drop table old_things;\n +\| +\^$/m);
    expect(outcome.stdout).toMatch(/^2 revisions, 1 error, 0 warnings$/m);
    expect(outcome.stdout).not.toContain('\u001b');
    const coloured = await slipway(['lint'], inside(project, { FORCE_COLOR: '1' }));
    expect(coloured.stdout).toContain('\u001b[31merror');
  });

  it('passes with warnings alone', async () => {
    await using project = await createProject([
      { ...clean, header: ['ignore drop-table whatever'] },
    ]);
    const report = await reportOf(project);
    expect(report).toMatchObject({ ok: true, revisions: 1, programs: 0, fixed: [] });
    expect(report.findings).toMatchObject([{ rule: 'unused-ignore', severity: 'warning' }]);
    await succeed(['lint'], inside(project));
  });

  it('is silent about what was accepted with a reason', async () => {
    await using project = await createProject([
      { ...drops, up: '-- slipway:ignore drop-table nobody reads it\ndrop table old_things;' },
    ]);
    expect(await reportOf(project)).toMatchObject({ ok: true, findings: [] });
  });

  it('goes on where files cannot be read or parsed, and ends with 11', async () => {
    await using project = await createProject([clean, { id: 's', up: 'selec 1;' }, drops]);
    await project.write('migrations/0_malformed.sql', '-- slipway:revison x\n');
    await project.add({ id: 't', up: 'begin; select 1;' });
    const report = await reportOf(project);
    expect(rulesIn(report)).toEqual([
      'SLIPWAY_FILE_MALFORMED',
      'SLIPWAY_TRANSACTION_CONTROL',
      'SLIPWAY_SQL_SYNTAX',
      'drop-table',
    ]);
    failureOf(await slipway(['lint'], inside(project)), 11, 'SLIPWAY_FILE_MALFORMED');
  });

  it('takes SQL that the header says is newer than the parser', async () => {
    await using project = await createProject([
      { id: 's', header: ['ignore syntax-error from Postgres 99'], up: 'selec 1;' },
    ]);
    expect((await reportOf(project)).ok).toBe(true);
  });

  it('never runs revisions in TypeScript', async () => {
    await using project = await createProject([clean]);
    await project.write(
      'migrations/2_t.ts',
      "throw new Error('it ran');\nexport default { revision: 't', revises: 'a' };\n",
    );
    expect(await reportOf(project)).toMatchObject({ ok: true, revisions: 1, programs: 1 });
    const { stdout } = await succeed(['lint'], inside(project));
    expect(stdout).toBe('1 revision, 1 in TypeScript passed over, 0 errors, 0 warnings\n');
  });

  it('follows the graph, not the names of the files', async () => {
    await using project = await createProject([
      { ...drops, id: 'z', revises: ['y'] },
      { ...drops, id: 'y', revises: ['x'] },
      { ...drops, id: 'x', revises: [] },
    ]);
    expect(revisionsIn(await reportOf(project))).toEqual(['x', 'y', 'z']);
  });

  it('looks at named files and folders alone, wherever they are', async () => {
    await using project = await createProject([clean, drops]);
    await project.write('elsewhere/1.sql', await readFile(project.file('b')));
    const report = await reportOf(project, 'elsewhere', project.file('a'));
    expect(report).toMatchObject({ revisions: 2, findings: [{ file: 'elsewhere/1.sql' }] });
    expect(await reportOf(project, 'nowhere.sql')).toMatchObject({
      revisions: 0,
      findings: [{ rule: 'SLIPWAY_FILE_UNREADABLE', file: 'nowhere.sql' }],
    });
    const missing = await slipway(['lint', '--dir', 'nowhere'], inside(project));
    failureOf(missing, 11, 'SLIPWAY_FILE_UNREADABLE');
  });

  it('looks only at what does not come before a revision', async () => {
    await using project = await createProject([
      drops,
      { ...drops, id: 'c' },
      { ...drops, id: 'd' },
    ]);
    await project.add({ ...drops, id: 'side', revises: ['b'] });
    expect(revisionsIn(await reportOf(project, '--after', 'c'))).toEqual(['d', 'side']);
    expect((await reportOf(project, '--after', 'c')).revisions).toBe(2);
    const named = await reportOf(project, '--after', 'c', project.file('b'), project.file('d'));
    expect(revisionsIn(named)).toEqual(['d']);
    const wrong = await slipway(['lint', '--after', 'nope'], inside(project));
    failureOf(wrong, 11, 'SLIPWAY_TARGET_UNKNOWN');
  });
});

describe('the severities of slipway lint', { concurrent: true }, () => {
  it('come from flags over the environment over the config file', async () => {
    await using project = await createProject([drops]);
    const level = async (env: Readonly<Record<string, string>>, ...args: readonly string[]) => {
      const { stdout } = await slipway(['lint', '--json', ...args], inside(project, env));
      const { findings } = JSON.parse(stdout) as Report;
      return findings.find(({ rule }) => rule === 'drop-table')?.severity;
    };
    await project.write('slipway.config.json', '{ "lintRules": { "drop-table": "info" } }');
    const env = { SLIPWAY_LINT_RULES: 'drop-table=warning' };
    expect(await level({})).toBe('info');
    expect(await level(env)).toBe('warning');
    expect(await level(env, '--rule', 'drop-table=error')).toBe('error');
    expect(await level(env, '--rule', 'drop-table=off')).toBeUndefined();
    await succeed(['lint'], inside(project, env));
  });

  it('are those of rules that exist', async () => {
    await using project = await createProject([clean]);
    const typo = await slipway(['lint', '--rule', 'drop-tabel=off'], inside(project));
    expect(failureOf(typo, 10, 'SLIPWAY_CONFIG_INVALID')['next']).toBe(
      'Did you mean "drop-table"?',
    );
    const env = { SLIPWAY_LINT_RULES: 'drop-tabel=off' };
    const there = failureOf(
      await slipway(['lint'], inside(project, env)),
      10,
      'SLIPWAY_CONFIG_INVALID',
    );
    expect(there.msg).toContain('SLIPWAY_LINT_RULES');
    const form = await slipway(['lint', '--rule', 'drop-table'], inside(project));
    failureOf(form, 10, 'SLIPWAY_USAGE');
  });

  it('are listed, and rules explained', async () => {
    const { stdout } = await succeed(['lint', '--list', '--rule', 'drop-table=off']);
    expect(stdout).toMatch(/^RULE +SEVERITY +FINDS$/m);
    expect(stdout).toMatch(/^drop-table +off +\S/m);
    expect(stdout).toMatch(/^unused-ignore +warning +\S/m);
    const list = JSON.parse((await succeed(['lint', '--list', '--json'])).stdout);
    expect(list).toContainEqual(expect.objectContaining({ id: 'drop-table', severity: 'error' }));
    const page = await succeed(['explain', 'drop-table']);
    expect(page.stdout).toMatch(/^drop-table {2}error: /);
    expect(page.stdout).toContain('-- slipway:ignore drop-table <reason>');
    expect(JSON.parse((await succeed(['explain', 'drop-table', '--json'])).stdout)).toMatchObject({
      id: 'drop-table',
      covers: expect.arrayContaining(['squawk:ban-drop-table']),
    });
    const typo = await slipway(['explain', 'drop-tabel']);
    expect(failureOf(typo, 10, 'SLIPWAY_USAGE')['next']).toContain('drop-table');
  });
});

describe('the outputs of slipway lint', { concurrent: true }, () => {
  it('are on standard output, with paths from the root of the checkout', async () => {
    await using project = await createProject([drops]);
    const workspace = join(project.root, '..');
    const path = new RegExp(
      `^${project.root.slice(workspace.length + 1)}/migrations/\\d+_b\\.sql$`,
    );
    const output = async (format: string, env: Readonly<Record<string, string>>) =>
      (await slipway(['lint', '--format', format], inside(project, env))).stdout;

    const gitlab = JSON.parse(await output('gitlab', { CI_PROJECT_DIR: workspace }));
    expect(gitlab).toMatchObject([{ check_name: 'drop-table', severity: 'critical' }]);
    expect(gitlab[0].location.path).toMatch(path);
    const sarif = JSON.parse(await output('sarif', { GITHUB_WORKSPACE: workspace }));
    const [result] = sarif.runs[0].results;
    expect(result.locations[0].physicalLocation.artifactLocation.uri).toMatch(path);
    const github = await output('github', { GITHUB_WORKSPACE: workspace });
    expect(github).toMatch(/^::error file=[^,]+_b\.sql,line=6,col=\d+,title=drop-table::.+\n$/);
  });

  it('are annotations beside the text in GitHub Actions', async () => {
    await using project = await createProject([drops]);
    const { stdout } = await slipway(['lint'], inside(project, { GITHUB_ACTIONS: 'true' }));
    expect(stdout).toMatch(/^error migrations/m);
    expect(stdout).toMatch(/^::error file=migrations\//m);
  });

  it('go into a file, beside the text', async () => {
    await using project = await createProject([drops]);
    const args = ['lint', '--format', 'sarif', '--output', 'lint.sarif'];
    const outcome = await slipway(args, inside(project));
    failureOf(outcome, 15, 'SLIPWAY_LINT_FINDINGS');
    expect(outcome.stdout).toMatch(/^error migrations/m);
    const log = JSON.parse(await readFile(project.path('lint.sarif'), 'utf8'));
    expect(log.runs[0].results).toHaveLength(1);
    const nowhere = await slipway([...args, '-o', 'no/such/folder/x'], inside(project));
    failureOf(nowhere, 11, 'SLIPWAY_FILE_UNREADABLE');
  });
});

describe('slipway lint --changed-since', { concurrent: true }, () => {
  async function repository(...revisions: readonly RevisionSpec[]): Promise<Project> {
    const project = await createProject(revisions);
    await makeRepository(project.root);
    await git(project.root, 'checkout', '--quiet', '-b', 'work');
    return project;
  }
  const since = ['--changed-since', 'main'] as const;

  it('looks at what is new or changed, committed or not', async () => {
    await using project = await repository(clean, drops);
    expect(await reportOf(project, ...since)).toMatchObject({ revisions: 0, findings: [] });
    await project.add({ ...drops, id: 'c' });
    await commitAll(project.root, 'add c');
    await project.add({ ...drops, id: 'd' });
    expect(revisionsIn(await reportOf(project, ...since))).toEqual(['c', 'd']);
    const text = await readFile(project.file('b'), 'utf8');
    await project.write('migrations/other_name.sql', text);
    await project.remove('b');
    expect((await reportOf(project, ...since)).revisions).toBe(2);
    await project.write('migrations/other_name.sql', `${text}-- changed\n`);
    expect(revisionsIn(await reportOf(project, ...since))).toEqual(['b', 'c', 'd']);
  });

  it('takes the new revisions for one release', async () => {
    await using project = await repository(clean);
    await project.add(
      { id: 't', up: 'create table fresh (id bigint primary key);', down: 'drop table fresh;' },
      { id: 'u', up: 'create index fresh_id on fresh (id);', down: 'drop index fresh_id;' },
    );
    const rules = async (...args: readonly string[]) =>
      rulesIn(await reportOf(project, '--rule', 'index-not-concurrent=error', ...args));
    expect(await rules()).toContain('index-not-concurrent');
    expect(await rules(...since)).not.toContain('index-not-concurrent');
  });

  it('knows what the published revisions did', async () => {
    const check: RevisionSpec = {
      id: 'k',
      header: ['compatible yes no code writes null'],
      up: 'alter table things add constraint named check (name is not null) not valid;',
      down: 'alter table things drop constraint named;',
    };
    const validate: RevisionSpec = {
      id: 'v',
      up: 'alter table things validate constraint named;',
    };
    await using project = await repository(check, validate);
    await project.add({
      id: 'n',
      header: ['compatible yes no code writes null'],
      up: 'alter table things alter column name set not null;',
      down: 'alter table things alter column name drop not null;',
    });
    expect(rulesIn(await reportOf(project, ...since))).not.toContain('set-not-null-scans');
    expect(rulesIn(await reportOf(project, project.file('n')))).not.toContain('set-not-null-scans');
    await project.remove('v');
    expect(rulesIn(await reportOf(project, ...since))).toContain('set-not-null-scans');
  });

  it('says when git cannot answer', async () => {
    await using project = await repository(clean);
    const args = ['lint', '--changed-since', 'no-such-ref'];
    failureOf(await slipway(args, inside(project, gitEnvironment)), 10, 'SLIPWAY_GIT_FAILED');
  });
});

describe('slipway lint --fix', { concurrent: true }, () => {
  const fix = (project: Project, ...args: readonly string[]): Promise<Outcome> =>
    slipway(['lint', '--fix', ...args], inside(project, gitEnvironment));

  it('corrects what is mechanical, lints again, and says what it did', async () => {
    await using project = await createProject([clean, indexes]);
    const outcome = await fix(project, '--after', 'a');
    expect(outcome.exitCode, outcome.stdout).toBe(0);
    expect(outcome.stdout).toMatch(/^fixed migrations\/\d+_i\.sql: .*index-not-concurrent/m);
    expect(outcome.stdout).toMatch(/^1 revision, 0 errors, 0 warnings$/m);
    const text = await readFile(project.file('i'), 'utf8');
    expect(text).toContain('create index concurrently things_name on things (name);');
    expect(text).toContain('-- slipway:transaction none\n');
    await succeed(['check-files'], inside(project));
    expect((await reportOf(project)).ok).toBe(true);
  });

  it('leaves alone what only a person can correct', async () => {
    await using project = await createProject([clean, drops]);
    const before = await readFile(project.file('b'), 'utf8');
    failureOf(await fix(project, project.file('b')), 15, 'SLIPWAY_LINT_FINDINGS');
    expect(await readFile(project.file('b'), 'utf8')).toBe(before);
  });

  it('wants to know which files no database has', async () => {
    await using project = await createProject([clean, indexes]);
    const refused = failureOf(await fix(project), 10, 'SLIPWAY_USAGE');
    expect(String(refused['next'])).toContain('--changed-since');
    // A setting says when linting began, not what is applied.
    const env = { SLIPWAY_LINT_AFTER: 'a' };
    failureOf(await slipway(['lint', '--fix'], inside(project, env)), 10, 'SLIPWAY_USAGE');
    expect(await readFile(project.file('i'), 'utf8')).not.toContain('concurrently things_name on');
  });

  it('never touches a file that was published', async () => {
    await using project = await createProject([clean, indexes]);
    await makeRepository(project.root);
    await git(project.root, 'checkout', '--quiet', '-b', 'work');
    const changed = `${await readFile(project.file('i'), 'utf8')}-- changed\n`;
    await project.write(project.file('i').slice(project.root.length + 1), changed);
    await project.add({ ...indexes, id: 'j', revises: ['i'] });
    await fix(project, '--changed-since', 'main');
    expect(await readFile(project.file('i'), 'utf8')).toBe(changed);
    expect(await readFile(project.file('j'), 'utf8')).toContain(
      'index concurrently things_name on',
    );
  });
});
