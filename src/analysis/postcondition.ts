/** Which evidence a statement leaves in the catalog once it ran (DESIGN §6.5). */

import type { Postcondition, RelationName } from '../core/revision.ts';
import { behindTable } from '../sql/behind-table.ts';
import { quoteIdentifier } from '../sql/identifiers.ts';
import {
  type Body,
  bodiesOf,
  bodyOf,
  hasOption,
  type Node,
  nameOf,
  relationName,
  stringsOf,
  type Tag,
  tagOf,
} from './tree.ts';

type Readers = {
  readonly [T in Tag]?: (statement: Body<T>, text: string) => Postcondition | undefined;
};

/** What the catalog holds once `node`, written as `text`, has run; undefined when it cannot tell. */
export function postconditionOf(node: Node, text: string): Postcondition | undefined {
  const tag = tagOf(node);
  const read = READERS[tag] as
    | ((statement: unknown, text: string) => Postcondition | undefined)
    | undefined; // the table pairs tag and body
  return read?.(bodyOf(node, tag), text);
}

const READERS: Readers = {
  IndexStmt: (s, text) =>
    s.concurrent === true
      ? {
          kind: 'index-valid',
          schema: s.relation?.schemaname,
          index: s.idxname,
          definition: {
            table: s.relation?.relname ?? '',
            unique: s.unique === true,
            rest: behindTable(text),
            ifNotExists: s.if_not_exists === true,
          },
        }
      : s.idxname === undefined
        ? undefined
        : there('index', [...relationName(s.relation).slice(0, -1), s.idxname]),
  ReindexStmt: (s) => {
    const of = REINDEXED[s.kind ?? ''];
    if (of === undefined || !hasOption(s.params, 'concurrently')) return undefined;
    const name = s.relation?.relname ?? s.name ?? '';
    return { kind: 'no-reindex-remnants', of, schema: s.relation?.schemaname, name };
  },
  AlterEnumStmt: (s) => {
    if (s.oldVal !== undefined) return undefined;
    const name = stringsOf(s.typeName);
    return {
      kind: 'enum-label',
      schema: name.at(-2),
      type: name.at(-1) ?? '',
      label: s.newVal ?? '',
    };
  },
  AlterTableStmt: (s) => {
    const [command, ...others] = bodiesOf(s.cmds, 'AlterTableCmd');
    if (command === undefined || others.length > 0 || s.objtype !== 'OBJECT_TABLE')
      return undefined;
    return tableCommand(s.relation, command);
  },
  DropStmt: dropped,

  CreateStmt: (s) => there('table', relationName(s.relation)),
  CreateForeignTableStmt: (s) => there('foreign table', relationName(s.base?.relation)),
  CreateTableAsStmt: (s) =>
    there(
      s.objtype === 'OBJECT_MATVIEW' ? 'materialized view' : 'table',
      relationName(s.into?.rel),
    ),
  // That a view or function is there does not prove that it was replaced.
  ViewStmt: (s) => (s.replace === true ? undefined : there('view', relationName(s.view))),
  CreateFunctionStmt: (s) => {
    if (s.replace === true) return undefined;
    const inputs = bodiesOf(s.parameters, 'FunctionParameter').filter(
      (each) => each.mode !== 'FUNC_PARAM_OUT' && each.mode !== 'FUNC_PARAM_TABLE',
    );
    const args = inputs.map((each) => typeName(each.argType));
    return there(s.is_procedure === true ? 'procedure' : 'function', stringsOf(s.funcname), args);
  },
  CreateSeqStmt: (s) => there('sequence', relationName(s.sequence)),
  CompositeTypeStmt: (s) => there('type', relationName(s.typevar)),
  CreateEnumStmt: (s) => there('type', stringsOf(s.typeName)),
  CreateRangeStmt: (s) => there('type', stringsOf(s.typeName)),
  CreateDomainStmt: (s) => there('type', stringsOf(s.domainname)),
  CreateSchemaStmt: (s) => there('schema', [s.schemaname ?? s.authrole?.rolename]),
  CreateTrigStmt: (s) =>
    s.replace === true
      ? undefined
      : there('trigger', [...relationName(s.relation), s.trigname ?? '']),
  CreatePolicyStmt: (s) => there('policy', [...relationName(s.table), s.policy_name ?? '']),
  CreateStatsStmt: (s) => there('statistics object', stringsOf(s.defnames)),
  CreateExtensionStmt: (s) => there('extension', [s.extname]),
  CreatePublicationStmt: (s) => there('publication', [s.pubname]),
  CreateSubscriptionStmt: (s) => there('subscription', [s.subname]),
  CreateRoleStmt: (s) => there('role', [s.role]),
  CreatedbStmt: (s) => there('database', [s.dbname]),
  CreateTableSpaceStmt: (s) => there('tablespace', [s.tablespacename]),
  CreateForeignServerStmt: (s) => there('server', [s.servername]),
  CreateFdwStmt: (s) => there('foreign-data wrapper', [s.fdwname]),
  CreateEventTrigStmt: (s) => there('event trigger', [s.trigname]),
  DropdbStmt: (s) => gone('database', [s.dbname]),
  DropTableSpaceStmt: (s) => gone('tablespace', [s.tablespacename]),
  DropSubscriptionStmt: (s) => gone('subscription', [s.subname]),
};

const REINDEXED: { readonly [kind: string]: 'index' | 'table' | 'schema' | 'database' } = {
  REINDEX_OBJECT_INDEX: 'index',
  REINDEX_OBJECT_TABLE: 'table',
  REINDEX_OBJECT_SCHEMA: 'schema',
  REINDEX_OBJECT_DATABASE: 'database',
};

/** Kinds of objects as `pg_get_object_address` calls them, where a drop names them alike. */
const DROPPED: { readonly [kind: string]: string } = {
  OBJECT_TABLE: 'table',
  OBJECT_INDEX: 'index',
  OBJECT_SEQUENCE: 'sequence',
  OBJECT_VIEW: 'view',
  OBJECT_MATVIEW: 'materialized view',
  OBJECT_FOREIGN_TABLE: 'foreign table',
  OBJECT_TYPE: 'type',
  OBJECT_DOMAIN: 'type',
  OBJECT_SCHEMA: 'schema',
  OBJECT_TRIGGER: 'trigger',
  OBJECT_POLICY: 'policy',
  OBJECT_STATISTIC_EXT: 'statistics object',
  OBJECT_EXTENSION: 'extension',
  OBJECT_PUBLICATION: 'publication',
  OBJECT_FOREIGN_SERVER: 'server',
  OBJECT_FDW: 'foreign-data wrapper',
  OBJECT_EVENT_TRIGGER: 'event trigger',
  OBJECT_FUNCTION: 'function',
  OBJECT_PROCEDURE: 'procedure',
};

function dropped(s: Body<'DropStmt'>): Postcondition | undefined {
  const [object, ...others] = s.objects ?? [];
  const type = DROPPED[s.removeType ?? ''];
  if (object === undefined || others.length > 0 || type === undefined) return undefined;
  const name = nameOf(object);
  const index = name.at(-1);
  if (s.concurrent === true && index !== undefined) {
    return { kind: 'index-absent', schema: name.at(-2), index };
  }
  const routine = bodyOf(object, 'ObjectWithArgs');
  // Without its arguments the name may stand for several routines.
  if (routine?.args_unspecified === true) return undefined;
  return gone(type, name, bodiesOf(routine?.objargs, 'TypeName').map(typeName));
}

function tableCommand(
  relation: Body<'RangeVar'> | undefined,
  command: Body<'AlterTableCmd'>,
): Postcondition | undefined {
  const table = relationName(relation);
  const partition = bodyOf(command.def, 'PartitionCmd')?.name;
  const name = command.name ?? '';
  switch (command.subtype) {
    case 'AT_AttachPartition':
    case 'AT_DetachPartition':
    case 'AT_DetachPartitionFinalize':
      return {
        kind: 'partition',
        parent: named(relation),
        partition: named(partition),
        attached: command.subtype === 'AT_AttachPartition',
      };
    case 'AT_ValidateConstraint':
      return { kind: 'constraint-valid', table: named(relation), constraint: name };
    case 'AT_AddColumn': {
      const column = bodyOf(command.def, 'ColumnDef')?.colname;
      return there('table column', [...table, column]);
    }
    case 'AT_DropColumn':
      return gone('table column', [...table, name]);
    case 'AT_AddConstraint': {
      const constraint = bodyOf(command.def, 'Constraint')?.conname;
      return constraint === undefined
        ? undefined
        : there('table constraint', [...table, constraint]);
    }
    case 'AT_DropConstraint':
      return gone('table constraint', [...table, name]);
    default:
      return undefined;
  }
}

/** A type as `pg_get_object_address` reads it: in SQL, with quotes where it needs them. */
function typeName(type: Body<'TypeName'> | undefined): string {
  const name = stringsOf(type?.names).map(quoteIdentifier).join('.');
  return `${name}${'[]'.repeat(type?.arrayBounds?.length ?? 0)}`;
}

function named(relation: Body<'RangeVar'> | undefined): RelationName {
  return { schema: relation?.schemaname, name: relation?.relname ?? '' };
}

function there(
  type: string,
  name: readonly (string | undefined)[],
  args: readonly string[] = [],
): Postcondition | undefined {
  return object(type, name, { args, present: true });
}

function gone(
  type: string,
  name: readonly (string | undefined)[],
  args: readonly string[] = [],
): Postcondition | undefined {
  return object(type, name, { args, present: false });
}

// A temporary object ends with its session, which is not the one that asks.
function object(
  type: string,
  name: readonly (string | undefined)[],
  rest: { readonly args: readonly string[]; readonly present: boolean },
): Postcondition | undefined {
  const parts = name.map((part) => part ?? '');
  if (parts.includes('') || parts[0] === 'pg_temp') return undefined;
  // Types alone are named in one piece.
  const asked = type === 'type' ? [parts.map(quoteIdentifier).join('.')] : parts;
  return { kind: 'object', type, name: asked, ...rest };
}
