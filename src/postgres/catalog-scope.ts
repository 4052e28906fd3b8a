/** Which objects belong to the people who use the database: not the system's, not an extension's, not slipway's own. */

/** `space`: schemas of people. Needs `$1`, the history schema. */
export const OWN_SCHEMAS = `
  space as (
    select n.oid, n.nspname, n.nspowner, n.nspacl
    from pg_namespace n
    where n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
      and n.nspname !~ '^pg_(toast_)?temp_'
      and n.nspname <> $1
      and not ${memberOf('pg_namespace', 'n.oid')}
  )`;

/** `relation`: relations in those schemas, with their names; `space` beside it. */
export const OWN_RELATIONS = `
  ${OWN_SCHEMAS},
  relation as materialized (
    select c.*, format('%I.%I', s.nspname, c.relname) as name
    from pg_class c
    join space s on s.oid = c.relnamespace
    where not ${memberOf('pg_class', 'c.oid')}
      and not exists (
        select from pg_index i
        where i.indexrelid = c.oid and ${memberOf('pg_class', 'i.indrelid')}
      )
  )`;

/** Whether an object is a member of an extension, which makes it as it needs it. */
export function memberOf(classes: string, oid: string): string {
  return `exists (
    select from pg_depend member
    where member.classid = '${classes}'::regclass and member.objid = ${oid} and member.deptype = 'e'
  )`;
}

/** The fact of who owns an object. */
export function ownerFact(oid: string): string {
  return `'owner ' || ${oid}::regrole`;
}
