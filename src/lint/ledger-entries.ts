/** How statements are entered into a ledger of objects. */

import {
  type Body,
  bodiesOf,
  kindWords,
  type Node,
  nameOf,
  relationName,
  stringsOf,
  type Tag,
  tagOf,
} from '../analysis/tree.ts';
import { indexName } from './index-name.ts';
import {
  columnsIn,
  create,
  type Entry,
  isKnown,
  named,
  partOf,
  relationNamed,
  relationOf,
  tableOf,
} from './ledger-names.ts';
import { tableCommand } from './ledger-table-commands.ts';

type Enterers = { readonly [T in Tag]?: (statement: Body<T>, entry: Entry) => void };

/** Enters what `node` does to objects. */
export function enter(node: Node, entry: Entry): void {
  const tag = tagOf(node);
  const handle = ENTERERS[tag] as ((statement: unknown, entry: Entry) => void) | undefined; // the table pairs tag and body
  const body = (node as unknown as Record<string, unknown>)[tag]; // a node is its tag and its body
  handle?.(body, entry);
}

const ENTERERS: Enterers = {
  CreateStmt: (s, entry) => {
    if (s.relation?.relpersistence === 't') return;
    const parent = bodiesOf(s.inhRelations, 'RangeVar')[0];
    const owner = s.partbound === undefined ? undefined : tableOf(parent, entry);
    create({ ...relationNamed('table', s.relation), owner }, entry, s.if_not_exists);
  },
  CreateForeignTableStmt: (s, entry) =>
    create(relationNamed('foreign table', s.base?.relation), entry, s.base?.if_not_exists),
  CreateTableAsStmt: (s, entry) => {
    if (s.into?.rel?.relpersistence === 't') return;
    create(relationNamed(kindWords(s.objtype), s.into?.rel), entry, s.if_not_exists);
  },
  ViewStmt: (s, entry) => create(relationNamed('view', s.view), entry, s.replace),
  CreateSeqStmt: (s, entry) =>
    create(relationNamed('sequence', s.sequence), entry, s.if_not_exists),
  IndexStmt: (s, entry) => {
    const index = { ...relationNamed('index', s.relation), name: indexName(s) };
    entry.ledger.create(
      { ...index, owner: tableOf(s.relation, entry) },
      { ...entry, columns: columnsIn([s.indexParams, s.whereClause]), isUnsure: s.if_not_exists },
    );
  },
  CompositeTypeStmt: (s, entry) =>
    create(named('OBJECT_TYPE', relationName(s.typevar)), entry, false),
  CreateEnumStmt: (s, entry) => create(named('OBJECT_TYPE', stringsOf(s.typeName)), entry, false),
  CreateRangeStmt: (s, entry) => create(named('OBJECT_TYPE', stringsOf(s.typeName)), entry, false),
  CreateDomainStmt: (s, entry) =>
    create(named('OBJECT_DOMAIN', stringsOf(s.domainname)), entry, false),
  DefineStmt: (s, entry) => {
    if (s.kind === 'OBJECT_OPERATOR') return;
    create(named(s.kind, stringsOf(s.defnames)), entry, s.if_not_exists === true || s.replace);
  },
  CreateFunctionStmt: (s, entry) => {
    const kind = s.is_procedure === true ? 'OBJECT_PROCEDURE' : 'OBJECT_FUNCTION';
    create(named(kind, stringsOf(s.funcname)), entry, s.replace);
  },
  CreateSchemaStmt: (s, entry) =>
    create(
      named('OBJECT_SCHEMA', [s.schemaname ?? s.authrole?.rolename ?? '']),
      entry,
      s.if_not_exists,
    ),
  CreateExtensionStmt: (s, entry) =>
    create(named('OBJECT_EXTENSION', [s.extname ?? '']), entry, s.if_not_exists),
  CreateTrigStmt: (s, entry) =>
    create(partOf('OBJECT_TRIGGER', s.relation, s.trigname, entry), entry, s.replace),
  RuleStmt: (s, entry) =>
    create(partOf('OBJECT_RULE', s.relation, s.rulename, entry), entry, s.replace),
  CreatePolicyStmt: (s, entry) =>
    create(partOf('OBJECT_POLICY', s.table, s.policy_name, entry), entry, false),
  CreateStatsStmt: (s, entry) => {
    const name = stringsOf(s.defnames);
    if (name.length > 0) create(named('OBJECT_STATISTIC_EXT', name), entry, s.if_not_exists);
  },
  CreatePublicationStmt: (s, entry) =>
    create(named('OBJECT_PUBLICATION', [s.pubname ?? '']), entry, false),
  CreateForeignServerStmt: (s, entry) =>
    create(named('OBJECT_FOREIGN_SERVER', [s.servername ?? '']), entry, s.if_not_exists),
  CreateFdwStmt: (s, entry) => create(named('OBJECT_FDW', [s.fdwname ?? '']), entry, false),
  CreateEventTrigStmt: (s, entry) =>
    create(named('OBJECT_EVENT_TRIGGER', [s.trigname ?? '']), entry, false),
  CreateRoleStmt: (s, entry) => create(named('OBJECT_ROLE', [s.role ?? '']), entry, false),

  AlterTableStmt: (s, entry) => {
    for (const command of bodiesOf(s.cmds, 'AlterTableCmd')) tableCommand(s, command, entry);
  },
  RenameStmt: (s, entry) => {
    const object =
      s.relation !== undefined && s.subname !== undefined
        ? partOf(s.renameType, s.relation, s.subname, entry)
        : named(s.renameType, s.relation === undefined ? ownName(s) : relationName(s.relation));
    const known = entry.ledger.known(object);
    entry.ledger.rename(known, { ...known, name: s.newname ?? '' }, entry.cause);
  },
  AlterObjectSchemaStmt: (s, entry) => {
    const name = s.relation === undefined ? nameOf(s.object) : relationName(s.relation);
    const known = entry.ledger.known(named(s.objectType, name));
    entry.ledger.rename(known, { ...known, schema: s.newschema }, entry.cause);
  },
  AlterSeqStmt: (s, entry) => {
    const owned = bodiesOf(s.options, 'DefElem').find(({ defname }) => defname === 'owned_by');
    const [column, table, schema] = nameOf(owned?.arg).reverse();
    if (column === undefined || table === undefined) return;
    const owner = entry.ledger.known(
      named('OBJECT_TABLE', schema === undefined ? [table] : [schema, table]),
    );
    const name = { namespace: 'column', kind: 'column', schema: undefined, name: column, owner };
    entry.ledger.known(relationNamed('sequence', s.sequence)).owner = entry.ledger.known(name);
  },

  DropStmt: (s, entry) => {
    for (const object of s.objects ?? []) {
      const name = nameOf(object);
      const isPart = PARTS.has(s.removeType ?? '');
      const dropped = isPart
        ? partOf(s.removeType, relationOf(name.slice(0, -1)), name.at(-1), entry)
        : named(s.removeType, name);
      if (s.missing_ok !== true || isKnown(dropped, entry)) entry.ledger.drop(dropped, entry.cause);
      if (s.removeType === 'OBJECT_SCHEMA') dropContents(name[0], entry);
    }
  },
  DropRoleStmt: (s, entry) => {
    for (const { rolename = '' } of bodiesOf(s.roles, 'RoleSpec')) {
      entry.ledger.drop(named('OBJECT_ROLE', [rolename]), entry.cause);
    }
  },
};

const PARTS = new Set(['OBJECT_TRIGGER', 'OBJECT_RULE', 'OBJECT_POLICY']);

function dropContents(schema: string | undefined, { ledger }: Entry): void {
  for (const object of ledger.objects) {
    if (object.schema === schema) object.isAlive = false;
  }
}

function ownName({ object, subname }: Body<'RenameStmt'>): string[] {
  return object === undefined ? [subname ?? ''] : nameOf(object);
}
