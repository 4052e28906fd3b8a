/** Backfills on the server: where the next keys are, the cursor, and how far replicas are behind. */

import type { BackfillPlace, BackfillTarget, CursorMove } from '../core/backfill.ts';
import { DatabaseFailure } from '../core/database-failure.ts';
import type { Backfill } from '../core/revision.ts';
import type { Backfills, StatementLimits } from '../runner/ports.ts';
import { quoteIdentifier, quoteQualified } from '../sql/identifiers.ts';
import type { Flights } from './flights.ts';
import type { OwnQuery, Row, Session } from './session.ts';
import { optional } from './summary.ts';

/** Opens flights outside a transaction, with the session's settings already on their way. */
type Outside = (limits: StatementLimits) => Promise<Flights>;

/**
 * How keys are written as text, whatever the role's settings are: in a form that every other
 * setting reads back as the same value.
 */
const KEY_TEXT = [
  "datestyle = 'ISO, YMD'",
  "timezone = 'UTC'",
  "intervalstyle = 'postgres'",
  "bytea_output = 'hex'",
  'extra_float_digits = 1',
];

/** Backfills over `session`, whose cursors are in the history schema `schema`. */
export function backfills(session: Session, schema: string, outside: Outside): Backfills {
  const cursors = `${quoteIdentifier(schema)}.backfill`;
  return {
    async inspect(backfill, limits) {
      const flights = await outside(limits);
      const [answer] = await flights.land([flights.sendOwn(inspection(backfill))]);
      return targetOf(backfill, answer?.rows[0]);
    },
    async cursor(place) {
      const [row] = await session.own({
        text: `
          select digest, cursor, keys_done, rows_done, batches
          from ${cursors}
          where revision = $1 and direction = $2 and ordinal = $3`,
        values: idOf(place),
      });
      if (row === undefined) return undefined;
      return {
        digest: String(row['digest']),
        key: optional(row['cursor']),
        keys: Number(row['keys_done']),
        rows: Number(row['rows_done']),
        batches: Number(row['batches']),
      };
    },
    async begin(place, digest) {
      await session.own({
        text: `
          insert into ${cursors} (revision, direction, ordinal, digest)
          values ($1, $2, $3, $4)
          on conflict (revision, direction, ordinal) do update set
            digest = excluded.digest, cursor = null, keys_done = 0, rows_done = 0, batches = 0,
            started_at = excluded.started_at, updated_at = excluded.updated_at`,
        values: [...idOf(place), digest],
      });
    },
    async next({ backfill, keyType, after, limit }, limits) {
      const flights = await outside(limits);
      const key = quoteIdentifier(backfill.key);
      const behind = after === undefined ? '' : `where ${key} > $2::${keyType}`;
      const answers = await flights.land([
        flights.send(KEY_TEXT.map((setting) => `set ${setting}`).join('; ')),
        flights.sendOwn({
          text: `
            with batch as materialized (
              select ${key} as key
              from ${quoteQualified(backfill.schema, backfill.table)}
              ${behind}
              order by ${key}
              limit $1
            )
            select count(*) as keys,
              (select b.key::text from batch b order by b.key limit 1) as first,
              (select b.key::text from batch b order by b.key desc limit 1) as last
            from batch`,
          values: after === undefined ? [limit] : [limit, after],
        }),
      ]);
      const row = answers.at(-1)?.rows[0];
      const from = optional(row?.['first']);
      const to = optional(row?.['last']);
      if (from === undefined || to === undefined) return undefined;
      return { from, to, keys: Number(row?.['keys']) };
    },
    async replicaLag() {
      const [row] = await session.own({ text: REPLICA_LAG }).catch((error: unknown) => {
        // Some managed services keep the view to themselves.
        if (error instanceof DatabaseFailure && error.kind === 'privilege') return [];
        throw error;
      });
      if (row === undefined || row['visible'] !== true) return undefined;
      return { lagMs: Number(row['lag_ms']), replica: optional(row['replica']) };
    },
  };
}

/** The statement that moves a cursor; it answers a row when the cursor was where it was thought to be. */
export function cursorQuery(schema: string, place: BackfillPlace, move: CursorMove): OwnQuery {
  return {
    text: `
      update ${quoteIdentifier(schema)}.backfill
      set cursor = $4, keys_done = keys_done + $5, rows_done = rows_done + $6,
        batches = batches + 1, updated_at = clock_timestamp()
      where revision = $1 and direction = $2 and ordinal = $3
        and cursor is not distinct from $7
      returning batches`,
    values: [...idOf(place), move.to, move.keys, move.rows, move.from ?? null],
  };
}

function idOf({ revision, direction, ordinal }: BackfillPlace): readonly unknown[] {
  return [revision, direction, ordinal];
}

/**
 * Only a walsender's details are hidden from those who may not see them, not the walsender itself.
 * An idle replica has no lag at all.
 */
const REPLICA_LAG = `
  select count(*) = count(state) as visible,
    coalesce(max(extract(epoch from replay_lag)) * 1000, 0) as lag_ms,
    (array_agg(application_name order by replay_lag desc nulls last))[1] as replica
  from pg_stat_replication
  where state is null or state in ('streaming', 'catchup')`;

/** What the catalog says about table and key; no row where there is no such table. */
function inspection({ schema, table, key }: Backfill): OwnQuery {
  return {
    text: `
      select c.relkind::text as relkind, a.attnum is not null as has_key,
        a.attnotnull as not_null, t.typtype = 'c' as composite,
        format_type(a.atttypid, a.atttypmod) as key_type,
        exists (
          select from pg_index i
          join pg_class ic on ic.oid = i.indexrelid
          join pg_am am on am.oid = ic.relam
          join pg_opclass o on o.oid = i.indclass[0]
          where i.indrelid = c.oid and i.indisvalid and i.indpred is null
            and am.amname = 'btree' and o.opcdefault
            and i.indkey[0] = a.attnum and i.indcollation[0] = a.attcollation
        ) as indexed,
        (
          select case when min(leaf.reltuples) >= 0 then sum(leaf.reltuples) end
          from pg_class leaf
          where leaf.oid = c.oid and leaf.relkind <> 'p' or leaf.oid in (
            select p.relid from pg_partition_tree(c.oid) p where p.isleaf
          )
        ) as estimate
      from pg_class c
      left join pg_attribute a
        on a.attrelid = c.oid and a.attname = $2 and a.attnum > 0 and not a.attisdropped
      left join pg_type t on t.oid = a.atttypid
      where c.oid = to_regclass($1)`,
    values: [quoteQualified(schema, table), key],
  };
}

const WALKABLE = new Set(['r', 'p', 'm']);

function targetOf({ schema, table, key }: Backfill, row: Row | undefined): BackfillTarget {
  const name = schema === undefined ? table : `${schema}.${table}`;
  const unfit = (problem: string, hint: string): BackfillTarget => ({
    kind: 'unfit',
    problem,
    hint,
  });
  if (row === undefined) {
    return unfit(
      `there is no table ${name}`,
      schema === undefined
        ? 'Write the table with its schema where the search_path does not lead to it.'
        : 'Correct the name in the directive.',
    );
  }
  if (!WALKABLE.has(String(row['relkind']))) {
    return unfit(`${name} is not a table`, 'Walk by the key of a table.');
  }
  if (row['has_key'] !== true) {
    return unfit(`table ${name} has no column ${key}`, 'Correct the key in the directive.');
  }
  if (row['composite'] === true) {
    return unfit(`column ${key} of ${name} is of a composite type`, 'Walk by a plain column.');
  }
  if (row['not_null'] !== true) {
    return unfit(
      `column ${key} of ${name} may be null, and rows without a key would be passed over`,
      'Walk by a column that is not null, such as the primary key.',
    );
  }
  if (row['indexed'] !== true) {
    return unfit(
      `no index of ${name} is ordered by ${key}, so each batch would read the whole table`,
      `Create one first: create index concurrently ${quoteIdentifier(`${table}_${key}`)} on ${quoteQualified(schema, table)} (${quoteIdentifier(key)}).`,
    );
  }
  const estimate = row['estimate'];
  return {
    kind: 'walkable',
    keyType: String(row['key_type']),
    estimate: estimate === null ? undefined : Math.round(Number(estimate)),
  };
}
