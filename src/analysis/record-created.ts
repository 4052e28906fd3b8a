/** What a statement creates, renames and drops, remembered for the statements that follow it. */

import {
  addNew,
  type CreatedObjects,
  forget,
  forgetAll,
  isNew,
  isNewRelation,
  kindOfNew,
  namespaceOf,
  newColumn,
  setNewColumn,
} from './created.ts';
import { columnAfter } from './new-columns.ts';
import {
  type Body,
  bodiesOf,
  bodyOf,
  descendants,
  type Node,
  nameOf,
  relationName,
  routineName,
  stringsOf,
  type Tag,
  tagOf,
} from './tree.ts';

type Recorders = {
  readonly [T in Tag]?: (statement: Body<T>, created: CreatedObjects) => void;
};

/** Remembers in `created` what `node` leaves behind, once it ran. */
export function recordCreated(node: Node, created: CreatedObjects): void {
  const tag = tagOf(node);
  const record = RECORDERS[tag] as
    | ((statement: unknown, created: CreatedObjects) => void)
    | undefined; // the table pairs tag and body
  record?.(bodyOf(node, tag), created);
}

/** Like `recordCreated` for a statement that may or may not have run: it proves nothing new. */
export function recordUncertain(node: Node | undefined, created: CreatedObjects): void {
  if (node === undefined) {
    created.searchPath += 1;
    forgetAll(created);
    return;
  }
  const objects = new Set(created.objects.keys());
  const columns = new Map(created.columns);
  recordCreated(node, created);
  for (const key of created.objects.keys()) {
    if (!objects.has(key)) created.objects.delete(key);
  }
  for (const [key, state] of created.columns) {
    if (columns.get(key) !== state) created.columns.delete(key);
  }
}

const RECORDERS: Recorders = {
  CreateStmt: (s, created) => addTable(created, s.relation, s.if_not_exists),
  CreateForeignTableStmt: (s, created) =>
    addRelation(created, s.base?.relation, s.base?.if_not_exists),
  CreateTableAsStmt: (s, created) => addTable(created, s.into?.rel, s.if_not_exists),
  SelectStmt: (s, created) => {
    if (s.intoClause !== undefined) addTable(created, s.intoClause.rel, false);
    if (
      descendants(s, 'FuncCall').some((call) => stringsOf(call.funcname).at(-1) === 'set_config')
    ) {
      created.searchPath += 1;
    }
  },
  ViewStmt: (s, created) => addRelation(created, s.view, s.replace),
  CreateSeqStmt: (s, created) => addRelation(created, s.sequence, s.if_not_exists),
  IndexStmt: (s, created) => {
    if (s.idxname === undefined || s.if_not_exists === true) return;
    const name = [...relationName(s.relation).slice(0, -1), s.idxname];
    addNew(created, 'relation', { name });
  },
  CompositeTypeStmt: (s, created) => addNew(created, 'type', { name: relationName(s.typevar) }),
  CreateEnumStmt: (s, created) => addNew(created, 'type', { name: stringsOf(s.typeName) }),
  CreateRangeStmt: (s, created) => addNew(created, 'type', { name: stringsOf(s.typeName) }),
  CreateDomainStmt: (s, created) => addNew(created, 'type', { name: stringsOf(s.domainname) }),
  DefineStmt: (s, created) => {
    // Operators of one name are told apart by their operands.
    if (s.kind === 'OBJECT_OPERATOR' || s.if_not_exists === true || s.replace === true) return;
    const name = stringsOf(s.defnames);
    const inputs = descendants(s.args, 'FunctionParameter').map((each) => each.argType);
    const isAggregate = s.kind === 'OBJECT_AGGREGATE';
    addNew(created, namespaceOf(s.kind), {
      name: isAggregate ? routineName(name, inputs) : name,
    });
  },
  CreateFunctionStmt: (s, created) => {
    if (s.replace === true) return;
    const name = stringsOf(s.funcname);
    const inputs = bodiesOf(s.parameters, 'FunctionParameter').filter(
      (each) => each.mode !== 'FUNC_PARAM_OUT' && each.mode !== 'FUNC_PARAM_TABLE',
    );
    addNew(created, 'routine', {
      name: routineName(
        name,
        inputs.map((each) => each.argType),
      ),
    });
    // Without arguments the name is refused as ambiguous unless this is the only one.
    addNew(created, 'routine', { name });
  },
  CreateSchemaStmt: (s, created) => {
    if (s.if_not_exists === true) return;
    const name = s.schemaname ?? s.authrole?.rolename;
    if (name !== undefined) addNew(created, 'OBJECT_SCHEMA', { name: [name] });
  },
  CreateTrigStmt: (s, created) => {
    if (s.replace === true || s.trigname === undefined) return;
    addNew(created, 'OBJECT_TRIGGER', { name: [...relationName(s.relation), s.trigname] });
  },
  RuleStmt: (s, created) => {
    if (s.replace === true || s.rulename === undefined) return;
    addNew(created, 'OBJECT_RULE', { name: [...relationName(s.relation), s.rulename] });
  },
  CreatePolicyStmt: (s, created) => {
    addNew(created, 'OBJECT_POLICY', { name: [...relationName(s.table), s.policy_name ?? ''] });
  },
  CreateExtensionStmt: (s, created) => {
    if (s.if_not_exists === true || s.extname === undefined) return;
    addNew(created, 'OBJECT_EXTENSION', { name: [s.extname] });
  },
  CreateStatsStmt: (s, created) => {
    if (s.if_not_exists === true) return;
    addNew(created, 'OBJECT_STATISTIC_EXT', { name: stringsOf(s.defnames) });
  },
  CreatePublicationStmt: (s, created) => {
    addNew(created, 'OBJECT_PUBLICATION', { name: [s.pubname ?? ''] });
  },
  CreateForeignServerStmt: (s, created) => {
    if (s.if_not_exists === true) return;
    addNew(created, 'OBJECT_FOREIGN_SERVER', { name: [s.servername ?? ''] });
  },
  CreateFdwStmt: (s, created) => addNew(created, 'OBJECT_FDW', { name: [s.fdwname ?? ''] }),
  CreateRoleStmt: (s, created) => addNew(created, 'OBJECT_ROLE', { name: [s.role ?? ''] }),
  AlterTableStmt: (s, created) => {
    for (const command of bodiesOf(s.cmds, 'AlterTableCmd')) {
      recordTableCommand(created, s.relation, command);
      adoptRows(created, s.relation, command);
    }
  },
  RenameStmt: (s, created) => {
    const to = s.newname ?? '';
    if (s.renameType === 'OBJECT_COLUMN') {
      const state = newColumn(created, s.relation, s.subname);
      setNewColumn(created, s.relation, { column: s.subname, state: undefined });
      setNewColumn(created, s.relation, { column: to, state });
      return;
    }
    if (s.subname !== undefined && s.renameType !== 'OBJECT_SCHEMA') return;
    if (s.renameType === 'OBJECT_SCHEMA') forgetAll(created);
    else moveName(created, { ...s, kind: s.renameType }, (name) => [...name.slice(0, -1), to]);
  },
  AlterObjectSchemaStmt: (s, created) => {
    moveName(created, { ...s, kind: s.objectType }, (name) => [
      s.newschema ?? '',
      name.at(-1) ?? '',
    ]);
  },
  DropStmt: (s, created) => {
    // A schema takes with it what was recorded under its name.
    if (s.removeType === 'OBJECT_SCHEMA') forgetAll(created);
    // Its name may come to mean another table.
    created.columns.clear();
    for (const object of s.objects ?? []) {
      forget(created, namespaceOf(s.removeType), identityOf(object));
    }
  },
  VariableSetStmt: (s, created) => {
    // "$user" in the path makes it depend on the role.
    const decides = ['search_path', 'role', 'session_authorization'].includes(s.name ?? '');
    if (decides || s.kind === 'VAR_RESET_ALL') created.searchPath += 1;
  },
  DiscardStmt: (_, created) => {
    created.searchPath += 1;
  },
  TransactionStmt: (s, created) => {
    if (s.kind === 'TRANS_STMT_ROLLBACK_TO') forgetAll(created);
  },
};

/** Remembers what one command of an `alter table` does to the columns that are new. */
export function recordTableCommand(
  created: CreatedObjects,
  relation: Body<'RangeVar'> | undefined,
  command: Body<'AlterTableCmd'>,
): void {
  // Of a new table everything is new.
  if (isNewRelation(created, relation)) return;
  const change = columnAfter(created, relation, command);
  if (change !== undefined) setNewColumn(created, relation, change);
}

// A new table to which an old one is attached, or from which it inherits, holds old rows from then on.
function adoptRows(
  created: CreatedObjects,
  relation: Body<'RangeVar'> | undefined,
  command: Body<'AlterTableCmd'>,
): void {
  const partition = bodyOf(command.def, 'PartitionCmd')?.name;
  if (command.subtype === 'AT_AttachPartition' && !isNewRelation(created, partition)) {
    forget(created, 'relation', relationName(relation));
  }
  if (command.subtype === 'AT_AddInherit' && !isNewRelation(created, relation)) {
    forget(created, 'relation', relationName(bodyOf(command.def, 'RangeVar')));
  }
}

/** The name under which a created object is remembered. */
export function identityOf(object: Node | undefined): string[] {
  const routine = bodyOf(object, 'ObjectWithArgs');
  if (routine === undefined || routine.args_unspecified === true) return nameOf(object);
  return routineName(stringsOf(routine.objname), bodiesOf(routine.objargs, 'TypeName'));
}

function addTable(
  created: CreatedObjects,
  relation: Body<'RangeVar'> | undefined,
  mayExist: boolean | undefined,
): void {
  // A temporary table belongs to this session alone, whoever created it.
  const isTemporary = relation?.relpersistence === 't';
  if (mayExist === true && !isTemporary && !isNewRelation(created, relation)) return;
  const kind = isTemporary ? 'temporary table' : 'table';
  addNew(created, 'relation', { name: relationName(relation), kind });
}

function addRelation(
  created: CreatedObjects,
  relation: Body<'RangeVar'> | undefined,
  mayExist: boolean | undefined,
): void {
  if (mayExist === true && !isNewRelation(created, relation)) return;
  addNew(created, 'relation', { name: relationName(relation) });
}

function moveName(
  created: CreatedObjects,
  statement: Pick<Body<'RenameStmt'>, 'relation' | 'object'> & {
    readonly kind: string | undefined;
  },
  rename: (name: readonly string[]) => string[],
): void {
  const { relation, object } = statement;
  const namespace = namespaceOf(statement.kind);
  const from = relation === undefined ? identityOf(object) : relationName(relation);
  const to = rename(from);
  const wasNew = isNew(created, namespace, from);
  const kind = kindOfNew(created, from) ?? 'other';
  forget(created, namespace, from);
  // A column is remembered by its table's name, which may come to mean another table.
  created.columns.clear();
  if (wasNew) {
    addNew(created, namespace, { name: to, kind });
    return;
  }
  forget(created, namespace, to);
  // With an old object in it, a new schema no longer vouches for what it holds.
  const schema = to.length > 1 ? to[0] : undefined;
  if (schema !== undefined) forget(created, 'OBJECT_SCHEMA', [schema]);
}
