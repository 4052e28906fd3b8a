/** What a change of a column's type means, although the statement does not say the old type. */

import type { Effect } from '../effect.ts';
import { breaking, compatible, undecided } from '../effect.ts';
import { type Body, bodyOf, descendants, stringsOf, typeIdentifier, typeWords } from '../tree.ts';

/**
 * Types that every value Postgres converts to them without being asked fits into, and that clients
 * read as they read what such columns usually were: `varchar(n)`, `integer`, `numeric(p, s)`.
 */
const WIDEST = new Set(['text', 'varchar', 'bigint', 'int8', 'numeric']);

/** Functions that a `using` calls in order to keep less of each value. */
const CUTTING = new Set([
  'left',
  'right',
  'substr',
  'substring',
  'trunc',
  'round',
  'floor',
  'ceil',
  'ceiling',
  'date_trunc',
]);

/** What `alter column … type` does to data and to code of the previous release. */
export function typeChangeEffect(column: string, command: Body<'AlterTableCmd'>): Effect {
  const definition = bodyOf(command.def, 'ColumnDef');
  const type = definition?.typeName;
  const using = definition?.raw_default;
  const change = `changes the type of column ${column} to ${typeWords(type)}`;
  const name = typeIdentifier(type);
  const hasModifier = (type?.typmods?.length ?? 0) > 0 || (type?.arrayBounds?.length ?? 0) > 0;

  if (using === undefined) {
    // Postgres converts by assignment here: a value that does not fit is an error, never cut. (Only
    // fractions are rounded off, of a numeric to an integer: the old type would have to be known.)
    if (WIDEST.has(name) && !hasModifier) {
      return { compatibility: compatible(`${change}, which takes every value it took before`) };
    }
    if (name === 'int2') {
      return { compatibility: breaking(`${change}, the narrowest of its kind`) };
    }
    return { compatibility: undecided(`${change}, which may be narrower than before`) };
  }

  // An explicit cast to a length may cut, yet it is also how people widen: that is no proof of loss.
  const references = descendants(using, 'ColumnRef').map((each) => stringsOf(each.fields).at(-1));
  const calls = descendants(using, 'FuncCall').map((each) => stringsOf(each.funcname).at(-1) ?? '');
  const cut = calls.find((each) => CUTTING.has(each));
  if (!references.includes(command.name)) {
    return {
      compatibility: breaking(`${change} and replaces its values`),
      dataLoss: [`values of column ${column}`],
    };
  }
  if (cut !== undefined) {
    return {
      compatibility: breaking(`${change} and cuts its values with ${cut}`),
      dataLoss: [`what ${cut} cuts off the values of column ${column}`],
    };
  }
  return { compatibility: undecided(`${change} by an expression of its own`) };
}
