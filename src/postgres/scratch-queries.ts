/** What a rehearsal asks a scratch database beside its catalog and rows. */

import { DatabaseFailure } from '../core/database-failure.ts';
import type { RevisionId } from '../core/revision.ts';
import { quoteIdentifier } from '../sql/identifiers.ts';
import type { Session } from './session.ts';

/** How often the audit log says that each revision was applied. */
export async function readTimesApplied(
  session: Session,
  historySchema: string,
): Promise<ReadonlyMap<RevisionId, number>> {
  const rows = await session.own({
    text: `
      select revision, count(*)::integer as times
      from ${quoteIdentifier(historySchema)}.log
      where event = 'upgrade'
      group by revision`,
  });
  return new Map(rows.map((row) => [String(row['revision']), Number(row['times'])]));
}

/** A statement that the server refused. */
export interface FailedStatement {
  readonly text: string;
  readonly reason: string;
  /** What it makes was there already, such as a role, which belongs to the whole server. */
  readonly isThere: boolean;
}

/** duplicate_object. */
const DUPLICATE = '42710';

/** Runs statements, each in a transaction of its own; what fails is answered, and stops nothing. */
export async function runStatements(
  session: Session,
  statements: readonly string[],
): Promise<{ readonly failed: readonly FailedStatement[] }> {
  const failed: FailedStatement[] = [];
  for (const text of statements) {
    try {
      await session.own({ text });
    } catch (error) {
      if (!(error instanceof DatabaseFailure) || error.kind === 'connection-lost') throw error;
      failed.push({ text, reason: error.message, isThere: error.fields.sqlState === DUPLICATE });
    }
  }
  return { failed };
}
