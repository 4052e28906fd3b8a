/** What the catalog says about objects of all kinds: privileges, comments, security labels. */

import type { CatalogQuery } from './catalog.ts';
import { memberOf, OWN_RELATIONS, OWN_SCHEMAS } from './catalog-scope.ts';

/** Who may do what, where it is not what an owner and everybody may do by default. */
const PRIVILEGES: CatalogQuery = {
  what: 'privileges',
  text: `
    with ${OWN_RELATIONS},
    item as (
      select 'schema ' || quote_ident(nspname) as name, 'n'::"char" as type, nspowner as owner, nspacl as acl
      from space
      union all
      select 'relation ' || name, case relkind when 'S' then 's' else 'r' end::"char", relowner, relacl
      from relation
      union all
      select 'column ' || r.name || '.' || quote_ident(a.attname), 'c'::"char", r.relowner, a.attacl
      from relation r
      join pg_attribute a on a.attrelid = r.oid and a.attacl is not null and not a.attisdropped
      union all
      select 'routine ' || p.oid::regprocedure, 'f'::"char", p.proowner, p.proacl
      from pg_proc p join space s on s.oid = p.pronamespace
      where p.proacl is not null and not ${memberOf('pg_proc', 'p.oid')}
      union all
      select 'type ' || format_type(t.oid, null), 'T'::"char", t.typowner, t.typacl
      from pg_type t join space s on s.oid = t.typnamespace
      where t.typacl is not null and not ${memberOf('pg_type', 't.oid')}
      union all
      select 'language ' || quote_ident(lanname), 'l'::"char", lanowner, lanacl
      from pg_language
      where lanname not in ('internal', 'c', 'sql')
      union all
      select 'foreign data wrapper ' || quote_ident(fdwname), 'F'::"char", fdwowner, fdwacl
      from pg_foreign_data_wrapper
      union all
      select 'foreign server ' || quote_ident(srvname), 'S'::"char", srvowner, srvacl
      from pg_foreign_server
      union all
      select 'this database', 'd'::"char", datdba, datacl
      from pg_database where datname = current_database()
    )
    select
      'privileges' as kind,
      i.name,
      array(
        select format('%s may %s',
          case a.grantee when 0 then 'everybody' else a.grantee::regrole::text end,
          string_agg(lower(a.privilege_type) || case when a.is_grantable then ' and grant it' else '' end,
            ', ' order by a.privilege_type))
        from aclexplode(i.acl) a
        group by a.grantee
      ) as facts
    from item i
    where i.acl is not null
      and not (i.acl @> acldefault(i.type, i.owner) and i.acl <@ acldefault(i.type, i.owner))
    union all
    select
      'default privileges',
      format('%s of %s%s',
        case d.defaclobjtype
          when 'r' then 'tables' when 'S' then 'sequences' when 'f' then 'functions'
          when 'T' then 'types' when 'n' then 'schemas' else d.defaclobjtype::text
        end,
        d.defaclrole::regrole,
        coalesce(' in schema ' || nullif(d.defaclnamespace, 0)::regnamespace, '')),
      array(
        select format('%s may %s',
          case a.grantee when 0 then 'everybody' else a.grantee::regrole::text end,
          string_agg(lower(a.privilege_type) || case when a.is_grantable then ' and grant it' else '' end,
            ', ' order by a.privilege_type))
        from aclexplode(d.defaclacl) a
        group by a.grantee
      )
    from pg_default_acl d`,
};

/** What people wrote beside objects. */
const COMMENTS: CatalogQuery = {
  what: 'comments',
  text: `
    with ${OWN_SCHEMAS}
    select
      'comment' as kind,
      i.type || ' ' || i.identity as name,
      array[quote_literal(d.description)] as facts
    from pg_description d
    cross join lateral pg_identify_object(d.classoid, d.objoid, d.objsubid) i
    where d.objoid >= 16384
      and i.identity is not null
      and (i.schema is null or i.schema in (select quote_ident(nspname) from space))
      and i.identity <> quote_ident($1)
      and not exists (
        select from pg_depend m
        where m.classid = d.classoid and m.objid = d.objoid and m.deptype = 'e'
      )
      and not (d.classoid = 'pg_extension'::regclass)
    union all
    select
      'security label', l.objtype || ' ' || l.objname, array[l.provider || ': ' || l.label]
    from pg_seclabels l
    where l.objnamespace is null or l.objnamespace in (select oid from space)`,
};

/** Queries that answer `kind`, `name` and `facts` about objects of all kinds; `$1` is the history schema. */
export const REMARK_QUERIES: readonly CatalogQuery[] = [PRIVILEGES, COMMENTS];
