/** The database that grows with the revisions: each rehearsal begins with a copy of it. */

import { type Graph, withAncestors } from '../core/graph.ts';
import type { Revision, RevisionId } from '../core/revision.ts';
import type { Release } from '../runner/ports.ts';
import type { EmptyTable, FillReport, ScratchDatabase, ScratchServer } from './ports.ts';
import { type Finding, findingOf } from './report.ts';

/** Goes up revision by revision, with rows in it. */
export interface Chain {
  readonly database: ScratchDatabase;
  /** What cannot be applied, and so nothing that needs it. */
  isBlocked(id: RevisionId): boolean;
  /** Applies it; answers what went wrong. A failed revision is as if it were not there. */
  climb(id: RevisionId): Promise<Finding | undefined>;
  /** Puts rows where there are none, and rests. */
  fill(): Promise<void>;
  readonly emptyTables: readonly EmptyTable[];
  readonly unusedSeeds: readonly string[];
}

/** Begins at the bottom. */
export async function startChain(
  server: ScratchServer,
  release: Release,
  graph: Graph<Revision>,
): Promise<Chain> {
  let database = await server.empty();
  let filled: FillReport = { empty: [], unused: [] };
  const applied: RevisionId[] = [];
  const failed = new Set<RevisionId>();
  const startAgain = async (): Promise<void> => {
    await database.drop();
    database = await server.empty();
    if (applied.length > 0) await database.upgrade(release, applied);
  };
  return {
    get database() {
      return database;
    },
    isBlocked: (id) => !withAncestors(graph, [id]).isDisjointFrom(failed),
    async climb(id) {
      try {
        await database.upgrade(release, [id]);
        applied.push(id);
        return undefined;
      } catch (error) {
        const finding = findingOf(error, 'up');
        failed.add(id);
        // Outside a transaction a part of it stays behind.
        if (graph.nodes.get(id)?.transaction === 'none') await startAgain();
        return finding;
      }
    },
    async fill() {
      filled = await database.fill();
      await database.rest();
    },
    get emptyTables() {
      return filled.empty;
    },
    get unusedSeeds() {
      return filled.unused;
    },
  };
}
