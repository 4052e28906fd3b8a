/** Every command: its name, arguments, flags and examples. What it does is loaded when it is called. */

import { Option } from 'commander';
import type { CommandSpec } from './command-spec.ts';

/** The forms of a target that most commands take. */
const TARGETS = 'heads, current, +N, -N, an id or its beginning, id+N, label@head, label@id';

const SQL_OPTIONS = [
  ['--sql', 'print a script for psql instead; then the target may be a range a:b'],
  ['-o, --out <file>', 'with --sql: write the script into this file'],
] as const;

const JSON_OPTION = ['--json', 'answer as JSON on standard output'] as const;

const PHASE_OF_REVISION = new Option('--phase <phase>', 'when it runs').choices([
  'expand',
  'contract',
]);

const FORMATS = ['text', 'json', 'github'];

/** An option with one value that may be given again; others take the arguments behind them, too. */
function repeatable(flags: string, meaning: string): Option {
  return new Option(flags, meaning).argParser((value, before: readonly string[] = []) => [
    ...before,
    value,
  ]);
}

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
    about:
      'Templates: the project’s own in <folder of revisions>/templates, and create-table, add-column, create-index, add-constraint, add-enum-value, rename-column, data-change.',
    groups: ['release', 'output'],
    options: [
      new Option('-m, --message <text>', 'what it does').makeOptionMandatory(),
      ['--head <target...>', 'revise this instead of the head: an id, label@head, id-1, base'],
      ['--splice', 'allow a --head that is none: begins a branch'],
      ['--base', 'begin a new base that revises nothing'],
      ['--branch-label <label...>', 'label the branch that begins here'],
      ['--depends-on <target...>', 'revisions or labels that must be applied before it'],
      ['--rev-id <id>', 'id to use instead of a generated one'],
      PHASE_OF_REVISION,
      new Option('--revision-phase <phase>').choices(['expand', 'contract']).hideHelp(),
      ['--ts', 'a TypeScript revision'],
      ['--template <name>', 'what the file is made from'],
      ['--edit', 'open it in $VISUAL or $EDITOR'],
      JSON_OPTION,
    ],
    examples: [
      [
        'slipway revision -m "add phone to users"',
        'writes migrations/<time>_add_phone_to_users.sql',
      ],
      ['slipway revision -m "find users by phone" --template create-index', 'concurrently'],
      ['slipway revision -m "invoices" --base --branch-label billing', 'a history of its own'],
      ['slipway revision -m "add tax" --head billing@head', 'at the head of a branch'],
      ['slipway revision -m "drop fax" --phase contract', 'for after the rollout'],
    ],
    run: async (run, options) =>
      (await import('./commands/revision.ts')).revisionCommand(run, options),
  },
  {
    name: 'merge',
    summary: 'write a revision that joins heads',
    args: [['[target...]', 'heads to join: ids, label@head, … (default all of them)']],
    groups: ['release', 'output'],
    options: [
      ['-m, --message <text>', 'what is joined (default: merge A and B)'],
      repeatable('--branch-label <label>', 'label the branch that begins here'),
      ['--rev-id <id>', 'id to use instead of a generated one'],
      JSON_OPTION,
    ],
    examples: [
      ['slipway merge -m "merge phone and tax"', 'after a git merge that left two heads'],
      ['slipway merge 3f2a billing@head', 'these two of several'],
    ],
    run: async (run, options, args) =>
      (await import('./commands/merge.ts')).mergeCommand(run, options, args),
  },
  {
    name: 'check-files',
    summary: 'check the revision files, for CI and pre-commit; asks no database',
    about:
      'Reports everything that is wrong, each with file, line and code, and ends with 11; warnings alone end with 0. Where GITHUB_ACTIONS is true, annotations are printed as well.',
    groups: ['release', 'output'],
    options: [
      new Option('--format <format>', 'how to report').choices(FORMATS).default('text'),
      ['--base <ref>', 'git ref since which no revision may be changed or deleted'],
      ['--allow-multiple-heads', 'several heads are no error'],
      ['--json', 'the same as --format json'],
    ],
    examples: [
      ['slipway check-files', 'in a pre-commit hook'],
      ['slipway check-files --base origin/main', 'of a pull request'],
      ['slipway check-files --format github', 'annotations only'],
    ],
    run: async (run, options) =>
      (await import('./commands/check-files.ts')).checkFilesCommand(run, options),
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
    name: 'current',
    summary: 'print the heads that the database is at',
    groups: ['database', 'release', 'output'],
    options: [
      ['--check-heads', 'exit 15 when the database is not at the heads of the files'],
      ['-v, --verbose', 'all that is known of each'],
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
    about:
      'Asks the database where one is configured. On a terminal, branches and merges are drawn as a graph.',
    groups: ['database', 'release', 'output'],
    options: [
      ['-r, --rev-range <range>', 'only start:end, start: or :end, both ends with it'],
      ['-i, --indicate-current', 'insist on asking the database'],
      ['--offline', 'do not ask the database'],
      ['-v, --verbose', 'all that is known of each'],
      ['--graph', 'draw the graph wherever the output goes'],
      ['--no-graph', 'never draw it'],
      JSON_OPTION,
    ],
    examples: [
      ['slipway history', 'revisions of this release and of the database'],
      ['slipway history --offline', 'revisions of this release'],
      ['slipway history -r 3f2a:', 'from that revision to the heads'],
      ['slipway history -r -3:current', 'the last ones that were applied'],
      ['slipway history -r users@base:users@head', 'one branch'],
    ],
    run: async (run, options) =>
      (await import('./commands/history.ts')).historyCommand(run, options),
  },
  {
    name: 'heads',
    summary: 'print the revisions that nothing revises',
    groups: ['release', 'output'],
    options: [
      ['--resolve-dependencies', 'without those that other revisions depend on'],
      ['-v, --verbose', 'all that is known of each'],
      JSON_OPTION,
    ],
    examples: [
      ['slipway heads', 'one line per head; several want a merge'],
      ['slipway heads --json', 'for scripts and CI'],
    ],
    run: async (run, options) => (await import('./commands/heads.ts')).headsCommand(run, options),
  },
  {
    name: 'branches',
    summary: 'print the revisions that several others revise, and where each branch leads',
    groups: ['release', 'output'],
    options: [['-v, --verbose', 'all that is known of each'], JSON_OPTION],
    examples: [['slipway branches', 'branch points, newest first']],
    run: async (run, options) =>
      (await import('./commands/branches.ts')).branchesCommand(run, options),
  },
  {
    name: 'show',
    summary: 'print revisions',
    args: [['<target...>', `head, ${TARGETS}`]],
    groups: ['database', 'release', 'output'],
    options: [
      ['--applied', 'as the database keeps it, not as the file says'],
      ['-v, --verbose', 'before each file, all that is known of the revision'],
      JSON_OPTION,
    ],
    examples: [
      ['slipway show head', 'the newest revision'],
      ['slipway show heads current', 'several'],
      ['slipway show 3f2a --applied', 'the file as it was applied'],
    ],
    run: async (run, options, args) =>
      (await import('./commands/show.ts')).showCommand(run, options, args),
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
    options: [['--purge', 'forget everything first'], ...SQL_OPTIONS, JSON_OPTION],
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
