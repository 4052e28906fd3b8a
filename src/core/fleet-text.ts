/** How far a fleet is and how it ended, in words. */

import { formatDuration } from './duration.ts';
import type { SlipwayEvent } from './events.ts';
import type { FailedTarget, FleetStop } from './fleet.ts';

type Event<T extends SlipwayEvent['type']> = Extract<SlipwayEvent, { type: T }>;

/** `upgrade of 1000 targets, 4 at a time, the first 3 as canaries; shard 2/8`. */
export function describeFleetStart(event: Event<'fleet.started'>): string {
  const canary =
    event.canary === 0
      ? ''
      : `, the first ${event.canary === 1 ? 'one as a canary' : `${event.canary} as canaries`}`;
  const shard = event.shard === undefined ? '' : `; shard ${event.shard}`;
  const skipped = event.skipped === 0 ? '' : `; ${event.skipped} more are done already`;
  return `${event.command} of ${targets(event.targets)}, ${event.concurrency} at a time${canary}${skipped}${shard}`;
}

/** `120 of 1000 targets are done, 2 of them failed, first acme: …; 3 min left`. */
export function describeFleetProgress(event: Event<'fleet.progress'>): string {
  const failed =
    event.failed === 0 ? '' : `, ${event.failed} of them failed${firstOf(event.firstFailure)}`;
  return `${event.done} of ${targets(event.total)} are done${failed}; about ${formatDuration(event.remainingMs)} left`;
}

/** `upgrade of 1000 targets: 990 changed, 8 unchanged, 2 failed; 3 min 2 s`. */
export function describeFleetEnd(event: Event<'fleet.finished'>): string {
  return `${fleetCounts(event)}${firstOf(event.firstFailure)}${stoppedBy(event.stopped)}; ${formatDuration(event.durationMs)}`;
}

/** The counts alone: `upgrade of 1000 targets: 990 changed, 8 unchanged, 2 failed`. */
export function fleetCounts(event: Event<'fleet.finished'>): string {
  const parts = [
    `${event.changed} changed`,
    `${event.unchanged} unchanged`,
    ...(event.skipped === 0 ? [] : [`${event.skipped} done before`]),
    ...(event.failed === 0 ? [] : [`${event.failed} failed`]),
    ...(event.notStarted === 0 ? [] : [`${event.notStarted} not started`]),
  ];
  return `${event.command} of ${targets(event.total)}: ${parts.join(', ')}`;
}

/** Why a fleet left targets that nobody started. */
export const STOPPED: { readonly [S in FleetStop]: string } = {
  canary: 'stopped because a canary failed',
  'max-failures': 'stopped because too many targets failed',
  interrupted: 'stopped because it was told to',
};

function stoppedBy(stopped: FleetStop | undefined): string {
  return stopped === undefined ? '' : `; ${STOPPED[stopped]}`;
}

function firstOf(failure: FailedTarget | undefined): string {
  return failure === undefined ? '' : `, first ${failure.target}: ${failure.message}`;
}

function targets(count: number): string {
  return count === 1 ? '1 target' : `${count} targets`;
}
