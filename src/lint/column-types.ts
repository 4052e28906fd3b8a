/** The columns that a statement gives a type: of a new table, a new column, a new type of an old one. */

import { type Body, bodiesOf, bodyOf, relationName, stringsOf, words } from '../analysis/tree.ts';
import type { LintedStatement } from './rule.ts';

/** A column that gets a type. */
export interface TypedColumn {
  /** As people read it: `users.phone`. */
  readonly words: string;
  readonly name: string;
  readonly relation: Body<'RangeVar'> | undefined;
  readonly definition: Body<'ColumnDef'>;
  readonly type: Body<'TypeName'>;
  /** It is a key: its values are numbered, or refer to some that are. */
  readonly isKey: boolean;
  /** It is there already, with another type. */
  readonly isOld: boolean;
}

/** The columns to which the up section of a revision gives a type in this statement. */
export function typedColumns({ section, node }: LintedStatement): readonly TypedColumn[] {
  if (section !== 'up') return [];
  const create = bodyOf(node, 'CreateStmt') ?? bodyOf(node, 'CreateForeignTableStmt')?.base;
  if (create !== undefined) {
    const constraints = bodiesOf(
      [...(create.tableElts ?? []), ...(create.constraints ?? [])],
      'Constraint',
    );
    return bodiesOf(create.tableElts, 'ColumnDef').flatMap((definition) =>
      typed(create.relation, definition, { constraints, isOld: false }),
    );
  }
  const alter = bodyOf(node, 'AlterTableStmt');
  const commands = bodiesOf(alter?.cmds, 'AlterTableCmd');
  const constraints = commands.flatMap(({ def }) => bodyOf(def, 'Constraint') ?? []);
  return commands.flatMap(({ subtype, name = '', def }) => {
    const definition = bodyOf(def, 'ColumnDef');
    if (definition === undefined) return [];
    if (subtype === 'AT_AddColumn') {
      return typed(alter?.relation, definition, { constraints, isOld: false });
    }
    if (subtype !== 'AT_AlterColumnType') return [];
    return typed(alter?.relation, { ...definition, colname: name }, { constraints, isOld: true });
  });
}

function typed(
  relation: Body<'RangeVar'> | undefined,
  definition: Body<'ColumnDef'>,
  {
    constraints,
    isOld,
  }: { readonly constraints: readonly Body<'Constraint'>[]; readonly isOld: boolean },
): readonly TypedColumn[] {
  const { typeName: type, colname: name = '' } = definition;
  if (type === undefined) return [];
  const own = bodiesOf(definition.constraints, 'Constraint');
  const ofTable = constraints.filter(({ keys, fk_attrs }) =>
    stringsOf([...(keys ?? []), ...(fk_attrs ?? [])]).includes(name),
  );
  return [
    {
      words: words([...relationName(relation), name]),
      ...{ name, relation, definition, type, isOld },
      isKey:
        [...own, ...ofTable].some(({ contype }) => KEYS.has(contype ?? '')) ||
        /^id$|_id$/i.test(name),
    },
  ];
}

const KEYS = new Set(['CONSTR_PRIMARY', 'CONSTR_FOREIGN', 'CONSTR_IDENTITY']);
