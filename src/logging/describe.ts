/** Every event in words: level, message and the fields of its log line. */

import { diagnose } from '../core/diagnosis.ts';
import { formatDuration } from '../core/duration.ts';
import { assertNever, type Json } from '../core/errors.ts';
import type { SessionInfo, SlipwayEvent } from '../core/events.ts';
import { describeBackfillProgress, describeStatementProgress } from '../core/progress-text.ts';

export type Level = 'debug' | 'info' | 'warn' | 'error';

export interface Described {
  readonly level: Level;
  readonly message: string;
  readonly fields: { readonly [key: string]: Json | undefined };
}

/** What the log says about `event`. */
export function describeEvent(event: SlipwayEvent): Described {
  const { type, ...rest } = event;
  switch (event.type) {
    case 'run.failed': {
      const diagnosis = diagnose(event.error);
      const { sqlState: _, ...details } = event.error.details;
      return {
        level: 'error',
        message: event.error.message,
        fields: {
          command: event.command,
          code: diagnosis.code,
          exitCode: diagnosis.exitCode,
          sqlState: event.error.details['sqlState'],
          next: diagnosis.next,
          durationMs: event.durationMs,
          ...details,
        },
      };
    }
    case 'plan.ready':
      return line('info', planMessage(event), {
        direction: event.direction,
        revisions: event.revisions.map((revision) => revision.id),
        applied: event.applied,
      });
    default:
      // Event fields are plain data, all but the error handled above.
      return line(levelOf(event), messageOf(event), rest as Described['fields']);
  }
}

function line(level: Level, message: string, fields: Described['fields']): Described {
  return { level, message, fields };
}

type Plain = Exclude<SlipwayEvent, { type: 'run.failed' | 'plan.ready' }>;

/** How much an event matters; cheap, so that what nobody wants to read costs nothing. */
export function levelOf(event: SlipwayEvent): Level {
  switch (event.type) {
    case 'run.failed':
      return 'error';
    case 'connection.retrying':
    case 'schema.ahead':
    case 'hazard.found':
    case 'revision.retrying':
    case 'blocked.waiting':
    case 'run.interrupting':
    case 'warning':
      return 'warn';
    case 'revision.started':
    case 'revision.failed':
    case 'command.starting':
    case 'trouble':
      return 'debug';
    case 'statement.notice':
      return event.severity === 'WARNING' ? 'warn' : 'debug';
    case 'statement.started':
      return 'debug';
    default:
      return 'info';
  }
}

function messageOf(event: Plain): string {
  switch (event.type) {
    case 'run.started':
      return `${event.command} on ${event.server} as ${event.user}`;
    case 'connection.retrying':
      return `cannot connect to ${event.server}: ${event.cause}; trying again in ${formatDuration(event.delayMs)} (for ${formatDuration(event.remainingMs)} more)`;
    case 'pooler.detected':
      return event.handling === 'direct-url'
        ? 'a transaction pooler is in between: using SLIPWAY_DIRECT_URL'
        : 'a transaction pooler is in between: locking inside each transaction';
    case 'lock.waiting':
      return `waiting for the migration lock${heldBy(event.holder)}; ${event.done} of ${event.total} revisions are done, waited ${formatDuration(event.waitedMs)} of ${formatDuration(event.limitMs)}`;
    case 'schema.waiting':
      return `waiting for the schema: ${count(event.pending, 'revision')} pending${heldBy(event.holder)}, waited ${formatDuration(event.waitedMs)} of ${formatDuration(event.limitMs)}`;
    case 'lock.acquired':
      return `migration lock obtained in ${formatDuration(event.waitedMs)}`;
    case 'history.created':
      return `schema "${event.schema}" created`;
    case 'history.upgraded':
      return `schema "${event.schema}" upgraded from format ${event.from} to ${event.to}`;
    case 'hazard.found':
      return event.approvedBy === undefined
        ? `${event.revision} ${event.hazard} (${event.location})`
        : `${event.revision} ${event.hazard} (${event.location}); approved by ${event.approvedBy}${event.reason === undefined ? '' : `: ${event.reason}`}`;
    case 'revision.started':
      return `${event.direction === 'upgrade' ? 'applying' : 'reverting'} ${named(event)} (${event.index} of ${event.total})`;
    case 'statement.started':
      return `${event.command} at ${event.location}`;
    case 'statement.skipped':
      return event.why === 'only-if'
        ? `skipped the statement at ${event.location}: "${event.evidence}" is not true`
        : `the statement at ${event.location} was already done: ${event.evidence}`;
    case 'revision.repaired':
      return event.message;
    case 'statement.resumed':
      return `going on with the interrupted statement at ${event.location}: ${event.evidence}`;
    case 'statement.notice':
      return `${event.severity.toLowerCase()}: ${event.message}`;
    case 'statement.progress':
      return describeStatementProgress(event);
    case 'backfill.started':
      return `backfill of ${event.table} by ${event.key}, ${event.batch} keys at a time${event.done === 0 ? '' : `, going on behind ${event.done} that are done`}`;
    case 'backfill.progress':
      return describeBackfillProgress(event);
    case 'backfill.finished':
      return `backfill of ${event.table} done: ${count(event.done, 'key')} in ${count(event.batches, 'batch', 'batches')}, ${count(event.rows, 'row')} changed; ${formatDuration(event.elapsedMs)}`;
    case 'blocked.waiting':
      return `${event.revision} waits for a lock held by ${event.blockers.map(sessionText).join(', ')}`;
    case 'revision.retrying':
      return `${event.revision}: ${event.cause}${event.blockers.length === 0 ? '' : `, held by ${event.blockers.map(sessionText).join(', ')}`}; rolled back, trying again in ${formatDuration(event.delayMs)} (${event.attempt} of ${event.limit})`;
    case 'revision.applied':
      return `applied ${named(event)} in ${formatDuration(event.durationMs)}`;
    case 'revision.reverted':
      return `reverted ${named(event)} in ${formatDuration(event.durationMs)}`;
    case 'revision.stamped':
      return `${event.direction === 'upgrade' ? 'recorded as applied' : 'recorded as not applied'}: ${named(event)}`;
    case 'revision.failed':
      return `${event.revision} failed: ${event.message}`;
    case 'schema.ahead':
      return `the database is ahead of this release by ${count(event.unknown.length, 'revision')}${event.policy === 'compatible' ? ', all compatible' : '; going on because onAhead is ignore'}`;
    case 'run.interrupting':
      return `${event.signal} received: stopping`;
    case 'command.starting':
      return `starting ${event.command}`;
    case 'run.finished':
      return finishedMessage(event);
    case 'warning':
    case 'trouble':
      return event.message;
    default:
      return assertNever(event);
  }
}

function planMessage(event: Extract<SlipwayEvent, { type: 'plan.ready' }>): string {
  return `${count(event.revisions.length, 'revision')} to ${event.direction === 'upgrade' ? 'apply' : 'revert'}, ${event.applied} applied so far`;
}

function finishedMessage(event: Extract<SlipwayEvent, { type: 'run.finished' }>): string {
  const at = event.heads.length === 0 ? 'base' : event.heads.join(', ');
  const took = formatDuration(event.durationMs);
  switch (event.outcome) {
    case 'done':
      return `${event.command} done: ${count(event.applied, 'revision')} in ${took}, at ${at}`;
    case 'done-by-another':
      return `nothing left to do: another runner did it; at ${at}, ${took}`;
    case 'ahead':
      return `nothing to do: the database is ahead at ${at}, ${took}`;
    default:
      return `nothing to do: at ${at}, ${took}`;
  }
}

function named(event: { readonly revision: string; readonly description: string }): string {
  return event.description === '' ? event.revision : `${event.revision} "${event.description}"`;
}

function heldBy(holder: SessionInfo | undefined): string {
  return holder === undefined ? '' : `, held by ${sessionText(holder)}`;
}

function sessionText(session: SessionInfo): string {
  const name = session.pod ?? (session.application || session.user || 'a session');
  const since = session.ageMs === undefined ? '' : ` for ${formatDuration(session.ageMs)}`;
  const doing = session.query === undefined ? '' : `: ${session.query}`;
  const how = session.progress === undefined ? '' : `; ${session.progress}`;
  return `${name} (pid ${session.pid}, ${session.state ?? 'state unknown'}${since})${doing}${how}`;
}

function count(n: number, noun: string, plural = `${noun}s`): string {
  return `${n} ${n === 1 ? noun : plural}`;
}
