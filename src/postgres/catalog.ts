/** Reads what a database holds: every object that people made, as facts that do not depend on oids or on the order of statements. */

import { type Catalog, sortCatalog } from '../core/catalog.ts';
import { DATABASE_QUERIES } from './catalog-database.ts';
import { RELATION_QUERIES } from './catalog-relations.ts';
import { REMARK_QUERIES } from './catalog-remarks.ts';
import { TYPE_QUERIES } from './catalog-types.ts';
import type { Session } from './session.ts';

/** A query that answers `kind`, `name` and `facts`, in which nulls stand for nothing; `$1` is the history schema. */
export interface CatalogQuery {
  readonly what: string;
  readonly text: string;
  /** The first major version that it is for. */
  readonly since?: number;
  /** The first major version that it is not for any more. */
  readonly before?: number;
}

const QUERIES = [...RELATION_QUERIES, ...TYPE_QUERIES, ...DATABASE_QUERIES, ...REMARK_QUERIES];

/**
 * With these settings names are qualified, and literals written, in the same way for everybody. The
 * snapshot is one; no lock is taken but those that reading the catalog takes.
 */
const BEFORE = [
  'begin isolation level repeatable read read only',
  `set local search_path = pg_catalog`,
  `set local datestyle = 'ISO, YMD'`,
  `set local intervalstyle = 'postgres'`,
  `set local timezone = 'UTC'`,
  `set local extra_float_digits = 1`,
  `set local bytea_output = 'hex'`,
  `set local quote_all_identifiers = off`,
  `set local jit = off`,
  // Planned once in a session: who asks once asks again.
  `set local plan_cache_mode = force_generic_plan`,
].join('; ');

/**
 * Everything outside the system's schemas, the history schema and extensions. Left out is what says
 * nothing about what a database means: oids, the place of columns, values of sequences, large objects,
 * and what belongs to the whole server (roles, tablespaces).
 * @throws DatabaseFailure
 */
export async function readCatalog(session: Session, historySchema: string): Promise<Catalog> {
  const major = session.serverVersion ?? (await askMajor(session));
  const queries = QUERIES.filter(
    ({ since = 0, before = Infinity }) => since <= major && major < before,
  );
  const answers = await session.ownAll([
    { text: BEFORE },
    ...queries.map(({ what, text }) => ({
      text,
      values: [historySchema],
      name: `slipway catalog: ${what}`,
    })),
    { text: 'commit' },
  ]);
  return sortCatalog(
    answers.slice(1, -1).flatMap((rows) =>
      rows.map((row) => ({
        kind: String(row['kind']),
        name: String(row['name']),
        // Arrays of text, as the queries make them.
        facts: ((row['facts'] ?? []) as readonly (string | null)[]).filter((fact) => fact !== null),
      })),
    ),
  );
}

async function askMajor(session: Session): Promise<number> {
  const [row] = await session.own({
    text: `select current_setting('server_version_num')::integer / 10000 as major`,
  });
  return Number(row?.['major']);
}
