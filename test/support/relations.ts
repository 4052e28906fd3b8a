/** The relations of a schema with what leads from one to another, as the catalog has it. */

import type { Client } from 'pg';
import type { NamedRelation } from '../../src/core/locks.ts';

/** A relation of the schema that is first in the search path. */
export interface Relation {
  readonly oid: number;
  readonly name: string;
  /** As in `pg_class.relkind`. */
  readonly kind: string;
  readonly file: string;
  /** Pages of which vacuum knows that everybody sees all of them. */
  readonly visible: number;
  /** Of an index its table, of a sequence that of its column. */
  readonly table: string | null;
  /** What it inherits from or is a partition of. */
  readonly parents: readonly string[];
}

/** All relations of the schema, by oid. */
export async function readRelations(client: Client): Promise<ReadonlyMap<number, Relation>> {
  const { rows } = await client.query<Relation>(RELATIONS);
  return new Map(rows.map((row) => [row.oid, row]));
}

const RELATIONS = `
  select c.oid::int, c.relname as name, c.relkind::text as kind,
    coalesce(pg_relation_filepath(c.oid), '') as file, relallvisible as visible,
    coalesce(
      (select r.relname from pg_index i join pg_class r on r.oid = i.indrelid where i.indexrelid = c.oid),
      (select r.relname from pg_depend d join pg_class r on r.oid = d.refobjid
        where d.objid = c.oid and c.relkind = 'S' and d.deptype in ('a', 'i') and d.refobjsubid > 0)
    ) as table,
    array(select r.relname::text from pg_inherits h join pg_class r on r.oid = h.inhparent
      where h.inhrelid = c.oid) as parents
  from pg_class c
  where c.relnamespace = current_schema::regnamespace and c.relkind <> 'c'`;

/** The names of the relations that a name in a statement leads to. */
export async function relationsBehind(
  client: Client,
  { name, target }: NamedRelation,
): Promise<readonly string[]> {
  if (target === 'relation') return [name];
  const { rows } = await client.query<{ name: string }>(BEHIND[target], [name]);
  return rows.map((row) => row.name);
}

const BEHIND: { readonly [T in Exclude<NamedRelation['target'], 'relation'>]: string } = {
  'table of index': `
    select indrelid::regclass::text as name from pg_index where indexrelid = to_regclass($1)`,
  'tables of view': `
    select distinct d.refobjid::regclass::text as name
    from pg_rewrite r join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
    where r.ev_class = to_regclass($1) and d.refclassid = 'pg_class'::regclass
      and d.refobjid <> r.ev_class`,
  'tables of foreign keys': `
    with recursive shared (oid) as (
      select to_regclass($1)::oid
      union
      select case when conrelid = shared.oid then confrelid else conrelid end
      from pg_constraint join shared on shared.oid in (conrelid, confrelid)
      where contype = 'f' and shared.oid = to_regclass($1)
    )
    select oid::regclass::text as name from shared where oid <> to_regclass($1)`,
  'tables of type': `
    select distinct c.oid::regclass::text as name
    from pg_class c left join pg_attribute a on a.attrelid = c.oid
    where c.relkind in ('r', 'p') and to_regtype($1) in (a.atttypid, c.reloftype)`,
  'table of statistics': `
    select stxrelid::regclass::text as name from pg_statistic_ext
    where stxname = $1 and stxnamespace = current_schema::regnamespace`,
  'default partition': `
    select partdefid::regclass::text as name from pg_partitioned_table
    where partrelid = to_regclass($1) and partdefid <> 0`,
  'parent of partition': `
    select i.inhparent::regclass::text as name
    from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhrelid = to_regclass($1) and c.relispartition`,
};
