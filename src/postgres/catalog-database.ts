/** What the catalog says of a database as a whole: extensions, publications, foreign servers, event triggers. */

import type { CatalogQuery } from './catalog.ts';
import { memberOf, OWN_RELATIONS, ownerFact } from './catalog-scope.ts';

/** Options of foreign servers; of what may be a secret only that it is set. */
const options = (of: string): string => `array(
  select 'option ' || case
    when o ~* '^[^=]*(pass|secret|key|token|credential)[^=]*=' then split_part(o, '=', 1) || '=[redacted]'
    else o
  end
  from unnest(${of}) o
)`;

const enabled = (column: string): string => `
  case ${column}
    when 'D' then 'disabled' when 'R' then 'enabled on replicas' when 'A' then 'always enabled'
  end`;

/** `filter`: what of a table is published; `schemas`: what is published as a whole. */
function publications(filter: string, schemas: string): string {
  return `
    with ${OWN_RELATIONS}
    select
      'publication' as kind,
      quote_ident(p.pubname) as name,
      array[
        ${ownerFact('p.pubowner')},
        case when p.puballtables then 'all tables' end,
        case when p.pubinsert then 'insert' end,
        case when p.pubupdate then 'update' end,
        case when p.pubdelete then 'delete' end,
        case when p.pubtruncate then 'truncate' end,
        case when p.pubviaroot then 'via partition root' end,
        case to_jsonb(p) ->> 'pubgencols' when 's' then 'stored generated columns' end
      ] || array(
        select 'table ' || r.name || ${filter}
        from pg_publication_rel t
        join relation r on r.oid = t.prrelid
        where t.prpubid = p.oid
      ) || ${schemas} as facts
    from pg_publication p`;
}

/**
 * Queries that answer `kind`, `name` and `facts`; `$1` is the history schema. Objects that initdb makes
 * have oids below 16384 (FirstNormalObjectId, access/transam.h).
 */
export const DATABASE_QUERIES: readonly CatalogQuery[] = [
  {
    what: 'extensions',
    text: `
      select
        'extension' as kind,
        quote_ident(e.extname) as name,
        array[
          ${ownerFact('e.extowner')},
          'version ' || e.extversion,
          'in schema ' || e.extnamespace::regnamespace
        ] as facts
      from pg_extension e
      where $1::text is not null`,
  },
  {
    what: 'languages and access methods',
    text: `
      select
        'language' as kind,
        quote_ident(l.lanname) as name,
        array[
          ${ownerFact('l.lanowner')},
          'handler ' || l.lanplcallfoid::regproc,
          case when l.lanpltrusted then 'trusted' end
        ] as facts
      from pg_language l
      where $1::text is not null and l.oid >= 16384 and not ${memberOf('pg_language', 'l.oid')}
      union all
      select
        'access method', quote_ident(a.amname), array['handler ' || a.amhandler, 'type ' || a.amtype::text]
      from pg_am a
      where a.oid >= 16384 and not ${memberOf('pg_am', 'a.oid')}
      union all
      select
        'transform', format('%s for %s', format_type(t.trftype, null), l.lanname),
        array[format('from %s to %s', t.trffromsql, t.trftosql)]
      from pg_transform t
      join pg_language l on l.oid = t.trflang
      where t.oid >= 16384 and not ${memberOf('pg_transform', 't.oid')}`,
  },
  {
    what: 'event triggers',
    text: `
      select
        'event trigger' as kind,
        quote_ident(t.evtname) as name,
        array[
          ${ownerFact('t.evtowner')},
          'on ' || t.evtevent,
          'tags ' || array_to_string(t.evttags, ', '),
          'executes ' || t.evtfoid::regprocedure,
          ${enabled('t.evtenabled')}
        ] as facts
      from pg_event_trigger t
      where $1::text is not null and not ${memberOf('pg_event_trigger', 't.oid')}`,
  },
  { what: 'publications', before: 15, text: publications(`''`, `'{}'::text[]`) },
  {
    // Column lists, row filters and schemas came with 15.
    what: 'publications',
    since: 15,
    text: publications(
      `coalesce(' columns ' || (
          select string_agg(quote_ident(a.attname), ', ' order by a.attname)
          from unnest(t.prattrs::int2[]) k
          join pg_attribute a on a.attrelid = t.prrelid and a.attnum = k
        ), '') || coalesce(' where ' || pg_get_expr(t.prqual, t.prrelid), '')`,
      `array(
          select 'schema ' || n.pnnspid::regnamespace::text
          from pg_publication_namespace n where n.pnpubid = p.oid
        )`,
    ),
  },
  {
    what: 'subscriptions',
    text: `
      select
        'subscription' as kind,
        quote_ident(u.subname) as name,
        array[
          ${ownerFact('u.subowner')},
          case when not u.subenabled then 'disabled' end,
          'publications ' || array_to_string(u.subpublications, ', '),
          'slot ' || u.subslotname,
          'synchronous commit ' || u.subsynccommit
        ] as facts
      from pg_subscription u
      where $1::text is not null
        and u.subdbid = (select oid from pg_database where datname = current_database())`,
  },
  {
    // What logs users in may be a secret as a whole: only the names of such options are read.
    what: 'foreign servers',
    text: `
      select
        'foreign data wrapper' as kind,
        quote_ident(w.fdwname) as name,
        array[
          ${ownerFact('w.fdwowner')},
          'handler ' || nullif(w.fdwhandler, 0)::regproc,
          'validator ' || nullif(w.fdwvalidator, 0)::regproc
        ] || ${options('w.fdwoptions')} as facts
      from pg_foreign_data_wrapper w
      where $1::text is not null and not ${memberOf('pg_foreign_data_wrapper', 'w.oid')}
      union all
      select
        'foreign server', quote_ident(s.srvname),
        array[
          ${ownerFact('s.srvowner')}, 'wrapper ' || w.fdwname,
          'type ' || s.srvtype, 'version ' || s.srvversion
        ] || ${options('s.srvoptions')}
      from pg_foreign_server s
      join pg_foreign_data_wrapper w on w.oid = s.srvfdw
      where not ${memberOf('pg_foreign_server', 's.oid')}
      union all
      select
        'user mapping', format('%s on %s', quote_ident(m.usename), quote_ident(m.srvname)),
        array(select 'option ' || split_part(o, '=', 1) from unnest(m.umoptions) o)
      from pg_user_mappings m`,
  },
  {
    what: 'settings of the database',
    text: `
      select
        'setting' as kind,
        coalesce(nullif(s.setrole, 0)::regrole || ' in this database', 'this database') as name,
        s.setconfig as facts
      from pg_db_role_setting s
      where $1::text is not null
        and s.setdatabase = (select oid from pg_database where datname = current_database())`,
  },
];
