/** Rehearsals with the built program on the shared server, and what they leave there. */

import { execFileSync } from 'node:child_process';
import { expect, inject } from 'vitest';
import type { RehearsalItem, RehearsalReport } from '../../src/rehearsal/report.ts';
import { type Outcome, type StartOptions, slipway } from './cli.ts';
import { query } from './postgres.ts';
import type { Project } from './projects.ts';

/** What a rehearsal answered, and how it ended. */
export interface Rehearsed {
  readonly report: RehearsalReport;
  readonly outcome: Outcome;
  /** The revision or check of that name. */
  item(name: string): RehearsalItem;
}

/** Runs `slipway test --json` without several runners, unless the arguments say so. */
export async function rehearse(
  project: Pick<Project, 'root'>,
  args: readonly string[] = [],
  options: StartOptions = {},
): Promise<Rehearsed> {
  const all = ['test', '--json', '--runners', '0', ...args];
  const outcome = await slipway(all, {
    cwd: project.root,
    ...options,
    env: { SLIPWAY_SCRATCH_URL: inject('adminUrl'), ...options.env },
  });
  expect(outcome.stdout, outcome.stderr).not.toBe('');
  const report = JSON.parse(outcome.stdout) as RehearsalReport; // what the program answers
  await expectNothingLeft(outcome);
  return {
    report,
    outcome,
    item(name) {
      const found = [...report.revisions, ...report.checks].find((each) => each.name === name);
      if (found === undefined) throw new Error(`no "${name}" in ${outcome.stdout}`);
      return found;
    },
  };
}

/** Every database of the run is gone from the shared server. */
export async function expectNothingLeft({ log }: Pick<Outcome, 'log'>): Promise<void> {
  const runId = String(log[0]?.['runId']);
  const left = await query(
    inject('adminUrl'),
    `select datname from pg_database where starts_with(datname, 'slipway_test_' || $1)`,
    [runId],
  );
  expect(runId).toMatch(/^[0-9a-f]{12}$/);
  expect(left).toEqual([]);
}

/** Commits all files of the project, under a tag. */
export function commit(project: Pick<Project, 'root'>, tag: string): void {
  const git = (...args: readonly string[]) =>
    execFileSync(
      'git',
      [
        '-c',
        'user.name=Test',
        '-c',
        'user.email=test@example.com',
        '-c',
        'init.defaultBranch=main',
        ...args,
      ],
      { cwd: project.root, stdio: 'pipe' },
    );
  git('init', '--quiet');
  git('add', '--all');
  git('commit', '--quiet', '--allow-empty', '--message', tag);
  git('tag', tag);
}
