/** What adding a column goes through: https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES */

import { volatilityOf } from '../built-in-functions.ts';
import { columnAdded, isNullDefault } from '../new-columns.ts';
import { type Body, bodiesOf, typeIdentifier, words } from '../tree.ts';
import { constraintWork } from './constraint.ts';
import { type Done, work } from './done.ts';

type Relation = Body<'RangeVar'> | undefined;

/** The work of `add column`. */
export function addColumnWork(
  relation: Relation,
  definition: Body<'ColumnDef'> | undefined,
): readonly Done[] {
  const constraints = bodiesOf(definition?.constraints, 'Constraint');
  const rewrite = rewriteReason(definition, constraints);
  const name = words([definition?.colname ?? '']);
  const done = rewrite === undefined ? [] : work('rewrite', relation, rewrite);
  const checked = constraints.flatMap((constraint) => {
    // Without a default every row has null there, which refers to nothing.
    if (constraint.contype === 'CONSTR_FOREIGN' && !hasValue(constraints)) return [];
    // A new column that is required is checked below, whatever makes it so.
    if (constraint.contype === 'CONSTR_NOTNULL') return [];
    return constraintWork(relation, constraint, { column: name, isNewColumn: true });
  });
  const { required, value } = columnAdded(definition);
  const isFilled = value === 'default' || value === 'distinct';
  // A rewrite checks each row on its way.
  const scan =
    required && rewrite === undefined && !isFilled
      ? work('scan', relation, `rows are searched for nulls in the new column ${name}`)
      : [];
  const isDone = rewrite !== undefined;
  return [...done, ...scan, ...checked.filter(({ kind }) => !isDone || kind !== 'scan')];
}

/** Why the table is rewritten; undefined when it is not. */
function rewriteReason(
  definition: Body<'ColumnDef'> | undefined,
  constraints: readonly Body<'Constraint'>[],
): string | undefined {
  const column = words([definition?.colname ?? '']);
  if (SERIAL.test(typeIdentifier(definition?.typeName))) {
    return `the new column ${column} gets a number in every row`;
  }
  for (const { contype, raw_expr, generated_kind } of constraints) {
    if (contype === 'CONSTR_IDENTITY') return `the new column ${column} gets a number in every row`;
    if (contype === 'CONSTR_GENERATED' && generated_kind !== 'v') {
      return `the new column ${column} is computed and stored in every row`;
    }
    if (contype !== 'CONSTR_DEFAULT') continue;
    const { volatility, because = '' } = volatilityOf(raw_expr);
    if (volatility === 'volatile') {
      return `the default of the new column ${column} is another in every row: ${because} is volatile`;
    }
    if (volatility === 'unknown') {
      return `the default of the new column ${column} may be another in every row, unless function ${because} is not volatile`;
    }
  }
  return undefined;
}

const SERIAL = /^(?:small|big)?serial$|^serial[248]$/;

/** Whether rows that exist get something else than null. */
function hasValue(constraints: readonly Body<'Constraint'>[]): boolean {
  return constraints.some(
    ({ contype, raw_expr }) =>
      contype === 'CONSTR_IDENTITY' ||
      contype === 'CONSTR_GENERATED' ||
      (contype === 'CONSTR_DEFAULT' && !isNullDefault(raw_expr)),
  );
}
