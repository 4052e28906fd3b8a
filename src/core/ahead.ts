/** Whether an old release may start although the database has revisions that it has never seen. */

import { type AppliedRevision, type Summary, updateDigest } from './applied.ts';
import type { ReleaseIdentity } from './release.ts';

/** What is asked of an applied revision to judge whether older code can live with it. */
export type NewerRevision = Pick<AppliedRevision, 'id' | 'checksum' | 'compatibility'>;

/** How many revisions the database has more than the release, if it has all of the release. */
export function surplusOf(identity: ReleaseIdentity, summary: Summary): number {
  return Math.max(0, summary.applied - identity.revisions);
}

/**
 * Whether `newest` are exactly the applied revisions that the release does not know: digests add up,
 * so the release's digest and theirs must make that of the database. No list of revisions is needed.
 */
export function isReleaseAnd(
  identity: ReleaseIdentity,
  newest: readonly NewerRevision[],
  summary: Summary,
): boolean {
  const digest = newest.reduce((sum, each) => updateDigest(sum, 'add', each), identity.digest);
  return newest.length === surplusOf(identity, summary) && digest === summary.digest;
}

/** Those of `newer` that code of an older release may not live with. */
export function breakingOf<R extends Pick<AppliedRevision, 'compatibility'>>(
  newer: readonly R[],
): readonly R[] {
  return newer.filter(({ compatibility }) => compatibility.verdict !== 'yes');
}
