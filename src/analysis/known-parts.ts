/** Types and constraints as they are remembered, and which change of a type Postgres knows to be free. */

import type { KnownConstraint, KnownType } from './known.ts';
import { type Body, bodyOf, type Node, stringsOf, typeIdentifier } from './tree.ts';

/** A column's type as it is remembered; undefined where its name does not say it all. */
export function typeToKnow(definition: Body<'ColumnDef'> | undefined): KnownType | undefined {
  const type = definition?.typeName;
  // Indexes follow a change of the collation.
  if (type === undefined || definition?.collClause !== undefined) return undefined;
  return typeNamed(type);
}

function typeNamed(type: Body<'TypeName'>): KnownType | undefined {
  const modifiers = (type.typmods ?? []).map((each) => bodyOf(each, 'A_Const')?.ival?.ival);
  if (modifiers.some((each) => each === undefined)) return undefined;
  return {
    name: typeIdentifier(type),
    modifiers: modifiers.map((each) => each ?? 0),
    isArray: (type.arrayBounds?.length ?? 0) > 0,
  };
}

/** A constraint as it is remembered. */
export function constraintToKnow(constraint: Body<'Constraint'>): KnownConstraint | undefined {
  const { contype: kind, pktable } = constraint;
  if (kind === undefined) return undefined;
  // Tables that inherit may have rows that do not obey it.
  const isCheck =
    kind === 'CONSTR_CHECK' && constraint.is_enforced === true && constraint.is_no_inherit !== true;
  return {
    kind,
    isValid: constraint.skip_validation !== true,
    proves: isCheck ? notNullIn(constraint.raw_expr) : [],
    refersTo:
      pktable === undefined
        ? undefined
        : { schema: pktable.schemaname, name: pktable.relname ?? '' },
  };
}

/** The columns of which a check says, by itself or among other things, that they are not null. */
function notNullIn(expression: Node | undefined): string[] {
  const both = bodyOf(expression, 'BoolExpr');
  if (both?.boolop === 'AND_EXPR') return (both.args ?? []).flatMap(notNullIn);
  const test = bodyOf(expression, 'NullTest');
  if (test?.nulltesttype !== 'IS_NOT_NULL') return [];
  const fields = bodyOf(test.arg, 'ColumnRef')?.fields;
  return stringsOf(fields).slice(-1);
}

/** Whether Postgres changes a column from one type to the other without a look at its rows. */
export function isFreeChange(from: KnownType, to: KnownType): boolean {
  if (from.isArray !== to.isArray) return false;
  const isSame = from.name === to.name;
  if (isSame && from.modifiers.join() === to.modifiers.join()) return true;
  if (from.isArray) return false;
  // The one is stored like the other; a length that is to be obeyed is another matter.
  if (!isSame) return ALIKE.get(from.name)?.includes(to.name) === true && to.modifiers.length === 0;
  return isWider(from, to);
}

const ALIKE: ReadonlyMap<string, readonly string[]> = new Map([
  ['varchar', ['text']],
  ['text', ['varchar']],
  ['cidr', ['inet']],
]);

function isWider({ name, modifiers: from }: KnownType, { modifiers: to }: KnownType): boolean {
  switch (name) {
    case 'varchar':
    case 'varbit':
      return from.length > 0 && (to.length === 0 || first(to) >= first(from));
    case 'numeric': {
      if (from.length === 0) return false;
      if (to.length === 0) return true;
      return first(to) >= first(from) && (to[1] ?? 0) === (from[1] ?? 0);
    }
    case 'timestamp':
    case 'timestamptz':
    case 'time':
    case 'timetz':
      // Without a number it is 6, the most there is.
      return from.length > 0 && (to.length === 0 || first(to) >= first(from));
    default:
      return false;
  }
}

function first(modifiers: readonly number[]): number {
  return modifiers[0] ?? 0;
}

/** Whether a `using` does what happens without it. */
export function usingIsFree(definition: Body<'ColumnDef'> | undefined, column: string): boolean {
  const using = definition?.raw_default;
  if (using === undefined) return true;
  const cast = bodyOf(using, 'TypeCast');
  const reference = bodyOf(cast === undefined ? using : cast.arg, 'ColumnRef');
  const isColumn = stringsOf(reference?.fields).at(-1) === column;
  if (cast === undefined) return isColumn;
  const { typeName: to } = definition ?? {};
  const via = cast.typeName;
  if (to === undefined || via === undefined) return false;
  return isColumn && JSON.stringify(typeNamed(to)) === JSON.stringify(typeNamed(via));
}
