/** Pages of the errors of runs: exit codes from 12 on. */

import type { ErrorPage } from './error-page.ts';

/** Pages by error code. */
export const RUN_ERROR_PAGES = {
  SLIPWAY_REVISION_FAILED: {
    meaning:
      'A statement of a revision failed. A revision in a transaction was rolled back as a whole; the revisions before it stay applied.',
    steps: [
      'Go to the file, line and column: the message has SQLSTATE, detail and hint of the server.',
      'Correct the revision and deploy again; pods of the release before go on working.',
    ],
  },
  SLIPWAY_VERIFY_FAILED: {
    meaning: 'A query in the verify section answered false. The revision was rolled back.',
    steps: ['See what the query asks for, and correct the revision or the query.'],
  },
  SLIPWAY_BACKFILL_INVALID: {
    meaning:
      'A backfill cannot walk the table it names: the table or its key is not there, the key may be null, or no index is ordered by it. Not one batch was run.',
    steps: [
      'Name a column that is not null and with which an index begins; a primary key is best.',
      'The table is looked up in the search_path of revisions: write its schema where that does not lead to it.',
      'Statements of the same revision that stand above the backfill were run, and are not run again.',
    ],
  },
  SLIPWAY_HISTORY_FAILED: {
    meaning:
      'A statement of slipway itself failed: on the history schema, not in a revision. The message has what the server said, such as a full disk or a limit that was reached.',
    steps: [
      'Mend what the server complains about, and run slipway again: it continues from where the database is.',
    ],
  },
  SLIPWAY_PURGE_FAILED: {
    meaning:
      'slipway purge could not drop something that a revision has hidden, most often because a view or a function still uses it. It is hidden as before; what was purged before it in the same run is gone.',
    steps: [
      'The message has what the server said, and what depends on it: drop or change that in a revision of its own.',
      'Run the purge again: it goes on with what is left.',
    ],
  },
  SLIPWAY_HAZARD_REFUSED: {
    meaning:
      'A pending revision has a hazard of a class that the setting "hazards" refuses: it breaks running code, or works through a large table while others wait. Nothing was run.',
    steps: [
      'Look at it: slipway plan shows locks, sizes and who waits; slipway lint shows the safe way.',
      'Split what breaks code into an expand and a contract revision; if it is known to be safe: "-- slipway:compatible yes <reason>" in the header.',
      'Set SLIPWAY_HAZARDS=warn, or CLASS=warn for its class, to go on with a warning.',
    ],
  },
  SLIPWAY_SCHEMA_AHEAD: {
    meaning:
      'The database has revisions that this release does not know, and one of them breaks its code. This is what an old image meets after a rollback.',
    steps: [
      'Deploy the newer release again; or',
      'take the database back: slipway rollback, from any image, since the database keeps the down SQL. With --dry-run it shows what it would run.',
      'SLIPWAY_ON_AHEAD=downgrade lets a pod do so by itself where it is a real rollback; "not taken back" in the message says why it was not.',
      'SLIPWAY_ON_AHEAD=ignore starts anyway.',
    ],
  },
  SLIPWAY_BACKUP_FAILED: {
    meaning:
      'The backup that was wanted could not be made or verified, so that nothing that loses data was run. Revisions before the first one that does may have been applied. What was written of the backup was removed. It is no transient failure: each try reads the tables again.',
    steps: [
      'The message has what pg_dump or the command said: a full volume, a missing right, an upload that was refused.',
      'Mend that and run slipway again: it goes on from where the database is.',
      'Go on without a backup: --backup=off, or leave SLIPWAY_BACKUP out.',
    ],
  },
  SLIPWAY_REPAIR_REFUSED: {
    meaning:
      'What repair was asked to settle is not there to be settled, or needs a reason. Nothing was changed.',
    steps: [
      'slipway repair lists the half applied revisions and the applied files that changed.',
      'Say why with --reason: it goes into the audit log.',
    ],
  },
  SLIPWAY_ROLLOUT_CHANGED: {
    meaning:
      'upgrade --wait-rollout: the Deployment began another rollout, such as an undo, or it runs another release than this one. Contract revisions break the pods that come back, so those that were still to run were not run.',
    steps: [
      'After an undo nothing is to be done: the contract revisions stay pending.',
      'Once the release is rolled out for good, run its contract phase again: the post-upgrade hook or PostSync Job of its next deployment does.',
    ],
  },
  SLIPWAY_REPAIR_NEEDED: {
    meaning:
      'repair found half applied revisions, or applied files that changed. It has listed them and changed nothing.',
    steps: [
      'A half applied revision that says "goes on by itself" needs nothing: the next upgrade or downgrade finishes it.',
      'Where it says "needs you", look at the database and settle the statement: slipway repair ID --statement N=done --reason "...".',
      'Put a changed file back, or take it for what was applied: slipway repair ID --accept-changed.',
    ],
  },
  SLIPWAY_LINT_FINDINGS: {
    meaning:
      'slipway lint found statements that would block or break production, or certainly fail.',
    steps: [
      'Each finding shows what to write instead; slipway explain RULE says why, and slipway lint --fix makes the changes that are mechanical.',
      'Where it is meant, say so in the file: "-- slipway:ignore <rule> <reason>" above the statement or in the header.',
      'Where the rule does not fit the project, give it another severity: SLIPWAY_LINT_RULES="RULE=warning", or lintRules in the config file.',
    ],
  },
  SLIPWAY_TEST_FAILED: {
    meaning:
      'slipway test tried the revisions on scratch databases, and one does not keep its word: its up or down fails, its down leaves something behind or loses data, its second up makes something else, several runners get in the way of each other, a killed run does not recover, or the release before cannot live with it.',
    steps: [
      'The report says which revision, in which phase, at which line, and what differs: lines with - are missing, lines with + are too much.',
      'Correct the file while it is new; what was published is corrected by a new revision.',
      'Where there is no way back on purpose, say so in the header: "-- slipway:irreversible <reason>".',
    ],
  },
  SLIPWAY_CHECK_PENDING: {
    meaning: 'current --check-heads: the database is not at the heads of the files.',
    steps: ['slipway status says what is pending; slipway upgrade applies it.'],
  },
  SLIPWAY_NEEDS_APPROVAL: {
    meaning:
      'A revision would lose data for good, or has another hazard that the setting "hazards" wants approved, and nobody has approved it. Nothing was run.',
    steps: [
      'Where data is lost, have a backup made before: --backup, with --backup-dir or SLIPWAY_BACKUP_COMMAND; slipway backup --list shows where it is.',
      'Write "-- slipway:approve <class> <reason>" into the header (the message names the class, such as data-loss), or set SLIPWAY_APPROVE to the revision id.',
      'For a downgrade: --allow-data-loss.',
    ],
  },
  SLIPWAY_PRIVILEGE_MISSING: {
    meaning: 'The role may not do what a revision, or the history schema, needs.',
    steps: ['Grant the privilege, or let slipway act as the owner with --role (SLIPWAY_ROLE).'],
  },
  SLIPWAY_CLUSTER_FORBIDDEN: {
    meaning:
      'upgrade --wait-rollout has to look at the Deployment, its ReplicaSets and its pods, and the service account (or the user of the kubeconfig) has no right to.',
    steps: [
      'The hint names the rule that the Role needs; k8s/signals/role.yaml has them all, and the chart with rbac.create.',
      'Without rights: wait for the rollout by other means, such as kubectl rollout status and no terminating pods, and run upgrade --phase contract --now.',
    ],
  },
  SLIPWAY_DB_UNREACHABLE: {
    meaning:
      'No connection to the database within the connect timeout. Every try was logged with its cause.',
    steps: [
      'Check host and port, the Service, and NetworkPolicies.',
      'With a service mesh or a database proxy: it must be a native sidecar that starts before this container.',
    ],
  },
  SLIPWAY_DB_CONNECTION_LOST: {
    meaning:
      'The connection was lost while slipway worked. A transaction that was not committed is gone. Where a commit was under way, the same run finds out over a new connection whether it happened, and goes on if it did; where it cannot connect, the next run finds out.',
    steps: [
      'Run slipway again: it continues from where the database is.',
      'Look into the log of the server if it happens again.',
    ],
  },
  SLIPWAY_WAIT_TIMEOUT: {
    meaning: 'slipway wait: the database did not reach this release in time.',
    steps: ['See what the migrating pod or Job says.', 'Wait longer with --timeout.'],
  },
  SLIPWAY_ROLLOUT_TIMEOUT: {
    meaning:
      'upgrade --wait-rollout: the rollout was not complete in time, or pods of an older ReplicaSet were still there. No contract revision was run.',
    steps: [
      'The message says what was waited for: kubectl describe shows why that pod does not start, or does not go.',
      'Wait longer with --rollout-timeout (SLIPWAY_ROLLOUT_TIMEOUT).',
    ],
  },
  SLIPWAY_DB_AUTH_FAILED: {
    meaning: 'The server refused the login: password, certificate or pg_hba.conf.',
    steps: [
      'Check the Secret that holds the password, and whether it was rotated.',
      'Check that pg_hba.conf lets this role in from this address.',
    ],
  },
  SLIPWAY_DB_MISSING: {
    meaning: 'The server is there and the database is not.',
    steps: ['Create the database, or correct its name.'],
  },
  SLIPWAY_SCHEMA_MISSING: {
    meaning:
      'The database is there, and the schema that the target of a fleet names is not. Nothing was created in its place.',
    steps: [
      'Create the schema, correct its name, or take the target from the list.',
      'Schemas that are made while a fleet is under way are reached by the next run.',
    ],
  },
  SLIPWAY_LOCK_TIMEOUT: {
    meaning:
      'Another runner held the migration lock for longer than --lock-wait. The message names it.',
    steps: [
      'Look at the holder: slipway status. A long migration is no fault: wait longer.',
      'If it is dead, pg_terminate_backend(pid) frees the lock at once.',
    ],
  },
  SLIPWAY_OBJECT_LOCK_TIMEOUT: {
    meaning:
      'A statement did not get its lock on a table in time, again and again. Each try was rolled back, so that the application was never queued behind it for long.',
    steps: [
      'The message names who holds the lock: wait for it, or end that session.',
      'Allow more tries with --lock-retries, or longer ones with --lock-timeout.',
    ],
  },
  SLIPWAY_INTERRUPTED: {
    meaning:
      'slipway was told to stop and did so cleanly: the running statement was cancelled and its transaction rolled back.',
    steps: ['Nothing: the next run continues from here.'],
  },
  SLIPWAY_DB_READ_ONLY: {
    meaning: 'The database takes no writes: it is a standby, or the role is read-only.',
    steps: [
      'Connect to the primary; name all hosts and target_session_attrs=read-write to have it found.',
    ],
  },
  SLIPWAY_REVISION_AMBIGUOUS: {
    meaning:
      'A revision that runs outside a transaction was interrupted in a statement, and the catalog cannot tell whether the statement took effect.',
    steps: [
      'Look at the database: the message names the statement and when it began.',
      'Say what you found: slipway repair ID --statement N=done (or =absent) --reason "...". The next run goes on from there.',
      'If it took effect in part, undo that part first, then say =absent.',
      'If it may run twice without harm, put "-- slipway:idempotent" above it and run again.',
      'A backfill that was edited half way: put it back as it was, or, if the new statement may run over the rows that are done, mark it "-- slipway:idempotent": it then starts from the first key.',
    ],
  },
  SLIPWAY_INTERNAL: {
    meaning: 'Something happened that slipway did not foresee: a bug.',
    steps: [
      'Report it with the message and the version.',
      'Each revision is recorded in its own transaction, so running again is safe.',
    ],
  },
} satisfies Record<string, ErrorPage>;
