/** Commands that change a database, or wait until one is changed. What each does is loaded when it is called. */

import { Option } from 'commander';
import type { CommandSpec } from './command-spec.ts';
import { FLEET_OPTIONS, JSON_OPTION, SQL_OPTIONS, TARGETS } from './shared-options.ts';

/** Commands that change a database, or wait for it. */
export const RUNNING_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'upgrade',
    summary: 'apply pending revisions under the lock',
    args: [['[target]', `head (default), ${TARGETS}`]],
    groups: ['database', 'release', 'run', 'rollout', 'backup', 'fleet', 'output'],
    options: [
      ['--dry-run', 'show what would run, and stop'],
      ['--single-transaction', 'all pending revisions in one transaction'],
      [
        '--wait-rollout [deployment]',
        'with --phase contract: wait until its rollout is over and no older pod is left (default: the Deployment of this pod)',
      ],
      ['-n, --namespace <name>', 'of that Deployment (POD_NAMESPACE)'],
      ['--now', 'with --phase contract: do not wait for older pods'],
      ...FLEET_OPTIONS,
      ['--report <file>', 'with --targets: write what became of each into this file'],
      [
        '--resume <file>',
        'with --targets: pass over what this report calls done, and go on writing it',
      ],
      ...SQL_OPTIONS,
      JSON_OPTION,
    ],
    examples: [
      ['slipway upgrade', 'to the head'],
      ['slipway upgrade +1', 'one revision'],
      ['slipway upgrade --dry-run', 'what would run'],
      ['slipway upgrade --phase expand', 'leave trailing contract revisions for later'],
      [
        'slipway upgrade --phase contract --wait-rollout deployment/web',
        'those, once no older pod is left',
      ],
      ['slipway upgrade --backup', 'a backup first of what the revisions lose'],
      ['slipway upgrade --targets tenants.txt --canary 2', 'many databases, two of them first'],
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
    groups: ['database', 'release', 'run', 'backup', 'output'],
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
    name: 'rollback',
    summary: 'take the database back to what a release knows, with the down SQL that it keeps',
    about:
      'Everything goes that the release does not have, the newest first. Without --to that is the release at hand: the bundle of the image, or the folder. The files of what goes are not needed: any image of slipway can do it.',
    groups: ['database', 'release', 'run', 'backup', 'output'],
    options: [
      ['--to <name>', 'a release or image that changed this database, or a revision'],
      ['--allow-data-loss', 'run downs that lose data'],
      ['--dry-run', 'show what would run, and stop'],
      JSON_OPTION,
    ],
    examples: [
      ['slipway rollback --dry-run', 'what an image of the old release would take back'],
      ['slipway rollback', 'to what this image knows'],
      ['slipway rollback --to v41', 'to where release v41 left the database'],
      ['slipway rollback --to 3f2a9c41d7e0', 'to a revision, which stays'],
      ['slipway rollback --allow-data-loss --backup', 'with a backup of what is lost'],
    ],
    run: async (run, options) =>
      (await import('./commands/rollback.ts')).rollbackCommand(run, options),
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
    name: 'backup',
    summary: 'make a backup with pg_dump, or list those that were made',
    about:
      'Of the whole database, or of some tables with their partitions and sequences, in one snapshot, into a new file or a command. Verified, and recorded in the audit log. Takes no migration lock. upgrade, downgrade and rollback make one by themselves with --backup.',
    groups: ['database', 'backup', 'output'],
    options: [
      ['--tables <names>', 'only these, as in users,app.orders'],
      ['--all', 'the whole database, which is the default'],
      ['-o, --out <file>', 'into this file; - is standard output'],
      ['--list', 'print the backups in the audit log, newest first'],
      JSON_OPTION,
    ],
    examples: [
      ['slipway backup -o shop.dump', 'the whole database'],
      ['slipway backup --tables users,app.orders --backup-dir /backups', 'two tables'],
      ['slipway backup --list', 'what was saved, when and where'],
    ],
    run: async (run, options) => (await import('./commands/backup.ts')).backupCommand(run, options),
  },
  {
    name: 'purge',
    summary: 'drop for real what revisions have hidden',
    about:
      'What a revision soft-drops is hidden, and its down brings it back. A purge drops it: under the migration lock, a transaction each, with an entry in the audit log. After that the revision cannot be taken back.',
    args: [['[name...]', 'only these: app.users.phone, audit, "column a.b"']],
    groups: ['database', 'run', 'output'],
    options: [
      ['--older-than <duration>', 'only what has been hidden for longer, such as 14d'],
      ['--dry-run', 'list what would be dropped, and stop'],
      JSON_OPTION,
    ],
    examples: [
      ['slipway purge --older-than 14d --dry-run', 'what is old enough'],
      ['slipway purge --older-than 14d', 'drop it'],
      ['slipway purge app.users.phone', 'this one, whatever its age'],
    ],
    run: async (run, options, args) =>
      (await import('./commands/purge.ts')).purgeCommand(run, options, args),
  },
  {
    name: 'run',
    summary: 'upgrade, then become the command: the entrypoint',
    args: [['<command...>', 'program and arguments, behind --']],
    groups: ['database', 'release', 'run', 'backup', 'output'],
    passThrough: true,
    examples: [
      ['slipway run -- node server.js', 'signals, exit code and stdin are the program’s own'],
    ],
    run: async (run, _options, args) => (await import('./commands/run.ts')).runCommand(run, args),
  },
  {
    name: 'serve',
    summary: 'native sidecar: upgrade, then answer probes and metrics until told to stop',
    about:
      'GET /startupz says whether the schema is ready, and gates the containers behind it; /readyz whether the database still serves this release; /livez whether this process works; /metrics is for Prometheus. An upgrade that fails ends the process with its exit code. Told to stop, it ends with 0, or with 24 where it was at work.',
    groups: ['database', 'release', 'run', 'backup', 'sidecar', 'output'],
    examples: [
      ['slipway serve', 'in an init container with restartPolicy: Always'],
      [
        'slipway serve --contract after-rollout',
        'contract revisions later, once no older pod is left',
      ],
      ['slipway serve --host 127.0.0.1 --port 9400', 'for this machine only'],
    ],
    run: async (run) => (await import('./commands/serve.ts')).serveCommand(run),
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
