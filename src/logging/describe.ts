/** Every event in words: level, message and the fields of its log line. */

import { describeBackup, extentInWords } from '../core/backup.ts';
import { formatBytes } from '../core/bytes.ts';
import { diagnose } from '../core/diagnosis.ts';
import { formatDuration } from '../core/duration.ts';
import { assertNever, type Json } from '../core/errors.ts';
import type { SessionInfo, SlipwayEvent } from '../core/events.ts';
import { describeFleetEnd, describeFleetProgress, describeFleetStart } from '../core/fleet-text.ts';
import {
  describeBackfillProgress,
  describeBackupProgress,
  describeStatementProgress,
} from '../core/progress-text.ts';
import { describeRolloutWait } from '../core/rollout-text.ts';

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
    case 'schema.downgrading':
    case 'hazard.found':
    case 'revision.retrying':
    case 'blocked.waiting':
    case 'run.interrupting':
    case 'contract.postponed':
    case 'warning':
      return 'warn';
    case 'schema.checked':
      if (!event.isNews) return 'debug';
      return event.state === 'ready' ? 'info' : 'warn';
    case 'revision.started':
    case 'revision.failed':
    case 'command.starting':
    case 'trouble':
      return 'debug';
    case 'statement.notice':
      return event.severity === 'WARNING' ? 'warn' : 'debug';
    case 'fleet.finished':
      // Each target that failed has said so by itself.
      return event.exitCode === 0 ? 'info' : 'warn';
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
    case 'object.purged':
      return `purged ${event.object}, hidden since ${event.hiddenAt.slice(0, 10)} by revision ${event.revision}${event.bytes === undefined ? '' : ` (${formatBytes(event.bytes)})`}`;
    case 'revision.rehearsed':
      return `${event.verdict}: ${named(event)} in ${formatDuration(event.durationMs)} (${event.index} of ${event.total})${event.message === undefined ? '' : `: ${event.message}`}`;
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
    case 'backup.started':
      return `backup of ${extentInWords(event.tables)} to ${event.to}${event.why === undefined ? '' : `, since ${event.why}`}`;
    case 'backup.progress':
      return describeBackupProgress(event);
    case 'backup.finished':
      return `${describeBackup(event)} made in ${formatDuration(event.durationMs)}, sha256 ${event.sha256}`;
    case 'schema.downgrading':
      return `the database is ahead of this release by ${count(event.unknown.length, 'revision')}, and Deployment ${event.deployment} was rolled back to ReplicaSet ${event.replicaSet} (revision ${event.rollout}): taking them back`;
    case 'schema.downgraded':
      return `the database was taken back from ${headsText(event.from)} to ${headsText(event.to)}`;
    case 'rollout.waiting':
      return describeRolloutWait(event);
    case 'rollout.complete':
      return `the rollout of Deployment ${event.deployment} (revision ${event.rollout}) is complete and no older pod is left, after ${formatDuration(event.waitedMs)}`;
    case 'fleet.started':
      return describeFleetStart(event);
    case 'fleet.progress':
      return describeFleetProgress(event);
    case 'fleet.finished':
      return describeFleetEnd(event);
    case 'sidecar.listening':
      return `answering probes and metrics on ${listenerText(event)}`;
    case 'schema.checked':
      return event.reason;
    case 'contract.postponed':
      return `the contract phase waits: ${event.reason}; looking again in ${formatDuration(event.retryMs)}`;
    case 'sidecar.stopped':
      return `stopped by ${event.signal} after ${formatDuration(event.servedMs)}`;
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
  const at = headsText(event.heads);
  const took = formatDuration(event.durationMs);
  switch (event.outcome) {
    case 'done':
      return `${event.command} done: ${count(event.applied, 'revision')} in ${took}, at ${at}${backedUp(event.backups)}`;
    case 'done-by-another':
      return `nothing left to do: another runner did it; at ${at}, ${took}`;
    case 'ahead':
      return `nothing to do: the database is ahead at ${at}, ${took}`;
    case 'downgraded':
      return `${event.command} done: ${count(event.applied, 'revision')} taken back in ${took}, at ${at}`;
    default:
      return `nothing to do: at ${at}, ${took}`;
  }
}

function backedUp(places: readonly string[] | undefined): string {
  return places === undefined || places.length === 0 ? '' : `; backup: ${places.join(', ')}`;
}

function listenerText({ address, port }: { readonly address: string; readonly port: number }) {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function headsText(heads: readonly string[]): string {
  return heads.length === 0 ? 'base' : heads.join(', ');
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
