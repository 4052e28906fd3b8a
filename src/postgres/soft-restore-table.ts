/** The block that brings a table back, with everything that belongs to it. */

import { type HideableName, hideableWords } from '../core/soft-drop.ts';
import { literal } from './script-text.ts';
import {
  asOwner,
  COMMON_VARIABLES,
  FORMER_PATH,
  fail,
  OWN_PATH,
  type OwnHistory,
  softDropTable,
} from './soft-drop-block.ts';
import { missing } from './soft-restore-column.ts';
import {
  CONSTRAINT_VARIABLES,
  findHidden,
  restoreConstraints,
} from './soft-restore-constraints.ts';

/** PL/pgSQL that brings `object` back, which `revision` has hidden. */
export function restoreTable(object: HideableName, revision: string, own: OwnHistory): string {
  const words = hideableWords(object);
  const schema = object.schema === undefined ? '' : ` and schema_name = ${literal(object.schema)}`;
  return `declare${COMMON_VARIABLES}${CONSTRAINT_VARIABLES}
  v_words text := ${literal(words)};
begin
  ${OWN_PATH}
  ${findHidden(
    own,
    `revision = ${literal(revision)} and kind = 'table' and table_name = ${literal(object.table)}${schema}`,
  )}
  ${missing('v_row')}
  v_table := to_regclass(format('%I.%I', v_row.schema_name, v_row.hidden_name));
  if v_table is null then
    ${fail(
      '42P01',
      `format('cannot restore %s: somebody dropped the hidden table %I.%I', v_words, v_row.schema_name, v_row.hidden_name)`,
      literal(
        'Its data is gone. Undo the revision by a new one, or restore the data from a backup.',
      ),
    )}
  end if;
  if to_regclass(format('%I.%I', v_row.schema_name, v_row.table_name)) is not null then
    ${fail(
      '42P07',
      `format('cannot restore %s: there is another relation %I.%I by now', v_words, v_row.schema_name, v_row.table_name)`,
      `format('Take back the revision that created it first, or rename it out of the way: alter table %I.%I rename to …', v_row.schema_name, v_row.table_name)`,
    )}
  end if;
  execute format('lock table %s in access exclusive mode', v_table::regclass);
  for v_one in
    select value ->> 'type' as type, value ->> 'schema' as schema, value ->> 'name' as name,
      value ->> 'hidden' as hidden, ordinality
    from jsonb_array_elements(v_row.lifted -> 'names') with ordinality
    order by ordinality
  loop
    begin
      execute format('alter %s %I.%I rename to %I', v_one.type, v_one.schema, v_one.hidden, v_one.name);
    exception when duplicate_table or duplicate_object or undefined_table or undefined_object then
      if v_one.ordinality = 1 then raise; end if;
      raise warning '% %.% keeps its hidden name %: %', v_one.type, v_one.schema, v_one.name, v_one.hidden, sqlerrm;
    end;
  end loop;
  ${asOwner(own, `delete from ${softDropTable(own)} d where d.id = v_row.id;`)}
  ${restoreConstraints(own)}
  ${FORMER_PATH}
end`;
}
