/** Holds a statement outside a transaction in the middle, interrupts it, and lets others go on. */

import { Client } from 'pg';
import { vi } from 'vitest';
import { SlipwayError } from '../../src/core/errors.ts';
import { DEFAULT_HAZARD_POLICIES } from '../../src/core/hazards.ts';
import type { Revision } from '../../src/core/revision.ts';
import { parseTarget } from '../../src/core/target.ts';
import { downgrade } from '../../src/runner/downgrade.ts';
import { upgrade } from '../../src/runner/upgrade.ts';
import { releaseOf, revision } from '../support/graph.ts';
import { type OpenHistory, openHistory } from '../support/history-database.ts';
import { query } from '../support/postgres.ts';
import { testSurroundings } from '../support/surroundings.ts';
import { type Kind, TABLE } from './interrupted.cases.ts';

/** Ends the statement of the session `pid` in some way. */
export type Interruption = (running: { pid: number; history: OpenHistory }) => Promise<void>;

/** Which way a run goes. */
export type Way = 'up' | 'down';

const LIMITS = { lockTimeoutMs: 60_000, lockRetries: 0, statementTimeoutMs: 0, single: false };
const GATE = {
  hazards: DEFAULT_HAZARD_POLICIES,
  hazardBytes: 0,
  approvals: new Set<string>(),
  approvedBy: 'environment',
  allowDataLoss: true,
} as const;

/** A database with one kind of statement to be run in it. */
export interface Subject {
  readonly url: string;
  readonly kind: Kind;
  readonly revision: Revision;
}

/** Makes the tables. */
export async function prepare(url: string, kind: Kind): Promise<Subject> {
  await query(url, TABLE);
  for (const text of kind.setup?.split(';') ?? []) await query(url, text);
  const { up, down } = kind;
  return { url, kind, revision: revision('i<-a transaction:none', { up, down }) };
}

/** A whole run over a session of its own; answers how it ended. */
export async function run(subject: Subject, way: Way): Promise<string> {
  const history = await openHistory(subject.url);
  try {
    return await runOver(history, subject, way);
  } finally {
    await history.close();
  }
}

function runOver({ db }: OpenHistory, subject: Subject, way: Way): Promise<string> {
  const surroundings = testSurroundings();
  const common = { limits: LIMITS, lockWaitMs: 60_000, gate: GATE };
  const work =
    way === 'up'
      ? upgrade(
          db,
          releaseOf('a', subject.revision),
          { ...common, target: parseTarget('heads'), phase: 'all', onAhead: 'refuse' },
          surroundings,
        )
      : downgrade(db, { ...common, target: parseTarget('a') }, surroundings);
  return work.then(
    ({ outcome }) => outcome,
    (error: unknown) => {
      if (error instanceof SlipwayError) return `${error.code}: ${error.message}`;
      throw error;
    },
  );
}

/** Runs into a held statement, interrupts it there, and answers how the run ended. */
export async function interrupted(
  subject: Subject,
  way: Way,
  interrupt: Interruption,
): Promise<string> {
  const { kind, url } = subject;
  const blocker = new Client({ connectionString: url });
  blocker.on('error', () => undefined);
  await blocker.connect();
  const history = await openHistory(url);
  history.client.on('error', () => undefined);
  const pid = history.session.backendPid ?? 0;
  try {
    await blocker.query(`begin; ${way === 'up' ? kind.hold : (kind.holdDown ?? kind.hold)}`);
    const ended = runOver(history, subject, way);
    await vi.waitFor(() => isWaiting(url, pid), WAIT);
    await interrupt({ pid, history });
    return await ended;
  } finally {
    await blocker.end().catch(() => undefined);
    await Promise.allSettled([history.close()]);
    await vi.waitFor(() => isGone(url, pid), WAIT);
  }
}

const WAIT = { timeout: 20_000, interval: 50 };

async function isWaiting(url: string, pid: number): Promise<void> {
  const rows = await query(
    url,
    "select 1 from pg_stat_activity where pid = $1 and wait_event_type = 'Lock'",
    [pid],
  );
  if (rows.length === 0) throw new Error('not waiting yet');
}

async function isGone(url: string, pid: number): Promise<void> {
  const rows = await query(url, 'select query from pg_stat_activity where pid = $1', [pid]);
  if (rows.length > 0) throw new Error(`still there: ${rows[0]?.['query']}`);
}

/** Where the database is, and what the version table says of the revision. */
export async function stateOf({ url, kind }: Subject): Promise<readonly [string, string]> {
  const [state] = await query(url, kind.state);
  const [row] = await query(
    url,
    "select string_agg(state, '') as it from slipway.revision where id = 'i'",
  );
  return [String(state?.['it']), String(row?.['it'] ?? 'none')];
}
