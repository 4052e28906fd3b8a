/** What a statement is called in logs: `create table`, `alter table`, `insert`. */

import type { SqlNode } from './parse.ts';

/** Statements whose words are not those of their tag. */
const WORDS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    AlterDatabaseRefreshCollStmt: 'alter database',
    AlterDatabaseSetStmt: 'alter database',
    AlterEnumStmt: 'alter type',
    AlterEventTrigStmt: 'alter event trigger',
    AlterExtensionContentsStmt: 'alter extension',
    AlterFdwStmt: 'alter foreign data wrapper',
    AlterForeignServerStmt: 'alter server',
    AlterOpFamilyStmt: 'alter operator family',
    AlterRoleSetStmt: 'alter role',
    AlterSeqStmt: 'alter sequence',
    AlterStatsStmt: 'alter statistics',
    AlterTableMoveAllStmt: 'alter table',
    AlterTableSpaceOptionsStmt: 'alter tablespace',
    AlterTSConfigurationStmt: 'alter text search configuration',
    AlterTSDictionaryStmt: 'alter text search dictionary',
    CheckPointStmt: 'checkpoint',
    ClosePortalStmt: 'close',
    CompositeTypeStmt: 'create type',
    ConstraintsSetStmt: 'set constraints',
    CreateAmStmt: 'create access method',
    CreatedbStmt: 'create database',
    CreateEnumStmt: 'create type',
    CreateEventTrigStmt: 'create event trigger',
    CreateFdwStmt: 'create foreign data wrapper',
    CreateForeignServerStmt: 'create server',
    CreateOpClassStmt: 'create operator class',
    CreateOpFamilyStmt: 'create operator family',
    CreatePLangStmt: 'create language',
    CreateRangeStmt: 'create type',
    CreateSeqStmt: 'create sequence',
    CreateStatsStmt: 'create statistics',
    CreateStmt: 'create table',
    CreateTableSpaceStmt: 'create tablespace',
    CreateTrigStmt: 'create trigger',
    DeclareCursorStmt: 'declare',
    DropdbStmt: 'drop database',
    DropTableSpaceStmt: 'drop tablespace',
    IndexStmt: 'create index',
    RefreshMatViewStmt: 'refresh materialized view',
    RuleStmt: 'create rule',
    SecLabelStmt: 'security label',
    VariableShowStmt: 'show',
    ViewStmt: 'create view',
  }),
);

/** Statements that are named after the kind of object they work on, and where that is written. */
const VERBS: ReadonlyMap<string, readonly [verb: string, kindIn: string]> = new Map(
  Object.entries({
    AlterFunctionStmt: ['alter', 'objtype'],
    AlterObjectDependsStmt: ['alter', 'objectType'],
    AlterObjectSchemaStmt: ['alter', 'objectType'],
    AlterOwnerStmt: ['alter', 'objectType'],
    AlterTableStmt: ['alter', 'objtype'],
    CreateTableAsStmt: ['create', 'objtype'],
    DefineStmt: ['create', 'kind'],
    DropStmt: ['drop', 'removeType'],
    RenameStmt: ['alter', 'renameType'],
  } satisfies Record<string, readonly [string, string]>),
);

/** Kinds of object whose SQL words are not those of the parser's name. */
const KINDS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    OBJECT_ATTRIBUTE: 'type',
    OBJECT_DOMCONSTRAINT: 'domain',
    OBJECT_FDW: 'foreign data wrapper',
    OBJECT_FOREIGN_SERVER: 'server',
    OBJECT_LARGEOBJECT: 'large object',
    OBJECT_MATVIEW: 'materialized view',
    OBJECT_OPCLASS: 'operator class',
    OBJECT_OPFAMILY: 'operator family',
    OBJECT_STATISTIC_EXT: 'statistics',
    OBJECT_TABCONSTRAINT: 'table',
    OBJECT_TSCONFIGURATION: 'text search configuration',
    OBJECT_TSDICTIONARY: 'text search dictionary',
    OBJECT_TSPARSER: 'text search parser',
    OBJECT_TSTEMPLATE: 'text search template',
  }),
);

type Fields = { readonly [field: string]: unknown };

/** The command of a parsed statement, in lower-case words. */
export function commandOf(node: SqlNode): string {
  // A node is an object with one key; the union of all of them cannot be indexed by it.
  const [[tag, body] = ['', {}]] = Object.entries(node as unknown as Record<string, Fields>);
  const verb = VERBS.get(tag);
  if (verb !== undefined) return `${verb[0]} ${kindOf(body, verb[1])}`;
  const kind = String(body['kind']);
  if (tag === 'TransactionStmt') return wordsOf(kind, 'TRANS_STMT_');
  if (tag === 'GrantStmt' || tag === 'GrantRoleStmt') return body['is_grant'] ? 'grant' : 'revoke';
  if (tag === 'CreateFunctionStmt')
    return body['is_procedure'] ? 'create procedure' : 'create function';
  if (tag === 'VacuumStmt') return body['is_vacuumcmd'] ? 'vacuum' : 'analyze';
  if (tag === 'VariableSetStmt') return kind.startsWith('VAR_RESET') ? 'reset' : 'set';
  const words = tag.replace(/Stmt$/, '').replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ');
  return WORDS.get(tag) ?? words.toLowerCase();
}

/** A renamed column is named after the relation it belongs to. */
function kindOf(body: Fields, key: string): string {
  const kind = String(body[body[key] === 'OBJECT_COLUMN' ? 'relationType' : key]);
  return KINDS.get(kind) ?? wordsOf(kind, 'OBJECT_');
}

function wordsOf(name: string, prefix: string): string {
  return name.slice(prefix.length).toLowerCase().replaceAll('_', ' ');
}
