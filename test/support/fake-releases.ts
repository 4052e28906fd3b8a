/** Where releases left the fake database, as its audit log has it. */

import type { LoggedEntry, ReleaseMark } from '../../src/runner/ports.ts';

/** The last upgrade of each release or image, the newest first; `log` begins with the oldest. */
export function releasesIn(log: readonly LoggedEntry[]): readonly ReleaseMark[] {
  const marks = new Map<string, ReleaseMark>();
  for (const { event, provenance, at, detail } of log) {
    const { release, image } = provenance;
    const heads = (detail as { readonly heads?: readonly string[] }).heads;
    if (event !== 'upgrade' || heads === undefined) continue;
    if (release === undefined && image === undefined) continue;
    const key = JSON.stringify([release, image]);
    // Set anew, so that it comes last.
    marks.delete(key);
    marks.set(key, { release, image, heads, at });
  }
  return [...marks.values()].reverse();
}
