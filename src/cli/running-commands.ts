/** Commands that change a database, or wait until one is changed. What each does is loaded when it is called. */

import { Option } from 'commander';
import type { CommandSpec } from './command-spec.ts';
import { JSON_OPTION, SQL_OPTIONS, TARGETS } from './shared-options.ts';

/** Commands that change a database, or wait for it. */
export const RUNNING_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'upgrade',
    summary: 'apply pending revisions under the lock',
    args: [['[target]', `head (default), ${TARGETS}`]],
    groups: ['database', 'release', 'run', 'output'],
    options: [
      ['--dry-run', 'show what would run, and stop'],
      ['--single-transaction', 'all pending revisions in one transaction'],
      ['--now', 'with --phase contract: do not wait for older pods'],
      ...SQL_OPTIONS,
      JSON_OPTION,
    ],
    examples: [
      ['slipway upgrade', 'to the head'],
      ['slipway upgrade +1', 'one revision'],
      ['slipway upgrade --dry-run', 'what would run'],
      ['slipway upgrade --phase expand', 'leave trailing contract revisions for later'],
      ['slipway upgrade --sql', 'a script from an empty database to the head'],
      ['slipway upgrade 3f2a:head --sql -o up.sql', 'a script for a database at 3f2a'],
      ['slipway upgrade current:head --sql', 'for this database; reads it, changes nothing'],
    ],
    run: async (run, options, args) => {
      const { upgradeCommand } = await import('./commands/upgrade.ts');
      return upgradeCommand(run, {
        name: 'upgrade',
        target: args[0],
        json: options['json'] === true,
        dryRun: options['dryRun'] === true,
        singleTransaction: options['singleTransaction'] === true,
        now: options['now'] === true,
        options,
      });
    },
  },
  {
    name: 'downgrade',
    summary: 'take revisions back with the down SQL that the database keeps',
    args: [['<target>', `-N, base, ${TARGETS}`]],
    groups: ['database', 'release', 'run', 'output'],
    options: [
      ['--allow-data-loss', 'run downs that lose data'],
      ['--dry-run', 'show what would run, and stop'],
      ...SQL_OPTIONS,
      JSON_OPTION,
    ],
    examples: [
      ['slipway downgrade -1', 'takes back the last revision'],
      ['slipway downgrade 3f2a9c41d7e0', 'down to that revision, which stays'],
      ['slipway downgrade base --allow-data-loss', 'everything'],
      ['slipway downgrade head:3f2a --sql', 'a script for a database at the head'],
    ],
    run: async (run, options, args) =>
      (await import('./commands/downgrade.ts')).downgradeCommand(run, options, args[0] ?? ''),
  },
  {
    name: 'stamp',
    summary: 'record revisions as applied without running them',
    args: [['<target...>', `head, base, ${TARGETS}`]],
    groups: ['database', 'release', 'run', 'output'],
    options: [['--purge', 'forget everything first'], ...SQL_OPTIONS, JSON_OPTION],
    examples: [
      ['slipway stamp head', 'the database has it all already'],
      ['slipway stamp base --purge', 'forget what is recorded; nothing is undone'],
    ],
    run: async (run, options, args) =>
      (await import('./commands/stamp.ts')).stampCommand(run, options, args),
  },
  {
    name: 'repair',
    summary: 'list what needs a person, and settle it by your word',
    about:
      'Lists half applied revisions, each statement with its journal entry and the evidence in the catalog, and applied files that changed; ends with 15 when there are any. With an action: under the migration lock, in one transaction, with the reason in the audit log.',
    args: [['[revision]', 'an id or its beginning: only this one']],
    groups: ['database', 'release', 'run', 'output'],
    options: [
      new Option(
        '--statement <N=word>',
        'done or absent: what became of its statement N',
      ).argParser((value, before: readonly string[] = []) => [...before, value]),
      ['--mark-applied', 'it is applied as a whole'],
      ['--mark-reverted', 'nothing of it is there'],
      ['--accept-changed', 'take its file for what was applied'],
      ['--drop-remnants', 'clean up what interrupted statements left behind'],
      ['--reason <text>', 'why: for the audit log'],
      ['--dry-run', 'show what would be done, and stop'],
      JSON_OPTION,
    ],
    examples: [
      ['slipway repair', 'what is there to settle'],
      [
        'slipway repair 3f2a --statement 2=done --reason "looked: paid"',
        'the next run goes on behind it',
      ],
      ['slipway repair 3f2a --mark-reverted --reason "undone by hand"', 'forget that it began'],
      ['slipway repair 3f2a --accept-changed', 'after a comment in its SQL was corrected'],
      ['slipway repair --drop-remnants', 'invalid indexes of interrupted builds'],
    ],
    run: async (run, options, args) =>
      (await import('./commands/repair.ts')).repairCommand(run, options, args[0]),
  },
  {
    name: 'run',
    summary: 'upgrade, then become the command: the entrypoint',
    args: [['<command...>', 'program and arguments, behind --']],
    groups: ['database', 'release', 'run', 'output'],
    passThrough: true,
    examples: [
      ['slipway run -- node server.js', 'signals, exit code and stdin are the program’s own'],
    ],
    run: async (run, _options, args) => (await import('./commands/run.ts')).runCommand(run, args),
  },
  {
    name: 'wait',
    summary: 'wait until the database serves this release; never migrates, takes no lock',
    groups: ['database', 'release', 'run', 'output'],
    options: [new Option('--timeout <duration>', 'how long to wait').default('10m'), JSON_OPTION],
    examples: [['slipway wait --timeout 5m', 'init container of a worker']],
    run: async (run, options) => (await import('./commands/wait.ts')).waitCommand(run, options),
  },
];
