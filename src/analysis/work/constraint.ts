/** What adding a constraint goes through: rows are read to see whether they obey it. */

import { constraintWords } from '../statements/constraint.ts';
import { type Body, relationWords, stringsOf, words } from '../tree.ts';
import { type Done, work } from './done.ts';

/** What a constraint is added to. */
interface Added {
  /** The column whose definition it is a part of. */
  readonly column?: string;
  readonly isNewColumn?: boolean;
  /** Whether it is known that no row has a null in a column. */
  readonly isProven?: (column: string) => boolean;
}

/** The work of adding a constraint. */
export function constraintWork(
  relation: Body<'RangeVar'> | undefined,
  constraint: Body<'Constraint'>,
  { column, isNewColumn = false, isProven = () => false }: Added = {},
): readonly Done[] {
  const what = constraintWords(constraint);
  const keys = stringsOf(constraint.keys);
  const columns = column === undefined ? words(keys) : column;
  const areProven = keys.length > 0 && keys.every(isProven);
  switch (constraint.contype) {
    case 'CONSTR_CHECK':
      return isChecked(constraint) && constraint.is_enforced === true
        ? work('scan', relation, `every row is held against ${what}`)
        : [];
    case 'CONSTR_NOTNULL':
      return isChecked(constraint) && !areProven
        ? work('scan', relation, `rows are searched for nulls in ${columns}, ${UNLESS_PROVEN}`)
        : [];
    case 'CONSTR_FOREIGN': {
      if (!isChecked(constraint) || constraint.is_enforced !== true) return [];
      const other = relationWords(constraint.pktable);
      return [
        ...work('scan', relation, `every row is looked up in ${other} for ${what}`),
        // A join reads both; whether by an index or in full is the planner's choice.
        ...work('scan', constraint.pktable, `rows of ${relationWords(relation)} are looked up`),
      ];
    }
    case 'CONSTR_UNIQUE':
    case 'CONSTR_EXCLUSION':
      return constraint.indexname === undefined
        ? work('build index', relation, `the index of ${what} is built`)
        : [];
    case 'CONSTR_PRIMARY':
      return [
        ...(constraint.indexname === undefined
          ? work('build index', relation, `the index of ${what} is built`)
          : []),
        ...(isNewColumn || areProven
          ? []
          : work(
              'scan',
              relation,
              'rows are searched for nulls, unless its columns refuse them already',
            )),
      ];
    default:
      return [];
  }
}

const UNLESS_PROVEN = 'unless a valid check proves that there are none';

/** `not valid`: rows that are there already are left alone. */
function isChecked(constraint: Body<'Constraint'>): boolean {
  return constraint.skip_validation !== true;
}
