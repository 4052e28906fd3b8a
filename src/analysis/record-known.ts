/** What a statement tells about tables, remembered for the statements that follow it. */

import {
  forgetKnown,
  type KnownSchema,
  type KnownTable,
  knownKey,
  knownTable,
  unknownTable,
} from './known.ts';
import { constraintToKnow, typeToKnow } from './known-parts.ts';
import { isOpaque } from './opaque.ts';
import {
  type Body,
  bodiesOf,
  bodyOf,
  descendants,
  type Node,
  nameOf,
  relationName,
  stringsOf,
  type Tag,
  tagOf,
} from './tree.ts';

type Recorders = {
  readonly [T in Tag]?: (statement: Body<T>, known: KnownSchema) => void;
};

/** Remembers in `known` what `node` says, once it ran; undefined where nobody can read it. */
export function recordKnown(node: Node | undefined, known: KnownSchema): void {
  if (node === undefined || isOpaque(node)) {
    forgetKnown(known);
    return;
  }
  const tag = tagOf(node);
  const record = RECORDERS[tag] as ((statement: unknown, known: KnownSchema) => void) | undefined; // the table pairs tag and body
  record?.(bodyOf(node, tag), known);
}

const RECORDERS: Recorders = {
  CreateStmt: (s, known) => {
    const key = knownKey(relationName(s.relation));
    // It may be another than the one that is described here.
    if (s.if_not_exists === true) return;
    const table = unknownTable(s.relation?.relpersistence === 't');
    known.tables.set(key, table);
    for (const definition of bodiesOf(s.tableElts, 'ColumnDef')) addColumn(table, definition);
    for (const constraint of bodiesOf(s.tableElts, 'Constraint')) {
      addConstraint(table, constraint);
      addIndexOf(known, s.relation, constraint);
    }
  },
  CreateTableAsStmt: (s, known) => {
    known.tables.delete(knownKey(relationName(s.into?.rel)));
  },
  SelectStmt: (s, known) => {
    if (s.intoClause !== undefined) known.tables.delete(knownKey(relationName(s.intoClause.rel)));
    const calls = descendants(s, 'FuncCall').map((call) => stringsOf(call.funcname).at(-1));
    if (calls.includes('set_config')) forgetUnqualified(known);
  },
  IndexStmt: (s, known) => {
    const table = knownTable(known, s.relation);
    bind(table, s.whereClause);
    for (const { expr } of bodiesOf(s.indexParams, 'IndexElem')) bind(table, expr);
    if (s.idxname === undefined) return;
    const [schema] = relationName(s.relation).slice(0, -1);
    const key = knownKey(schema === undefined ? [s.idxname] : [schema, s.idxname]);
    if (s.if_not_exists === true) known.indexes.delete(key);
    else known.indexes.set(key, { schema, name: s.relation?.relname ?? '' });
  },
  AlterTableStmt: (s, known) => {
    if (s.objtype !== 'OBJECT_TABLE') return;
    const table = knownTable(known, s.relation);
    for (const command of bodiesOf(s.cmds, 'AlterTableCmd')) {
      changeTable(table, command);
      if (command.subtype === 'AT_AddConstraint') {
        addIndexOf(known, s.relation, bodyOf(command.def, 'Constraint'));
      }
    }
  },
  RenameStmt: (s, known) => {
    const to = s.newname ?? '';
    switch (s.renameType) {
      case 'OBJECT_COLUMN':
        renameColumn(knownTable(known, s.relation), s.subname ?? '', to);
        break;
      // Everything else that is renamed may be, or hide, something that is known.
      case 'OBJECT_TABLE':
      case 'OBJECT_INDEX':
      case 'OBJECT_TABCONSTRAINT':
      case 'OBJECT_SCHEMA':
        forgetKnown(known);
        break;
      default:
        break;
    }
  },
  AlterObjectSchemaStmt: (_, known) => forgetKnown(known),
  DropStmt: (s, known) => {
    if (s.removeType === 'OBJECT_SCHEMA') forgetKnown(known);
    for (const object of s.objects ?? []) {
      const key = knownKey(nameOf(object));
      known.tables.delete(key);
      known.indexes.delete(key);
    }
  },
  VariableSetStmt: (s, known) => {
    const decides = ['search_path', 'role', 'session_authorization'].includes(s.name ?? '');
    if (decides || s.kind === 'VAR_RESET_ALL') forgetUnqualified(known);
  },
  DiscardStmt: (_, known) => forgetUnqualified(known),
  TransactionStmt: (s, known) => {
    if (s.kind?.startsWith('TRANS_STMT_ROLLBACK') === true) forgetKnown(known);
  },
};

function changeTable(table: KnownTable, command: Body<'AlterTableCmd'>): void {
  const definition = bodyOf(command.def, 'ColumnDef');
  const constraint = bodyOf(command.def, 'Constraint');
  const name = command.name ?? '';
  switch (command.subtype) {
    case 'AT_AddColumn':
      if (command.missing_ok !== true && definition !== undefined) addColumn(table, definition);
      break;
    case 'AT_DropColumn':
      forgetColumn(table, name);
      break;
    case 'AT_AlterColumnType':
      // Of a column that was there before nobody knows what depends on it.
      if (table.types.has(name)) setType(table, name, definition);
      break;
    case 'AT_SetNotNull':
      table.required.add(name);
      break;
    case 'AT_DropNotNull':
      table.required.delete(name);
      break;
    case 'AT_AddConstraint':
      if (constraint !== undefined) addConstraint(table, constraint);
      break;
    case 'AT_ValidateConstraint': {
      const known = table.constraints.get(name);
      if (known !== undefined) table.constraints.set(name, { ...known, isValid: true });
      break;
    }
    case 'AT_AlterConstraint':
      table.constraints.delete(bodyOf(command.def, 'ATAlterConstraint')?.conname ?? '');
      break;
    case 'AT_DropConstraint': {
      // A constraint of which nothing is known may be what refuses nulls.
      const kind = table.constraints.get(name)?.kind;
      if (kind === undefined || kind === 'CONSTR_NOTNULL') table.required.clear();
      table.constraints.delete(name);
      break;
    }
    default:
      break;
  }
}

function addColumn(table: KnownTable, definition: Body<'ColumnDef'>): void {
  const name = definition.colname ?? '';
  forgetColumn(table, name);
  setType(table, name, definition);
  for (const constraint of bodiesOf(definition.constraints, 'Constraint')) {
    addConstraint(table, constraint, name);
  }
}

function setType(table: KnownTable, name: string, definition: Body<'ColumnDef'> | undefined): void {
  const type = typeToKnow(definition);
  if (type === undefined) table.types.delete(name);
  else table.types.set(name, type);
}

function addConstraint(table: KnownTable, constraint: Body<'Constraint'>, column?: string): void {
  const { contype, conname } = constraint;
  const keys = column === undefined ? stringsOf(constraint.keys) : [column];
  const isValid = constraint.skip_validation !== true;
  const requires =
    contype === 'CONSTR_PRIMARY' || contype === 'CONSTR_NOTNULL' || contype === 'CONSTR_IDENTITY';
  if (requires && isValid) for (const key of keys) table.required.add(key);
  bind(table, constraint.contype === 'CONSTR_CHECK' ? constraint.raw_expr : undefined);
  bind(table, constraint.exclusions);
  bind(table, constraint.where_clause);
  const known = constraintToKnow(constraint);
  // Without a name nobody could tell when it goes.
  if (conname !== undefined && known !== undefined) table.constraints.set(conname, known);
}

/** The columns that an expression names are bound by it. */
function bind(table: KnownTable, expression: unknown): void {
  for (const { fields } of descendants(expression, 'ColumnRef')) {
    const column = stringsOf(fields?.slice(-1))[0];
    if (column !== undefined && table.types.has(column)) table.bound.add(column);
    // A whole row, or a column of it.
    else table.types.clear();
  }
}

/** The index of a constraint has its name, in the schema of its table. */
function addIndexOf(
  known: KnownSchema,
  relation: Body<'RangeVar'> | undefined,
  constraint: Body<'Constraint'> | undefined,
): void {
  const { contype = '', conname } = constraint ?? {};
  if (conname === undefined || !WITH_INDEX.has(contype)) return;
  const [schema] = relationName(relation).slice(0, -1);
  const key = knownKey(schema === undefined ? [conname] : [schema, conname]);
  known.indexes.set(key, { schema, name: relation?.relname ?? '' });
}

const WITH_INDEX = new Set(['CONSTR_PRIMARY', 'CONSTR_UNIQUE', 'CONSTR_EXCLUSION']);

function forgetColumn(table: KnownTable, column: string): void {
  table.types.delete(column);
  table.bound.delete(column);
  table.required.delete(column);
  for (const [name, { proves }] of table.constraints) {
    if (proves.includes(column)) table.constraints.delete(name);
  }
}

function renameColumn(table: KnownTable, from: string, to: string): void {
  const type = table.types.get(from);
  const isBound = table.bound.has(from);
  const isRequired = table.required.has(from);
  forgetColumn(table, from);
  forgetColumn(table, to);
  if (type !== undefined) table.types.set(to, type);
  if (isBound) table.bound.add(to);
  if (isRequired) table.required.add(to);
}

function forgetUnqualified(known: KnownSchema): void {
  for (const map of [known.tables, known.indexes]) {
    for (const key of map.keys()) if (!key.includes('","')) map.delete(key);
  }
}
