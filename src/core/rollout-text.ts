/** A rollout that is waited for, in words. */

import { formatDuration } from './duration.ts';
import type { SlipwayEvent } from './events.ts';

const SHOWN = 5;

/** `waiting for the rollout of Deployment shop/web: 2 older pods are left: web-1, web-2; waited …`. */
export function describeRolloutWait(
  event: Extract<SlipwayEvent, { type: 'rollout.waiting' }>,
): string {
  const facts = [event.reason, olderPodsText(event.olderPods)].filter((fact) => fact !== undefined);
  const limit = event.limitMs === undefined ? '' : ` of ${formatDuration(event.limitMs)}`;
  return `waiting for the rollout of Deployment ${event.deployment}: ${facts.join('; ')}; waited ${formatDuration(event.waitedMs)}${limit}`;
}

/** `2 older pods are left: web-1, web-2`; undefined where none is. */
export function olderPodsText(names: readonly string[]): string | undefined {
  if (names.length === 0) return undefined;
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : '';
  const count = names.length === 1 ? '1 older pod is' : `${names.length} older pods are`;
  return `${count} left: ${names.slice(0, SHOWN).join(', ')}${more}`;
}
