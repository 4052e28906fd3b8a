/** Which tables and sequences have the data that statements are about to lose. */

import { DatabaseFailure } from '../core/database-failure.ts';
import type { BackupScope } from '../runner/ports.ts';
import { quoteIdentifier } from '../sql/identifiers.ts';
import { liveDatabase } from './live.ts';
import { searchPathParts } from './prelude.ts';
import type { Session } from './session.ts';

/** A table or sequence to be dumped. */
export interface DumpedRelation {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  /** Whether it has rows of its own: a partitioned table and a sequence have none. */
  readonly hasRows: boolean;
  readonly isSequence: boolean;
}

/** What is to be dumped: some relations, or everything. */
export type BackupExtent =
  | { readonly kind: 'relations'; readonly relations: readonly DumpedRelation[] }
  | { readonly kind: 'database'; readonly why: string };

/**
 * Looks up what `scope` names, with partitions, children and the sequences of their defaults. The
 * whole database where something cannot be found that may hold data: rather too much than too little.
 */
export async function backupExtent(
  session: Session,
  searchPath: string | undefined,
  scope: BackupScope,
): Promise<BackupExtent> {
  const [unknown] = scope.unknown;
  if (unknown !== undefined) return wholeDatabase(`${unknown} cannot be dumped by itself`);
  const live = liveDatabase(session, searchPath);
  const oids: number[] = [];
  const referredTo: number[] = [];
  for (const relation of scope.relations) {
    const found = (await live.relations([relation])) ?? [];
    if (found.length === 0 && relation.mayBeRenamed) {
      return wholeDatabase(
        `table ${relation.name} is not there yet and may be another one that is renamed`,
      );
    }
    (relation.withReferring ? referredTo : oids).push(...found.map(({ oid }) => oid));
  }
  if (searchPath !== undefined && scope.objects.length > 0) {
    const parts = searchPathParts(searchPath).map(quoteIdentifier).join(', ');
    await session.own({ text: `select set_config('search_path', $1, false)`, values: [parts] });
  }
  const addresses = await Promise.all(scope.objects.map((object) => addressOf(session, object)));
  const dropped = addresses.filter((address) => address !== undefined);
  // Compiling the query takes far longer than running it.
  await session.own({ text: 'set jit = off' });
  const rows = await session.own({
    text: EXTENT,
    values: [
      oids,
      referredTo,
      dropped.map(({ classId }) => classId),
      dropped.map(({ objectId }) => objectId),
    ],
  });
  return {
    kind: 'relations',
    relations: rows.map((row) => ({
      oid: Number(row['oid']),
      schema: String(row['schema']),
      name: String(row['name']),
      hasRows: row['relkind'] === 'r',
      isSequence: row['relkind'] === 'S',
    })),
  };
}

function wholeDatabase(why: string): BackupExtent {
  return { kind: 'database', why };
}

interface Address {
  readonly classId: number;
  readonly objectId: number;
}

/** Undefined where it is not there: then nothing goes with it. */
async function addressOf(
  session: Session,
  { type, name, args }: BackupScope['objects'][number],
): Promise<Address | undefined> {
  try {
    const [row] = await session.own({
      text: 'select classid, objid from pg_get_object_address($1, $2::text[], $3::text[])',
      values: [type, name, args],
    });
    return { classId: Number(row?.['classid']), objectId: Number(row?.['objid']) };
  } catch (error) {
    // Undefined object, schema, table: https://www.postgresql.org/docs/current/errcodes-appendix.html
    const state = error instanceof DatabaseFailure ? error.fields.sqlState : undefined;
    if (state === '42704' || state === '3F000' || state === '42P01') return undefined;
    throw error;
  }
}

/**
 * `dropped` follows dependencies as `drop … cascade` does: a column that depends on a type leads to
 * its table. `emptied` follows foreign keys as `truncate … cascade` does.
 */
const EXTENT = `
  with recursive dropped(classid, objid) as (
    select * from unnest($3::oid[], $4::oid[])
    union
    select d.classid, d.objid
    from dropped g
    join pg_depend d on d.refclassid = g.classid and d.refobjid = g.objid
    where g.classid <> 'pg_class'::regclass
      or (select relkind from pg_class where oid = g.objid) not in ('r', 'p')
      or d.classid = 'pg_type'::regclass
  ), emptied(oid) as (
    select unnest($2::oid[])
    union
    select next.oid
    from emptied e, lateral (
      select conrelid from pg_constraint where confrelid = e.oid and contype = 'f'
      union all
      select inhrelid from pg_inherits where inhparent = e.oid
    ) as next(oid)
  ), named(oid) as (
    select unnest($1::oid[])
    union
    select oid from emptied
    union
    select objid from dropped join pg_class c on c.oid = objid
    where classid = 'pg_class'::regclass and c.relkind in ('r', 'p')
  ), family(oid) as (
    select oid from named
    union
    select next.oid
    from family f, lateral (
      select inhrelid from pg_inherits where inhparent = f.oid
      union all
      select d.refobjid
      from pg_class v
      join pg_rewrite r on r.ev_class = v.oid
      join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
        and d.refclassid = 'pg_class'::regclass and d.refobjid <> v.oid
      where v.oid = f.oid and v.relkind = 'v'
    ) as next(oid)
  ), with_sequences(oid) as (
    select oid from family
    union
    select d.refobjid
    from family f
    join pg_attrdef a on a.adrelid = f.oid
    join pg_depend d on d.classid = 'pg_attrdef'::regclass and d.objid = a.oid
      and d.refclassid = 'pg_class'::regclass
    join pg_class s on s.oid = d.refobjid and s.relkind = 'S'
  )
  select c.oid, n.nspname as schema, c.relname as name, c.relkind
  from with_sequences w
  join pg_class c on c.oid = w.oid
  join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'S') and c.relpersistence <> 't'
    and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
  order by c.relkind = 'S', n.nspname, c.relname`;
