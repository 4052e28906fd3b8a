/** The block that hides a column: what stands against it, what is lifted, and how it is remembered. */

import { HIDDEN_PREFIX, type HideableName, hideableWords } from '../core/soft-drop.ts';
import { quoteQualified } from '../sql/identifiers.ts';
import { literal } from './script-text.ts';
import {
  asOwner,
  COMMON_VARIABLES,
  FORMER_PATH,
  fail,
  isStrict,
  OWN_PATH,
  type OwnHistory,
  softDropTable,
  tagOf,
  treeOf,
  UNSUPPORTED,
} from './soft-drop-block.ts';
import { COLUMN_OBSTACLES } from './soft-drop-obstacles.ts';

type ColumnName = Extract<HideableName, { kind: 'column' }>;

/** PL/pgSQL that hides `object` for `revision`. */
export function hideColumn(object: ColumnName, revision: string, own: OwnHistory): string {
  const table = quoteQualified(object.schema, object.table);
  const words = hideableWords(object);
  return `declare${COMMON_VARIABLES}
  v_column text := ${literal(object.column)};
  v_words text := ${literal(words)};
  v_attribute pg_catalog.pg_attribute;
  v_tag text;
  v_hidden text;
  v_default text;
  v_not_null text;
  v_keeps boolean;
  v_allows boolean;
  v_others jsonb := '[]';
  v_constraints jsonb := '[]';
begin
  v_table := to_regclass(${literal(table)});
  if v_table is null then
    ${fail('42P01', literal(`relation "${table}" does not exist`), literal('Check the name and its schema; names are read as in SQL.'))}
  end if;
  ${OWN_PATH}
  if (select relkind from pg_class where oid = v_table) not in ('r', 'p') then
    ${fail('42809', literal(`cannot soft-drop ${words}: ${table} is not a table`), literal('Only columns of tables are hidden; drop it with SQL.'))}
  end if;
  execute format('lock table %s in access exclusive mode', v_table::regclass);
  select * into v_attribute from pg_attribute
  where attrelid = v_table and attname = v_column and attnum > 0 and not attisdropped;
  if v_attribute.attnum is null then
    ${asOwner(
      own,
      `select revision into v_found from ${softDropTable(own)} d
    where purged_at is null and table_name = ${literal(object.table)} and column_name = v_column
    order by id desc limit 1;`,
    )}
    ${fail(
      '42703',
      `format('column "%s" of relation "%s" does not exist', v_column, v_table::regclass)`,
      `case when v_found is null then 'Check the name; names are read as in SQL.'
        else format('Revision "%s" has hidden a column of this name already.', v_found) end`,
    )}
  end if;
  ${treeOf('v_table')} into v_members;
${COLUMN_OBSTACLES}
  -- A plain default without anything that looks at the value stays, and not null with it: rows that
  -- are written meanwhile get what they would have got before.
  select pg_get_expr(adbin, adrelid) into v_default
  from pg_attrdef where adrelid = v_table and adnum = v_attribute.attnum;
  v_keeps := v_attribute.attidentity <> '' or (v_default is not null and v_attribute.attgenerated = ''
    and ${isPlain('v_default')}
    and not exists (
      select from pg_type where oid = v_attribute.atttypid and typtype = 'd')
    and not exists (
      select from pg_attribute a join pg_constraint c on conrelid = attrelid and attnum = any(conkey)
      where attrelid = any(v_members) and attname = v_column and contype <> 'n')
    and not exists (
      select from pg_attribute a join pg_depend d on refclassid = 'pg_class'::regclass
        and refobjid = attrelid and refobjsubid = attnum and d.classid = 'pg_class'::regclass
      join pg_index on indexrelid = d.objid
      where attrelid = any(v_members) and attname = v_column and (indisunique or indisexclusion)));
  if not v_keeps then
    begin
      execute format('select null::%s', format_type(v_attribute.atttypid, v_attribute.atttypmod))
      into v_found;
    exception when integrity_constraint_violation then
      ${fail(
        UNSUPPORTED,
        `format('cannot soft-drop %s: its type %s takes no null', v_words, format_type(v_attribute.atttypid, v_attribute.atttypmod))`,
        literal(
          'Rows of code that does not know the column have nothing to put there. Give the column another type first, or drop it.',
        ),
      )}
    end;
    if v_attribute.attgenerated <> '' then v_default := null; end if;
    if v_attribute.attnotnull then
      select coalesce((
        select conname from pg_constraint
        where conrelid = v_table and contype = 'n' and conkey = array[v_attribute.attnum]
      ), '') into v_not_null;
    end if;
    -- Partitions may have defaults, and children not nulls, of their own.
    select coalesce(jsonb_agg(jsonb_build_object('table', a.attrelid::regclass::text,
      'default', pg_get_expr(adbin, adrelid), 'not_null', a.attnotnull)), '[]') into v_others
    from pg_attribute a left join pg_attrdef on adrelid = attrelid and adnum = attnum
    where a.attrelid = any(v_members) and a.attrelid <> v_table and a.attname = v_column
      and v_attribute.attgenerated = ''
      and (pg_get_expr(adbin, adrelid) is distinct from v_default
        or a.attnotnull <> v_attribute.attnotnull);
    for v_one in
      select c.oid, c.conrelid, c.conname, c.contype, c.convalidated,
        regexp_replace(pg_get_constraintdef(c.oid), ' NOT VALID$', '') as definition,
        pg_get_expr(c.conbin, c.conrelid) as expression
      from pg_attribute a join pg_constraint c on c.conrelid = a.attrelid and a.attnum = any(c.conkey)
      where a.attrelid = any(v_members) and a.attname = v_column and c.conparentid = 0
        and c.coninhcount = 0 and c.contype in ('c', 'f')
      order by c.oid
    loop
      -- A check that no null can fail stays. A foreign key is lifted: it would hold up, or pass on,
      -- deletes by code that does not know of it.
      if v_one.contype = 'c' then
        select ${isStrict('v_one.expression')} into v_allows;
        if v_allows then continue; end if;
      end if;
      v_constraints := v_constraints || jsonb_build_object('table', v_one.conrelid::regclass::text,
        'name', v_one.conname, 'type', v_one.contype, 'definition', v_one.definition,
        'expression', v_one.expression, 'validated', v_one.convalidated);
      execute format('alter table %s drop constraint %I', v_one.conrelid::regclass, v_one.conname);
    end loop;
    if v_not_null is not null then
      execute format('alter table %s alter column %I drop not null', v_table::regclass, v_column);
    end if;
    if v_default is not null then
      execute format('alter table %s alter column %I drop default', v_table::regclass, v_column);
    end if;
    for v_one in
      select attrelid, attnotnull, atthasdef from pg_attribute
      where attrelid = any(v_members) and attname = v_column and v_attribute.attgenerated = ''
        and (attnotnull or atthasdef)
    loop
      if v_one.attnotnull then
        execute format('alter table only %s alter column %I drop not null', v_one.attrelid::regclass, v_column);
      end if;
      if v_one.atthasdef then
        execute format('alter table only %s alter column %I drop default', v_one.attrelid::regclass, v_column);
      end if;
    end loop;
  end if;
  ${tagOf(own, revision, 'v_column')}
  v_hidden := (${literal(HIDDEN_PREFIX)} || v_tag || '_' || v_column)::name::text;
  execute format('alter table %s rename column %I to %I', v_table::regclass, v_column, v_hidden);
  ${asOwner(
    own,
    `insert into ${softDropTable(own)}
    (revision, kind, schema_name, table_name, column_name, hidden_name, lifted)
  select ${literal(revision)}, 'column', n.nspname, c.relname, v_column, v_hidden,
    jsonb_build_object('default', case when v_keeps then null else v_default end,
      'not_null', v_not_null, 'others', v_others, 'constraints', v_constraints)
  from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = v_table;`,
  )}
  ${PUBLISHED}
  ${FORMER_PATH}
end`;
}

/** Subscribers match columns by name: https://www.postgresql.org/docs/current/logical-replication-subscription.html */
const PUBLISHED = `select string_agg(distinct quote_ident(p.pubname), ', ') into v_found
  from pg_publication_tables p
  join pg_class c on c.oid = any(v_members) and c.relname = p.tablename
  join pg_namespace n on n.oid = c.relnamespace and n.nspname = p.schemaname
  where coalesce(to_jsonb(p) -> 'attnames' ? v_hidden, true);
  if v_found is not null then
    raise warning 'the hidden column % is published by %: a subscriber needs a column of that name, or its replication stops',
      v_hidden, v_found;
  end if;`;

/** A default that is the same for everybody and cannot fail: a constant, the time, an id, a sequence of the column's own. */
function isPlain(expression: string): string {
  return `(${expression} ~ '^\\(?-?[0-9.]+\\)?(::[a-z ]+(\\(\\d+(,\\d+)?\\))?)?$'
      or ${expression} in ('true', 'false')
      or ${expression} ~ '^''([^'']|'''')*''::("[^"]+"|[a-z_ .]+)(\\(\\d+(,\\d+)?\\))?(\\[\\])?$'
      or ${expression} ~ '^(now|clock_timestamp|statement_timestamp|transaction_timestamp|gen_random_uuid|uuidv[47])\\(\\)$'
      or ${expression} in ('CURRENT_TIMESTAMP', 'CURRENT_DATE', 'LOCALTIMESTAMP', 'CURRENT_TIME', 'LOCALTIME')
      or (${expression} ~ '^nextval\\(''[^()]+''::regclass\\)$' and exists (
        select from pg_depend where classid = 'pg_class'::regclass and deptype = 'a'
          and refclassid = 'pg_class'::regclass and refobjid = v_table
          and refobjsubid = v_attribute.attnum)))`;
}
