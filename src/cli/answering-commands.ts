/** Commands that answer questions. What each does is loaded when it is called. */

import type { CommandSpec } from './command-spec.ts';
import { FLEET_OPTIONS, JSON_OPTION, TARGETS } from './shared-options.ts';

/** Commands that answer questions. */
export const ANSWERING_COMMANDS: readonly CommandSpec[] = [
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
      ['--export <dir>', 'write the applied files that the database keeps into this folder'],
      ['-v, --verbose', 'all that is known of each'],
      ['--graph', 'draw the graph wherever the output goes'],
      ['--no-graph', 'never draw it'],
      JSON_OPTION,
    ],
    examples: [
      ['slipway history', 'revisions of this release and of the database'],
      ['slipway history --export lost', 'files that were lost, as they were applied'],
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
    groups: ['database', 'release', 'fleet', 'output'],
    options: [...FLEET_OPTIONS, JSON_OPTION],
    examples: [
      ['slipway status', 'what a person asks first'],
      ['slipway status --targets tenants.txt', 'a line for each of many databases'],
    ],
    run: async (run, options) => (await import('./commands/status.ts')).statusCommand(run, options),
  },
  {
    name: 'plan',
    summary:
      'show what upgrade would do to this database now: locks, work, hazards, who is in the way',
    about:
      'Reads the live database: sizes of the tables that statements lock, rewrite, scan or index, sessions that hold conflicting locks, old transactions, replicas, disk. Changes nothing. Times are estimated from sizes.',
    args: [['[target]', `head (default), ${TARGETS}`]],
    groups: ['database', 'release', 'run', 'output'],
    options: [
      ['--markdown', 'as Markdown, for a comment on a pull request'],
      ['--exit-code', 'end with the code that upgrade would refuse with (13, 16), after the plan'],
      JSON_OPTION,
    ],
    examples: [
      ['slipway plan', 'before a release, or while one waits'],
      ['slipway plan --markdown', 'for a comment on a pull request'],
      ['slipway plan --json --exit-code', 'for CI'],
    ],
    run: async (run, options, args) =>
      (await import('./commands/plan.ts')).planCommand(run, options, args[0]),
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
    summary: 'explain an error code, an exit code or a rule of lint',
    args: [['[code]', 'SLIPWAY_…, an exit code or a rule; without it all codes are listed']],
    groups: ['output'],
    options: [JSON_OPTION],
    examples: [
      ['slipway explain SLIPWAY_LOCK_TIMEOUT', 'what it means and what to do'],
      ['slipway explain 14', 'all errors with that exit code'],
      ['slipway explain unused-ignore', 'a rule of slipway lint'],
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
