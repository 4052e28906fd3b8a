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
