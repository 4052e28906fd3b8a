/** One event of each type; a type without a sample does not compile. */

import { RunError } from '../../../src/core/errors.ts';
import type { EventType, SessionInfo, SlipwayEvent } from '../../../src/core/events.ts';

const SESSION: SessionInfo = {
  pid: 4711,
  application: 'slipway/shop/web-2',
  pod: 'shop/web-2',
  user: 'migrator',
  client: '10.0.0.7',
  state: 'idle in transaction',
  ageMs: 840_000,
  query: "select '…'",
};
const OF = { revision: '3f2a9c41d7e0', direction: 'upgrade' } as const;
const DONE = {
  index: 2,
  total: 3,
  durationMs: 12.34,
  statements: 1,
  description: 'Größe 전화 "x"',
};

/** The samples, by type. */
export const SAMPLES: { readonly [T in EventType]: SlipwayEvent & { type: T } } = {
  'run.started': {
    type: 'run.started',
    command: 'upgrade',
    database: 'shop',
    server: 'db:5432/shop',
    user: 'migrator',
    serverVersion: '17.2',
  },
  'connection.retrying': {
    type: 'connection.retrying',
    attempt: 2,
    server: 'db:5432',
    cause: 'ECONNREFUSED',
    delayMs: 512,
    remainingMs: 58_000,
  },
  'pooler.detected': { type: 'pooler.detected', handling: 'transaction-locks' },
  'lock.waiting': {
    type: 'lock.waiting',
    holder: SESSION,
    waitedMs: 1000,
    limitMs: 300_000,
    done: 1,
    total: 9,
  },
  'schema.waiting': {
    type: 'schema.waiting',
    pending: 1,
    holder: undefined,
    waitedMs: 0,
    limitMs: 60_000,
  },
  'lock.acquired': { type: 'lock.acquired', waitedMs: 2500 },
  'history.created': { type: 'history.created', schema: 'slipway', format: 1 },
  'history.upgraded': { type: 'history.upgraded', schema: 'slip"way', from: 1, to: 2 },
  'plan.ready': {
    type: 'plan.ready',
    direction: 'upgrade',
    applied: 4,
    revisions: Array.from({ length: 300 }, (_, i) => ({ id: `r${i}`, description: 'd' })),
  },
  'hazard.found': {
    type: 'hazard.found',
    revision: OF.revision,
    hazard: 'loses column users.phone',
    location: 'm/a.sql:3:1',
    approvedBy: 'header',
    reason: 'nobody reads it',
  },
  'revision.started': {
    type: 'revision.started',
    ...OF,
    description: 'Add phone',
    index: 1,
    total: 3,
  },
  'statement.started': {
    type: 'statement.started',
    revision: OF.revision,
    command: 'alter table',
    location: 'm/a.sql:3:1',
  },
  'statement.skipped': {
    type: 'statement.skipped',
    revision: OF.revision,
    location: 'm/a.sql:3:1',
    why: 'only-if',
    evidence: 'select\n\tfalse\u2028',
  },
  'statement.notice': {
    type: 'statement.notice',
    revision: OF.revision,
    severity: 'WARNING',
    message: 'lone surrogate \ud800, control \u0007, emoji 😀',
  },
  'blocked.waiting': {
    type: 'blocked.waiting',
    revision: OF.revision,
    location: 'm/a.sql',
    blockers: [SESSION],
  },
  'revision.retrying': {
    type: 'revision.retrying',
    revision: OF.revision,
    attempt: 1,
    limit: 10,
    cause: 'lock timeout',
    delayMs: 375,
    blockers: [SESSION, { ...SESSION, pod: undefined }],
  },
  'revision.applied': { type: 'revision.applied', revision: OF.revision, ...DONE },
  'revision.reverted': { type: 'revision.reverted', revision: OF.revision, ...DONE },
  'revision.stamped': { type: 'revision.stamped', ...OF, description: '' },
  'revision.failed': {
    type: 'revision.failed',
    ...OF,
    code: 'SLIPWAY_REVISION_FAILED',
    message: 'syntax error',
  },
  'schema.ahead': {
    type: 'schema.ahead',
    policy: 'compatible',
    unknown: ['a', 'b'],
    heads: ['b'],
  },
  warning: { type: 'warning', message: 'a warning' },
  trouble: { type: 'trouble', message: 'cannot write the termination message' },
  'run.interrupting': { type: 'run.interrupting', signal: 'SIGTERM' },
  'command.starting': { type: 'command.starting', command: 'node' },
  'run.finished': {
    type: 'run.finished',
    command: 'upgrade',
    outcome: 'done',
    heads: ['b'],
    applied: 2,
    durationMs: 1234.5,
  },
  'run.failed': {
    type: 'run.failed',
    command: 'upgrade',
    durationMs: 99,
    error: new RunError('SLIPWAY_REVISION_FAILED', 'revision "c" failed at m/c.sql:3:1', {
      hint: 'Correct it.',
      cause: new Error('the cause stays inside: hunter2'),
      details: {
        revision: 'c',
        sqlState: '42601',
        excerpt: '   3 | bad\n     | ^',
        line: 3,
        finished: ['a', 'b'],
        rolledBack: true,
        nothing: undefined,
        missing: null,
        blockers: [{ ...SESSION }],
      },
    }),
  },
};
