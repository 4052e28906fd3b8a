/** Whether a change of a column's type rewrites its table, as far as the statement alone tells. */

import type { KnownType } from '../known.ts';
import { isFreeChange, typeToKnow, usingIsFree } from '../known-parts.ts';
import { type Body, bodyOf, typeWords, words } from '../tree.ts';

/** Why the table is rewritten; undefined when it is not for sure. */
export function typeChangeWords(
  command: Body<'AlterTableCmd'>,
  from: KnownType | undefined,
): string | undefined {
  const definition = bodyOf(command.def, 'ColumnDef');
  const to = typeToKnow(definition);
  if (from !== undefined && to !== undefined && usingIsFree(definition, command.name ?? '')) {
    if (isFreeChange(from, to)) return undefined;
  }
  const column = words([command.name ?? '']);
  const type = typeWords(definition?.typeName);
  if (definition?.raw_default !== undefined && !isOnlyCast(command)) {
    return `column ${column} is computed anew in every row`;
  }
  return `column ${column} becomes ${type}, unless its values are stored alike as what it was`;
}

/** `using a::text` converts like no `using` at all. */
function isOnlyCast(command: Body<'AlterTableCmd'>): boolean {
  const cast = bodyOf(bodyOf(command.def, 'ColumnDef')?.raw_default, 'TypeCast');
  const reference = bodyOf(cast?.arg, 'ColumnRef');
  const field = reference?.fields?.at(-1);
  return bodyOf(field, 'String')?.sval === command.name;
}
