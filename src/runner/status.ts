/** One look at everything a person asks first: where the database is, what is pending, who works on it. */

import { type AppliedRevision, compareApplied, type Summary } from '../core/applied.ts';
import type { SessionInfo } from '../core/events.ts';
import type { RevisionId } from '../core/revision.ts';
import type { HiddenObject } from '../core/soft-drop.ts';
import type { LoggedEntry, MigrationDatabase, Release } from './ports.ts';

export interface Status {
  /** False when slipway has never migrated this database. */
  readonly managed: boolean;
  readonly summary: Summary | undefined;
  readonly relation: 'same' | 'behind' | 'ahead' | 'diverged';
  readonly pending: readonly { readonly id: RevisionId; readonly description: string }[];
  /** The revision that last raised the compatibility floor: releases without it cannot start. */
  readonly floor: AppliedRevision | undefined;
  readonly unknown: readonly AppliedRevision[];
  readonly changed: readonly AppliedRevision[];
  readonly partial: readonly AppliedRevision[];
  readonly holder: SessionInfo | undefined;
  readonly last: LoggedEntry | undefined;
  /** What revisions have hidden and nobody has purged, the oldest first. */
  readonly hidden: readonly HiddenObject[];
}

/** Reads the status. Writes nothing, takes no lock. */
export async function readStatus(
  db: Pick<MigrationDatabase, 'applied' | 'lock' | 'softDrops'>,
  release: Release,
): Promise<Status> {
  const graph = await release.graph();
  const summary = await db.applied.summary();
  const applied = summary === undefined ? [] : await db.applied.list();
  const [last] = summary === undefined ? [] : await db.applied.recentLog(1);
  const hidden = summary === undefined ? [] : ((await db.softDrops.list()) ?? []);
  const comparison = compareApplied(graph, applied);
  return {
    managed: summary !== undefined,
    summary,
    relation: comparison.relation,
    pending: comparison.pending.map((id) => ({
      id,
      description: graph.nodes.get(id)?.description ?? '',
    })),
    floor: applied.find((row) => row.id === summary?.floor),
    unknown: comparison.unknown,
    changed: comparison.changed,
    partial: comparison.partial,
    holder: await db.lock.holder(),
    last,
    hidden: hidden.filter((each) => each.purgedAt === undefined),
  };
}
