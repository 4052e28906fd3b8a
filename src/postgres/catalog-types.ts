/** What the catalog says of types, routines, operators, casts, collations and text search. */

import type { CatalogQuery } from './catalog.ts';
import { memberOf, OWN_SCHEMAS, ownerFact } from './catalog-scope.ts';

/** Queries that answer `kind`, `name` and `facts`; `$1` is the history schema. */
export const TYPE_QUERIES: readonly CatalogQuery[] = [
  {
    what: 'types',
    text: `
      with ${OWN_SCHEMAS}
      select
        'type' as kind,
        format('%I.%I', s.nspname, t.typname) as name,
        array[
          ${ownerFact('t.typowner')},
          case t.typtype
            when 'e' then 'enum of ' || coalesce((
              select string_agg(quote_literal(e.enumlabel), ', ' order by e.enumsortorder)
              from pg_enum e where e.enumtypid = t.oid
            ), 'nothing')
            when 'd' then 'domain over ' || format_type(t.typbasetype, t.typtypmod)
            when 'r' then (
              select 'range of ' || format_type(g.rngsubtype, null)
                || ' operator class ' || (select opcname from pg_opclass where oid = g.rngsubopc)
                || coalesce(' collation ' || nullif(g.rngcollation, 0)::regcollation, '')
                || coalesce(' canonical ' || nullif(g.rngcanonical::oid, 0)::regprocedure, '')
                || coalesce(' difference ' || nullif(g.rngsubdiff::oid, 0)::regprocedure, '')
                || coalesce(' multirange ' || format_type(g.rngmultitypid, null), '')
              from pg_range g where g.rngtypid = t.oid
            )
            when 'b' then format('base type in %s out %s length %s by value %s align %s storage %s',
              t.typinput, t.typoutput, t.typlen, t.typbyval, t.typalign, t.typstorage)
            else 'shell type'
          end,
          case when t.typtype = 'd' and t.typnotnull then 'not null' end,
          case when t.typtype = 'd' and t.typcollation <> b.typcollation
            then 'collation ' || t.typcollation::regcollation end,
          'default ' || t.typdefault
        ] as facts
      from pg_type t
      join space s on s.oid = t.typnamespace
      left join pg_type b on b.oid = t.typbasetype
      where t.typtype in ('e', 'd', 'r', 'b', 'p')
        and not exists (select from pg_type e where e.typarray = t.oid)
        and not ${memberOf('pg_type', 't.oid')}`,
  },
  {
    what: 'routines',
    text: `
      with ${OWN_SCHEMAS}
      select
        case p.prokind
          when 'p' then 'procedure' when 'a' then 'aggregate' when 'w' then 'window function'
          else 'function'
        end as kind,
        p.oid::regprocedure::text as name,
        array[
          ${ownerFact('p.proowner')},
          case when p.prokind <> 'a' then pg_get_functiondef(p.oid) end,
          (
            select format('returns %s, state %s of type %s, final %s, combine %s, moving %s %s, initial %s, sort %s, parallel %s, kind %s',
              format_type(p.prorettype, null), a.aggtransfn, format_type(a.aggtranstype, null),
              a.aggfinalfn, a.aggcombinefn, a.aggmtransfn, a.aggminvtransfn, a.agginitval,
              nullif(a.aggsortop, 0)::regoperator, p.proparallel, a.aggkind)
            from pg_aggregate a where a.aggfnoid = p.oid
          )
        ] as facts
      from pg_proc p
      join space s on s.oid = p.pronamespace
      where not ${memberOf('pg_proc', 'p.oid')}`,
  },
  {
    what: 'operators',
    text: `
      with ${OWN_SCHEMAS}
      select
        'operator' as kind,
        o.oid::regoperator::text as name,
        array[
          ${ownerFact('o.oprowner')},
          'function ' || o.oprcode::regprocedure,
          'commutator ' || nullif(o.oprcom, 0)::regoperator,
          'negator ' || nullif(o.oprnegate, 0)::regoperator,
          'restrict ' || nullif(o.oprrest::oid, 0)::regprocedure,
          'join ' || nullif(o.oprjoin::oid, 0)::regprocedure,
          case when o.oprcanmerge then 'merges' end,
          case when o.oprcanhash then 'hashes' end
        ] as facts
      from pg_operator o
      join space s on s.oid = o.oprnamespace
      where not ${memberOf('pg_operator', 'o.oid')}
      union all
      select
        'operator family', format('%I.%I using %s', s.nspname, f.opfname, m.amname),
        array[${ownerFact('f.opfowner')}] || array(
          select format('operator %s %s', amopstrategy, amopopr::regoperator)
          from pg_amop where amopfamily = f.oid
        ) || array(
          select format('function %s %s', amprocnum, amproc::regprocedure)
          from pg_amproc where amprocfamily = f.oid
        )
      from pg_opfamily f
      join space s on s.oid = f.opfnamespace
      join pg_am m on m.oid = f.opfmethod
      where not ${memberOf('pg_opfamily', 'f.oid')}
      union all
      select
        'operator class', format('%I.%I using %s', s.nspname, c.opcname, m.amname),
        array[
          ${ownerFact('c.opcowner')},
          'for ' || format_type(c.opcintype, null),
          case when c.opcdefault then 'default' end,
          'stores ' || format_type(nullif(c.opckeytype, 0), null)
        ]
      from pg_opclass c
      join space s on s.oid = c.opcnamespace
      join pg_am m on m.oid = c.opcmethod
      where not ${memberOf('pg_opclass', 'c.oid')}`,
  },
  {
    // Objects that initdb makes have oids below 16384 (FirstNormalObjectId, access/transam.h).
    what: 'casts',
    text: `
      select
        'cast' as kind,
        format('%s as %s', format_type(c.castsource, null), format_type(c.casttarget, null)) as name,
        array[
          'with ' || case c.castmethod
            when 'f' then c.castfunc::regprocedure::text when 'i' then 'inout' else 'no function' end,
          case c.castcontext when 'a' then 'as assignment' when 'i' then 'implicit' end
        ] as facts
      from pg_cast c
      where c.oid >= 16384 and $1::text is not null and not ${memberOf('pg_cast', 'c.oid')}`,
  },
  {
    // What locale providers need was stored in other columns before 15 and 17.
    what: 'collations',
    text: `
      with ${OWN_SCHEMAS}
      select
        'collation' as kind,
        format('%I.%I', s.nspname, c.collname) as name,
        array[
          ${ownerFact('c.collowner')},
          format('provider %s', c.collprovider),
          case when not c.collisdeterministic then 'not deterministic' end,
          'locale ' || coalesce(to_jsonb(c) ->> 'colllocale', to_jsonb(c) ->> 'colliculocale', c.collcollate),
          'ctype ' || c.collctype,
          'rules ' || (to_jsonb(c) ->> 'collicurules')
        ] as facts
      from pg_collation c
      join space s on s.oid = c.collnamespace
      where not ${memberOf('pg_collation', 'c.oid')}
      union all
      select
        'conversion', format('%I.%I', s.nspname, c.conname),
        array[
          ${ownerFact('c.conowner')},
          format('from %s to %s with %s', pg_encoding_to_char(c.conforencoding),
            pg_encoding_to_char(c.contoencoding), c.conproc),
          case when c.condefault then 'default' end
        ]
      from pg_conversion c
      join space s on s.oid = c.connamespace
      where not ${memberOf('pg_conversion', 'c.oid')}`,
  },
  {
    what: 'text search',
    text: `
      with ${OWN_SCHEMAS}
      select
        'text search configuration' as kind,
        format('%I.%I', s.nspname, c.cfgname) as name,
        array[${ownerFact('c.cfgowner')}, 'parser ' || p.prsname] || array(
          select format('%s with %s', t.alias,
            string_agg(m.mapdict::regdictionary::text, ', ' order by m.mapseqno))
          from pg_ts_config_map m
          join ts_token_type(c.cfgparser) t on t.tokid = m.maptokentype
          where m.mapcfg = c.oid
          group by t.alias
        ) as facts
      from pg_ts_config c
      join space s on s.oid = c.cfgnamespace
      join pg_ts_parser p on p.oid = c.cfgparser
      where not ${memberOf('pg_ts_config', 'c.oid')}
      union all
      select
        'text search dictionary', format('%I.%I', s.nspname, d.dictname),
        array[${ownerFact('d.dictowner')}, 'template ' || t.tmplname, d.dictinitoption]
      from pg_ts_dict d
      join space s on s.oid = d.dictnamespace
      join pg_ts_template t on t.oid = d.dicttemplate
      where not ${memberOf('pg_ts_dict', 'd.oid')}
      union all
      select
        'text search parser', format('%I.%I', s.nspname, p.prsname),
        array[format('start %s token %s end %s headline %s types %s',
          p.prsstart, p.prstoken, p.prsend, p.prsheadline, p.prslextype)]
      from pg_ts_parser p
      join space s on s.oid = p.prsnamespace
      where not ${memberOf('pg_ts_parser', 'p.oid')}
      union all
      select
        'text search template', format('%I.%I', s.nspname, t.tmplname),
        array[format('init %s lexize %s', t.tmplinit, t.tmpllexize)]
      from pg_ts_template t
      join space s on s.oid = t.tmplnamespace
      where not ${memberOf('pg_ts_template', 't.oid')}`,
  },
];
