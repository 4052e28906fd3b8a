/** Decides what a new revision file says and what it is called. Writes nothing. */

import { GraphError, UsageError } from '../core/errors.ts';
import { buildGraph, type Graph, type GraphNode, lineageOf } from '../core/graph.ts';
import { resolveOne, resolveTarget } from '../core/resolve.ts';
import type { Phase, Revision, RevisionId } from '../core/revision.ts';
import { HEAD, parseTarget } from '../core/target.ts';
import { HEADER_KEYS } from '../sql/directives.ts';
import { fileNameOf } from './file-name.ts';
import type { Template } from './ports.ts';
import { fillTemplate } from './template.ts';

export interface NewRevisionRequest {
  readonly message: string;
  readonly id: RevisionId;
  /** Targets to revise; empty: the one head. */
  readonly heads: readonly string[];
  /** Revise nothing: begin a new base. */
  readonly base: boolean;
  /** Allow revising a revision that is no head. */
  readonly splice: boolean;
  readonly labels: readonly string[];
  /** Targets to depend on. */
  readonly dependsOn: readonly string[];
  readonly phase: Phase;
  readonly template: Template;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** A revision that is yet to be written. */
export interface NewRevision {
  readonly id: RevisionId;
  readonly revises: readonly RevisionId[];
  readonly dependsOn: readonly RevisionId[];
  readonly labels: readonly string[];
  readonly phase: Phase;
  /** Name without folder. */
  readonly fileName: string;
  readonly content: string;
}

/**
 * The file for a new revision.
 * @throws UsageError `SLIPWAY_USAGE`
 * @throws GraphError `SLIPWAY_MULTIPLE_HEADS`, `SLIPWAY_GRAPH_DUPLICATE_LABEL`, and as `resolveTarget`
 * @throws RevisionFileError `SLIPWAY_TEMPLATE_INVALID`
 */
export function newRevision(graph: Graph<Revision>, request: NewRevisionRequest): NewRevision {
  const { id, phase, template, now } = request;
  const message = request.message.replace(/\s+/g, ' ').trim();
  if (message === '') {
    throw new UsageError('SLIPWAY_USAGE', 'the message is empty', {
      hint: 'Say what the revision does: slipway revision -m "add phone to users".',
    });
  }
  checkId(graph, id);
  const labels = [...new Set(request.labels)];
  for (const label of labels) checkLabel(graph, label, id);
  const revises = parentsOf(graph, request);
  const dependsOn = dependenciesOf(graph, request.dependsOn);
  const fileName = fileNameOf(graph, [...revises, ...dependsOn], {
    message,
    language: template.language,
    now,
  });
  const node = { id, revises, dependsOn, labels, file: fileName };
  buildGraph<GraphNode>([...graph.nodes.values(), node]);
  const content = fillTemplate(template, { ...node, phase, message, now });
  return { id, revises, dependsOn, labels, phase, fileName, content };
}

function checkId(graph: Graph<Revision>, id: RevisionId): void {
  if (HEADER_KEYS.revision.parse(id) === undefined) {
    throw new UsageError('SLIPWAY_USAGE', `"${id}" cannot be a revision id`, {
      hint: 'An id has 1 to 64 letters, digits and underscores, and is not head, heads, base or current.',
    });
  }
  const other = graph.nodes.get(id) ?? graph.nodes.get(graph.labels.get(id) ?? '');
  if (other === undefined) return;
  const what = other.id === id ? `revision "${id}" exists already` : `"${id}" is a branch label`;
  throw new UsageError('SLIPWAY_USAGE', `${what} (${other.file})`, {
    hint: 'Leave --rev-id out to have one generated.',
  });
}

function checkLabel(graph: Graph<Revision>, label: string, id: RevisionId): void {
  if (HEADER_KEYS.label.parse(label)?.length !== 1) {
    throw new UsageError('SLIPWAY_USAGE', `"${label}" cannot be a branch label`, {
      hint: 'A label has up to 64 letters, digits, underscores, dots and dashes, and is not head, heads, base or current.',
    });
  }
  const other = graph.nodes.get(label);
  if (other === undefined && label !== id) return;
  throw new UsageError(
    'SLIPWAY_USAGE',
    `"${label}" is the id of a revision (${other?.file ?? 'this one'}), so it cannot be a branch label`,
    { hint: 'Choose another label: ids and labels are used in the same places.' },
  );
}

function dependenciesOf(graph: Graph<Revision>, targets: readonly string[]): readonly RevisionId[] {
  const ids = targets.flatMap((text) => {
    const found = resolveTarget(graph, parseTarget(text));
    if (found.length > 0) return found;
    throw new UsageError('SLIPWAY_USAGE', `"${text}" names no revision to depend on`, {
      hint: 'Name a revision or a branch label; slipway history lists them.',
    });
  });
  return [...new Set(ids)];
}

function parentsOf(graph: Graph<Revision>, request: NewRevisionRequest): readonly RevisionId[] {
  if (request.base && request.heads.length > 0) {
    throw new UsageError('SLIPWAY_USAGE', '--base and --head exclude each other', {
      hint: 'A base revises nothing.',
    });
  }
  if (request.base) return [];
  if (request.heads.length === 0) {
    const head = resolveOne(graph, HEAD);
    return head === undefined ? [] : [head];
  }
  const parents = new Set(request.heads.flatMap((text) => resolveTarget(graph, parseTarget(text))));
  if (parents.size > 0 && request.heads.includes('base')) {
    throw new UsageError('SLIPWAY_USAGE', '--head base excludes every other --head', {
      hint: 'A base revises nothing.',
    });
  }
  const inner = [...parents].find((id) => !graph.heads.includes(id));
  if (inner !== undefined && !request.splice) {
    throw new GraphError('SLIPWAY_MULTIPLE_HEADS', `revision "${inner}" is not a head`, {
      hint: 'Add --splice to begin a branch there on purpose.',
      details: { revision: inner, releaseHeads: graph.heads },
    });
  }
  refuseLine(graph, [...parents]);
  return [...parents];
}

/**
 * Refuses to join revisions of which one follows the other.
 * @throws UsageError `SLIPWAY_USAGE`
 */
export function refuseLine(graph: Graph<Revision>, ids: readonly RevisionId[]): void {
  for (const [index, id] of ids.entries()) {
    const lineage = lineageOf(graph, id);
    const other = ids.find((each, at) => at > index && lineage.has(each));
    if (other === undefined) continue;
    const [upper, lower] =
      graph.order.indexOf(other) < graph.order.indexOf(id) ? [id, other] : [other, id];
    throw new UsageError('SLIPWAY_USAGE', `revision "${upper}" follows "${lower}" already`, {
      hint: `Leave "${lower}" out.`,
      details: { revisions: [...ids] },
    });
  }
}
