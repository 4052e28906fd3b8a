/** Which statements write as many rows as a table or a query has. */

import {
  type Body,
  bodiesOf,
  bodyOf,
  descendants,
  type Node,
  nodesBelow,
  relationWords,
  stringsOf,
  tagsBelow,
} from '../tree.ts';
import { scanOfDefault } from './alter-table.ts';
import { type Done, relationOf, type Workers, work } from './done.ts';

/** Work of changes of rows, also in `with` queries, and of tables made from queries. */
export const rows: Workers = {
  SelectStmt: (s) => [...written({ SelectStmt: s }), ...filled(s.intoClause)],
  InsertStmt: (s) => written({ InsertStmt: s }),
  UpdateStmt: (s) => written({ UpdateStmt: s }),
  DeleteStmt: (s) => written({ DeleteStmt: s }),
  MergeStmt: (s) => written({ MergeStmt: s }),
  CopyStmt: (s) =>
    s.is_from === true && s.filename !== undefined
      ? work('write rows', s.relation, 'all rows of a file or a program are inserted')
      : [],
  CreateTableAsStmt: (s) => [...written(s.query), ...filled(s.into)],
  CreateStmt: (s) =>
    s.partbound === undefined || s.partbound.is_default === true
      ? []
      : bodiesOf(s.inhRelations, 'RangeVar').map(scanOfDefault),
};

/** A table or materialized view that is created with the rows of a query. */
function filled(into: Body<'IntoClause'> | undefined): Done[] {
  if (into?.rel === undefined || into.skipData === true) return [];
  const reason = `all rows of a query are written to ${relationWords(into.rel)}`;
  return [{ kind: 'write rows', relation: relationOf(into.rel), isOwn: true, reason }];
}

/** What a query and its `with` queries write. */
function written(query: Node | undefined): Done[] {
  return nodesBelow(query, WRITES).flatMap((node) => {
    const update = bodyOf(node, 'UpdateStmt');
    if (update !== undefined) return chosen('updated', update);
    const deletion = bodyOf(node, 'DeleteStmt');
    if (deletion !== undefined) return chosen('deleted', deletion);
    const insert = bodyOf(node, 'InsertStmt');
    if (insert !== undefined && isFromRelation(insert.selectStmt)) {
      return work('write rows', insert.relation, 'all rows of a query are inserted');
    }
    const merge = bodyOf(node, 'MergeStmt');
    return work('write rows', merge?.relation, 'rows are merged with all rows of another table');
  });
}

const WRITES = new Set(['UpdateStmt', 'DeleteStmt', 'InsertStmt', 'MergeStmt']);

function chosen(
  verb: string,
  { relation, whereClause }: Pick<Body<'UpdateStmt'>, 'relation' | 'whereClause'>,
): Done[] {
  if (isByKey(whereClause)) return [];
  return work('write rows', relation, rowsWords(verb, whereClause));
}

function rowsWords(verb: string, condition: Node | undefined): string {
  return condition === undefined
    ? `all rows are ${verb}`
    : `rows are ${verb} that are not chosen by a key`;
}

/** `values` and constants are as many as the file holds. */
function isFromRelation(node: Node | undefined): boolean {
  if (bodyOf(node, 'SelectStmt')?.valuesLists !== undefined) return false;
  const tags = tagsBelow(node);
  if (tags.has('RangeVar') || tags.has('RangeFunction')) return true;
  if (!tags.has('FuncCall')) return false;
  return descendants(node, 'FuncCall').some(({ funcname }) =>
    MANY_ROWS.has(stringsOf(funcname).at(-1) ?? ''),
  );
}

/** Functions that make many rows of one, also where a query selects them. */
const MANY_ROWS = new Set([
  'generate_series',
  'json_array_elements',
  'jsonb_array_elements',
  'regexp_split_to_table',
  'string_to_table',
  'unnest',
]);

/** Whether a condition picks single rows, by the name of a column, or one batch of a backfill. */
function isByKey(condition: Node | undefined): boolean {
  if (condition === undefined) return false;
  const both = bodyOf(condition, 'BoolExpr');
  if (both !== undefined) {
    const parts = both.args ?? [];
    if (both.boolop === 'AND_EXPR') return parts.some(isByKey);
    return both.boolop === 'OR_EXPR' && parts.every(isByKey);
  }
  const comparison = bodyOf(condition, 'A_Expr');
  if (comparison === undefined) return false;
  if (descendants(comparison, 'ParamRef').length > 0) return true;
  const column = stringsOf(bodyOf(comparison.lexpr, 'ColumnRef')?.fields).at(-1);
  const isEqual = stringsOf(comparison.name).join('.') === '=';
  return isEqual && column !== undefined && KEY.test(column) && isConstant(comparison.rexpr);
}

const KEY = /^(?:id|uuid|guid|key|code|slug|name|email)$|_(?:id|uuid|guid|key|code)$/i;

/** A constant, or a list of some. */
function isConstant(node: Node | undefined): boolean {
  return (
    descendants({ node }, 'ColumnRef').length === 0 && descendants({ node }, 'SubLink').length === 0
  );
}
