/** A step of a plan with everything needed to run it. */

import { type AppliedRevision, updateDigest } from '../core/applied.ts';
import type { GraphNode } from '../core/graph.ts';
import type { Approved } from '../core/hazards.ts';
import type { RevisionProgram } from '../core/program.ts';
import type { Compatibility, Direction, Revision, RevisionId, Script } from '../core/revision.ts';
import type { SummaryChange } from './ports.ts';

export interface Step {
  readonly revision: Revision;
  readonly direction: Direction;
  /** The up or down section. */
  readonly script: Script;
  /** Run after `script` in an upgrade; empty in a downgrade. */
  readonly verify: Script;
  /** The functions of a TypeScript revision, which run instead of both. */
  readonly program?: RevisionProgram | undefined;
  readonly compatibility: Compatibility;
  /** Set by the gate where it has hazards that somebody approved. */
  readonly approved?: Approved;
}

interface AppliedNode extends GraphNode {
  readonly checksum: string;
  readonly compatibility: Compatibility;
}

/**
 * The applied set while a plan runs: each call makes the change in memory and returns the summary
 * row before and after it. A run that fails throws its set away.
 */
export interface AppliedSet {
  readonly digest: string;
  readonly heads: readonly RevisionId[];
  has(id: RevisionId): boolean;
  adding(node: AppliedNode): SummaryChange;
  removing(id: RevisionId): SummaryChange;
  /** Returns a function that takes back what was changed since, for a transaction rolled back. */
  mark(): () => void;
  /** The same summary again, for a change that does not touch the set. */
  unchanged(): SummaryChange;
}

/** Starts from the rows that the database has. */
export function appliedSet(rows: readonly AppliedRevision[], digest: string): AppliedSet {
  const nodes = new Map<RevisionId, { readonly node: AppliedNode; readonly sequence: number }>();
  let newest = 0;
  const followers = new Map<RevisionId, number>();
  const heads = new Set<RevisionId>();
  let floor: RevisionId | undefined;
  let current = digest;

  const follow = (node: AppliedNode, by: 1 | -1): void => {
    for (const id of node.revises) {
      const count = (followers.get(id) ?? 0) + by;
      followers.set(id, count);
      if (count > 0) heads.delete(id);
      else if (nodes.has(id)) heads.add(id);
    }
  };
  const newestBreaking = (): RevisionId | undefined => {
    let found: { readonly node: AppliedNode; readonly sequence: number } | undefined;
    for (const entry of nodes.values()) {
      const { verdict } = entry.node.compatibility;
      if (verdict !== 'yes' && entry.sequence > (found?.sequence ?? 0)) found = entry;
    }
    return found?.node.id;
  };
  const add = (node: AppliedNode, sequence: number = ++newest): void => {
    nodes.set(node.id, { node, sequence });
    if ((followers.get(node.id) ?? 0) === 0) heads.add(node.id);
    follow(node, 1);
    if (node.compatibility.verdict !== 'yes') floor = node.id;
  };
  const remove = (node: AppliedNode): void => {
    nodes.delete(node.id);
    heads.delete(node.id);
    follow(node, -1);
    if (floor === node.id) floor = newestBreaking();
  };
  const summary = (nextDigest: string): SummaryChange => ({
    before: current,
    after: { heads: [...heads].sort(), digest: nextDigest, applied: nodes.size, floor },
  });

  let undo: (() => void)[] = [];

  for (const row of rows) if (row.state === 'applied') add(row);
  return {
    get digest() {
      return current;
    },
    get heads() {
      return [...heads].sort();
    },
    has: (id) => nodes.has(id),
    adding(node) {
      const digestBefore = current;
      const floorBefore = floor;
      const digestAfter = updateDigest(current, 'add', node);
      add(node);
      undo.push(() => {
        remove(node);
        floor = floorBefore;
        current = digestBefore;
      });
      const change = summary(digestAfter);
      current = digestAfter;
      return change;
    },
    removing(id) {
      const entry = nodes.get(id);
      if (entry === undefined) return summary(current);
      const { node, sequence } = entry;
      const digestBefore = current;
      const floorBefore = floor;
      const digestAfter = updateDigest(current, 'remove', node);
      remove(node);
      undo.push(() => {
        add(node, sequence);
        floor = floorBefore;
        current = digestBefore;
      });
      const change = summary(digestAfter);
      current = digestAfter;
      return change;
    },
    mark() {
      undo = [];
      return () => {
        for (const step of undo.reverse()) step();
        undo = [];
      };
    },
    unchanged: () => summary(current),
  };
}
