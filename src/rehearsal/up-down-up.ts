/** One revision in a database of its own: up, down, up again, with catalog and rows compared. */

import type { Revision } from '../core/revision.ts';
import type { Release } from '../runner/ports.ts';
import { differencesBetween } from './differences.ts';
import { judgeRows } from './lost-rows.ts';
import type { ScratchDatabase } from './ports.ts';
import { differenceFinding, type Finding, findingOf, type RehearsalPhase } from './report.ts';

/** How it went. */
export interface UpDownUp {
  readonly done: readonly RehearsalPhase[];
  readonly findings: readonly Finding[];
  readonly notes: readonly string[];
}

/** Tries `revision` on `db`, which has all that it needs and not itself. */
export async function upDownUp(
  db: ScratchDatabase,
  release: Release,
  revision: Revision,
): Promise<UpDownUp> {
  const done: RehearsalPhase[] = [];
  const findings: Finding[] = [];
  const notes: string[] = [];
  const attempt = async (phase: RehearsalPhase, work: () => Promise<unknown>): Promise<boolean> => {
    done.push(phase);
    try {
      await work();
      return true;
    } catch (error) {
      findings.push(findingOf(error, phase));
      return false;
    }
  };
  const outcome = { done, findings, notes };
  const ids = [revision.id];
  const before = { catalog: await db.catalog(), rows: await db.rows() };
  if (!(await attempt('up', () => db.upgrade(release, ids)))) return outcome;
  if (revision.irreversible !== undefined) {
    notes.push(`only up, since it is irreversible: ${revision.irreversible}`);
    return outcome;
  }
  const above = { catalog: await db.catalog(), rows: await db.rows() };
  if (!(await attempt('down', () => db.downgrade(release, ids)))) return outcome;
  const down = differenceFinding(
    'down',
    'after the downgrade the database is not what it was before the upgrade',
    differencesBetween(before.catalog, await db.catalog()),
  );
  if (down !== undefined) {
    findings.push({ ...down, file: revision.file, line: revision.down?.line });
    return outcome;
  }
  const rows = judgeRows({ before: before.rows, above: above.rows, after: await db.rows() });
  const approval = revision.approvals.find(({ hazard }) => hazard === 'data-loss');
  if (rows.lost.length > 0 && approval === undefined) {
    findings.push({
      phase: 'data',
      message: 'lossy: data of before the upgrade is not there after the downgrade',
      hint: 'Keep the data where the downgrade can find it, say that there is no way back with "-- slipway:irreversible <reason>", or accept it with "-- slipway:approve data-loss <reason>".',
      file: revision.file,
      line: revision.down?.line,
      differences: rows.lost.map((line) => `- ${line}`),
    });
  } else {
    notes.push(
      ...rows.lost.map((line) => `lossy, which is approved (${approval?.reason}): ${line}`),
    );
  }
  notes.push(...rows.changed);
  if (!(await attempt('up again', () => db.upgrade(release, ids)))) return outcome;
  const again = differenceFinding(
    'up again',
    'the second upgrade makes something else than the first',
    differencesBetween(above.catalog, await db.catalog()),
  );
  if (again !== undefined) findings.push({ ...again, file: revision.file, line: revision.up.line });
  return outcome;
}
