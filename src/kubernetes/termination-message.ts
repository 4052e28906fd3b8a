/**
 * The termination message: what `kubectl describe pod` shows of a container that ended. The kubelet
 * reads the file on success and on failure and shares 12 KiB among all containers of a pod
 * (kubernetes.io, "Determine the Reason for Pod Failure"), so the text stays within 1 KiB.
 */

import { writeFileSync } from 'node:fs';
import { extentInWords } from '../core/backup.ts';
import { type Diagnosis, diagnose, diagnosisLines } from '../core/diagnosis.ts';
import { formatDuration } from '../core/duration.ts';
import type { Reporter, SlipwayEvent } from '../core/events.ts';
import {
  describeFleetProgress,
  describeFleetStart,
  fleetCounts,
  STOPPED,
} from '../core/fleet-text.ts';
import {
  describeBackfillProgress,
  describeBackupProgress,
  describeStatementProgress,
} from '../core/progress-text.ts';
import { describeRolloutWait } from '../core/rollout-text.ts';
import { heldBy } from '../core/session-text.ts';

const LIMIT_BYTES = 1024;

/** Writes the message early, with the phase, and again at the end. */
export function terminationReporter(path: string, onTrouble: (message: string) => void): Reporter {
  let broken = false;
  let running = '';
  return {
    report(event) {
      const said = terminationText(event);
      if (event.type === 'revision.started') running = said ?? '';
      const isProgress = event.type === 'statement.progress' || event.type === 'backfill.progress';
      const text = isProgress ? `${running}\n${said}` : said;
      if (text === undefined || broken) return;
      try {
        writeFileSync(path, withinLimit(text));
      } catch (error) {
        // Not writable for this user on some runtimes: the migration goes on all the same.
        broken = true;
        onTrouble(
          `cannot write ${path}: ${(error as NodeJS.ErrnoException).code ?? 'unknown error'}`,
        );
      }
    },
  };
}

/** What the message says after `event`; undefined where it stays as it is. */
export function terminationText(event: SlipwayEvent): string | undefined {
  switch (event.type) {
    case 'connection.retrying':
      return `waiting for the database at ${event.server}: ${event.cause}`;
    case 'lock.waiting':
      return `waiting for the migration lock${heldBy(event.holder)}`;
    case 'schema.waiting':
      return `waiting for the schema: ${event.pending} revisions pending`;
    case 'rollout.waiting':
      return describeRolloutWait(event);
    case 'revision.started':
      return `running revision ${event.index} of ${event.total}: ${event.revision} ${event.description}`;
    case 'statement.progress':
      return describeStatementProgress(event);
    case 'backfill.progress':
      return describeBackfillProgress(event);
    case 'backup.started':
      return `making a backup of ${extentInWords(event.tables)} to ${event.to}`;
    case 'backup.progress':
      return describeBackupProgress(event);
    case 'fleet.started':
      return describeFleetStart(event);
    case 'fleet.progress':
      return describeFleetProgress(event);
    case 'fleet.finished':
      return fleetText(event);
    case 'run.finished':
      return finishedText(event);
    case 'run.failed':
      return failedText(diagnose(event.error));
    default:
      return undefined;
  }
}

/** What these parts may take when not everything fits; the headline gets the rest. */
const EXCERPT_BYTES = 220;
const SERVER_BYTES = 180;

/** State and next step always fit; the headline and what the server said are cut before them. */
function failedText(diagnosis: Diagnosis): string {
  const whole = textOf(diagnosis);
  if (Buffer.byteLength(whole) < LIMIT_BYTES) return whole;
  const excerpt =
    diagnosis.excerpt === undefined ? undefined : cut(diagnosis.excerpt, EXCERPT_BYTES);
  const server =
    diagnosis.server.length === 0 ? [] : [cut(diagnosis.server.join('\n'), SERVER_BYTES)];
  const rest = Buffer.byteLength(textOf({ ...diagnosis, headline: '', excerpt, server }));
  const headline = cut(diagnosis.headline, Math.max(100, LIMIT_BYTES - 1 - rest));
  return textOf({ ...diagnosis, headline, excerpt, server });
}

function textOf(diagnosis: Diagnosis): string {
  return diagnosisLines(diagnosis).join('\n');
}

function finishedText(event: Extract<SlipwayEvent, { type: 'run.finished' }>): string {
  const at = event.heads.length === 0 ? 'no revision' : event.heads.join(', ');
  const took = formatDuration(event.durationMs);
  switch (event.outcome) {
    case 'done':
      return `${event.command}: ${event.applied} done in ${took}; the database is at ${at}${(event.backups ?? []).map((place) => `; backup: ${place}`).join('')}`;
    case 'ahead':
      return `${event.command}: the database is ahead of this release at ${at}, and compatible`;
    case 'downgraded':
      return `${event.command}: ${event.applied} taken back in ${took}; the database is at ${at}`;
    default:
      return `${event.command}: nothing to do; the database is at ${at}`;
  }
}

/** What the counts, the names of targets and what the first failure says may take each. */
const NAMES_BYTES = 250;
const FAILURE_BYTES = 450;

/** The counts and the first failure; then which others, as far as there is room. */
function fleetText(event: Extract<SlipwayEvent, { type: 'fleet.finished' }>): string {
  const { firstFailure, failedTargets, stopped, failed } = event;
  const more = failed > failedTargets.length ? ', …' : '';
  return [
    `${fleetCounts(event)} in ${formatDuration(event.durationMs)} (exit ${event.exitCode})`,
    ...(stopped === undefined ? [] : [STOPPED[stopped]]),
    ...(firstFailure === undefined
      ? []
      : [
          cut(
            `first: ${firstFailure.target}: ${firstFailure.code} (exit ${firstFailure.exitCode}): ${firstFailure.message}`,
            FAILURE_BYTES,
          ),
        ]),
    ...(failed > 1 ? [cut(`failed: ${failedTargets.join(', ')}${more}`, NAMES_BYTES)] : []),
    ...(firstFailure === undefined ? [] : [`more: slipway explain ${firstFailure.code}`]),
  ].join('\n');
}

/** Cut to the limit of the whole message. */
function withinLimit(text: string): string {
  return `${cut(text, LIMIT_BYTES - 1)}\n`;
}

/** At most `limit` bytes of UTF-8, cut between two characters. */
function cut(text: string, limit: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= limit) return text;
  let end = limit - 3;
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return `${bytes.subarray(0, end).toString()}…`;
}
