/** What becomes of a new column that the inserts of the previous release do not name. */

import { type CreatedObjects, type NewColumn, newColumn, type UnnamedValue } from './created.ts';
import { type Body, bodiesOf, bodyOf, type Node, stringsOf, typeIdentifier } from './tree.ts';

// The parser leaves these pseudo-types to a later stage, hence under their own names.
const SERIAL_TYPES = new Set([
  'smallserial',
  'serial2',
  'serial',
  'serial4',
  'bigserial',
  'serial8',
]);

const DISTINCT_DEFAULTS = new Set([
  'nextval',
  'gen_random_uuid',
  'uuidv4',
  'uuidv7',
  'uuid_generate_v1',
  'uuid_generate_v1mc',
  'uuid_generate_v4',
]);

/** Whether a type stands for an integer with a sequence of its own as default. */
export function isSerial(type: Body<'TypeName'> | undefined): boolean {
  return SERIAL_TYPES.has(typeIdentifier(type));
}

/** The column that an `add column` makes. */
export function columnAdded(definition: Body<'ColumnDef'> | undefined): NewColumn {
  const counts = isSerial(definition?.typeName);
  let column: NewColumn = { required: counts, value: counts ? 'distinct' : 'null' };
  for (const constraint of bodiesOf(definition?.constraints, 'Constraint')) {
    switch (constraint.contype) {
      case 'CONSTR_NOTNULL':
      case 'CONSTR_PRIMARY':
        column = { ...column, required: true };
        break;
      case 'CONSTR_DEFAULT':
        column = { ...column, value: defaultValue(constraint.raw_expr) };
        break;
      case 'CONSTR_IDENTITY':
        column = { required: true, value: 'distinct' };
        break;
      case 'CONSTR_GENERATED':
        column = { ...column, value: 'computed' };
        break;
      default:
        break;
    }
  }
  return column;
}

/** How a command changes a column that is new; undefined when it changes none. */
export function columnAfter(
  created: CreatedObjects,
  relation: Body<'RangeVar'> | undefined,
  command: Body<'AlterTableCmd'>,
): { readonly column: string | undefined; readonly state: NewColumn | undefined } | undefined {
  if (command.subtype === 'AT_AddColumn') {
    const definition = bodyOf(command.def, 'ColumnDef');
    // `if not exists` may mean a column from before.
    const state = command.missing_ok === true ? undefined : columnAdded(definition);
    return { column: definition?.colname, state };
  }
  const constraint = bodyOf(command.def, 'Constraint');
  const column = constraint === undefined ? command.name : stringsOf(constraint.keys)[0];
  const before = newColumn(created, relation, column);
  if (before === undefined) return undefined;
  switch (command.subtype) {
    case 'AT_DropColumn':
      return { column, state: undefined };
    case 'AT_ColumnDefault':
      return { column, state: { ...before, value: defaultValue(command.def) } };
    case 'AT_SetNotNull':
      return { column, state: { ...before, required: true } };
    case 'AT_AddConstraint':
      return constraint?.contype === 'CONSTR_NOTNULL' || constraint?.contype === 'CONSTR_PRIMARY'
        ? { column, state: { ...before, required: true } }
        : undefined;
    case 'AT_DropNotNull':
      return { column, state: { ...before, required: false } };
    case 'AT_AddIdentity':
      return { column, state: { required: true, value: 'distinct' } };
    case 'AT_DropIdentity':
    case 'AT_DropExpression':
      return { column, state: { ...before, value: 'null' } };
    default:
      return undefined;
  }
}

/** Whether a default is one: `default null` is the same as none. */
export function isNullDefault(expression: Node | undefined): boolean {
  const cast = bodyOf(expression, 'TypeCast');
  const constant = bodyOf(cast === undefined ? expression : cast.arg, 'A_Const');
  return expression === undefined || constant?.isnull === true;
}

function defaultValue(expression: Node | undefined): UnnamedValue {
  if (isNullDefault(expression)) return 'null';
  const call = bodyOf(expression, 'FuncCall');
  return DISTINCT_DEFAULTS.has(stringsOf(call?.funcname).at(-1) ?? '') ? 'distinct' : 'default';
}

/** Whether inserts that do not name the column give it a value that is not null for sure. */
export function hasDefault(column: NewColumn | undefined): boolean {
  return column?.value === 'default' || column?.value === 'distinct';
}
