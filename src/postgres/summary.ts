/** The summary row: the one query of the no-op path. */

import type { NewerRevision } from '../core/ahead.ts';
import type { Summary } from '../core/applied.ts';
import { DatabaseFailure } from '../core/database-failure.ts';
import { MismatchError } from '../core/errors.ts';
import { quoteIdentifier } from '../sql/identifiers.ts';
import type { Row, Session } from './session.ts';

/** The format of the history schema that this slipway writes (`history-schema.ts`). */
export const CURRENT_FORMAT = 3;

/** SQLSTATEs of "there is no such table or schema". */
const MISSING = new Set(['42P01', '3F000']);

/**
 * The summary row; undefined where there is none. The one query of the no-op path: it also finds
 * out whether a transaction pooler sits in between, by comparing the server process that answers
 * with the one that was announced at connect.
 * @throws MismatchError `SLIPWAY_HISTORY_FORMAT`
 */
export async function readSummary(session: Session, schema: string): Promise<Summary | undefined> {
  try {
    const [row] = await session.own({
      text: `
        select heads, digest, applied, floor, format, readable_since, pg_backend_pid() as pid
        from ${quoteIdentifier(schema)}.summary`,
    });
    if (row === undefined) return undefined;
    session.pooled ||= isPooled(session, row);
    if (Number(row['readable_since']) > CURRENT_FORMAT) throw tooNew(schema, row);
    return {
      heads: textArray(row['heads']),
      digest: String(row['digest']),
      applied: Number(row['applied']),
      floor: optional(row['floor']),
    };
  } catch (error) {
    if (isMissing(error)) {
      const [row] = await session.own({ text: 'select pg_backend_pid() as pid' });
      session.pooled ||= row !== undefined && isPooled(session, row);
      return undefined;
    }
    throw isForeign(error) ? foreignSummary(schema, error) : error;
  }
}

/** A table of that name that somebody else has made. */
function isForeign(error: unknown): boolean {
  return error instanceof DatabaseFailure && error.fields.sqlState === '42703';
}

function foreignSummary(schema: string, cause: unknown): MismatchError {
  return new MismatchError(
    'SLIPWAY_HISTORY_FORMAT',
    `schema "${schema}" has a table "summary" that is not slipway's`,
    {
      hint: 'Keep the history in another schema: --history-schema NAME (SLIPWAY_HISTORY_SCHEMA).',
      details: { schema },
      cause,
    },
  );
}

/** What one more query tells of a database that is not where the release wants it. */
export interface Beyond {
  /** All of `ids` are applied: the database has all of the release whose heads they are. */
  readonly hasAll: boolean;
  /** A revision is half applied. */
  readonly isPartial: boolean;
  /** The last to be applied, the newest first. */
  readonly newest: readonly NewerRevision[];
}

/** Asks for `ids` and for as many of the newest revisions as `limit` says. */
export async function readBeyond(
  session: Session,
  schema: string,
  { ids, limit }: { readonly ids: readonly string[]; readonly limit: number },
): Promise<Beyond> {
  const revision = `${quoteIdentifier(schema)}.revision`;
  try {
    const rows = await session.own({
      text: `
        select id, checksum, compatible, compatible_reason,
          (select count(*) from ${revision} where id = any($1) and state = 'applied') as found,
          (select count(*) from ${revision} where state = 'partial') as partial
        from (values (1)) as always (one)
        left join (
          select * from ${revision} where state = 'applied' order by sequence desc limit $2
        ) as newest on true`,
      values: [ids, limit],
    });
    return {
      hasAll: Number(rows[0]?.['found']) === ids.length,
      isPartial: Number(rows[0]?.['partial']) > 0,
      newest: rows.flatMap((row) => (row['id'] === null ? [] : [newerRevision(row)])),
    };
  } catch (error) {
    if (isMissing(error)) return { hasAll: false, isPartial: false, newest: [] };
    throw error;
  }
}

function newerRevision(row: Row): NewerRevision {
  return {
    id: String(row['id']),
    checksum: String(row['checksum']),
    compatibility: {
      verdict: row['compatible'] as NewerRevision['compatibility']['verdict'], // a check says so
      reason: String(row['compatible_reason']),
    },
  };
}

function isMissing(error: unknown): boolean {
  return error instanceof DatabaseFailure && MISSING.has(error.fields.sqlState ?? '');
}

function isPooled(session: Session, row: Row): boolean {
  return session.announcedPid !== undefined && Number(row['pid']) !== session.announcedPid;
}

/** The history was written by a slipway whose format this one does not know. */
export function tooNew(schema: string, row: Row): MismatchError {
  return new MismatchError(
    'SLIPWAY_HISTORY_FORMAT',
    `schema "${schema}" was written by a newer slipway (format ${row['format']}, readable since ${row['readable_since']}; this one knows ${CURRENT_FORMAT})`,
    {
      hint: 'Use an image with a newer slipway.',
      details: {
        schema,
        format: Number(row['format']),
        readableSince: Number(row['readable_since']),
        known: CURRENT_FORMAT,
      },
    },
  );
}

/** A `text[]` column. */
export function textArray(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

/** A nullable `text` column. */
export function optional(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
