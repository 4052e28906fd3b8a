/** The page of events: one sample of each, described by the same code that writes the log. */

import { type ErrorCode, RunError } from '../../src/core/errors.ts';
import type { EventType, SessionInfo, SlipwayEvent } from '../../src/core/events.ts';
import { describeEvent } from '../../src/logging/describe.ts';
import { code, page, table } from './markdown.ts';

interface Entry {
  readonly when: string;
  readonly sample: SlipwayEvent;
  /** One with another level, where that depends on the content. */
  readonly other?: SlipwayEvent;
}

const SESSION: SessionInfo = {
  pid: 4711,
  application: 'slipway/shop/web-6b7f9-x2x4z',
  pod: 'shop/web-6b7f9-x2x4z',
  user: 'shop_owner',
  client: '10.0.3.7',
  state: 'active',
  ageMs: 12_000,
  query: 'create index …',
};
const ID = '8c05d2ef71ab';
const DESCRIPTION = 'Add phone to customers';
const AT = 'migrations/20260113100000_add_phone_to_customers.sql:7:1';
const FAILED: ErrorCode = 'SLIPWAY_REVISION_FAILED';
const DONE = { durationMs: 8, statements: 1, index: 1, total: 2 };

const FAILED_TARGET = {
  target: 'acme',
  outcome: 'failed',
  code: FAILED,
  exitCode: 12,
  message: `revision "${ID}" failed at ${AT}: …`,
  durationMs: 40,
} as const;
const FLEET_FINISHED = {
  type: 'fleet.finished',
  command: 'upgrade',
  total: 1000,
  changed: 900,
  unchanged: 95,
  failed: 2,
  skipped: 3,
  notStarted: 0,
  stopped: undefined,
  exitCode: 12,
  durationMs: 61_000,
  firstFailure: FAILED_TARGET,
  failedTargets: ['acme', 'globex'],
} as const;

/** Every event, in the order in which a run meets them. */
export const EVENTS: { readonly [T in EventType]: Entry } = {
  'connection.retrying': {
    when: 'a try to connect failed and the cause may pass by itself; once per try',
    sample: {
      type: 'connection.retrying',
      attempt: 1,
      server: 'db:5432/shop',
      cause: 'connection refused',
      delayMs: 100,
      remainingMs: 60_000,
    },
  },
  'pooler.detected': {
    when: 'a pooler in transaction mode was found between slipway and the server',
    sample: { type: 'pooler.detected', handling: 'direct-url' },
  },
  'run.started': {
    when: 'there may be work to do; not on the fast path',
    sample: {
      type: 'run.started',
      command: 'upgrade',
      database: 'shop',
      server: 'db:5432/shop',
      user: 'shop_owner',
      serverVersion: '18.4',
    },
  },
  'hazard.found': {
    when: 'a pending statement may hurt, and the policy lets it pass or somebody approved it',
    sample: {
      type: 'hazard.found',
      revision: ID,
      class: 'data-loss',
      hazard: 'loses column customers.phone',
      location: AT,
      approvedBy: 'header',
      reason: 'nobody reads it',
    },
  },
  'lock.waiting': {
    when: 'another runner has the migration lock; after 1 s, then at doubling intervals',
    sample: {
      type: 'lock.waiting',
      holder: SESSION,
      waitedMs: 2000,
      limitMs: 300_000,
      done: 1,
      total: 3,
    },
  },
  'schema.waiting': {
    when: '`wait`: the database does not serve this release yet',
    sample: {
      type: 'schema.waiting',
      pending: 2,
      holder: SESSION,
      waitedMs: 5000,
      limitMs: 600_000,
    },
  },
  'lock.acquired': {
    when: 'this run has the migration lock',
    sample: { type: 'lock.acquired', waitedMs: 2400 },
    other: { type: 'lock.acquired', waitedMs: 0 },
  },
  'history.created': {
    when: 'the history schema was created: the first run on this database',
    sample: { type: 'history.created', schema: 'slipway', format: 1 },
  },
  'history.upgraded': {
    when: 'the history schema was brought to the format of this slipway',
    sample: { type: 'history.upgraded', schema: 'slipway', from: 1, to: 2 },
  },
  'plan.ready': {
    when: 'it is decided, under the lock, which revisions run',
    sample: {
      type: 'plan.ready',
      direction: 'upgrade',
      revisions: [{ id: ID, description: DESCRIPTION }],
      applied: 2,
    },
  },
  'backup.started': {
    when: 'a backup begins, before the first revision that loses data or for `slipway backup`',
    sample: {
      type: 'backup.started',
      tables: ['public.customers'],
      why: undefined,
      name: 'shop-20260301T101502Z-8c05d2ef71ab-5be1c2.dump',
      to: '/backups',
      revisions: [ID],
    },
  },
  'backup.progress': {
    when: 'while a backup is written; in a log that is kept at growing intervals',
    sample: {
      type: 'backup.progress',
      name: 'shop-20260301T101502Z-8c05d2ef71ab-5be1c2.dump',
      bytes: 84_000_000,
      bytesPerSecond: 14_000_000,
      elapsedMs: 6000,
    },
  },
  'backup.finished': {
    when: 'the backup is whole, verified and where it is to be',
    sample: {
      type: 'backup.finished',
      name: 'shop-20260301T101502Z-8c05d2ef71ab-5be1c2.dump',
      path: '/backups/shop-20260301T101502Z-8c05d2ef71ab-5be1c2.dump',
      bytes: 131_000_000,
      sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      tables: ['public.customers'],
      why: undefined,
      durationMs: 9400,
      program: 'pg_dump 17.5',
    },
  },
  'revision.started': {
    when: 'a revision begins; again at each try',
    sample: {
      type: 'revision.started',
      revision: ID,
      direction: 'upgrade',
      description: DESCRIPTION,
      index: 1,
      total: 2,
    },
  },
  'statement.started': {
    when: 'a statement is sent to the server',
    sample: { type: 'statement.started', revision: ID, command: 'alter table', location: AT },
  },
  'statement.skipped': {
    when: 'an `only-if` answered false, or an interrupted run had done the statement already',
    sample: {
      type: 'statement.skipped',
      revision: ID,
      location: AT,
      why: 'already-done',
      evidence: 'index customers_email_key is valid',
    },
  },
  'revision.repaired': {
    when: '`repair` has settled something by an operator’s word',
    sample: {
      type: 'revision.repaired',
      revision: ID,
      message: `revision ${ID} is applied: looked at the index myself`,
    },
  },
  'object.purged': {
    when: '`purge` has dropped for good what a revision had hidden',
    sample: {
      type: 'object.purged',
      revision: ID,
      object: 'column public.customers.phone',
      hiddenAt: '2026-01-02T03:04:05.678Z',
      rows: 120_000,
      bytes: 1_440_000,
    },
  },
  'statement.resumed': {
    when: 'a statement that an interrupted run had begun goes on: the evidence says from where',
    sample: {
      type: 'statement.resumed',
      revision: ID,
      location: AT,
      evidence: 'index customers_email_key is not valid; cleaned up',
    },
  },
  'statement.notice': {
    when: 'the server sent a notice or a warning while a statement ran',
    sample: {
      type: 'statement.notice',
      revision: ID,
      severity: 'NOTICE',
      message: 'relation "customers" already exists, skipping',
    },
    other: { type: 'statement.notice', revision: ID, severity: 'WARNING', message: '' },
  },
  'statement.progress': {
    when: 'a statement runs for long: after 5 s, 10 s, 20 s, 40 s, then every minute',
    sample: {
      type: 'statement.progress',
      revision: ID,
      command: 'create index',
      location: AT,
      elapsedMs: 40_000,
      phase: 'building index: scanning table',
      unit: 'blocks',
      done: 11_700,
      total: 26_000,
      isEstimate: false,
      percent: 45,
      perSecond: 340,
      remainingMs: 42_000,
      waitingFor: [],
    },
  },
  'backfill.started': {
    when: 'a backfill begins, or goes on where an earlier run stopped',
    sample: {
      type: 'backfill.started',
      revision: ID,
      location: AT,
      table: 'customers',
      key: 'id',
      batch: 5000,
      done: 0,
      total: 400_000,
    },
  },
  'backfill.progress': {
    when: 'a backfill is under way; after 5 s, then at doubling intervals up to a minute',
    sample: {
      type: 'backfill.progress',
      revision: ID,
      location: AT,
      table: 'customers',
      done: 120_000,
      total: 400_000,
      rows: 118_204,
      percent: 30,
      keysPerSecond: 24_000,
      elapsedMs: 5000,
      remainingMs: 11_700,
      batch: 5000,
      throttledBy: 'a replica is 12 s behind',
    },
  },
  'backfill.finished': {
    when: 'the last batch of a backfill is committed',
    sample: {
      type: 'backfill.finished',
      revision: ID,
      location: AT,
      table: 'customers',
      done: 401_112,
      rows: 398_730,
      batches: 81,
      elapsedMs: 16_800,
    },
  },
  'blocked.waiting': {
    when: 'a statement waits for a lock that other sessions hold',
    sample: { type: 'blocked.waiting', revision: ID, location: AT, blockers: [SESSION] },
  },
  'revision.retrying': {
    when: 'a lock was not obtained within `--lock-timeout`; rolled back, and tried again later',
    sample: {
      type: 'revision.retrying',
      revision: ID,
      attempt: 1,
      limit: 10,
      cause: 'canceling statement due to lock timeout',
      delayMs: 700,
      blockers: [SESSION],
    },
  },
  'revision.applied': {
    when: 'the commit of an upgrade was acknowledged',
    sample: { type: 'revision.applied', revision: ID, description: DESCRIPTION, ...DONE },
  },
  'revision.reverted': {
    when: 'the commit of a downgrade was acknowledged',
    sample: { type: 'revision.reverted', revision: ID, description: DESCRIPTION, ...DONE },
  },
  'revision.stamped': {
    when: '`stamp` recorded a revision as applied, or as not applied',
    sample: {
      type: 'revision.stamped',
      revision: ID,
      description: DESCRIPTION,
      direction: 'upgrade',
    },
  },
  'revision.rehearsed': {
    when: '`slipway test` is done with a revision, or with a check of all of them',
    sample: {
      type: 'revision.rehearsed',
      revision: ID,
      description: DESCRIPTION,
      verdict: 'passed',
      message: undefined,
      durationMs: 140,
      index: 3,
      total: 7,
    },
  },
  'revision.failed': {
    when: 'a revision failed; `run.failed` follows with the whole story',
    sample: {
      type: 'revision.failed',
      revision: ID,
      direction: 'upgrade',
      code: FAILED,
      message: `revision "${ID}" failed at ${AT}: relation "customers" does not exist`,
    },
  },
  'schema.ahead': {
    when: 'the database has all of this release and more, and the run goes on',
    sample: { type: 'schema.ahead', policy: 'compatible', unknown: [ID], heads: [ID] },
  },
  'schema.downgrading': {
    when: '`on-ahead` is `downgrade` and this pod belongs to a rollback: what its release does not know is about to be taken back',
    sample: {
      type: 'schema.downgrading',
      unknown: [ID],
      heads: [ID],
      deployment: 'shop/web',
      replicaSet: 'web-6b7f9c8d5',
      rollout: '7',
    },
  },
  'schema.downgraded': {
    when: 'it was taken back; the release serves again',
    sample: { type: 'schema.downgraded', from: [ID], to: ['3f2a9c41d7e0'], revisions: [ID] },
  },
  'rollout.waiting': {
    when: '`--wait-rollout` waits for a rollout and for older pods to go; at growing intervals',
    sample: {
      type: 'rollout.waiting',
      deployment: 'shop/web',
      reason: '1 old replicas are pending termination',
      olderPods: ['web-5c4d7b9f6-x2x4z'],
      waitedMs: 20_000,
      limitMs: 600_000,
    },
  },
  'rollout.complete': {
    when: 'the rollout is complete and no older pod is left: the contract phase begins',
    sample: { type: 'rollout.complete', deployment: 'shop/web', rollout: '7', waitedMs: 42_000 },
  },
  'sidecar.listening': {
    when: '`serve` answers probes and metrics; the upgrade begins',
    sample: { type: 'sidecar.listening', address: '::', port: 9400 },
  },
  'schema.checked': {
    when: '`serve` looked whether the database serves this release; at `debug` where the answer is the one of the last time',
    sample: {
      type: 'schema.checked',
      isNews: true,
      state: 'ready',
      reason: 'the database serves this release (1 to come after the rollout)',
      code: undefined,
      heads: [ID],
      pending: 1,
      contracts: 1,
      unknown: 0,
    },
    other: {
      type: 'schema.checked',
      isNews: true,
      state: 'behind',
      reason: '',
      code: undefined,
      heads: [],
      pending: 1,
      contracts: 0,
      unknown: 0,
    },
  },
  'contract.postponed': {
    when: '`serve --contract after-rollout`: something keeps the contract phase from running, such as a missing right or a rollout undo',
    sample: {
      type: 'contract.postponed',
      code: 'SLIPWAY_ROLLOUT_CHANGED',
      reason:
        'the contract phase stops, because Deployment shop/web is on its way to something else: another rollout began (revision 7 became 8)',
      retryMs: 60_000,
    },
  },
  'sidecar.stopped': {
    when: '`serve` was told to stop while it had nothing under way; it ends with 0',
    sample: { type: 'sidecar.stopped', signal: 'SIGTERM', servedMs: 86_400_000 },
  },
  'fleet.started': {
    when: '`--targets`: the list was read and is without contradictions',
    sample: {
      type: 'fleet.started',
      command: 'upgrade',
      targets: 997,
      skipped: 3,
      concurrency: 4,
      canary: 2,
      shard: '2/8',
    },
  },
  'fleet.progress': {
    when: '`--targets`: at the first failure, and at growing intervals',
    sample: {
      type: 'fleet.progress',
      done: 120,
      failed: 1,
      total: 997,
      elapsedMs: 9000,
      remainingMs: 65_000,
      firstFailure: FAILED_TARGET,
    },
  },
  'fleet.finished': {
    when: '`--targets`: every target has ended, or no other is started',
    sample: FLEET_FINISHED,
    other: { ...FLEET_FINISHED, failed: 0, exitCode: 0 },
  },
  warning: {
    when: 'a setting looks like a mistake, or was passed over',
    sample: {
      type: 'warning',
      message: 'SLIPWAY_LOCK_WIAT is not a setting; did you mean SLIPWAY_LOCK_WAIT?',
    },
  },
  trouble: {
    when: 'something of no consequence for the schema failed',
    sample: { type: 'trouble', message: 'cannot write /dev/termination-log: EACCES' },
  },
  'run.interrupting': {
    when: 'SIGTERM or SIGINT arrived: the running statement is being cancelled',
    sample: { type: 'run.interrupting', signal: 'SIGTERM' },
  },
  'command.starting': {
    when: '`run`: the schema is ready and the process becomes the command',
    sample: { type: 'command.starting', command: 'node' },
  },
  'run.finished': {
    when: 'the run ended well',
    sample: {
      type: 'run.finished',
      command: 'upgrade',
      outcome: 'done',
      heads: [ID],
      applied: 2,
      durationMs: 140,
    },
  },
  'run.failed': {
    when: 'the run failed; exactly once per failed run, and always the last line',
    sample: {
      type: 'run.failed',
      command: 'upgrade',
      error: new RunError(FAILED, `revision "${ID}" failed at ${AT}: …`, {
        hint: 'Correct the file and deploy again.',
        details: { sqlState: '42P01' },
      }),
      durationMs: 140,
    },
  },
};

/** `docs/reference/events.md`. */
export function eventsPage(): string {
  const entries = Object.entries(EVENTS);
  return page('Events and log lines', [
    'Outside a terminal (`--log-format json`) each event is one JSON line on standard error. Event names and fields are stable; messages are for people and may change.',
    table(
      ['field', 'of every line'],
      [
        ['`level`', '`debug`, `info`, `warn` or `error`'],
        ['`time`', 'ISO 8601, UTC'],
        ['`event`', 'the name below'],
        [
          '`runId`',
          'the same in all lines of a run, and in the audit log of the database (`log.run_id`)',
        ],
        ['`target`', 'with `--targets`: the target that the line is about'],
        ['`msg`', 'the event in words'],
      ],
    ),
    'Names that end in `Ms` are milliseconds. A field that has no value is left out.',
    '## Events',
    table(
      ['event', 'level', 'when'],
      entries.map(([type, entry]) => [code(type), levelsOf(entry), entry.when]),
    ),
    '## Fields',
    ...entries.flatMap(([type, { sample }]) => {
      const { fields, message } = describeEvent(sample);
      const names = Object.keys(fields).map(code).join(', ');
      return [`### ${type}`, `Fields: ${names}.`, `\`\`\`text\n${message}\n\`\`\``];
    }),
    '`run.failed` has the details of its error besides: `revision`, `file`, `line`, `column`, `excerpt`, `detail`, `hint`, `rolledBack`, `finished` and `heads` where a statement failed. [errors.md](errors.md) explains each `code`.',
    'A session (`holder`, `blockers`) has `pid`, `application`, `pod`, `user`, `client`, `state`, `ageMs` and `query`, as far as the role may see them; a `holder` also `progress`, where the server says how far its statement has come.',
  ]);
}

function levelsOf({ sample, other }: Entry): string {
  const levels = [sample, other].flatMap((event) =>
    event === undefined ? [] : [describeEvent(event).level],
  );
  return [...new Set(levels)].join(' or ');
}
