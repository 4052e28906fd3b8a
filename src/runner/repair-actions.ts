/** What each repair writes, once the lock is held. */

import { compatibilityOf } from '../analysis/compatibility.ts';
import { type AppliedRevision, EMPTY_DIGEST, updateDigest } from '../core/applied.ts';
import { type ErrorOptionsOf, RunError } from '../core/errors.ts';
import type { RevisionId } from '../core/revision.ts';
import type {
  JournalEntry,
  MigrationDatabase,
  Release,
  RevisionTransaction,
  StatementLimits,
} from './ports.ts';
import type { ChangedRevision, PartialRevision, RepairReport } from './repair-report.ts';
import { appliedSet } from './step.ts';

/** What the operator says. */
export type RepairRequest =
  | {
      readonly kind: 'mark-applied' | 'mark-reverted';
      readonly revision: RevisionId;
      readonly reason: string;
    }
  | {
      readonly kind: 'settle';
      readonly revision: RevisionId;
      readonly statements: readonly StatementWord[];
      readonly reason: string;
    }
  | {
      readonly kind: 'accept-changed';
      readonly revision: RevisionId;
      readonly reason: string | undefined;
    }
  | { readonly kind: 'drop-remnants'; readonly reason: string | undefined };

/** An operator's word on a statement. */
export interface StatementWord {
  /** Counted from 1. */
  readonly number: number;
  readonly word: 'done' | 'absent';
}

/** One thing that was done, or with `dryRun` would be. */
export interface RepairAction {
  readonly revision: RevisionId;
  readonly message: string;
}

/** A repair under way, and what it was decided on. */
export interface Repair {
  readonly db: MigrationDatabase;
  readonly release: Release | undefined;
  readonly limits: StatementLimits;
  readonly dryRun: boolean;
  readonly before: RepairReport;
}

/** Marks a half applied revision as a whole. */
export async function mark(
  work: Repair,
  request: Extract<RepairRequest, { kind: 'mark-applied' | 'mark-reverted' }>,
): Promise<readonly RepairAction[]> {
  const { revision: id, reason } = request;
  partialOf(work, id);
  const { applied, digest } = await currentSet(work.db);
  const row = rowOf(applied, id);
  const set = appliedSet(applied, digest);
  const isApplied = request.kind === 'mark-applied';
  if (isApplied) {
    const missing = [...row.revises, ...row.dependsOn].filter((each) => !set.has(each));
    if (missing.length > 0) {
      throw refused(`revision "${id}" cannot be applied before ${missing.join(', ')}`, {
        hint: 'Mark it as reverted, or see to the revisions before it first.',
        details: { revision: id },
      });
    }
  }
  await record(work, digest, async (tx) =>
    tx.record({
      kind: isApplied ? 'marked-applied' : 'marked-reverted',
      revision: id,
      summary: isApplied ? set.adding(row) : set.removing(id),
      reason,
    }),
  );
  const state = isApplied ? 'applied' : 'not applied';
  return [{ revision: id, message: `revision ${id} is ${state}: ${reason}` }];
}

/** Writes the operator's word on statements into the journal. */
export async function settle(
  work: Repair,
  { revision: id, statements, reason }: Extract<RepairRequest, { kind: 'settle' }>,
): Promise<readonly RepairAction[]> {
  const partial = partialOf(work, id);
  const entries = statements.map(({ number, word }): Omit<JournalEntry, 'startedAt'> => {
    const statement = partial.statements[number - 1];
    if (statement === undefined) {
      throw refused(`revision "${id}" has no statement ${number} on its way ${partial.direction}`, {
        hint: `It has ${partial.statements.length}: slipway repair ${id} lists them.`,
        details: { revision: id, statement: number },
      });
    }
    const { digest } = statement;
    const state = word === 'done' ? 'done' : 'failed';
    return { ordinal: number - 1, direction: partial.direction, digest, state };
  });
  const { applied, digest } = await currentSet(work.db);
  const set = appliedSet(applied, digest);
  const about = statements.map(({ number, word }) => `statement ${number} is ${word}`);
  await record(work, digest, async (tx) => {
    for (const entry of entries) await tx.journal(id, entry);
    await tx.record({ kind: 'settled', revision: id, summary: set.unchanged(), reason, about });
  });
  return about.map((each) => ({ revision: id, message: `${each} in revision ${id}: ${reason}` }));
}

/** Takes the file for what was applied. */
export async function accept(
  work: Repair,
  { revision: id, reason }: Extract<RepairRequest, { kind: 'accept-changed' }>,
): Promise<readonly RepairAction[]> {
  const { db, release } = work;
  const changed = changedOf(work, id);
  const file = (await release?.graph())?.nodes.get(id);
  if (file === undefined || release === undefined) throw notChanged(id);
  if (changed.upDiffers && reason === undefined) {
    throw refused(`${file.file} has other SQL for the upgrade than what was run`, {
      hint: `Nothing runs it again: the database stays as it is. If that is right, say why with --reason "...".`,
      details: { revision: id, file: file.file, difference: changed.difference },
    });
  }
  const compatibility = compatibilityOf(file, await release.script(file, 'up'));
  const { applied, digest } = await currentSet(db);
  const row = rowOf(applied, id);
  const { revises, dependsOn } = file;
  const taken: AppliedRevision = {
    ...row,
    revises,
    dependsOn,
    checksum: file.checksum,
    compatibility,
  };
  const next = updateDigest(updateDigest(digest, 'remove', row), 'add', taken);
  const after = appliedSet(
    applied.map((each) => (each.id === id ? taken : each)),
    next,
  ).unchanged().after;
  const about = [
    `checksum ${row.checksum} gives way to ${file.checksum}`,
    changed.upDiffers
      ? 'the SQL of its upgrade is another one'
      : 'the SQL of its upgrade is the same',
  ];
  const summary = { before: digest, after };
  await record(work, digest, async (tx) =>
    tx.record({ kind: 'accepted', revision: file, compatibility, summary, reason, about }),
  );
  return [{ revision: id, message: `${file.file} is what was applied as revision ${id}` }];
}

/** Cleans up, outside a transaction; each remnant is looked at again right before. */
export async function dropRemnants(
  { db, limits, dryRun, before }: Repair,
  reason: string | undefined,
): Promise<readonly RepairAction[]> {
  const actions: RepairAction[] = [];
  for (const partial of before.partial) {
    const remnants = partial.statements.filter(({ evidence }) => evidence?.verdict === 'remnant');
    for (const { evidence, number, postcondition } of remnants) {
      if (postcondition === undefined || evidence === undefined) continue;
      const message = `cleaned up after statement ${number} of revision ${partial.id}: ${evidence.fact}`;
      actions.push({ revision: partial.id, message });
      if (dryRun) continue;
      await db.sql.removeRemnant(postcondition, limits);
      const detail = { action: 'drop-remnants', reason, about: [evidence.fact] };
      await db.applied.audit({ event: 'repair', revision: partial.id, detail });
    }
  }
  return actions;
}

function partialOf({ before }: Repair, id: RevisionId): PartialRevision {
  const partial = before.partial.find((each) => each.id === id);
  if (partial !== undefined) return partial;
  throw refused(`revision "${id}" is not half applied`, {
    hint: 'slipway repair lists what there is to settle; slipway stamp records revisions without running them.',
    details: { revision: id },
  });
}

function changedOf({ before }: Repair, id: RevisionId): ChangedRevision {
  const changed = before.changed.find((each) => each.id === id);
  if (changed === undefined) throw notChanged(id);
  return changed;
}

function notChanged(id: RevisionId): RunError {
  return refused(`the file of revision "${id}" is not one that changed after it was applied`, {
    hint: 'slipway repair lists those that did, of the files in --dir or --bundle.',
    details: { revision: id },
  });
}

/** Nothing was changed, and why. */
export function refused(message: string, options: ErrorOptionsOf): RunError {
  return new RunError('SLIPWAY_REPAIR_REFUSED', message, options);
}

async function currentSet(
  db: MigrationDatabase,
): Promise<{ readonly applied: readonly AppliedRevision[]; readonly digest: string }> {
  const summary = await db.applied.summary();
  return { applied: await db.applied.list(), digest: summary?.digest ?? EMPTY_DIGEST };
}

function rowOf(applied: readonly AppliedRevision[], id: RevisionId): AppliedRevision {
  const row = applied.find((each) => each.id === id);
  if (row === undefined) throw notChanged(id);
  return row;
}

async function record(
  { db, limits, dryRun }: Repair,
  digest: string,
  work: (tx: RevisionTransaction) => Promise<void>,
): Promise<void> {
  if (dryRun) return;
  await db.sql.transaction({ ...limits, durable: true, expectedDigest: digest }, work);
}
