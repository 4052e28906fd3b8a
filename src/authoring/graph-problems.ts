/** Everything that is wrong with a graph, where building it stops at the first thing. */

import { InternalError, SlipwayError } from '../core/errors.ts';
import { buildGraph, type Graph, type GraphNode } from '../core/graph.ts';

export interface TolerantGraph {
  /** The graph without what is wrong. */
  readonly graph: Graph;
  readonly errors: readonly SlipwayError[];
}

/** Builds the graph again and again, each time without what was found to be wrong the time before. */
export function buildTolerantly(revisions: Iterable<GraphNode>): TolerantGraph {
  let nodes = [...revisions];
  const errors: SlipwayError[] = [];
  for (;;) {
    try {
      return { graph: buildGraph(nodes), errors };
    } catch (error) {
      if (!(error instanceof SlipwayError)) throw error;
      errors.push(error);
      nodes = without(nodes, error);
    }
  }
}

/** The nodes without edges to what is not among them. */
export function withoutUnknown(nodes: readonly GraphNode[]): readonly GraphNode[] {
  const known = new Set(nodes.map(({ id }) => id));
  return nodes.map((node) => needing(node, (id) => known.has(id)));
}

function without(nodes: readonly GraphNode[], { code, details }: SlipwayError): GraphNode[] {
  const files = Array.isArray(details['files']) ? details['files'].map(String) : [];
  const change = (file: unknown, edit: (node: GraphNode) => GraphNode): GraphNode[] =>
    nodes.map((node) => (node.file === file ? edit(node) : node));
  switch (code) {
    case 'SLIPWAY_FILE_DUPLICATE_ID':
      return nodes.filter((node) => node.file !== files[1]);
    case 'SLIPWAY_GRAPH_DUPLICATE_LABEL':
      return change(files[1], (node) => ({
        ...node,
        labels: node.labels.filter((label) => label !== details['label']),
      }));
    case 'SLIPWAY_GRAPH_MISSING_REVISION':
      return change(details['file'], (node) => needing(node, (id) => id !== details['missing']));
    case 'SLIPWAY_GRAPH_CYCLE': {
      const ring = new Set(Array.isArray(details['revisions']) ? details['revisions'] : []);
      return change(files[0], (node) => needing(node, (id) => !ring.has(id)));
    }
    default:
      throw new InternalError('SLIPWAY_INTERNAL', `a graph cannot be mended of ${code}`);
  }
}

function needing(node: GraphNode, keep: (id: string) => boolean): GraphNode {
  return { ...node, revises: node.revises.filter(keep), dependsOn: node.dependsOn.filter(keep) };
}
