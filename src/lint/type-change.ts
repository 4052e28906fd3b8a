/** Which changes of a column's type Postgres makes without touching the rows. */

import { type Body, bodiesOf, typeIdentifier } from '../analysis/tree.ts';

type Type = Body<'TypeName'> | undefined;

/** Types that are often changed to from a near relation, which is free. */
const OFTEN_FREE = new Set([
  'text',
  'varchar',
  'citext',
  'numeric',
  'varbit',
  'inet',
  'timestamp',
  'timestamptz',
  'time',
  'timetz',
  'interval',
]);

/** Whether a change to this type is free from some types, and so may be meant. */
export function isOftenFree(type: Type): boolean {
  return OFTEN_FREE.has(typeIdentifier(type)) && !isArray(type);
}

/** Whether a change from one type to another is free; `in UTC` where the session's time zone decides. */
export function isFreeChange(from: Type, to: Type): boolean | 'in UTC' {
  const [old, wanted] = [typeIdentifier(from), typeIdentifier(to)];
  const [before, after] = [modifiers(from), modifiers(to)];
  if (isArray(from) !== isArray(to)) return false;
  if (isArray(from)) return old === wanted && (after.length === 0 || isSame(before, after));
  if (old === wanted) return isWider(old, before, after);
  if (after.length > 0) return false;
  return IN_UTC.has(`${old} ${wanted}`) ? 'in UTC' : BINARY_COERCIBLE.has(`${old} ${wanted}`);
}

/** Casts without a function, between types that people change. */
const BINARY_COERCIBLE = new Set([
  'varchar text',
  'text varchar',
  'citext text',
  'text citext',
  'citext varchar',
  'varchar citext',
  'cidr inet',
  'bit varbit',
  'xml text',
  'int4 oid',
  'oid int4',
]);

const IN_UTC = new Set(['timestamp timestamptz', 'timestamptz timestamp']);

/** Types whose digits behind the point are all kept when none are asked for. */
const WITH_DIGITS = new Set(['timestamp', 'timestamptz', 'time', 'timetz']);
const MOST_DIGITS = 6;

function isWider(type: string, from: readonly number[], to: readonly number[]): boolean {
  if (isSame(from, to)) return true;
  if (type === 'varchar' || type === 'varbit' || type === 'numeric') {
    if (to.length === 0) return true;
    const [length = 0, scale = 0] = from;
    const [newLength = 0, newScale = 0] = to;
    return from.length > 0 && newLength >= length && newScale === scale;
  }
  if (type === 'interval') return isWiderInterval(from, to);
  return WITH_DIGITS.has(type) && (to[0] ?? MOST_DIGITS) >= (from[0] ?? MOST_DIGITS);
}

/** As `interval_support` of Postgres: only the smallest field counts, and digits only of seconds. */
function isWiderInterval(from: readonly number[], to: readonly number[]): boolean {
  const [field, newField] = [smallestField(from), smallestField(to)];
  const [, digits = MOST_DIGITS] = from;
  const [, newDigits = MOST_DIGITS] = to;
  return newField >= field && (field < SECOND || newDigits >= digits);
}

/** The number of a bit in the mask of an interval's fields, where smaller fields have higher ones. */
function smallestField([mask = ALL_FIELDS]: readonly number[]): number {
  return Math.min(31 - Math.clz32(mask), SECOND);
}

const ALL_FIELDS = 0x7fff;
const SECOND = 12;

function isSame(a: readonly number[], b: readonly number[]): boolean {
  return a.join() === b.join();
}

function modifiers(type: Type): readonly number[] {
  return bodiesOf(type?.typmods, 'A_Const').map(({ ival }) => ival?.ival ?? 0);
}

function isArray(type: Type): boolean {
  return (type?.arrayBounds ?? []).length > 0;
}
