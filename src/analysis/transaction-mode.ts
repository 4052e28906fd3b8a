/** Whether a revision's statements may run the way its header says. */

import { RevisionFileError } from '../core/errors.ts';
import type { Revision, Script } from '../core/revision.ts';
import { excerpt } from '../sql/location.ts';

/**
 * Refuses a statement that Postgres does not allow inside a transaction block, in a revision that
 * runs in one.
 * @throws RevisionFileError `SLIPWAY_TRANSACTION_MODE`
 */
export function checkTransactionMode(revision: Revision, script: Script): void {
  if (revision.transaction === 'none') return;
  const statement = script.statements.find((each) => !each.facts.transactional);
  if (statement === undefined) return;
  const { line, column, command } = statement;
  throw new RevisionFileError(
    'SLIPWAY_TRANSACTION_MODE',
    `${revision.file}:${line}:${column}: this ${command} cannot run inside a transaction`,
    {
      hint: 'Give it a revision of its own with "-- slipway:transaction none" in the header.',
      details: {
        revision: revision.id,
        file: revision.file,
        line,
        column,
        excerpt: excerpt(revision.source, statement.offset),
      },
    },
  );
}
