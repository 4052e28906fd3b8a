/** Rules of taste about names: that they say their schema, and how they are spelled. */

import {
  type Body,
  bodiesOf,
  bodyOf,
  kindWords,
  type Node,
  nameOf,
  relationName,
  words,
} from '../../analysis/tree.ts';
import type { LintedStatement, Problem, Rule } from '../rule.ts';
import { placeOfName } from '../word-place.ts';

/** `unqualified-name`. */
export const UNQUALIFIED_NAME: Rule = {
  id: 'unqualified-name',
  severity: 'off',
  title: 'a definition that leaves the schema to the search path',
  why: `Without a schema \`search_path\` decides which table is meant, or where the new one goes. It belongs to the role and the database, and may differ between your machine and production: the same revision then changes another table, or makes a second one of the same name.

slipway sets \`search_path\` for each revision as \`--search-path\` says; with that setting the names are as good as qualified. Queries and temporary tables are not looked at.`,
  examples: [
    { bad: 'create table posts (id bigint);', good: 'create table public.posts (id bigint);' },
    {
      bad: 'alter table posts add column name text;',
      good: 'alter table public.posts add column name text;',
    },
    { bad: 'create table posts as select 1;', good: 'create table public.posts as select 1;' },
  ],
  covers: ['squawk:require-table-schema'],
  statement(linted) {
    const { node, placeOf } = linted;
    if (linted.section !== 'up' || node === undefined) return [];
    const relations = definedRelations(node)
      .filter(
        ({ schemaname, relpersistence }) => schemaname === undefined && relpersistence !== 't',
      )
      .map(({ relname = '', location }) => ({ name: relname, location }));
    return [...relations, ...droppedRelations(node)].map(({ name, location }) => ({
      message: `${words([name])} says no schema`,
      ...(location === undefined ? placeOfName(linted, name) : { at: placeOf(location) }),
      why: 'search_path decides which object that is, on each database by itself.',
    }));
  },
};

/** The relations that a statement creates or alters. */
function definedRelations(node: Node): readonly Body<'RangeVar'>[] {
  const truncated = bodiesOf(bodyOf(node, 'TruncateStmt')?.relations, 'RangeVar');
  const relations = [
    bodyOf(node, 'CreateStmt')?.relation,
    bodyOf(node, 'CreateForeignTableStmt')?.base?.relation,
    bodyOf(node, 'CreateTableAsStmt')?.into?.rel,
    bodyOf(node, 'ViewStmt')?.view,
    bodyOf(node, 'CreateSeqStmt')?.sequence,
    bodyOf(node, 'IndexStmt')?.relation,
    bodyOf(node, 'AlterTableStmt')?.relation,
    bodyOf(node, 'AlterSeqStmt')?.sequence,
    bodyOf(node, 'RenameStmt')?.relation,
    bodyOf(node, 'AlterObjectSchemaStmt')?.relation,
    bodyOf(node, 'RefreshMatViewStmt')?.relation,
    bodyOf(node, 'CreateTrigStmt')?.relation,
    bodyOf(node, 'CreatePolicyStmt')?.table,
  ];
  return [...relations, ...truncated].filter((relation) => relation !== undefined);
}

const RELATIONS = new Set([
  'OBJECT_TABLE',
  'OBJECT_FOREIGN_TABLE',
  'OBJECT_VIEW',
  'OBJECT_MATVIEW',
  'OBJECT_SEQUENCE',
  'OBJECT_INDEX',
]);

function droppedRelations(
  node: Node,
): readonly { readonly name: string; readonly location?: number }[] {
  const drop = bodyOf(node, 'DropStmt');
  if (!RELATIONS.has(drop?.removeType ?? '')) return [];
  const names = (drop?.objects ?? []).map(nameOf).filter((name) => name.length === 1);
  return names.map(([name = '']) => ({ name }));
}

/** What a name is without quotes, in pieces that words are made of. */
const SNAKE_CASE = '^[a-z][a-z0-9_]*$';

/** `naming`. */
export const NAMING: Rule = {
  id: 'naming',
  severity: 'off',
  title: 'a new name that is not spelled as the others are',
  why: `A name with capitals or blanks has to be quoted everywhere and for ever: \`"userId"\` is not \`userId\`. One spelling for all names is one thing less to look up.

Looked at are new names of schemas, tables, columns, indexes and constraints. The pattern is lower_snake_case, unless the setting \`lintNaming\` has another regular expression.`,
  examples: [
    {
      bad: 'create table "User" ("userId" bigint primary key);',
      good: 'create table users (user_id bigint primary key);',
    },
  ],
  covers: [
    'atlas:NM101',
    'atlas:NM102',
    'atlas:NM103',
    'atlas:NM104',
    'atlas:NM105',
    'atlas:NM106',
  ],
  statement(linted, { settings }) {
    if (linted.section !== 'up' || linted.node === undefined) return [];
    const pattern = new RegExp(settings.naming ?? SNAKE_CASE, 'u');
    return newNames(linted.node)
      .filter(({ name }) => !pattern.test(name))
      .map(({ kind, name, place }) => asProblem(linted, { kind, name, place }, pattern));
  },
};

interface NewName {
  readonly kind: string;
  readonly name: string;
  readonly place: number | undefined;
}

function asProblem(
  linted: LintedStatement,
  { kind, name, place }: NewName,
  pattern: RegExp,
): Problem {
  const snake = snakeCase(name);
  return {
    message: `${kind} ${words([name])} is not spelled like ${pattern.source}`,
    ...(place === undefined ? placeOfName(linted, name) : { at: linted.placeOf(place) }),
    ...(pattern.test(snake) ? { rewrite: snake } : {}),
  };
}

function snakeCase(name: string): string {
  return name
    .replaceAll(/(\p{Ll}|\d)(\p{Lu})/gu, '$1_$2')
    .replaceAll(/[^\p{L}\d]+/gu, '_')
    .toLowerCase();
}

function newNames(node: Node): readonly NewName[] {
  const name = (kind: string, said: string | undefined, place?: number): readonly NewName[] =>
    said === undefined ? [] : [{ kind, name: said, place }];
  const create = bodyOf(node, 'CreateStmt');
  const columns = bodiesOf(create?.tableElts, 'ColumnDef');
  const index = bodyOf(node, 'IndexStmt');
  const rename = bodyOf(node, 'RenameStmt');
  const commands = bodiesOf(bodyOf(node, 'AlterTableStmt')?.cmds, 'AlterTableCmd').filter(
    ({ subtype }) => subtype === 'AT_AddColumn' || subtype === 'AT_AddConstraint',
  );
  const added = commands.flatMap(({ def }) => bodyOf(def, 'ColumnDef') ?? []);
  const constraints = [
    ...bodiesOf(create?.tableElts, 'Constraint'),
    ...commands.flatMap(({ def }) => bodyOf(def, 'Constraint') ?? []),
    ...[...columns, ...added].flatMap((each) => bodiesOf(each.constraints, 'Constraint')),
  ];
  return [
    ...name('schema', bodyOf(node, 'CreateSchemaStmt')?.schemaname),
    ...name('table', create?.relation?.relname, create?.relation?.location),
    ...name(
      'table',
      relationName(bodyOf(node, 'CreateTableAsStmt')?.into?.rel).at(-1) || undefined,
    ),
    ...[...columns, ...added].flatMap((each) => name('column', each.colname, each.location)),
    ...constraints.flatMap((each) => name(constraintKind(each), each.conname)),
    ...name('index', index?.idxname),
    ...(RENAMED.has(rename?.renameType ?? '')
      ? name(kindWords(rename?.renameType), rename?.newname)
      : []),
  ];
}

const RENAMED = new Set([
  'OBJECT_SCHEMA',
  'OBJECT_TABLE',
  'OBJECT_COLUMN',
  'OBJECT_INDEX',
  'OBJECT_TABCONSTRAINT',
]);

function constraintKind({ contype }: Body<'Constraint'>): string {
  switch (contype) {
    case 'CONSTR_FOREIGN':
      return 'foreign key';
    case 'CONSTR_CHECK':
      return 'check';
    default:
      return 'constraint';
  }
}
