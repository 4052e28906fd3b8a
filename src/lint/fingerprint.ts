/** Names findings so that a tool knows them again when lines above them come and go. */

import { createHash } from 'node:crypto';
import type { ReportItem } from './report.ts';

/** A fingerprint of each item, in their order: no two are the same. */
export function fingerprints(items: readonly ReportItem[]): readonly string[] {
  const seen = new Map<string, number>();
  return items.map(({ rule, revision, file, message }) => {
    // A file may be renamed, and a revision keeps its id.
    const identity = JSON.stringify([rule, revision ?? file, message]);
    const count = seen.get(identity) ?? 0;
    seen.set(identity, count + 1);
    return createHash('sha256').update(`${identity}${count}`).digest('hex').slice(0, 32);
  });
}
