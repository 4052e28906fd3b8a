/** Runs random revisions without slipway: what they come to, whoever runs them. */

import type { Client } from 'pg';
import type { ChaosRevision } from './revision-set.ts';

/** Runs one direction of each revision, in the given order. */
export async function runPlainly(
  client: Client,
  revisions: readonly ChaosRevision[],
  direction: 'up' | 'down',
): Promise<void> {
  for (const revision of revisions) {
    for (const { sql, onlyIf } of revision[direction]) {
      if (onlyIf !== undefined) {
        const { rows } = await client.query<unknown[]>({ text: onlyIf, rowMode: 'array' });
        if (rows[0]?.[0] !== true) continue;
      }
      await client.query(sql);
    }
  }
}
