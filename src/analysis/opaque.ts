/** Which statements may lock and go through more than their text tells. */

import { callsUnknownFunction } from './built-in-functions.ts';
import { bodyOf, hasOption, type Node, type Tag, tagOf } from './tree.ts';

/** Whether locks and work of `node` cannot be read from the statement: there may be any. */
export function isOpaque(node: Node): boolean {
  const tag = tagOf(node);
  if (OPAQUE.has(tag)) return true;
  if (QUERIES.has(tag)) return callsUnknownFunction(node);
  const explain = bodyOf(node, 'ExplainStmt');
  if (explain?.query !== undefined) {
    return hasOption(explain.options, 'analyze') && isOpaque(explain.query);
  }
  return cascades(node) || isOnEverything(node);
}

/** What runs code or scripts, or touches whatever an owner, a tablespace or a server has. */
const OPAQUE: ReadonlySet<Tag> = new Set<Tag>([
  'AlterExtensionStmt',
  'AlterTableMoveAllStmt',
  'CallStmt',
  'CreateExtensionStmt',
  'DoStmt',
  'DropOwnedStmt',
  'ExecuteStmt',
  'ReassignOwnedStmt',
]);

const QUERIES: ReadonlySet<Tag> = new Set<Tag>([
  'CreateTableAsStmt',
  'DeleteStmt',
  'InsertStmt',
  'MergeStmt',
  'SelectStmt',
  'UpdateStmt',
]);

/** What depends on an object is known to the catalog alone. */
function cascades(node: Node): boolean {
  const drop = bodyOf(node, 'DropStmt');
  if (drop?.behavior === 'DROP_CASCADE') return true;
  const commands = bodyOf(node, 'AlterTableStmt')?.cmds ?? [];
  return commands.some((command) => bodyOf(command, 'AlterTableCmd')?.behavior === 'DROP_CASCADE');
}

/** Maintenance of a whole schema or database. */
function isOnEverything(node: Node): boolean {
  const vacuum = bodyOf(node, 'VacuumStmt');
  if (vacuum !== undefined) return (vacuum.rels ?? []).length === 0;
  const cluster = bodyOf(node, 'ClusterStmt');
  if (cluster !== undefined) return cluster.relation === undefined;
  const reindex = bodyOf(node, 'ReindexStmt');
  return reindex !== undefined && reindex.relation === undefined;
}
