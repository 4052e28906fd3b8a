/** The name that Postgres gives an index which its statement does not name. */

import { type Body, bodiesOf, bodyOf, type Node, stringsOf, tagOf } from '../analysis/tree.ts';
import { chosenName } from './rewrite.ts';

/** The index's name: the statement's, or what Postgres makes of the table and the columns. */
export function indexName(index: Body<'IndexStmt'>): string {
  if (index.idxname !== undefined) return index.idxname;
  const keys = [...(index.indexParams ?? []), ...(index.indexIncludingParams ?? [])];
  const columns: string[] = [];
  for (const { name, expr } of bodiesOf(keys, 'IndexElem')) {
    columns.push(distinct(name ?? resultName(expr)?.name ?? 'expr', columns));
  }
  return chosenName(index.relation, columns, 'idx');
}

/** Of two columns with one name the second gets a number. */
function distinct(name: string, taken: readonly string[]): string {
  let unique = name;
  for (let number = 1; taken.includes(unique); number++) unique = `${name}${number}`;
  return unique;
}

/** A name, and whether it gives way to a better one further out. */
interface ResultName {
  readonly name: string;
  readonly isWeak: boolean;
}

/** What Postgres calls the result of an expression: FigureColname in its parse_target.c. */
function resultName(expression: Node | undefined): ResultName | undefined {
  if (expression === undefined) return undefined;
  const fields = bodyOf(expression, 'ColumnRef')?.fields;
  const call = bodyOf(expression, 'FuncCall')?.funcname;
  const said = stringsOf(fields ?? call).at(-1);
  if (said !== undefined) return strong(said);
  const cast = bodyOf(expression, 'TypeCast');
  if (cast !== undefined) {
    return orWeak(resultName(cast.arg), stringsOf(cast.typeName?.names).at(-1));
  }
  const choice = bodyOf(expression, 'CaseExpr');
  if (choice !== undefined) return orWeak(resultName(choice.defresult), 'case');
  const collated = bodyOf(expression, 'CollateClause');
  if (collated !== undefined) return resultName(collated.arg);
  const part = bodyOf(expression, 'A_Indirection');
  if (part !== undefined) {
    const field = stringsOf(part.indirection).at(-1);
    return field === undefined ? resultName(part.arg) : strong(field);
  }
  const isNullIf = bodyOf(expression, 'A_Expr')?.kind === 'AEXPR_NULLIF';
  const isLeast = bodyOf(expression, 'MinMaxExpr')?.op === 'IS_LEAST';
  const fixed = isNullIf ? 'nullif' : isLeast ? 'least' : FIXED_NAMES[tagOf(expression)];
  return fixed === undefined ? undefined : strong(fixed);
}

const FIXED_NAMES: Readonly<Record<string, string>> = {
  A_ArrayExpr: 'array',
  CoalesceExpr: 'coalesce',
  MinMaxExpr: 'greatest',
  RowExpr: 'row',
};

function strong(name: string): ResultName {
  return { name, isWeak: false };
}

function orWeak(inner: ResultName | undefined, name: string | undefined): ResultName | undefined {
  const isGood = inner !== undefined && !inner.isWeak;
  return isGood || name === undefined ? inner : { name, isWeak: true };
}
