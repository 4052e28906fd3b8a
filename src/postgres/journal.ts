/** The journal of revisions that run outside a transaction. */

import type { RevisionId } from '../core/revision.ts';
import type { JournalEntry, StatementJournal } from '../runner/ports.ts';
import { quoteIdentifier } from '../sql/identifiers.ts';
import type { OwnQuery, Session } from './session.ts';

/** The journal table of the history schema. */
export function statementJournal(session: Session, schema: string): StatementJournal {
  const table = `${quoteIdentifier(schema)}.statement`;
  return {
    async read(revision) {
      const rows = await session.own({
        text: `
          select direction, ordinal, digest, state, started_at
          from ${table}
          where revision = $1
          order by ordinal`,
        values: [revision],
      });
      return rows.map((row) => ({
        ordinal: Number(row['ordinal']),
        direction: row['direction'] === 'downgrade' ? 'downgrade' : 'upgrade',
        digest: String(row['digest']),
        state: journalState(row['state']),
        startedAt: row['started_at'] instanceof Date ? row['started_at'].toISOString() : '',
      }));
    },
    async write(revision, entry) {
      await session.own(journalQuery(schema, revision, entry));
    },
  };
}

/** The statement that writes an entry. */
export function journalQuery(
  schema: string,
  revision: RevisionId,
  entry: Omit<JournalEntry, 'startedAt'>,
): OwnQuery {
  return {
    text: `
      insert into ${quoteIdentifier(schema)}.statement
        (revision, direction, ordinal, digest, state, started_at, finished_at)
      values ($1, $2, $3, $4, $5, transaction_timestamp(),
        case when $5 = 'started' then null else clock_timestamp() end)
      on conflict (revision, direction, ordinal) do update set
        digest = excluded.digest, state = excluded.state,
        started_at = case when excluded.state = 'started' then excluded.started_at
          else statement.started_at end,
        finished_at = case when excluded.state = 'started' then null
          else clock_timestamp() end`,
    values: [revision, entry.direction, entry.ordinal, entry.digest, entry.state],
  };
}

function journalState(value: unknown): 'started' | 'done' | 'failed' | 'skipped' {
  return value === 'done' || value === 'failed' || value === 'skipped' ? value : 'started';
}
