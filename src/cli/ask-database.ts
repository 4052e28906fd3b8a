/** What the commands that answer questions read of an open database. */

import type { Applied } from '../core/resolve.ts';
import type { AskedDatabase } from './revision-view.ts';
import type { OpenDatabase } from './wire.ts';

/** Its heads and all that is applied; nothing where slipway has never migrated. */
export async function askDatabase({ summary, migration }: OpenDatabase): Promise<AskedDatabase> {
  return {
    heads: summary?.heads ?? [],
    floor: summary?.floor,
    applied: summary === undefined ? [] : await migration.applied.list(),
  };
}

/** What targets that count from the database start from. */
export function appliedOf(database: AskedDatabase | undefined): Applied | undefined {
  if (database === undefined) return undefined;
  return new Set(database.applied.filter((row) => row.state === 'applied').map((row) => row.id));
}
