/** What probes are answered: events of the run in, answers out. Asks nobody, so that it never waits. */

import { formatDuration } from '../core/duration.ts';
import type { Json } from '../core/errors.ts';
import type { Reporter, SlipwayEvent } from '../core/events.ts';
import {
  describeBackfillProgress,
  describeBackupProgress,
  describeStatementProgress,
} from '../core/progress-text.ts';
import { describeRolloutWait } from '../core/rollout-text.ts';
import type { SchemaCheck } from '../core/schema-check.ts';
import { heldBy } from '../core/session-text.ts';

/** An answer and what stands in it. */
export interface ProbeAnswer {
  readonly isOk: boolean;
  readonly body: { readonly [key: string]: Json | undefined };
}

/** Follows a run, and answers for it at any time. */
export interface Probes extends Reporter {
  /** Whether the schema has been ready for this release once: what a startup probe asks. */
  startup(): ProbeAnswer;
  /** Whether the database served this release when it was last looked at. */
  readiness(): ProbeAnswer;
  /** Whether this process does its work. Says nothing about the database. */
  liveness(): ProbeAnswer;
}

/** How the answers are made. */
export interface ProbeOptions {
  readonly release: string | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** No look at the database for so long, answered or not: something is stuck. */
  readonly stuckAfterMs: number;
}

/** Where the run stands, before the schema is ready. */
type StartPhase = 'starting' | 'connecting' | 'waiting' | 'upgrading' | 'failed';

/** Answers that say "starting" until the first events come. */
export function openProbes({ release, now, stuckAfterMs }: ProbeOptions): Probes {
  const startMs = now();
  let phase: StartPhase = 'starting';
  let doing = 'starting';
  let revision: { readonly [key: string]: Json } | undefined;
  let isStarted = false;
  let check: SchemaCheck | undefined;
  let checkedMs = 0;

  const answer = (isOk: boolean, status: string, rest: ProbeAnswer['body']): ProbeAnswer => ({
    isOk,
    body: { status, release, ...rest },
  });
  const begin = (next: StartPhase, text: string): void => {
    phase = next;
    doing = text;
  };
  const follow = (event: SlipwayEvent): void => {
    switch (event.type) {
      case 'connection.retrying':
        begin('connecting', `waiting for the database at ${event.server}: ${event.cause}`);
        break;
      case 'run.started':
        begin('starting', `connected to ${event.server}`);
        break;
      case 'lock.waiting':
        begin(
          'waiting',
          `waiting for the migration lock${heldBy(event.holder)}; ${event.done} of ${event.total} revisions are done, waited ${formatDuration(event.waitedMs)} of ${formatDuration(event.limitMs)}`,
        );
        break;
      case 'plan.ready':
        begin('upgrading', `${event.revisions.length} revisions to apply`);
        break;
      case 'revision.started': {
        const { revision: id, description, index, total } = event;
        revision = { id, description, index, total };
        begin('upgrading', `running revision ${index} of ${total}: ${id} ${description}`);
        break;
      }
      case 'revision.retrying':
        begin('upgrading', `revision ${event.revision} waits for a lock: ${event.cause}`);
        break;
      case 'run.finished':
        if (isStarted) break;
        isStarted = true;
        revision = undefined;
        check = {
          state: 'ready',
          reason: 'the database serves this release',
          code: undefined,
          heads: event.heads,
          pending: undefined,
          contracts: undefined,
          unknown: undefined,
        };
        checkedMs = now();
        break;
      case 'run.failed':
        if (!isStarted) begin('failed', event.error.message);
        break;
      case 'schema.checked':
        check = event;
        checkedMs = now();
        break;
      default:
        doing = progressOf(event) ?? doing;
    }
  };
  return {
    report: follow,
    startup: () =>
      isStarted
        ? answer(true, 'ready', {})
        : answer(false, phase, {
            doing,
            revision,
            forSeconds: Math.round((now() - startMs) / 1000),
          }),
    readiness: () => {
      if (check === undefined) return answer(false, phase, { doing });
      const { state, reason, code, heads, pending, contracts, unknown } = check;
      const counts = { heads, pending, contracts, ahead: unknown };
      const checkedAt = new Date(checkedMs).toISOString();
      return answer(state === 'ready', state, { reason, code, ...counts, checkedAt });
    },
    liveness: () => {
      const quietMs = isStarted ? now() - checkedMs : 0;
      return quietMs <= stuckAfterMs
        ? answer(true, 'alive', {})
        : answer(false, 'stuck', {
            reason: `the database has not been looked at for ${formatDuration(quietMs)}`,
          });
    },
  };
}

function progressOf(event: SlipwayEvent): string | undefined {
  switch (event.type) {
    case 'statement.progress':
      return describeStatementProgress(event);
    case 'backfill.progress':
      return describeBackfillProgress(event);
    case 'backup.progress':
      return describeBackupProgress(event);
    case 'rollout.waiting':
      return describeRolloutWait(event);
    default:
      return undefined;
  }
}
