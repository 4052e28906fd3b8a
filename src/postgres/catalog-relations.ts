/** What the catalog says of schemas and relations: tables, columns, constraints, indexes, views, sequences, triggers, policies. */

import type { CatalogQuery } from './catalog.ts';
import { OWN_RELATIONS, OWN_SCHEMAS, ownerFact } from './catalog-scope.ts';

/** Queries that answer `kind`, `name` and `facts`; `$1` is the history schema. */
export const RELATION_QUERIES: readonly CatalogQuery[] = [
  {
    what: 'schemas',
    text: `
      with ${OWN_SCHEMAS}
      select 'schema' as kind, quote_ident(s.nspname) as name, array[${ownerFact('s.nspowner')}] as facts
      from space s`,
  },
  {
    what: 'relations',
    text: `
      with ${OWN_RELATIONS}
      select
        case r.relkind
          when 'r' then 'table' when 'p' then 'partitioned table' when 'v' then 'view'
          when 'm' then 'materialized view' when 'f' then 'foreign table'
          when 'S' then 'sequence' else 'composite type'
        end as kind,
        r.name,
        array[
          ${ownerFact('r.relowner')},
          case r.relpersistence when 'u' then 'unlogged' end,
          (select 'access method ' || amname from pg_am where oid = r.relam and amname <> 'heap'),
          (select 'tablespace ' || spcname from pg_tablespace where oid = r.reltablespace),
          case when r.relrowsecurity then 'row security' end,
          case when r.relforcerowsecurity then 'row security forced' end,
          case r.relreplident
            when 'n' then case when r.relkind in ('r', 'p') then 'replica identity nothing' end
            when 'f' then 'replica identity full'
            when 'i' then 'replica identity index ' || (
              select c.relname from pg_index i join pg_class c on c.oid = i.indexrelid
              where i.indrelid = r.oid and i.indisreplident
            )
          end,
          case r.relkind when 'p' then 'partition by ' || pg_get_partkeydef(r.oid) end,
          case when r.reloftype <> 0 then 'of ' || format_type(r.reloftype, null) end,
          pg_get_expr(r.relpartbound, r.oid),
          case when r.relkind = 'm' and not r.relispopulated then 'not populated' end,
          case when r.relkind in ('v', 'm') then pg_get_viewdef(r.oid) end,
          (
            select 'sequence of ' || format_type(q.seqtypid, null)
              || format(' start %s increment %s minimum %s maximum %s cache %s',
                q.seqstart, q.seqincrement, q.seqmin, q.seqmax, q.seqcache)
              || case when q.seqcycle then ' cycle' else '' end
            from pg_sequence q where q.seqrelid = r.oid
          ),
          (
            select 'owned by ' || d.refobjid::regclass || '.' || quote_ident(a.attname)
            from pg_depend d
            join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
            where d.classid = 'pg_class'::regclass and d.objid = r.oid and r.relkind = 'S'
              and d.refclassid = 'pg_class'::regclass and d.deptype in ('a', 'i')
          ),
          (
            select 'server ' || quote_ident(s.srvname)
            from pg_foreign_table f join pg_foreign_server s on s.oid = f.ftserver
            where f.ftrelid = r.oid
          )
        ] || array(
          select 'option ' || o from unnest(r.reloptions) o
          union all
          select 'option toast.' || o
          from pg_class t, unnest(t.reloptions) o where t.oid = r.reltoastrelid
          union all
          select 'foreign option ' || o
          from pg_foreign_table f, unnest(f.ftoptions) o where f.ftrelid = r.oid
        ) || array(
          select case when r.relispartition then 'partition of ' else 'inherits ' end
            || i.inhparent::regclass
            || case when (to_jsonb(i) ->> 'inhdetachpending')::boolean then ', detach pending' else '' end
          from pg_inherits i where i.inhrelid = r.oid
        ) as facts
      from relation r
      where r.relkind in ('r', 'p', 'v', 'm', 'f', 'S', 'c')`,
  },
  {
    what: 'columns',
    text: `
      with ${OWN_RELATIONS}
      select
        'column' as kind,
        r.name || '.' || quote_ident(a.attname) as name,
        array[
          'type ' || format_type(a.atttypid, a.atttypmod),
          case when a.attnotnull then 'not null' || coalesce((
            select case when not n.convalidated then ' not valid' else '' end
              || case when n.connoinherit then ' no inherit' else '' end
            from pg_constraint n
            where n.conrelid = a.attrelid and n.contype = 'n' and n.conkey[1] = a.attnum
          ), '') end,
          case
            when d.oid is null then null
            when a.attgenerated = 's' then 'generated stored as ' || pg_get_expr(d.adbin, d.adrelid)
            when a.attgenerated = 'v' then 'generated virtual as ' || pg_get_expr(d.adbin, d.adrelid)
            else 'default ' || pg_get_expr(d.adbin, d.adrelid)
          end,
          case a.attidentity
            when 'a' then 'identity always' when 'd' then 'identity by default'
          end,
          case when a.attcollation <> 0 and a.attcollation <> t.typcollation
            then 'collation ' || a.attcollation::regcollation end,
          case when a.attstorage <> t.typstorage then 'storage ' || a.attstorage::text end,
          'compression ' || nullif(a.attcompression::text, ''),
          'statistics ' || nullif(a.attstattarget, -1)::text
        ]
          || array(select 'option ' || o from unnest(a.attoptions) o)
          || array(select 'foreign option ' || o from unnest(a.attfdwoptions) o) as facts
      from relation r
      join pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
      join pg_type t on t.oid = a.atttypid
      left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
      where r.relkind in ('r', 'p', 'v', 'm', 'f', 'c')`,
  },
  {
    // The names of "not null" constraints are left out: before 18 there were none.
    what: 'constraints',
    text: `
      with ${OWN_RELATIONS}
      select
        'constraint' as kind,
        coalesce(r.name, d.typ) || '.' || quote_ident(c.conname) as name,
        array[
          pg_get_constraintdef(c.oid),
          case when c.connoinherit and c.contype = 'c' then 'no inherit' end
        ] || array(
          select distinct 'its triggers are ' || case g.tgenabled
            when 'D' then 'disabled' when 'R' then 'enabled on replicas' else 'always enabled' end
          from pg_trigger g
          where g.tgconstraint = c.oid and g.tgisinternal and g.tgenabled <> 'O'
        ) as facts
      from pg_constraint c
      left join relation r on r.oid = c.conrelid
      left join lateral (
        select format('%I.%I', s.nspname, t.typname) as typ
        from pg_type t join space s on s.oid = t.typnamespace
        where t.oid = c.contypid
          and not exists (
            select from pg_depend e
            where e.classid = 'pg_type'::regclass and e.objid = t.oid and e.deptype = 'e'
          )
      ) d on true
      where c.contype in ('c', 'f', 'p', 'u', 'x') and (r.oid is not null or d.typ is not null)`,
  },
  {
    what: 'indexes',
    text: `
      with ${OWN_RELATIONS}
      select
        'index' as kind,
        r.name,
        array[
          pg_get_indexdef(r.oid),
          case when not i.indisvalid then 'not valid' end,
          case when not i.indisready then 'not ready' end,
          case when not i.indislive then 'not live' end,
          case when i.indisclustered then 'clustered' end,
          (select 'tablespace ' || spcname from pg_tablespace where oid = r.reltablespace),
          (select 'part of ' || h.inhparent::regclass from pg_inherits h where h.inhrelid = r.oid)
        ] || array(
          select format('statistics of column %s: %s', a.attnum, a.attstattarget)
          from pg_attribute a
          where a.attrelid = r.oid and a.attstattarget >= 0
        ) as facts
      from pg_index i
      join relation r on r.oid = i.indexrelid`,
  },
  {
    what: 'triggers',
    text: `
      with ${OWN_RELATIONS}
      select
        'trigger' as kind,
        r.name || '.' || quote_ident(t.tgname) as name,
        array[
          pg_get_triggerdef(t.oid),
          case t.tgenabled
            when 'D' then 'disabled' when 'R' then 'enabled on replicas' when 'A' then 'always enabled'
          end
        ] as facts
      from pg_trigger t
      join relation r on r.oid = t.tgrelid
      where not t.tgisinternal`,
  },
  {
    what: 'rules',
    text: `
      with ${OWN_RELATIONS}
      select
        'rule' as kind,
        r.name || '.' || quote_ident(w.rulename) as name,
        array[
          pg_get_ruledef(w.oid),
          case w.ev_enabled
            when 'D' then 'disabled' when 'R' then 'enabled on replicas' when 'A' then 'always enabled'
          end
        ] as facts
      from pg_rewrite w
      join relation r on r.oid = w.ev_class
      where w.rulename <> '_RETURN'`,
  },
  {
    what: 'policies',
    text: `
      with ${OWN_RELATIONS}
      select
        'policy' as kind,
        r.name || '.' || quote_ident(p.polname) as name,
        array[
          case when p.polpermissive then 'permissive' else 'restrictive' end,
          'for ' || case p.polcmd
            when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update'
            when 'd' then 'delete' else 'all'
          end,
          'to ' || (
            select string_agg(case o when 0 then 'public' else o::regrole::text end, ', '
              order by case o when 0 then 'public' else o::regrole::text end)
            from unnest(p.polroles) o
          ),
          'using ' || pg_get_expr(p.polqual, p.polrelid),
          'with check ' || pg_get_expr(p.polwithcheck, p.polrelid)
        ] as facts
      from pg_policy p
      join relation r on r.oid = p.polrelid`,
  },
  {
    what: 'statistics',
    text: `
      with ${OWN_SCHEMAS}
      select
        'statistics' as kind,
        format('%I.%I', s.nspname, x.stxname) as name,
        array[
          pg_get_statisticsobjdef(x.oid),
          ${ownerFact('x.stxowner')},
          'target ' || nullif(x.stxstattarget, -1)::text
        ] as facts
      from pg_statistic_ext x
      join space s on s.oid = x.stxnamespace`,
  },
];
