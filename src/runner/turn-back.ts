/** A revision outside a transaction that was interrupted in one direction and now goes in the other. */

import type { Direction, Revision, Script } from '../core/revision.ts';
import { parseRevisionFile } from '../sql/revision-file.ts';
import { digestOf } from './interrupted.ts';
import { patientLimits } from './patient-limits.ts';
import type { JournalEntry, MigrationDatabase, StatementLimits } from './ports.ts';

/** The place in the journal of how a direction began, which no statement has. */
const BEGINNING = -1;

/**
 * Whether the other direction was interrupted half way, so that statements without an entry may
 * have their effect all the same. `earlier` has the entries of this direction.
 */
export function isTurnedBack(earlier: readonly JournalEntry[], wasWhole: boolean): boolean {
  if (earlier.length === 0) return !wasWhole;
  return !beganWhole(earlier);
}

/**
 * The entry that tells the runs to come how this direction began: the journal of the other one is
 * void from here on. An upgrade from nothing needs none.
 */
export function beginningOf(
  direction: Direction,
  earlier: readonly JournalEntry[],
  turnedBack: boolean,
): Omit<JournalEntry, 'startedAt'> | undefined {
  if (earlier.length > 0 || (direction === 'upgrade' && !turnedBack)) return undefined;
  const state = turnedBack ? 'skipped' : 'done';
  return { ordinal: BEGINNING, direction, digest: 'beginning', state };
}

function beganWhole(entries: readonly JournalEntry[]): boolean {
  return !entries.some((entry) => entry.ordinal === BEGINNING && entry.state === 'skipped');
}

/**
 * Whether the direction that was interrupted had changed anything, as far as its journal and the
 * catalog can tell. Remnants of its statements are removed, or finished where that is the only way.
 */
export async function hasChangedAnything(
  db: MigrationDatabase,
  revision: Revision,
  others: readonly JournalEntry[],
  limits: StatementLimits,
): Promise<boolean> {
  let changed = !beganWhole(others) || !(await isArchived(db, revision));
  const statements = await otherStatements(revision, others);
  for (const entry of others) {
    if (entry.ordinal === BEGINNING || entry.state === 'skipped') continue;
    if (entry.state === 'done') {
      changed = true;
      continue;
    }
    const found = statements[entry.ordinal];
    const statement = found !== undefined && digestOf(found) === entry.digest ? found : undefined;
    const postcondition = statement?.facts.postcondition;
    if (statement === undefined || postcondition === undefined) {
      const isWhole = statement !== undefined && statement.facts.interruption !== 'unknown';
      const isRefused = entry.state === 'failed' && isWhole && statement.backfill === undefined;
      changed ||= !isRefused;
      continue;
    }
    const before = await db.sql.evidence(postcondition, limits);
    if (before.verdict === 'remnant') {
      const patient = patientLimits({ revision }, statement, limits);
      await db.sql.removeRemnant(postcondition, patient);
    }
    const after =
      before.verdict === 'remnant' ? await db.sql.evidence(postcondition, limits) : before;
    const isTold = entry.state === 'started' || before.verdict === 'remnant';
    changed ||= isTold && after.verdict !== 'absent';
  }
  return changed;
}

/** An edited file is not what was whole before. */
async function isArchived(
  db: Pick<MigrationDatabase, 'applied'>,
  { id, file, checksum }: Revision,
): Promise<boolean> {
  const source = (await db.applied.sources([id])).get(id);
  return source !== undefined && parseRevisionFile(source, file).checksum === checksum;
}

async function otherStatements(
  revision: Revision,
  others: readonly JournalEntry[],
): Promise<Script['statements']> {
  const isOpen = ({ state }: JournalEntry): boolean => state === 'started' || state === 'failed';
  const section = others[0]?.direction === 'downgrade' ? revision.down : revision.up;
  if (section === undefined || !others.some(isOpen)) return [];
  // Loads the parser, which a bundle makes superfluous otherwise.
  const { prepareScript } = await import('../analysis/script.ts');
  return (await prepareScript(revision, section)).statements;
}
