/** What has to be known of tables before rows can be made up for them. */

import { OWN_RELATIONS } from './catalog-scope.ts';
import type { Session } from './session.ts';

/** A type, as far as values for it depend on the database. */
export interface SampleType {
  readonly oid: number;
  /** `int4`, `text`, `order_status`, … */
  readonly name: string;
  /** As in `pg_type.typtype`. */
  readonly kind: string;
  /** What a domain is over, an array holds, a range is of; 0 where it is none of these. */
  readonly of: number;
  readonly isArray: boolean;
  /** How many fields a composite type has. */
  readonly fields: number;
  /** Of a domain's base type, or -1. */
  readonly modifier: number;
  readonly labels: readonly string[];
  /** The checks of a domain, by name. */
  readonly checks: readonly { readonly name: string; readonly definition: string }[];
}

/** A column that an insert may give a value to. */
export interface SampleColumn {
  readonly name: string;
  readonly number: number;
  readonly type: number;
  readonly modifier: number;
  readonly notNull: boolean;
  readonly hasDefault: boolean;
  /** `identity` or a sequence: the server numbers the rows. */
  readonly isNumbered: boolean;
}

/** A constraint or unique index; `columns` are numbers of columns. */
export interface SampleRule {
  readonly name: string;
  /** `c`heck, `f`oreign key, `p`rimary key, `u`nique, e`x`clusion. */
  readonly kind: string;
  readonly columns: readonly number[];
  readonly definition: string;
  /** Of a foreign key: where it leads. */
  readonly target: string | undefined;
  readonly targetColumns: readonly string[];
}

/** A table for which rows may be made up. */
export interface SampleTable {
  readonly oid: number;
  readonly name: string;
  readonly columns: readonly SampleColumn[];
  readonly rules: readonly SampleRule[];
  /** The bounds of its partitions, and the columns they are about. */
  readonly bounds: readonly string[];
  readonly boundColumns: readonly number[];
}

/** The tables that people made, by name, and the types of their columns. */
export async function readSampleTables(
  session: Session,
  historySchema: string,
): Promise<{
  readonly tables: readonly SampleTable[];
  readonly types: ReadonlyMap<number, SampleType>;
}> {
  const [, tables = [], types = []] = await session.ownAll([
    {
      text: 'begin read only; set local search_path = pg_catalog; set local plan_cache_mode = force_generic_plan',
    },
    { name: 'slipway samples: tables', text: TABLES, values: [historySchema] },
    { name: 'slipway samples: types', text: TYPES, values: [historySchema] },
    { text: 'commit' },
  ]);
  return {
    // JSON as the queries below make it.
    tables: tables.map((row) => row['item'] as SampleTable),
    types: new Map(types.map((row) => row['item'] as SampleType).map((type) => [type.oid, type])),
  };
}

const TABLES = `
  with ${OWN_RELATIONS}
  select jsonb_build_object(
    'oid', r.oid::bigint,
    'name', r.name,
    'columns', coalesce((
      select jsonb_agg(jsonb_build_object(
        'name', a.attname,
        'number', a.attnum,
        'type', a.atttypid::bigint,
        'modifier', a.atttypmod,
        'notNull', a.attnotnull or t.typnotnull,
        'hasDefault', d.oid is not null or t.typdefault is not null,
        'isNumbered', a.attidentity <> '' or coalesce(pg_get_expr(d.adbin, d.adrelid) like 'nextval(%', false)
      ) order by a.attnum)
      from pg_attribute a
      join pg_type t on t.oid = a.atttypid
      left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
      where a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
    ), '[]'),
    'rules', coalesce((
      select jsonb_agg(rule)
      from (
        select jsonb_build_object(
          'name', c.conname,
          'kind', c.contype,
          'columns', to_jsonb(coalesce(c.conkey, '{}')),
          'definition', pg_get_constraintdef(c.oid),
          'target', case when c.contype = 'f' then c.confrelid::regclass::text end,
          'targetColumns', coalesce((
            select jsonb_agg(f.attname order by k.place)
            from unnest(c.confkey) with ordinality k (number, place)
            join pg_attribute f on f.attrelid = c.confrelid and f.attnum = k.number
          ), '[]')
        ) as rule
        from pg_constraint c
        where c.conrelid = r.oid and c.contype in ('c', 'f', 'p', 'u', 'x')
        union all
        select jsonb_build_object(
          'name', x.relname, 'kind', 'u',
          'columns', coalesce((
            select jsonb_agg(distinct a.attnum)
            from pg_depend p
            join pg_attribute a on a.attrelid = r.oid and a.attnum = p.refobjsubid
            where p.classid = 'pg_class'::regclass and p.objid = i.indexrelid
              and p.refobjid = r.oid and p.refobjsubid > 0
          ), '[]'),
          'definition', '', 'target', null, 'targetColumns', '[]'::jsonb
        )
        from pg_index i
        join pg_class x on x.oid = i.indexrelid
        where i.indrelid = r.oid and i.indisunique
          and not exists (select from pg_constraint c where c.conindid = i.indexrelid and c.conrelid = r.oid)
      ) rules
    ), '[]'),
    'bounds', coalesce((
      select jsonb_agg(pg_get_expr(p.relpartbound, p.oid))
      from pg_partition_tree(r.oid) b
      join pg_class p on p.oid = b.relid
      where r.relkind = 'p' and p.relpartbound is not null
    ), '[]'),
    'boundColumns', coalesce((
      select jsonb_agg(distinct k)
      from pg_partition_tree(r.oid) b
      join pg_partitioned_table q on q.partrelid = b.relid
      cross join unnest(q.partattrs::int2[]) k
      where r.relkind = 'p'
    ), '[]')
  ) as item
  from relation r
  where r.relkind in ('r', 'p') and not r.relispartition and r.relpersistence <> 't'
  order by r.name`;

const TYPES = `
  with recursive ${OWN_RELATIONS},
  used (oid) as (
    select distinct a.atttypid
    from relation r
    join pg_attribute a on a.attrelid = r.oid
    where r.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped
    union
    select case
      when t.typtype = 'd' then t.typbasetype
      when t.typtype = 'r' then (select rngsubtype from pg_range where rngtypid = t.oid)
      when t.typtype = 'm' then (select rngtypid from pg_range where rngmultitypid = t.oid)
      else t.typelem
    end
    from used u
    join pg_type t on t.oid = u.oid
  )
  select jsonb_build_object(
    'oid', t.oid::bigint,
    'name', t.typname,
    'kind', t.typtype,
    'of', (case
      when t.typtype = 'd' then t.typbasetype
      when t.typtype = 'r' then (select rngsubtype from pg_range where rngtypid = t.oid)
      when t.typtype = 'm' then (select rngtypid from pg_range where rngmultitypid = t.oid)
      else t.typelem
    end)::bigint,
    'isArray', exists (select from pg_type e where e.typarray = t.oid),
    'modifier', t.typtypmod,
    'fields', (
      select count(*) from pg_attribute f
      where f.attrelid = t.typrelid and f.attnum > 0 and not f.attisdropped
    ),
    'labels', coalesce((
      select jsonb_agg(enumlabel order by enumsortorder) from pg_enum where enumtypid = t.oid
    ), '[]'),
    'checks', coalesce((
      select jsonb_agg(jsonb_build_object('name', conname, 'definition', pg_get_constraintdef(c.oid)))
      from pg_constraint c where c.contypid = t.oid and c.contype = 'c'
    ), '[]')
  ) as item
  from used u
  join pg_type t on t.oid = u.oid`;
