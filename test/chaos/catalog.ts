/** What a database holds, as lines of text that two databases can be compared by. */

import type { Client } from 'pg';

/** A database's objects and rows: a line each, sorted. */
export interface Content {
  readonly objects: readonly string[];
  readonly rows: readonly string[];
}

/**
 * Reads all that people made, and the structure of the history schema. Left out is what depends on
 * the order of independent changes: oids, the place of columns, the place of rows.
 */
export async function readContent(client: Client): Promise<Content> {
  const { rows: objects } = await client.query<{ line: string }>(OBJECTS);
  const { rows: tables } = await client.query<{ name: string }>(
    `select c.oid::regclass::text as name
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p') and not c.relispartition
       and n.nspname not in ('pg_catalog', 'information_schema', 'slipway')
       and n.nspname not like 'pg_t%'
     order by 1`,
  );
  const parts = tables.map(
    ({ name }) => `select '${name} ' || to_jsonb(t)::text as line from ${name} t`,
  );
  const { rows } =
    parts.length === 0
      ? { rows: [] }
      : await client.query<{ line: string }>(parts.join('\nunion all\n'));
  const lines = (of: readonly { readonly line: string }[]) => of.map(({ line }) => line).sort();
  return { objects: lines(objects), rows: lines(rows) };
}

/** The lines that only one side has, marked `-` for expected and `+` for found. */
export function differences(
  expected: readonly string[],
  found: readonly string[],
): readonly string[] {
  const left = new Map<string, number>();
  for (const line of expected) left.set(line, (left.get(line) ?? 0) + 1);
  const added: string[] = [];
  for (const line of found) {
    const count = left.get(line) ?? 0;
    if (count === 0) added.push(`+ ${line}`);
    else left.set(line, count - 1);
  }
  const missing = [...left].flatMap(([line, count]) => Array<string>(count).fill(`- ${line}`));
  return [...missing, ...added];
}

const OBJECTS = `
with space as (
  select oid, nspname
  from pg_namespace
  where nspname not in ('pg_catalog', 'information_schema') and nspname not like 'pg_t%'
), relation as (
  select c.*, s.nspname || '.' || c.relname as name
  from pg_class c join space s on s.oid = c.relnamespace
)
select 'schema ' || nspname as line from space
union all
select format('relation %s kind %s persistence %s options %s acl %s partition %s of %s key %s',
  name, relkind, relpersistence, reloptions, relacl, pg_get_expr(relpartbound, oid),
  (select string_agg(inhparent::regclass || case when inhdetachpending then ' detach pending' else '' end, ',')
   from pg_inherits where inhrelid = relation.oid),
  case relkind when 'p' then pg_get_partkeydef(oid) end)
from relation
where relkind not in ('i', 'I')
union all
select format('column %s.%s %s not null %s default %s identity %s generated %s',
  name, attname, format_type(atttypid, atttypmod), attnotnull,
  pg_get_expr(adbin, adrelid), attidentity, attgenerated)
from relation
join pg_attribute on attrelid = relation.oid and attnum > 0 and not attisdropped
left join pg_attrdef on adrelid = attrelid and adnum = attnum
where relkind in ('r', 'p', 'v', 'm', 'f', 'c')
union all
select format('index %s valid %s ready %s live %s replica %s clustered %s',
  pg_get_indexdef(indexrelid), indisvalid, indisready, indislive, indisreplident, indisclustered)
from pg_index
join relation on relation.oid = indexrelid
union all
select format('constraint %s of %s %s validated %s', conname,
  coalesce(nullif(conrelid, 0)::regclass::text, nullif(contypid, 0)::regtype::text),
  pg_get_constraintdef(pg_constraint.oid), convalidated)
from pg_constraint
join space on space.oid = connamespace
union all
select format('enum %s %s', enumtypid::regtype, string_agg(enumlabel, ',' order by enumsortorder))
from pg_enum
group by enumtypid
union all
select format('view %s %s', name, pg_get_viewdef(oid))
from relation
where relkind in ('v', 'm')
union all
select format('function %s', pg_get_functiondef(p.oid))
from pg_proc p
join space on space.oid = pronamespace
where prokind in ('f', 'p')
union all
select format('trigger %s', pg_get_triggerdef(t.oid))
from pg_trigger t
join relation on relation.oid = tgrelid
where not tgisinternal
union all
select format('comment %s %s', pg_describe_object(classoid, d.objoid, objsubid), description)
from pg_description d
join relation on relation.oid = d.objoid and classoid = 'pg_class'::regclass`;
