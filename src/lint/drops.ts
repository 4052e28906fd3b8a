/** What a statement drops of what the previous release knows: tables, columns, schemas, and the rest. */

import { isNew, isNewRelation, namespaceOf } from '../analysis/created.ts';
import { identityOf } from '../analysis/record-created.ts';
import {
  type Body,
  bodiesOf,
  bodyOf,
  kindWords,
  type Node,
  nameOf,
  relationName,
  words,
} from '../analysis/tree.ts';
import { isNewColumn } from './breaking.ts';
import { nameSql } from './revision-text.ts';
import { relationSql } from './rewrite.ts';
import type { LintedStatement, RuleContext } from './rule.ts';

/** Something that is dropped. */
export interface Dropped {
  readonly kind: 'column' | 'table' | 'schema' | 'object';
  /** As people read it: `column users.phone`. */
  readonly words: string;
  /** The last part of its name, as the statement says it. */
  readonly name: string;
  /** All parts: of a column those of its table before it. */
  readonly path: readonly string[];
  /** The statement that drops it and nothing else, without `cascade`. */
  readonly sql: string;
  /** What brings it back, as far as the statement tells. */
  readonly back: string;
  /** It takes along what depends on it. */
  readonly cascades: boolean;
}

/** The old things that a statement drops; empty for what came with this release. */
export function dropsOf({ node }: LintedStatement, context: RuleContext): readonly Dropped[] {
  const alter = bodyOf(node, 'AlterTableStmt');
  if (alter !== undefined) return columnsOf(alter, context);
  const drop = bodyOf(node, 'DropStmt');
  if (drop === undefined) return [];
  return (drop.objects ?? [])
    .filter((object) => !isNewObject(drop.removeType, object, context))
    .map((object) => droppedObject(drop, object));
}

function columnsOf(alter: Body<'AlterTableStmt'>, context: RuleContext): readonly Dropped[] {
  const { relation, objtype } = alter;
  const isType = objtype === 'OBJECT_TYPE';
  return bodiesOf(alter.cmds, 'AlterTableCmd').flatMap((command): readonly Dropped[] => {
    if (command.subtype !== 'AT_DropColumn') return [];
    const name = command.name ?? '';
    if (isNewColumn(context, relation, name)) return [];
    const kind = isType ? 'attribute' : 'column';
    const cascades = command.behavior === 'DROP_CASCADE';
    const foreign = objtype === 'OBJECT_FOREIGN_TABLE' ? 'foreign ' : '';
    const table = `alter ${isType ? 'type' : `${foreign}table`} ${
      relation?.inh === true || isType ? '' : 'only '
    }${relationSql(relation)}`;
    const exists = command.missing_ok === true ? 'if exists ' : '';
    return [
      {
        kind: 'column',
        words: `${kind} ${words([...relationName(relation), name])}`,
        name,
        path: [...relationName(relation), name],
        sql: `${table} drop ${kind} ${exists}${nameSql([name])};`,
        back: `${table} add ${kind} ${nameSql([name])} <type>;`,
        cascades,
      },
    ];
  });
}

const KINDS: Readonly<Record<string, Dropped['kind']>> = {
  OBJECT_TABLE: 'table',
  OBJECT_FOREIGN_TABLE: 'table',
  OBJECT_SCHEMA: 'schema',
};

function droppedObject(drop: Body<'DropStmt'>, object: Node): Dropped {
  const kind = kindWords(drop.removeType);
  const name = nameOf(object);
  const cascades = drop.behavior === 'DROP_CASCADE';
  const exists = drop.missing_ok === true ? 'if exists ' : '';
  return {
    kind: KINDS[drop.removeType ?? ''] ?? 'object',
    words: `${kind} ${words(name)}`,
    name: name.at(-1) ?? '',
    path: name,
    sql: `drop ${kind} ${exists}${nameSql(name)};`,
    back: backOf(drop.removeType, nameSql(name)),
    cascades,
  };
}

function backOf(kind: string | undefined, name: string): string {
  switch (kind) {
    case 'OBJECT_SCHEMA':
      return `create schema ${name};`;
    case 'OBJECT_TABLE':
      return `create table ${name} (<columns>);`;
    default:
      return `-- <creates ${kindWords(kind)} ${name} as it was>`;
  }
}

const ON_TABLE = new Set(['OBJECT_TRIGGER', 'OBJECT_RULE', 'OBJECT_POLICY']);

function isNewObject(kind: string | undefined, object: Node, { created }: RuleContext): boolean {
  const name = identityOf(object);
  if (name.length > 1 && name[0] === 'pg_temp') return true;
  if (isNew(created, namespaceOf(kind), name)) return true;
  if (!ON_TABLE.has(kind ?? '')) return false;
  const [table, schema] = name.slice(0, -1).reverse();
  return isNewRelation(created, {
    relname: table ?? '',
    ...(schema === undefined ? {} : { schemaname: schema }),
  });
}
