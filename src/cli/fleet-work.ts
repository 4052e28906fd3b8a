/** Works on one target of a fleet, and says how it ended: what a run of its own would say. */

import { DatabaseFailure } from '../core/database-failure.ts';
import { ConnectionError } from '../core/errors.ts';
import type { FleetTarget } from '../core/fleet.ts';
import type { RunOutcome } from '../core/outcome.ts';
import { describeServer } from '../postgres/connection-settings.ts';
import { ownFailure } from '../runner/failure.ts';
import { finish } from './finish.ts';
import type { IdleConnections } from './fleet-connections.ts';
import { targetContext } from './fleet-context.ts';
import type { Handover } from './handover.ts';
import { toSlipwayError } from './perform.ts';
import type { RunContext } from './run-context.ts';
import { type OpenDatabase, withDatabase } from './wire.ts';

/** What is to be done with each target. */
export interface TargetTask {
  readonly command: string;
  readonly idle: IdleConnections;
  /** `own` is the target's context. */
  readonly work: (own: RunContext, opened: OpenDatabase) => Promise<RunOutcome>;
}

/**
 * Connects to the target, lets the task work on it, reports `run.finished` or `run.failed`.
 * @throws SlipwayError, reported already
 */
export async function onTarget(
  run: RunContext,
  target: FleetTarget,
  task: TargetTask,
): Promise<RunOutcome> {
  const { command, work, idle } = task;
  const own = targetContext(run, target);
  try {
    const outcome = await withTarget(own, target, idle, async (there, opened) => {
      const outcome = await work(there, opened);
      return { answer: outcome, isAsBefore: outcome.outcome === 'nothing-to-do' };
    });
    finish(own, command, outcome, { json: false, ready: false });
    return outcome;
  } catch (thrown) {
    const doing = `${command}: working with the history schema`;
    const error = toSlipwayError(ownFailure(thrown, doing));
    own.reporter.report({ type: 'run.failed', command, error, durationMs: own.elapsed() });
    throw error;
  }
}

/** What was done, and whether the connection is as it was: nothing of a revision has run on it. */
interface Done<T> {
  readonly answer: T;
  readonly isAsBefore: boolean;
}

/**
 * Connects to the target, over a connection that is idle where one leads there, and makes sure that its
 * schema is there.
 * @throws ConnectionError `SLIPWAY_SCHEMA_MISSING`
 */
export async function withTarget<T>(
  own: RunContext,
  target: FleetTarget,
  idle: IdleConnections,
  work: (own: RunContext, opened: OpenDatabase) => Promise<Done<T>>,
): Promise<T> {
  let hasBegun = false;
  const over = async (handover: Handover | undefined): Promise<T> => {
    const there = { ...own, handover };
    let kept: Handover | undefined;
    const answer = await withDatabase(there, async (opened) => {
      hasBegun = true;
      const { schema } = target;
      // One that slipway has migrated before was there; where it is gone, its revisions say so.
      if (schema !== undefined && opened.summary === undefined) await findSchema(opened, schema);
      const done = await work(there, opened);
      if (done.isAsBefore && !opened.session.pooled && idle.fits(target)) kept = opened.keep();
      return done.answer;
    });
    if (kept !== undefined) idle.put(target, kept);
    return answer;
  };
  const handover = idle.take(target);
  try {
    return await over(handover);
  } catch (error) {
    // It was lost while nobody used it.
    const isLost = error instanceof DatabaseFailure && error.kind === 'connection-lost';
    if (handover === undefined || hasBegun || !isLost) throw error;
    return over(undefined);
  }
}

async function findSchema({ session, connection }: OpenDatabase, schema: string): Promise<void> {
  const rows = await session.own({
    text: 'select from pg_catalog.pg_namespace where nspname = $1',
    values: [schema],
  });
  if (rows.length > 0) return;
  throw new ConnectionError(
    'SLIPWAY_SCHEMA_MISSING',
    `there is no schema "${schema}" in ${describeServer(connection)}`,
    {
      hint: 'Nothing was created. Create the schema, or take the target from the list.',
      details: { schema },
    },
  );
}
