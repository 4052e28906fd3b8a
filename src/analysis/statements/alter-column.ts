/** Commands of `alter table` on one column. */

import type { Compatibility } from '../../core/revision.ts';
import { type NewColumn, newColumn, setNewColumn, withOwnColumns } from '../created.ts';
import {
  asNew,
  breaking,
  compatible,
  type Effect,
  type FactsContext,
  only,
  together,
  undecided,
} from '../effect.ts';
import { columnAdded, hasDefault, isNullDefault } from '../new-columns.ts';
import { type Body, bodiesOf, bodyOf, relationName, typeWords, words } from '../tree.ts';
import { typeChangeEffect } from './column-type.ts';
import { constraintCompatibility } from './constraint.ts';

/** Facts about a command on a column; undefined when `command` is none. */
export function columnEffect(
  statement: Body<'AlterTableStmt'>,
  command: Body<'AlterTableCmd'>,
  context: FactsContext,
): Effect | undefined {
  const definition = bodyOf(command.def, 'ColumnDef');
  // A column of an index may be named by its number.
  const name = command.name ?? definition?.colname ?? String(command.num ?? '');
  const column = words([...relationName(statement.relation), name]);
  const isType = statement.objtype === 'OBJECT_TYPE';
  const added = newColumn(context.created, statement.relation, name);

  switch (command.subtype) {
    case 'AT_AddColumn':
      if (isType) {
        return only(breaking(`adds attribute ${column}, and with it changes values of the type`));
      }
      return addColumn(column, statement, command, context);
    case 'AT_DropColumn': {
      const kind = isType ? 'attribute' : 'column';
      // A view's or a foreign table's column holds no data of its own.
      const holdsData = statement.objtype === 'OBJECT_TABLE' || isType;
      if (added !== undefined) return only(asNew(`drops ${kind} ${column}`));
      return {
        compatibility: breaking(
          `drops ${kind} ${column}, which code of the previous release may still use`,
        ),
        dataLoss: holdsData ? [`${kind} ${column}`] : [],
      };
    }
    case 'AT_AlterColumnType':
      if (added !== undefined) return only(asNew(`changes the type of column ${column}`));
      if (isType) {
        const type = typeWords(definition?.typeName);
        return only(breaking(`changes the type of attribute ${column} to ${type}`));
      }
      return typeChangeEffect(column, command);

    case 'AT_SetNotNull':
      if (hasDefault(added)) {
        return only(
          compatible(`requires column ${column}, which has a default since this release`),
        );
      }
      return only(
        breaking(
          added === undefined
            ? `requires column ${column}, where code of the previous release may write null`
            : `requires column ${column}, which code of the previous release does not fill`,
        ),
      );
    case 'AT_DropNotNull':
      return only(compatible(`lets column ${column} be null, which writes do not notice`));

    case 'AT_ColumnDefault':
    case 'AT_CookedColumnDefault':
      if (!isNullDefault(command.def)) return only(compatible(`sets the default of ${column}`));
      return only(losesDefault(`drops the default of column ${column}`, added));
    case 'AT_DropIdentity':
      return only(losesDefault(`drops the identity of column ${column}`, added));
    case 'AT_DropExpression':
      return only(losesDefault(`no longer computes column ${column}`, added));
    case 'AT_SetExpression':
      return only(undecided(`changes how column ${column} is computed`));

    case 'AT_AddIdentity': {
      const identity = bodyOf(command.def, 'Constraint');
      return only(identityCompatibility(column, identity?.generated_when, added !== undefined));
    }
    case 'AT_SetIdentity': {
      const options = bodyOf(command.def, 'List')?.items;
      const generated = bodiesOf(options, 'DefElem').find((each) => each.defname === 'generated');
      const when = String.fromCharCode(bodyOf(generated?.arg, 'Integer')?.ival ?? 0);
      return only(identityCompatibility(column, when, added !== undefined));
    }

    case 'AT_SetStatistics':
    case 'AT_SetOptions':
    case 'AT_ResetOptions':
    case 'AT_SetStorage':
    case 'AT_SetCompression':
      return only(compatible(`changes how column ${column} is stored or planned, not its values`));
    case 'AT_AlterColumnGenericOptions':
      return only(undecided(`changes what column ${column} is bound to`));
    default:
      return undefined;
  }
}

function addColumn(
  column: string,
  statement: Body<'AlterTableStmt'>,
  command: Body<'AlterTableCmd'>,
  context: FactsContext,
): Effect {
  const definition = bodyOf(command.def, 'ColumnDef');
  const state = columnAdded(definition);
  if (state.required && !hasDefault(state)) {
    return only(
      breaking(
        state.value === 'computed'
          ? `adds required column ${column}, which may be null for rows of the previous release`
          : `adds required column ${column} without a default, which code of the previous release does not fill`,
      ),
    );
  }
  const created = withOwnColumns(context.created);
  const { relation } = statement;
  setNewColumn(created, relation, { column: definition?.colname, state });
  const constraints = bodiesOf(definition?.constraints, 'Constraint')
    .filter((each) => CHECKED.has(each.contype ?? ''))
    .map((each) => only(constraintCompatibility(each, { created, relation }, definition?.colname)));
  const adds = only(compatible(`adds column ${column}`));
  return together([adds, ...constraints], adds.compatibility);
}

const CHECKED = new Set(['CONSTR_CHECK', 'CONSTR_UNIQUE', 'CONSTR_PRIMARY', 'CONSTR_FOREIGN']);

function losesDefault(what: string, added: NewColumn | undefined): Compatibility {
  if (added === undefined) {
    return breaking(`${what}, which inserts of the previous release may rely on`);
  }
  return added.required
    ? breaking(`${what}, which code of the previous release does not fill`)
    : asNew(what);
}

// `always` refuses a value of the writer's own; `by default` takes it.
function identityCompatibility(
  column: string,
  when: string | undefined,
  isNew: boolean,
): Compatibility {
  if (isNew) return asNew(`changes the identity of column ${column}`);
  return when === 'a'
    ? breaking(`always generates column ${column}, where code may insert values of its own`)
    : compatible(`changes how column ${column} is generated, and still takes other values`);
}
