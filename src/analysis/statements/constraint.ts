/** Whether writes of the previous release can violate a constraint that is added to their table. */

import type { Compatibility } from '../../core/revision.ts';
import { type CreatedObjects, isNewRelation, type NewColumn, newColumn } from '../created.ts';
import { asNew, breaking, compatible } from '../effect.ts';
import { hasDefault } from '../new-columns.ts';
import {
  type Body,
  bodiesOf,
  descendants,
  relationWords,
  stringsOf,
  tagsBelow,
  words,
} from '../tree.ts';

/** The table a constraint or unique index is for, and what is known to be new. */
interface ConstraintTarget {
  readonly created: CreatedObjects;
  readonly relation: Body<'RangeVar'> | undefined;
}

/**
 * The verdict on a constraint of an existing table. A constraint that is `not valid` yet is enforced
 * for every new write, so it breaks old writers just the same.
 */
export function constraintCompatibility(
  constraint: Body<'Constraint'>,
  target: ConstraintTarget,
  column?: string,
): Compatibility {
  const what = `${constraintWords(constraint)} on ${relationWords(target.relation)}`;
  if (isNewRelation(target.created, target.relation)) {
    return asNew(`adds ${what}`);
  }
  const columns = constraintColumns(constraint, column);
  if (isHarmless(constraint, columns, target)) {
    return compatible(`adds ${what}, which writes of the previous release satisfy`);
  }
  return breaking(`adds ${what}, which writes of the previous release may violate`);
}

/** The verdict on a unique index of an existing table, with the same words as for a constraint. */
export function uniqueIndexCompatibility(
  index: Body<'IndexStmt'>,
  target: ConstraintTarget,
): Compatibility {
  const name = index.idxname === undefined ? '' : ` ${words([index.idxname])}`;
  const what = `unique index${name} on ${relationWords(target.relation)}`;
  if (isNewRelation(target.created, target.relation)) {
    return asNew(`creates ${what}`);
  }
  const columns = bodiesOf(index.indexParams, 'IndexElem').flatMap((each) => each.name ?? []);
  if (staysUnique(columns, index.nulls_not_distinct === true, target)) {
    return compatible(`creates ${what}, which writes of the previous release satisfy`);
  }
  return breaking(`creates ${what}, which writes of the previous release may violate`);
}

/** A constraint as people read it: `check constraint positive_total`. */
export function constraintWords(constraint: Body<'Constraint'>): string {
  const kind = KINDS[constraint.contype ?? ''] ?? 'constraint';
  return constraint.conname === undefined ? kind : `${kind} ${words([constraint.conname])}`;
}

const KINDS: Readonly<Record<string, string>> = {
  CONSTR_NOTNULL: 'not-null constraint',
  CONSTR_CHECK: 'check constraint',
  CONSTR_PRIMARY: 'primary key',
  CONSTR_UNIQUE: 'unique constraint',
  CONSTR_EXCLUSION: 'exclusion constraint',
  CONSTR_FOREIGN: 'foreign key',
};

function constraintColumns(constraint: Body<'Constraint'>, column: string | undefined): string[] {
  if (constraint.contype === 'CONSTR_CHECK') {
    const references = descendants(constraint.raw_expr, 'ColumnRef');
    return references.flatMap((reference) => stringsOf(reference.fields).at(-1) ?? []);
  }
  if (constraint.contype === 'CONSTR_EXCLUSION') {
    return descendants(constraint.exclusions, 'IndexElem').flatMap((each) => each.name ?? []);
  }
  if (column !== undefined) return [column];
  const isForeignKey = constraint.contype === 'CONSTR_FOREIGN';
  return stringsOf(isForeignKey ? constraint.fk_attrs : constraint.keys);
}

function isHarmless(
  constraint: Body<'Constraint'>,
  names: readonly string[],
  target: ConstraintTarget,
): boolean {
  const { created, relation } = target;
  const columns = names.map((name) => newColumn(created, relation, name));
  const isNull = (column: NewColumn | undefined) => column?.value === 'null';
  switch (constraint.contype) {
    case 'CONSTR_NOTNULL':
      return hasDefault(columns[0]);
    case 'CONSTR_CHECK':
      if (constraint.is_enforced !== true) return true;
      if (columns.length === 0) return false;
      // All its columns are new: an old insert leaves each at its default, which Postgres checks
      // against the rows there are, or at null, which most checks let pass.
      return (
        columns.every(hasDefault) ||
        (columns.every((each) => hasDefault(each) || isNull(each)) && passesNulls(constraint))
      );
    case 'CONSTR_FOREIGN':
      if (constraint.is_enforced !== true || columns.every(hasDefault)) return true;
      return constraint.fk_matchtype === 'f' ? columns.every(isNull) : columns.some(isNull);
    case 'CONSTR_UNIQUE':
      // An index that is unique already enforces the same.
      return (
        constraint.indexname !== undefined ||
        staysUnique(names, constraint.nulls_not_distinct === true, target)
      );
    case 'CONSTR_PRIMARY':
      return columns.every(hasDefault) && columns.some((each) => each?.value === 'distinct');
    case 'CONSTR_EXCLUSION':
      return columns.some(isNull);
    default:
      return false;
  }
}

/** Whether inserts that leave the new ones among `names` out can never collide. */
function staysUnique(
  names: readonly string[],
  nullsCollide: boolean,
  { created, relation }: ConstraintTarget,
): boolean {
  return names.some((name) => {
    const value = newColumn(created, relation, name)?.value;
    return value === 'distinct' || (value === 'null' && !nullsCollide);
  });
}

/** What makes null of a null, as far as checks use it. */
const STRICT_NODES = new Set([
  'A_Const',
  'A_Expr',
  'A_ArrayExpr',
  'BoolExpr',
  'CollateClause',
  'ColumnRef',
  'FuncCall',
  'Integer',
  'List',
  'SQLValueFunction',
  'String',
  'TypeCast',
]);

const STRICT_FUNCTIONS = new Set([
  'abs',
  'array_length',
  'btrim',
  'cardinality',
  'ceil',
  'char_length',
  'character_length',
  'date_part',
  'date_trunc',
  'extract',
  'floor',
  'isempty',
  'isfinite',
  'json_array_length',
  'json_typeof',
  'jsonb_array_length',
  'jsonb_typeof',
  'left',
  'length',
  'like_escape',
  'lower',
  'ltrim',
  'mod',
  'octet_length',
  'position',
  'regexp_like',
  'regexp_replace',
  'right',
  'round',
  'rtrim',
  'similar_to_escape',
  'starts_with',
  'strpos',
  'substr',
  'substring',
  'timezone',
  'trunc',
  'upper',
]);

// A check passes when it is null. What is not known to keep a null may make false of it.
function passesNulls(constraint: Body<'Constraint'>): boolean {
  const expression = constraint.raw_expr;
  return (
    [...tagsBelow(expression)].every((tag) => STRICT_NODES.has(tag)) &&
    descendants(expression, 'A_Expr').every((each) => !/DISTINCT$/.test(each.kind ?? '')) &&
    // An array with a null in it is not null.
    descendants(expression, 'A_ArrayExpr').every((each) => !tagsBelow(each).has('ColumnRef')) &&
    descendants(expression, 'FuncCall').every((call) =>
      STRICT_FUNCTIONS.has(stringsOf(call.funcname).at(-1) ?? ''),
    )
  );
}
