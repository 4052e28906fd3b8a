/** Decides what a new revision file says and what it is called. Writes nothing. */

import { GraphError, UsageError } from '../core/errors.ts';
import type { Graph } from '../core/graph.ts';
import type { Phase, Revision, RevisionId } from '../core/revision.ts';
import { resolveRevision, singleHead } from '../core/target.ts';
import { printRevisionFile } from '../sql/revision-file.ts';
import { slugOf } from './slug.ts';

export interface NewRevisionRequest {
  readonly message: string;
  readonly id: RevisionId;
  /** Revisions to revise; empty: the one head. */
  readonly heads: readonly string[];
  /** Revise nothing: begin a new base. */
  readonly base: boolean;
  /** Allow revising a revision that is no head. */
  readonly splice: boolean;
  readonly labels: readonly string[];
  readonly dependsOn: readonly string[];
  readonly phase: Phase;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export interface NewRevision {
  readonly id: RevisionId;
  readonly revises: readonly RevisionId[];
  /** Name without folder. */
  readonly fileName: string;
  readonly content: string;
}

/**
 * The file for a new revision.
 * @throws UsageError `SLIPWAY_USAGE`
 * @throws GraphError `SLIPWAY_MULTIPLE_HEADS`, `SLIPWAY_TARGET_UNKNOWN`, `SLIPWAY_TARGET_AMBIGUOUS`
 */
export function newRevision(graph: Graph<Revision>, request: NewRevisionRequest): NewRevision {
  const { message, id } = request;
  if (message.trim() === '') {
    throw new UsageError('SLIPWAY_USAGE', 'the message is empty', {
      hint: 'Say what the revision does: slipway revision -m "add phone to users".',
    });
  }
  if (!/^[A-Za-z0-9_]{1,64}$/.test(id)) {
    throw new UsageError('SLIPWAY_USAGE', `"${id}" cannot be a revision id`, {
      hint: 'An id has 1 to 64 letters, digits and underscores.',
    });
  }
  const taken = graph.nodes.get(id);
  if (taken !== undefined) {
    throw new UsageError('SLIPWAY_USAGE', `revision "${id}" exists already (${taken.file})`, {
      hint: 'Leave --rev-id out to have one generated.',
    });
  }
  const revises = parentsOf(graph, request);
  const content = printRevisionFile({
    id,
    revises,
    dependsOn: request.dependsOn.map((text) => resolveRevision(text, graph.nodes.keys())),
    labels: request.labels,
    phase: request.phase,
    description: message,
    up: '\n',
    down: '\n',
  });
  return {
    id,
    revises,
    fileName: `${timestamp(request.now)}_${slugOf(message)}.sql`,
    content,
  };
}

function parentsOf(graph: Graph<Revision>, request: NewRevisionRequest): readonly RevisionId[] {
  if (request.base) {
    if (request.heads.length > 0) {
      throw new UsageError('SLIPWAY_USAGE', '--base and --head exclude each other', {
        hint: 'A base revises nothing.',
      });
    }
    return [];
  }
  if (request.heads.length === 0) {
    const head = singleHead(graph);
    return head === undefined ? [] : [head];
  }
  const parents = request.heads.flatMap((text) =>
    text === 'heads' ? graph.heads : [resolveHead(graph, text)],
  );
  const inner = parents.find((id) => !graph.heads.includes(id));
  if (inner !== undefined && !request.splice) {
    throw new GraphError('SLIPWAY_MULTIPLE_HEADS', `revision "${inner}" is not a head`, {
      hint: 'Add --splice to begin a branch there on purpose.',
      details: { revision: inner, releaseHeads: graph.heads },
    });
  }
  return [...new Set(parents)];
}

function resolveHead(graph: Graph<Revision>, text: string): RevisionId {
  if (text !== 'head') return resolveRevision(text, graph.nodes.keys());
  const head = singleHead(graph);
  if (head !== undefined) return head;
  throw new GraphError('SLIPWAY_TARGET_UNKNOWN', 'there is no head: no revision exists yet', {
    hint: 'Leave --head out.',
  });
}

/** UTC as yyyymmddhhmmss. */
function timestamp(ms: number): string {
  return new Date(ms).toISOString().replace(/\D/g, '').slice(0, 14);
}
