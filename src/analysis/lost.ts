/** Where the data is that a statement loses, so that it can be counted before. */

import type { LostData } from '../core/revision.ts';
import { type Body, bodiesOf, bodyOf, type Node, nameOf, relationName } from './tree.ts';

/** Tables and columns that lose their data; empty for other losses, which nobody can count. */
export function lostDataOf(node: Node): readonly LostData[] {
  const dropped = bodyOf(node, 'DropStmt');
  if (dropped?.removeType === 'OBJECT_TABLE' || dropped?.removeType === 'OBJECT_MATVIEW') {
    return (dropped.objects ?? []).map((object) => located(nameOf(object)));
  }
  const truncated = bodyOf(node, 'TruncateStmt');
  if (truncated !== undefined) {
    return bodiesOf(truncated.relations, 'RangeVar').map((table) => located(relationName(table)));
  }
  const deleted = bodyOf(node, 'DeleteStmt');
  if (deleted !== undefined && deleted.whereClause === undefined) {
    return [located(relationName(deleted.relation))];
  }
  const altered = bodyOf(node, 'AlterTableStmt');
  return altered?.objtype === 'OBJECT_TABLE' ? lostColumns(altered) : [];
}

function lostColumns(altered: Body<'AlterTableStmt'>): readonly LostData[] {
  return bodiesOf(altered.cmds, 'AlterTableCmd')
    .filter(({ subtype, def }) => subtype === 'AT_DropColumn' || isConversion(subtype, def))
    .map(({ name }) => ({ ...located(relationName(altered.relation)), column: name }));
}

/** Without an expression of its own a change of type loses nothing: Postgres refuses what does not fit. */
function isConversion(subtype: string | undefined, definition: Node | undefined): boolean {
  return (
    subtype === 'AT_AlterColumnType' && bodyOf(definition, 'ColumnDef')?.raw_default !== undefined
  );
}

function located(name: readonly string[]): LostData {
  return { schema: name.length > 1 ? name.at(-2) : undefined, name: name.at(-1) ?? '' };
}
