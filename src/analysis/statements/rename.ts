/** Statements that give an object another name, schema or owner. */

import { isNew, isNewRelation, namespaceOf, newColumn } from '../created.ts';
import {
  asNew,
  breaking,
  compatible,
  type FactsContext,
  type Handlers,
  only,
  undecided,
} from '../effect.ts';
import { identityOf } from '../record-created.ts';
import { type Body, kindWords, type Node, nameOf, relationName, words } from '../tree.ts';

/** Facts about `alter … rename`, `set schema` and `owner to`. */
export const rename: Handlers = {
  RenameStmt: (statement, context) => {
    const kind = kindWords(statement.renameType);
    const part = statement.subname;
    const owner = partsOf(statement);
    const name = words(part === undefined ? owner : [...owner, part]);
    const renames = `renames ${kind} ${name} to ${words([statement.newname ?? ''])}`;
    const isNewColumn =
      statement.renameType === 'OBJECT_COLUMN' &&
      newColumn(context.created, statement.relation, part) !== undefined;
    if (isNewColumn || isNewObject(statement.renameType, statement, context)) {
      return only(asNew(`${renames}`));
    }
    return only(
      UNNAMED.has(statement.renameType ?? '')
        ? compatible(`${renames}, which code does not name`)
        : breaking(`${renames}, which code of the previous release may still use by its old name`),
    );
  },

  AlterObjectSchemaStmt: (statement, context) => {
    const object = words(partsOf(statement));
    const moves = `moves ${kindWords(statement.objectType)} ${object} to schema ${words([statement.newschema ?? ''])}`;
    return only(
      isNewObject(statement.objectType, statement, context)
        ? asNew(`${moves}`)
        : breaking(`${moves}, which code of the previous release may look for where it was`),
    );
  },

  AlterOwnerStmt: (statement, context) => {
    const object = words(partsOf(statement));
    const changes = `changes the owner of ${kindWords(statement.objectType)} ${object}`;
    return only(
      isNewObject(statement.objectType, statement, context)
        ? asNew(`${changes}`)
        : undecided(`${changes}, and with it who may use it`),
    );
  },

  ReassignOwnedStmt: () =>
    only(undecided('changes the owner of objects, and with it who may use them')),

  AlterObjectDependsStmt: (statement) =>
    only(
      compatible(
        `changes which extension ${kindWords(statement.objectType)} ${words(partsOf(statement))} depends on`,
      ),
    ),
};

/** Kinds whose names are for administrators: queries do not have them. */
const UNNAMED = new Set([
  'OBJECT_INDEX',
  'OBJECT_TABCONSTRAINT',
  'OBJECT_DOMCONSTRAINT',
  'OBJECT_TRIGGER',
  'OBJECT_RULE',
  'OBJECT_POLICY',
  'OBJECT_EVENT_TRIGGER',
  'OBJECT_STATISTIC_EXT',
  'OBJECT_TABLESPACE',
  'OBJECT_PUBLICATION',
  'OBJECT_SUBSCRIPTION',
  'OBJECT_OPCLASS',
  'OBJECT_OPFAMILY',
  'OBJECT_CONVERSION',
]);

type Named = {
  readonly relation?: Body<'RangeVar'>;
  readonly object?: Node;
  readonly subname?: string;
};

function isNewObject(kind: string | undefined, named: Named, { created }: FactsContext): boolean {
  if (named.relation !== undefined) return isNewRelationOrType(named.relation, kind, created);
  const name = named.object === undefined ? [named.subname ?? ''] : identityOf(named.object);
  return isNew(created, namespaceOf(kind), name);
}

function isNewRelationOrType(
  relation: Body<'RangeVar'>,
  kind: string | undefined,
  created: FactsContext['created'],
): boolean {
  return kind === 'OBJECT_ATTRIBUTE'
    ? isNew(created, 'type', relationName(relation))
    : isNewRelation(created, relation);
}

function partsOf({ relation, object }: Named): string[] {
  return relation === undefined ? nameOf(object) : relationName(relation);
}
