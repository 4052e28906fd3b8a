/** Every command: its name, arguments, flags and examples. What it does is loaded when it is called. */

import { Option } from 'commander';
import type { CommandSpec } from './command-spec.ts';

/** The forms of a target that most commands take. */
const TARGETS = 'heads, current, +N, -N, an id or its beginning, id+N, label@head, label@id';

const JSON_OPTION = ['--json', 'answer as JSON on standard output'] as const;

/** Every command, in the order in which help lists them. */
export const COMMANDS: readonly CommandSpec[] = [
  {
    name: 'init',
    summary: 'scaffold migrations/, config, Dockerfile lines and manifests',
    about: 'Never overwrites: what is there already is left alone and named.',
    groups: ['release', 'output'],
    options: [JSON_OPTION],
    examples: [['slipway init', 'in the root of a project']],
    run: async (run, options) => (await import('./commands/init.ts')).initCommand(run, options),
  },
  {
    name: 'revision',
    summary: 'write a new revision file at the head',
    groups: ['release', 'output'],
    options: [
      new Option('-m, --message <text>', 'what it does').makeOptionMandatory(),
      ['--head <id...>', 'revise this revision (several: a merge) instead of the head'],
      ['--base', 'begin a new base that revises nothing'],
      ['--branch-label <label...>', 'label the branch that begins here'],
      ['--depends-on <id...>', 'revisions that must be applied before it'],
      ['--rev-id <id>', 'id to use instead of a generated one'],
      new Option('--revision-phase <phase>', 'phase of the revision').choices([
        'expand',
        'contract',
      ]),
      ['--splice', 'allow a head that is not one: begins a branch'],
      JSON_OPTION,
    ],
    examples: [
      [
        'slipway revision -m "add phone to users"',
        'writes migrations/<time>_add_phone_to_users.sql',
      ],
      ['slipway revision -m merge --head 3f2a --head 9c41', 'joins two heads'],
    ],
    run: async (run, options) =>
      (await import('./commands/revision.ts')).revisionCommand(run, options),
  },
  {
    name: 'upgrade',
    summary: 'apply pending revisions under the lock',
    args: [['[target]', `head (default), ${TARGETS}`]],
    groups: ['database', 'release', 'run', 'output'],
    options: [
      ['--dry-run', 'show what would run, and stop'],
      ['--single-transaction', 'all pending revisions in one transaction'],
      ['--now', 'with --phase contract: do not wait for older pods'],
      JSON_OPTION,
    ],
    examples: [
      ['slipway upgrade', 'to the head'],
      ['slipway upgrade +1', 'one revision'],
      ['slipway upgrade --dry-run', 'what would run'],
      ['slipway upgrade --phase expand', 'leave trailing contract revisions for later'],
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
      JSON_OPTION,
    ],
    examples: [
      ['slipway downgrade -1', 'takes back the last revision'],
      ['slipway downgrade 3f2a9c41d7e0', 'down to that revision, which stays'],
      ['slipway downgrade base --allow-data-loss', 'everything'],
    ],
    run: async (run, options, args) =>
      (await import('./commands/downgrade.ts')).downgradeCommand(run, options, args[0] ?? ''),
  },
  {
    name: 'current',
    summary: 'print the heads that the database is at',
    groups: ['database', 'release', 'output'],
    options: [
      ['--check-heads', 'exit 15 when the database is not at the heads of the files'],
      ['-v, --verbose', 'with description, time and origin'],
      JSON_OPTION,
    ],
    examples: [
      ['slipway current', 'one line per head'],
      ['slipway current --check-heads', 'for scripts and CI'],
    ],
    run: async (run, options) =>
      (await import('./commands/current.ts')).currentCommand(run, options),
  },
  {
    name: 'history',
    summary: 'list the revisions, newest first, and mark what is applied',
    groups: ['database', 'release', 'output'],
    options: [
      ['--offline', 'do not ask the database'],
      ['-v, --verbose', 'with files, compatibility and origin'],
      JSON_OPTION,
    ],
    examples: [
      ['slipway history', 'revisions of this release and of the database'],
      ['slipway history --offline', 'revisions of this release'],
    ],
    run: async (run, options) =>
      (await import('./commands/history.ts')).historyCommand(run, options),
  },
  {
    name: 'show',
    summary: 'print one revision',
    args: [['<revision>', 'head, a revision id or the beginning of one']],
    groups: ['database', 'release', 'output'],
    options: [['--applied', 'as the database keeps it, not as the file says'], JSON_OPTION],
    examples: [
      ['slipway show head', 'the newest revision'],
      ['slipway show 3f2a --applied', 'the file as it was applied'],
    ],
    run: async (run, options, args) =>
      (await import('./commands/show.ts')).showCommand(run, options, args[0] ?? ''),
  },
  {
    name: 'status',
    summary: 'one screen: database, heads, pending, ahead, lock holder, last run',
    groups: ['database', 'release', 'output'],
    options: [JSON_OPTION],
    examples: [['slipway status', 'what a person asks first']],
    run: async (run, options) => (await import('./commands/status.ts')).statusCommand(run, options),
  },
  {
    name: 'stamp',
    summary: 'record revisions as applied without running them',
    args: [['<target...>', `head, base, ${TARGETS}`]],
    groups: ['database', 'release', 'run', 'output'],
    options: [['--purge', 'forget everything first'], JSON_OPTION],
    examples: [
      ['slipway stamp head', 'the database has it all already'],
      ['slipway stamp base --purge', 'forget what is recorded; nothing is undone'],
    ],
    run: async (run, options, args) =>
      (await import('./commands/stamp.ts')).stampCommand(run, options, args),
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
  {
    name: 'build',
    summary: 'validate everything and write the release bundle',
    groups: ['release', 'output'],
    options: [
      new Option('-o, --out <file>', 'the bundle to write').default('release.bundle'),
      JSON_OPTION,
    ],
    examples: [['slipway build --dir migrations --out release.bundle', 'in the Dockerfile']],
    run: async (run, options) => (await import('./commands/build.ts')).buildCommand(run, options),
  },
  {
    name: 'config',
    summary: 'show each setting, and where it comes from',
    groups: ['database', 'release', 'run', 'output'],
    options: [JSON_OPTION],
    examples: [['slipway config', 'secrets are masked']],
    run: async (run, options) => (await import('./commands/config.ts')).configCommand(run, options),
  },
  {
    name: 'explain',
    summary: 'explain an error code or an exit code',
    args: [['[code]', 'SLIPWAY_… or an exit code; without it all are listed']],
    groups: ['output'],
    options: [JSON_OPTION],
    examples: [
      ['slipway explain SLIPWAY_LOCK_TIMEOUT', 'what it means and what to do'],
      ['slipway explain 14', 'all errors with that exit code'],
    ],
    run: async (run, options, args) =>
      (await import('./commands/explain.ts')).explainCommand(run, options, args[0]),
  },
  {
    name: 'completion',
    summary: 'print a completion script for the shell',
    args: [['<shell>', 'bash, zsh or fish']],
    groups: ['output'],
    examples: [['source <(slipway completion bash)', 'in ~/.bashrc']],
    run: async (run, _options, args) =>
      (await import('./commands/completion.ts')).completionCommand(run, args[0] ?? ''),
  },
];
