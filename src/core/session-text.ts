/** A session of the database in words. */

import { formatDuration } from './duration.ts';
import type { SessionInfo } from './events.ts';

/** Who it is, and how long in which state: `pod shop/report-7d9c (pid 4711, idle in transaction for 14 min)`. */
export function describeSession(session: SessionInfo): string {
  const facts = [`pid ${session.pid}`];
  if (session.state !== undefined) {
    facts.push(
      session.ageMs === undefined
        ? session.state
        : `${session.state} for ${formatDuration(session.ageMs)}`,
    );
  }
  if (session.progress !== undefined) facts.push(session.progress);
  return `${nameOf(session)} (${facts.join(', ')})`;
}

function nameOf(session: SessionInfo): string {
  if (session.pod !== undefined) return `pod ${session.pod}`;
  if (session.application !== '') return session.application;
  return session.user ?? 'a session';
}

/** `, held by pod …`, without its statement, which may hold data: others may read this. */
export function heldBy(holder: SessionInfo | undefined): string {
  if (holder === undefined) return '';
  const progress = holder.progress === undefined ? '' : `: ${holder.progress}`;
  return `, held by ${holder.pod ?? holder.application} (pid ${holder.pid})${progress}`;
}
