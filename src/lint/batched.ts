/** An update or delete written as a backfill, which goes batch by batch. */

import { type Body, bodyOf, type Node } from '../analysis/tree.ts';
import type { Deparser } from '../sql/deparse.ts';
import { lexemes } from '../sql/lexeme.ts';
import { backfillDirective, KEY_NOTE, outsideTransaction } from './rewrite.ts';

// Numbers that no statement of a revision has: they are written as `:from` and `:to`.
const FROM = 32_766;
const TO = 32_767;

/** The revision with the statement as a backfill; undefined for another kind of statement. */
export function asBackfill(node: Node | undefined, deparse: Deparser): string | undefined {
  const update = bodyOf(node, 'UpdateStmt');
  const removal = bodyOf(node, 'DeleteStmt');
  const { relation, whereClause } = update ?? removal ?? {};
  if (relation === undefined) return undefined;
  const batched = and(inBatch(relation, hasOthers(update, removal)), whereClause);
  const statement = deparse(
    update === undefined
      ? { DeleteStmt: { ...removal, whereClause: batched } }
      : { UpdateStmt: { ...update, whereClause: batched } },
  );
  return outsideTransaction([KEY_NOTE, `${backfillDirective(relation)}\n${withMarks(statement)}`]);
}

const MARKS: Readonly<Record<string, string>> = { [`$${FROM}`]: ':from', [`$${TO}`]: ':to' };

function withMarks(statement: string): string {
  let marked = '';
  let at = 0;
  for (const { start, end } of lexemes(statement)) {
    const mark = MARKS[statement.slice(start, end)];
    if (mark === undefined) continue;
    marked += statement.slice(at, start) + mark;
    at = end;
  }
  return marked + statement.slice(at);
}

function hasOthers(
  update: Body<'UpdateStmt'> | undefined,
  removal: Body<'DeleteStmt'> | undefined,
): boolean {
  return (update?.fromClause ?? removal?.usingClause ?? []).length > 0;
}

/** `id between :from and :to`; with the table's name where other tables may have such a column. */
function inBatch(relation: Body<'RangeVar'>, isQualified: boolean): Node {
  const table = relation.alias?.aliasname ?? relation.relname ?? '';
  const names = isQualified ? [table, 'id'] : ['id'];
  const mark = (number: number): Node => ({ ParamRef: { number } });
  return {
    A_Expr: {
      kind: 'AEXPR_BETWEEN',
      name: [{ String: { sval: 'BETWEEN' } }],
      lexpr: { ColumnRef: { fields: names.map((sval) => ({ String: { sval } })) } },
      rexpr: { List: { items: [mark(FROM), mark(TO)] } },
    },
  };
}

function and(condition: Node, other: Node | undefined): Node {
  if (other === undefined) return condition;
  const all = bodyOf(other, 'BoolExpr');
  const others = all?.boolop === 'AND_EXPR' ? (all.args ?? []) : [other];
  return { BoolExpr: { boolop: 'AND_EXPR', args: [condition, ...others] } };
}
