/** All revisions together: from nothing to the heads and back, by one runner and by several at once. */

import type { Catalog } from '../core/catalog.ts';
import { type Graph, withAncestors } from '../core/graph.ts';
import type { Revision, RevisionId } from '../core/revision.ts';
import type { Release } from '../runner/ports.ts';
import { differencesBetween } from './differences.ts';
import type { Runners, ScratchDatabase, ScratchServer } from './ports.ts';
import type { Outcome } from './rehearse.ts';
import { differenceFinding, type Finding, findingOf, type RehearsalPhase } from './report.ts';

/** What the checks of all revisions together start from. */
export interface WholeRelease {
  readonly server: ScratchServer;
  readonly runners: Runners;
  readonly release: Release;
  readonly graph: Graph<Revision>;
  /** What a database at the heads has, as the revisions made it one by one. */
  readonly expected: Catalog;
}

/** Up to the heads, down as far as there is a way, and up again. */
export async function allAtOnce(whole: WholeRelease): Promise<Outcome> {
  const { graph, release, expected } = whole;
  return inScratch(whole, async (db, findings, notes) => {
    const bottom = await db.catalog();
    await db.upgrade(release, graph.order);
    compare(findings, 'up', 'all revisions at once make something else than one by one', [
      expected,
      await db.catalog(),
    ]);
    const ids = wayDown(graph);
    if (ids.length < graph.order.length) {
      notes.push(
        `taken back: ${ids.length} of ${graph.order.length} revisions, down to the last irreversible one`,
      );
    }
    if (ids.length === 0) return;
    await db.downgrade(release, ids).catch((error: unknown) => {
      throw new Failed(findingOf(error, 'down'));
    });
    if (ids.length === graph.order.length) {
      compare(findings, 'down', 'after the downgrade to base something is left, or missing', [
        bottom,
        await db.catalog(),
      ]);
    }
    await db.upgrade(release, graph.order).catch((error: unknown) => {
      throw new Failed(findingOf(error, 'up again'));
    });
    compare(findings, 'up again', 'the second upgrade makes something else than the first', [
      expected,
      await db.catalog(),
    ]);
  });
}

/** Several processes upgrade one database: all succeed, and each revision is applied once. */
export async function manyRunners(whole: WholeRelease, count: number): Promise<Outcome> {
  return inScratch(whole, async (db, findings) => {
    const ends = await whole.runners.together(db, count);
    ends.forEach(({ exitCode, complaint }, index) => {
      if (exitCode === 0) return;
      findings.push({
        phase: 'runners',
        message: `runner ${index + 1} of ${count} ended with ${exitCode ?? 'a signal'}: ${complaint ?? 'it said nothing'}`,
        differences: [],
      });
    });
    const times = await db.timesApplied();
    for (const id of whole.graph.order) {
      const applied = times.get(id) ?? 0;
      if (applied === 1) continue;
      findings.push({
        phase: 'runners',
        message: `revision "${id}" was applied ${applied} times by ${count} runners`,
        revision: id,
        differences: [],
      });
    }
    compare(findings, 'runners', 'several runners at once make something else than one', [
      whole.expected,
      await db.catalog(),
    ]);
  });
}

/** All revisions that nothing irreversible stands on. */
export function wayDown(graph: Graph<Revision>): readonly RevisionId[] {
  const stays = withAncestors(
    graph,
    graph.order.filter((id) => graph.nodes.get(id)?.irreversible !== undefined),
  );
  return graph.order.filter((id) => !stays.has(id));
}

/** Settings and privileges of a database are not copied with it, so that databases differ in them. */
export function ofAnyDatabase(catalog: Catalog): Catalog {
  return catalog.filter(
    ({ kind, name }) => kind !== 'setting' && !(kind === 'privileges' && name === 'this database'),
  );
}

/** Adds a finding where two databases differ. */
export function compare(
  findings: Finding[],
  phase: RehearsalPhase,
  message: string,
  [expected, found]: readonly [Catalog, Catalog],
): void {
  const differences = differencesBetween(ofAnyDatabase(expected), ofAnyDatabase(found));
  const finding = differenceFinding(phase, message, differences);
  if (finding !== undefined) findings.push(finding);
}

/** Ends a check early with what is wrong. */
export class Failed extends Error {
  readonly finding: Finding;

  constructor(finding: Finding) {
    super(finding.message);
    this.finding = finding;
  }
}

/** Runs a check in a database of its own. */
export async function inScratch(
  { server }: Pick<WholeRelease, 'server'>,
  work: (db: ScratchDatabase, findings: Finding[], notes: string[]) => Promise<void>,
): Promise<Outcome> {
  const db = await server.empty();
  const findings: Finding[] = [];
  const notes: string[] = [];
  try {
    await work(db, findings, notes);
  } catch (error) {
    findings.push(error instanceof Failed ? error.finding : findingOf(error, 'up'));
  } finally {
    await db.drop();
  }
  return { findings, notes };
}
