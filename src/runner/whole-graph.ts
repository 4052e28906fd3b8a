/** The history that database and files have together. */

import type { AppliedRevision } from '../core/applied.ts';
import { GraphError } from '../core/errors.ts';
import { buildGraph, type Graph, type GraphNode } from '../core/graph.ts';

/**
 * The graph of what is applied and of the files that are not; where a revision is in both, the
 * database has the word. Files that contradict the database are left out.
 */
export function wholeGraph(
  applied: readonly AppliedRevision[],
  files: Graph | undefined,
): Graph<GraphNode> {
  const present = new Set(applied.map((row) => row.id));
  const others = [...(files?.nodes.values() ?? [])].filter((node) => !present.has(node.id));
  if (others.length === 0) return buildGraph<GraphNode>(applied);
  try {
    return buildGraph<GraphNode>([...applied, ...others]);
  } catch (error) {
    if (error instanceof GraphError) return buildGraph<GraphNode>(applied);
    throw error;
  }
}
