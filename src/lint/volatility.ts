/** What about a new column makes Postgres write the whole table anew. */

import { volatilityOf } from '../analysis/built-in-functions.ts';
import { isSerial } from '../analysis/new-columns.ts';
import { type Body, bodiesOf, descendants, stringsOf, words } from '../analysis/tree.ts';
import { columnConstraint } from './table-commands.ts';

/** A call for whose sake a default is evaluated for each row. */
export interface VolatileCall {
  /** The function as people read it. */
  readonly name: string;
  /** False for a function that slipway does not know: it is volatile unless it was declared otherwise. */
  readonly isKnown: boolean;
  readonly location: number | undefined;
}

function volatileCall(expression: unknown): VolatileCall | undefined {
  const { volatility, because } = volatilityOf(expression);
  if (volatility === 'steady' || because === undefined) return undefined;
  const call = descendants(expression, 'FuncCall').find(
    ({ funcname }) => words(stringsOf(funcname)) === because,
  );
  return { name: because, isKnown: volatility === 'volatile', location: call?.location };
}

/** Why a table is rewritten when a column is added to it. */
export type RewritingConstraint =
  | { readonly kind: 'serial' | 'identity' }
  | { readonly kind: 'stored'; readonly constraint: Body<'Constraint'> }
  | {
      readonly kind: 'default';
      readonly constraint: Body<'Constraint'>;
      readonly call: VolatileCall;
    };

/** What about a new column makes Postgres rewrite the table; undefined where nothing does. */
export function rewritingConstraint(
  column: Body<'ColumnDef'> | undefined,
): RewritingConstraint | undefined {
  if (column === undefined) return undefined;
  if (isSerial(column.typeName)) return { kind: 'serial' };
  for (const constraint of bodiesOf(column.constraints, 'Constraint')) {
    if (constraint.contype === 'CONSTR_IDENTITY') return { kind: 'identity' };
    if (constraint.contype === 'CONSTR_GENERATED' && constraint.generated_kind !== 'v') {
      return { kind: 'stored', constraint };
    }
  }
  const constraint = columnConstraint(column, 'CONSTR_DEFAULT');
  const call = volatileCall(constraint?.raw_expr);
  return constraint === undefined || call === undefined
    ? undefined
    : { kind: 'default', constraint, call };
}
