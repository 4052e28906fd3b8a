/** The block that hides a table: it and all that has a name of its own get out of the way. */

import { HIDDEN_PREFIX, type HideableName, hideableWords } from '../core/soft-drop.ts';
import { quoteQualified } from '../sql/identifiers.ts';
import { literal } from './script-text.ts';
import {
  asOwner,
  COMMON_VARIABLES,
  FORMER_PATH,
  fail,
  OWN_PATH,
  type OwnHistory,
  softDropTable,
  tagOf,
  treeOf,
} from './soft-drop-block.ts';
import { TABLE_OBSTACLES } from './soft-drop-obstacles.ts';

/** PL/pgSQL that hides `object` for `revision`. */
export function hideTable(object: HideableName, revision: string, own: OwnHistory): string {
  const table = quoteQualified(object.schema, object.table);
  const words = hideableWords(object);
  return `declare${COMMON_VARIABLES}
  v_words text := ${literal(words)};
  v_tag text;
  v_hidden text;
  v_number int := 0;
  v_schema text;
  v_names jsonb := '[]';
  v_constraints jsonb := '[]';
begin
  v_table := to_regclass(${literal(table)});
  ${OWN_PATH}
  if v_table is null then
    ${asOwner(
      own,
      `select revision into v_found from ${softDropTable(own)} d
    where purged_at is null and kind = 'table' and table_name = ${literal(object.table)}
    order by id desc limit 1;`,
    )}
    ${fail(
      '42P01',
      literal(`relation "${table}" does not exist`),
      `case when v_found is null then 'Check the name and its schema; names are read as in SQL.'
        else format('Revision "%s" has hidden a table of this name already.', v_found) end`,
    )}
  end if;
  if (select relkind from pg_class where oid = v_table) not in ('r', 'p') then
    ${fail('42809', literal(`cannot soft-drop ${words}: it is not a table`), literal('Views, foreign tables and the like hold no rows of their own: drop them with SQL, and create them in the section "down".'))}
  end if;
  execute format('lock table %s in access exclusive mode', v_table::regclass);
  ${treeOf('v_table')} into v_members;
${TABLE_OBSTACLES}
  select nspname, relname into v_schema, v_name
  from pg_class c join pg_namespace n on n.oid = relnamespace where c.oid = v_table;
  ${tagOf(own, revision, 'null')}
  -- Foreign keys to it would refuse the rows of others, and those from it hold up, or pass on, the
  -- deletes of others.
  for v_one in
    select oid, conrelid, conname, convalidated, conrelid = any(v_members) as is_own,
      regexp_replace(pg_get_constraintdef(oid), ' NOT VALID$', '') as definition
    from pg_constraint
    where contype = 'f' and conparentid = 0
      and (conrelid = any(v_members)) <> (confrelid = any(v_members))
    order by oid
  loop
    v_constraints := v_constraints || jsonb_build_object('table', v_one.conrelid::regclass::text,
      'name', v_one.conname, 'type', 'f', 'definition', v_one.definition, 'validated', v_one.convalidated);
    execute format('alter table %s drop constraint %I', v_one.conrelid::regclass, v_one.conname);
  end loop;
  -- Tables, indexes, sequences and statistics have names of their own, which new ones may need.
  for v_one in
    select 'table' as type, c.oid, n.nspname, c.relname as name, c.oid <> v_table as later
    from pg_class c join pg_namespace n on n.oid = relnamespace where c.oid = any(v_members)
    union all
    select 'index', c.oid, n.nspname, c.relname, true
    from pg_index join pg_class c on c.oid = indexrelid join pg_namespace n on n.oid = relnamespace
    where indrelid = any(v_members)
    union all
    select 'sequence', c.oid, n.nspname, c.relname, true
    from pg_depend d join pg_class c on c.oid = d.objid and c.relkind = 'S'
    join pg_namespace n on n.oid = relnamespace
    where d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass
      and d.refobjid = any(v_members) and d.deptype in ('a', 'i')
    union all
    select 'statistics', s.oid, n.nspname, s.stxname, true
    from pg_statistic_ext s join pg_namespace n on n.oid = stxnamespace
    where stxrelid = any(v_members)
    order by later, type, nspname, name
  loop
    v_hidden := (${literal(HIDDEN_PREFIX)} || v_tag || '_'
      || case when v_number = 0 then '' else v_number || '_' end || v_one.name)::name::text;
    v_number := v_number + 1;
    execute format('alter %s %I.%I rename to %I', v_one.type, v_one.nspname, v_one.name, v_hidden);
    v_names := v_names || jsonb_build_object('type', v_one.type, 'schema', v_one.nspname,
      'name', v_one.name, 'hidden', v_hidden);
  end loop;
  v_hidden := v_names -> 0 ->> 'hidden';
  ${asOwner(
    own,
    `insert into ${softDropTable(own)} (revision, kind, schema_name, table_name, hidden_name, lifted)
  values (${literal(revision)}, 'table', v_schema, v_name, v_hidden,
    jsonb_build_object('names', v_names, 'constraints', v_constraints));`,
  )}
  ${FORMER_PATH}
end`;
}
