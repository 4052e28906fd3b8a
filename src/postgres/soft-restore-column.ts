/** The block that brings a column back, whatever was written meanwhile. Never a reason not to go back. */

import { type HideableName, hideableWords } from '../core/soft-drop.ts';
import { literal } from './script-text.ts';
import {
  asOwner,
  COMMON_VARIABLES,
  FORMER_PATH,
  fail,
  isBig,
  OWN_PATH,
  type OwnHistory,
  softDropTable,
} from './soft-drop-block.ts';
import {
  CONSTRAINT_VARIABLES,
  FOR_THE_RUN,
  findHidden,
  restoreConstraints,
  targetOf,
} from './soft-restore-constraints.ts';

type ColumnName = Extract<HideableName, { kind: 'column' }>;

/**
 * PL/pgSQL that brings `object` back, which `revision` has hidden. What goes through rows is done
 * before the table is locked; only a small table is gone through under its lock.
 */
export function restoreColumn(object: ColumnName, revision: string, own: OwnHistory): string {
  const words = hideableWords(object);
  const schema = object.schema === undefined ? '' : ` and schema_name = ${literal(object.schema)}`;
  return `declare${COMMON_VARIABLES}${CONSTRAINT_VARIABLES}
  v_words text := ${literal(words)};
  v_column text := ${literal(object.column)};
  v_default text;
  v_not_null text;
  v_nulls bigint;
  v_count bigint;
begin
  ${OWN_PATH}
  ${findHidden(
    own,
    `revision = ${literal(revision)} and kind = 'column' and table_name = ${literal(object.table)}
    and column_name = v_column${schema}`,
  )}
  ${missing('v_row')}
  select a.attrelid into v_table from pg_attribute a
  where a.attrelid = to_regclass(format('%I.%I', v_row.schema_name, v_row.table_name))
    and a.attname = v_row.hidden_name and not a.attisdropped;
  if v_table is null then
    -- The table was renamed or moved meanwhile, or is hidden itself.
    select a.attrelid into v_table from pg_attribute a join pg_class c on c.oid = a.attrelid
    where a.attname = v_row.hidden_name and not a.attisdropped and a.attinhcount = 0
      and c.relkind in ('r', 'p') limit 1;
  end if;
  if v_table is null then
    ${fail(
      '42703',
      `format('cannot restore %s: somebody dropped the hidden column "%s" of %I.%I', v_words, v_row.hidden_name, v_row.schema_name, v_row.table_name)`,
      literal(
        'Its data is gone. Undo the revision by a new one, or restore the data from a backup.',
      ),
    )}
  end if;
  if exists (select from pg_attribute where attrelid = v_table and attname = v_column and not attisdropped) then
    ${fail(
      '42701',
      `format('cannot restore %s: %s has another column of this name by now', v_words, v_table::regclass)`,
      `format('Take back the revision that added it first, or rename it out of the way: alter table %s rename column %I to …', v_table::regclass, v_column)`,
    )}
  end if;
  v_default := v_row.lifted ->> 'default';
  v_not_null := v_row.lifted ->> 'not_null';
  v_big := ${isBig('v_table', own)};
  if v_not_null is not null then
    if v_default is not null then
      begin
        execute format('update %s set %I = %s where %2$I is null', v_table::regclass, v_row.hidden_name, v_default);
        get diagnostics v_count = row_count;
        if v_count > 0 then
          -- Nothing may be left to be checked at the commit: a table with that cannot be altered.
          set constraints all immediate;
          raise warning '% rows written meanwhile got the default of %', v_count, v_words;
        end if;
      exception ${FOR_THE_RUN}
        when others then
        raise warning 'rows written meanwhile could not get the default of %: %', v_words, sqlerrm;
      end;
    end if;
    execute format('select count(*) from %s where %I is null', v_table::regclass, v_row.hidden_name) into v_nulls;
  end if;
  -- A check is asked of all rows before the lock, too.
  for v_one in select value, ordinality - 1 as place
    from jsonb_array_elements(v_row.lifted -> 'constraints') with ordinality
    where value ->> 'type' = 'c' and (value ->> 'validated')::boolean
  loop
    v_target := ${targetOf("(v_one.value ->> 'table')")};
    v_broken := false;
    begin
      if v_target is not null then
        execute format('select exists (select from (select *, %I as %I from %s) as %I where (%s) is false)',
          v_row.hidden_name, v_column, v_target::regclass,
          (select relname from pg_class where oid = v_target), v_one.value ->> 'expression')
        into v_broken;
      end if;
    exception ${FOR_THE_RUN}
      when others then null;
    end;
    v_row.lifted := jsonb_set(v_row.lifted, array['constraints', v_one.place::text, 'broken'], to_jsonb(v_broken));
  end loop;
  execute format('lock table %s in access exclusive mode', v_table::regclass);
  execute format('alter table %s rename column %I to %I', v_table::regclass, v_row.hidden_name, v_column);
  if v_default is not null then
    execute format('alter table %s alter column %I set default %s', v_table::regclass, v_column, v_default);
  end if;
  if v_not_null is not null then
    ${NOT_NULL}
  end if;
  for v_one in
    select to_regclass(value ->> 'table') as member, value ->> 'default' as "default",
      (value ->> 'not_null')::boolean as not_null
    from jsonb_array_elements(v_row.lifted -> 'others')
  loop
    if v_one.member is null or not exists (
      select from pg_attribute where attrelid = v_one.member and attname = v_column and not attisdropped
    ) then continue; end if;
    if v_one."default" is null then
      execute format('alter table only %s alter column %I drop default', v_one.member, v_column);
    else
      execute format('alter table only %s alter column %I set default %s', v_one.member, v_column, v_one."default");
    end if;
    if v_one.not_null and v_not_null is null then
      begin
        execute format('alter table only %s alter column %I set not null', v_one.member, v_column);
      exception when not_null_violation then
        raise warning 'column %.% takes nulls from now on: rows written meanwhile have none', v_one.member, quote_ident(v_column);
      end;
    end if;
  end loop;
  -- Definitions that were kept while this column was hidden call it by its hidden name.
  ${asOwner(
    own,
    `update ${softDropTable(own)} d set lifted = replace(d.lifted::text,
      ${jsonText('quote_ident(v_row.hidden_name)')}, ${jsonText('quote_ident(v_column)')})::jsonb
  where d.purged_at is null and position(v_row.hidden_name in d.lifted::text) > 0;
  delete from ${softDropTable(own)} d where d.id = v_row.id;`,
  )}
  ${restoreConstraints(own)}
  ${FORMER_PATH}
end`;
}

/** As the text stands inside of a string of JSON. */
function jsonText(expression: string): string {
  return `substr(to_jsonb(${expression})::text, 2, length(to_jsonb(${expression})::text) - 2)`;
}

/** Raises where there is nothing to bring back; `v_words` is what was asked for. */
export function missing(row: string): string {
  return `if ${row}.id is null then
    ${fail(
      '42704',
      `format('cannot restore %s: this revision has not hidden it', v_words)`,
      literal(
        'It was recorded without being run, or somebody took it back by hand. Undo the revision by a new one.',
      ),
    )}
  end if;
  if ${row}.purged_at is not null then
    ${fail(
      '42704',
      `format('cannot restore %s: it was purged on %s', v_words, to_char(${row}.purged_at at time zone 'UTC', 'YYYY-MM-DD'))`,
      literal(
        'Its data is gone. Undo the revision by a new one, or restore the data from a backup.',
      ),
    )}
  end if;`;
}

/**
 * Not null for a table without nulls. Since Postgres 18 it can be told without looking at every row:
 * https://www.postgresql.org/docs/18/sql-altertable.html#SQL-ALTERTABLE-DESC-ADD-TABLE-CONSTRAINT
 */
const NOT_NULL = `begin
      if v_nulls > 0 then raise not_null_violation; end if;
      v_name := case when v_not_null = '' then null else v_not_null end;
      if v_big then
        v_name := coalesce(v_name, (select (left(relname, 26) || '_' || left(v_column, 26) || '_not_null')::name from pg_class where oid = v_table));
        if current_setting('server_version_num')::int >= 180000 then
          execute format('alter table %s add constraint %I not null %I not valid', v_table::regclass, v_name, v_column);
        else
          execute format('alter table %s add constraint %I check (%I is not null) not valid', v_table::regclass, v_name, v_column);
        end if;
        raise warning 'column %.% takes no nulls for new rows; check the old ones when there is time: alter table % validate constraint %',
          v_table::regclass, quote_ident(v_column), v_table::regclass, quote_ident(v_name);
      elsif v_name is not null then
        execute format('alter table %s add constraint %I not null %I', v_table::regclass, v_name, v_column);
      else
        execute format('alter table %s alter column %I set not null', v_table::regclass, v_column);
      end if;
    exception when not_null_violation then
      raise warning 'column %.% takes nulls from now on, since % rows written meanwhile have none; fill them, then: alter table % alter column % set not null',
        v_table::regclass, quote_ident(v_column), greatest(v_nulls, 1), v_table::regclass, quote_ident(v_column);
    end;`;
