/** A rollout and a rollback: the release before on the new database, back on its own, and on again. */

import { MismatchError } from '../core/errors.ts';
import type { Revision, RevisionId } from '../core/revision.ts';
import type { Release } from '../runner/ports.ts';
import { compare, Failed, inScratch, type WholeRelease } from './all-at-once.ts';
import { judgeRows } from './lost-rows.ts';
import type { ScratchDatabase } from './ports.ts';
import type { Outcome } from './rehearse.ts';
import { type Finding, findingOf } from './report.ts';

/** Rolls out over `previous`, asks the old release after every revision, rolls back, and goes on again. */
export async function rollout(
  whole: WholeRelease,
  previous: { readonly name: string; readonly release: Release },
): Promise<Outcome> {
  const { graph, release, expected } = whole;
  const old = await previous.release.graph();
  return inScratch(whole, async (db, findings, notes) => {
    await db.upgrade(previous.release, old.order);
    await db.fill();
    const before = { catalog: await db.catalog(), rows: await db.rows() };
    const added = graph.order.filter((id) => !old.nodes.has(id));
    if (added.length === 0) notes.push(`nothing is new since ${previous.name}`);
    let refused = false;
    for (const id of added) {
      const revision = graph.nodes.get(id);
      if (revision === undefined) continue;
      await db.upgrade(release, [id]);
      const refusal = refused ? 'refused' : await refusalOf(db, previous.release);
      if (refusal === undefined) {
        notes.push(`${named(revision)}: ${previous.name} starts`);
        continue;
      }
      if (refusal === 'refused') {
        notes.push(`${named(revision)}: ${previous.name} is refused already`);
        continue;
      }
      refused = true;
      if (revision.phase === 'contract') {
        notes.push(
          `${named(revision)}: ${previous.name} is refused, as a contract revision may: ${refusal.message}`,
        );
      } else {
        findings.push({
          ...refusal,
          hint: 'Pods of the release before would not start during the rollout, nor after a rollback. Split the change into an expand and a contract revision.',
          file: revision.file,
          revision: id,
        });
      }
    }
    const above = await db.rows();
    const dead = added.find((id) => graph.nodes.get(id)?.irreversible !== undefined);
    if (dead !== undefined) {
      notes.push(`no way back to ${previous.name}: ${dead} is irreversible`);
      return;
    }
    await rollBack(db, { old: previous.release, release, added, notes });
    compare(
      findings,
      'rollback',
      `after the rollback the database is not what ${previous.name} left`,
      [before.catalog, await db.catalog()],
    );
    const rows = judgeRows({ before: before.rows, above, after: await db.rows() });
    const isApproved = added.some((id) =>
      graph.nodes.get(id)?.approvals.some(({ hazard }) => hazard === 'data-loss'),
    );
    if (rows.lost.length > 0 && !isApproved) {
      findings.push({
        phase: 'rollback',
        message: `lossy: rows of ${previous.name} are not there after the rollback`,
        differences: rows.lost.map((line) => `- ${line}`),
      });
    } else notes.push(...rows.lost.map((line) => `lossy, which is approved: ${line}`));
    notes.push(...rows.changed);
    const { outcome } = await db.start(previous.release);
    if (outcome !== 'nothing-to-do') {
      findings.push({
        phase: 'rollback',
        message: `after the rollback ${previous.name} does not find its own database: ${outcome}`,
        differences: [],
      });
    }
    await db.upgrade(release, added).catch((error: unknown) => {
      throw new Failed(findingOf(error, 'up again'));
    });
    compare(findings, 'up again', 'rolled out again, the database is another one', [
      expected,
      await db.catalog(),
    ]);
  });
}

/**
 * As the old image has it: without the files of the new release. The functions of a TypeScript revision
 * are in files only.
 */
async function rollBack(
  db: ScratchDatabase,
  {
    old,
    release,
    added,
    notes,
  }: {
    readonly old: Release;
    readonly release: Release;
    readonly added: readonly RevisionId[];
    readonly notes: string[];
  },
): Promise<void> {
  try {
    try {
      await db.downgrade(old, added);
    } catch (error) {
      if (!(error instanceof MismatchError) || error.code !== 'SLIPWAY_NO_WAY_BACK') throw error;
      notes.push(`with the files of the new release only: ${error.message}`);
      await db.downgrade(release, added);
    }
  } catch (error) {
    throw new Failed(findingOf(error, 'rollback'));
  }
}

/** Why the release would not start on this database; undefined where it would. */
async function refusalOf(db: ScratchDatabase, release: Release): Promise<Finding | undefined> {
  try {
    await db.start(release);
    return undefined;
  } catch (error) {
    if (error instanceof MismatchError) return findingOf(error, 'rollout');
    throw error;
  }
}

function named({ id, description }: Revision): string {
  return description === '' ? id : `${id} "${description}"`;
}
