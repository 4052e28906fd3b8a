/** How constraints that were lifted come back, whatever was written meanwhile. */

import { asOwner, isBig, type OwnHistory, softDropTable } from './soft-drop-block.ts';

/** What the block needs to declare. */
export const CONSTRAINT_VARIABLES = `
  v_row record;
  v_target oid;
  v_broken boolean;
  v_big boolean;
  v_other bigint;
  v_suffix text;
  v_moved jsonb;`;

/** The table of that name; the one that was hidden, or has the column, may have another name by now. */
export function targetOf(name: string): string {
  return `coalesce(to_regclass(${name})::oid,
      case when ${name} = format('%I.%I', v_row.schema_name, v_row.table_name) then v_table end)`;
}

/** Errors that are for the run, which tries again or ends, and no answer about the rows. */
export const FOR_THE_RUN = `when lock_not_available or deadlock_detected or query_canceled then raise;`;

/**
 * Adds the constraints of `v_row.lifted`. What rows of others break stays off, since even `not valid`
 * it would refuse updates of those rows; a foreign key does not look at rows that keep their key, so
 * it comes back `not valid`. A big table is not gone through: `not valid` and a word about it.
 *
 * https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-ADD-TABLE-CONSTRAINT
 */
export function restoreConstraints(own: OwnHistory): string {
  return `for v_one in
    select value ->> 'table' as "table", value ->> 'name' as name, value ->> 'type' as type,
      value ->> 'definition' as definition, (value ->> 'validated')::boolean as validated,
      coalesce((value ->> 'broken')::boolean, false) as broken, value
    from jsonb_array_elements(v_row.lifted -> 'constraints')
  loop
    v_target := ${targetOf('v_one."table"')};
    begin
      if v_target is null then raise undefined_table; end if;
      if v_one.broken then raise check_violation; end if;
      v_suffix := case when v_one.definition ~ ' NOT ENFORCED$' then '' else ' not valid' end;
      if v_one.type = 'f' and v_suffix <> '' and current_setting('server_version_num')::int < 180000
        and (select relkind from pg_class where oid = v_target) = 'p' then
        -- Before Postgres 18 a partitioned table can only have a foreign key that holds.
        v_suffix := '';
      end if;
      v_big := ${isBig('v_target', own)};
      if v_big and v_suffix = '' and v_one.validated then raise check_violation; end if;
      execute format('alter table %s add constraint %I %s%s', v_target::regclass, v_one.name,
        v_one.definition, v_suffix);
      if v_suffix <> '' and v_one.validated then
        if v_big then
          raise warning 'constraint % of % is back for new rows; check the old ones when there is time: alter table % validate constraint %',
            v_one.name, v_target::regclass, v_target::regclass, quote_ident(v_one.name);
        else
          begin
            execute format('alter table %s validate constraint %I', v_target::regclass, v_one.name);
          exception when foreign_key_violation then
            raise warning 'constraint % of % is back for new rows, and not all old ones fulfil it: %',
              v_one.name, v_target::regclass, sqlerrm;
          end;
        end if;
      end if;
    exception ${FOR_THE_RUN}
      when undefined_table or undefined_column then
        -- It is about something else that is hidden still, and comes back with that.
        ${asOwner(
          own,
          `update ${softDropTable(own)} d
        set lifted = jsonb_set(d.lifted, '{constraints}', coalesce(d.lifted -> 'constraints', '[]') || v_one.value)
        where d.id = (
          select max(o.id) from ${softDropTable(own)} o
          where o.purged_at is null and o.id <> v_row.id
            and (format('%I.%I', o.schema_name, o.table_name) = v_one."table"
              or position(format('%I.%I', o.schema_name, o.table_name) in v_one.definition) > 0))
        returning d.id into v_other;`,
        )}
        if v_other is null then
          raise warning 'constraint % of % stays off, since what it is about is gone: %',
            v_one.name, v_one."table", v_one.definition;
        end if;
      when others then
        raise warning 'constraint % of % stays off (%); to bring it back: alter table % add constraint % %',
          v_one.name, v_one."table",
          case when v_one.broken or sqlstate = '23514' then 'rows written meanwhile do not fulfil it, or the table is too big to look' else sqlerrm end,
          v_one."table", quote_ident(v_one.name), v_one.definition;
    end;
  end loop;`;
}

/** Finds the row of what `revision` has hidden, in `v_row`; `matches` is SQL about its columns. */
export function findHidden(own: OwnHistory, matches: string): string {
  return asOwner(
    own,
    `select * into v_row from ${softDropTable(own)} d
  where ${matches}
  order by purged_at is not null, id desc limit 1;`,
  );
}
