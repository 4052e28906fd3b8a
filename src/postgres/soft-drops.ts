/** Reads what revisions have hidden, and where it is now. Waits for nobody. */

import type { HiddenObject } from '../core/soft-drop.ts';
import type { SoftDrops } from '../runner/ports.ts';
import { quoteIdentifier } from '../sql/identifiers.ts';
import type { Row, Session } from './session.ts';
import { optional } from './summary.ts';

/** The hidden objects of the history schema. */
export function softDrops(session: Session, schema: string): SoftDrops {
  const table = `${quoteIdentifier(schema)}.soft_drop`;
  return {
    async list() {
      const [known] = await session.own({
        text: 'select to_regclass($1) is not null as it',
        values: [table],
      });
      if (known?.['it'] !== true) return [];
      return (await session.own({ text: hiddenObjects(table) })).map(toHidden);
    },
  };
}

/**
 * A column whose table has another name by now is looked for by its hidden name. Asking for the size
 * of a table that is locked would wait: there the catalog's own count of pages has to do.
 */
function hiddenObjects(table: string): string {
  return `
    with hidden as (
      select d.*, case when purged_at is null then case kind
        when 'table' then to_regclass(format('%I.%I', schema_name, hidden_name))::oid
        else coalesce(
          (select attrelid from pg_attribute
            where attrelid = to_regclass(format('%I.%I', schema_name, table_name))
              and attname = hidden_name and not attisdropped),
          (select min(attrelid::bigint)::oid from pg_attribute join pg_class c on c.oid = attrelid
            where attname = hidden_name and not attisdropped and attinhcount = 0
              and relkind in ('r', 'p')))
        end end as place
      from ${table} d
    ), locked as (
      select relation from pg_locks where mode = 'AccessExclusiveLock' and relation is not null
        and database = (select oid from pg_database where datname = current_database())
    )
    select h.id, h.revision, h.kind, h.schema_name, h.table_name, h.column_name, h.hidden_name,
      h.hidden_at, h.purged_at, n.nspname as place_schema, c.relname as place_table,
      extract(epoch from clock_timestamp() - h.hidden_at) * 1000 as age_ms,
      size.rows, case h.kind when 'table' then size.bytes else size.rows * width.bytes end as bytes
    from hidden h
    left join pg_class c on c.oid = h.place
    left join pg_namespace n on n.oid = c.relnamespace
    left join lateral (
      select sum(case when p.oid in (select relation from locked)
          then p.relpages::bigint * current_setting('block_size')::int
          else pg_total_relation_size(p.oid) end) as bytes,
        sum(nullif(greatest(p.reltuples, pg_stat_get_live_tuples(p.oid)), -1))::bigint as rows
      from pg_class p
      where p.relkind = 'r' and p.oid in (
        select c.oid where c.relkind = 'r'
        union all
        select relid from pg_partition_tree(case when c.relkind = 'p' then c.oid end))
    ) as size on c.oid is not null
    left join lateral (
      select max(avg_width * (1 - null_frac)) as bytes from pg_stats
      where h.kind = 'column' and schemaname = n.nspname and tablename = c.relname
        and attname = h.hidden_name
    ) as width on true
    order by h.id`;
}

function toHidden(row: Row): HiddenObject {
  const schema = optional(row['place_schema']);
  const table = optional(row['place_table']);
  return {
    id: Number(row['id']),
    revision: String(row['revision']),
    kind: row['kind'] === 'table' ? 'table' : 'column',
    schema: String(row['schema_name']),
    table: String(row['table_name']),
    column: optional(row['column_name']),
    hiddenName: String(row['hidden_name']),
    hiddenAt: isoTime(row['hidden_at']) ?? '',
    ageMs: Math.round(Number(row['age_ms'])),
    purgedAt: isoTime(row['purged_at']),
    place: schema === undefined || table === undefined ? undefined : { schema, table },
    rows: numberOf(row['rows']),
    bytes: numberOf(row['bytes']),
  };
}

function isoTime(value: unknown): string | undefined {
  return value instanceof Date ? value.toISOString() : optional(value);
}

function numberOf(value: unknown): number | undefined {
  return value === null || value === undefined ? undefined : Math.round(Number(value));
}
