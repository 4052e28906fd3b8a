/** What the database says is applied, and how that compares with the revisions of this release. */

import { hash } from 'node:crypto';
import type { Graph, GraphNode } from './graph.ts';
import type { Compatibility, Phase, Revision, RevisionId } from './revision.ts';

/** Who applied something, and from where. */
export interface Provenance {
  readonly pod: string | undefined;
  readonly namespace: string | undefined;
  readonly node: string | undefined;
  readonly image: string | undefined;
  readonly release: string | undefined;
  readonly version: string;
}

/** A row of the version table. */
export interface AppliedRevision extends GraphNode {
  readonly description: string;
  readonly phase: Phase;
  readonly compatibility: Compatibility;
  readonly checksum: string;
  /** `partial`: a non-transactional revision that has begun and not ended. */
  readonly state: 'applied' | 'partial';
  readonly irreversible: string | undefined;
  /** ISO 8601, UTC. */
  readonly appliedAt: string;
  readonly durationMs: number;
  /** True when it was recorded by `stamp`, without running. */
  readonly stamped: boolean;
  /** The Postgres role that applied it. */
  readonly role: string;
  readonly provenance: Provenance;
}

/** The summary row: one primary-key read that answers "am I up to date?". */
export interface Summary {
  readonly heads: readonly RevisionId[];
  /** `appliedDigest` of all applied revisions. */
  readonly digest: string;
  readonly applied: number;
  /** The revision that last raised the compatibility floor. */
  readonly floor: RevisionId | undefined;
}

const MODULUS = 1n << 256n;

/** Digest of no revisions. */
export const EMPTY_DIGEST = '0'.repeat(64);

type DigestItem = Pick<GraphNode, 'id'> & { readonly checksum: string };

/**
 * Digest of a set of revisions: the sum of their hashes modulo 2^256 (an AdHASH: Bellare and
 * Micciancio, "A New Paradigm for Collision-free Hashing", 1997). Order plays no part, and one
 * revision more or less is one addition, however long the history.
 */
export function appliedDigest(items: Iterable<DigestItem>): string {
  let sum = 0n;
  for (const item of items) sum += elementHash(item);
  return toHex(sum);
}

/** `digest` with `item` added to the set, or taken out of it. */
export function updateDigest(digest: string, change: 'add' | 'remove', item: DigestItem): string {
  const element = elementHash(item);
  return toHex(BigInt(`0x${digest}`) + (change === 'add' ? element : MODULUS - element));
}

/** Files and database side by side. */
export interface Comparison {
  /** Revisions of this release that the database does not have, in order. */
  readonly pending: readonly RevisionId[];
  /** Applied revisions that this release does not know. */
  readonly unknown: readonly AppliedRevision[];
  /** Applied revisions whose file is another one now. */
  readonly changed: readonly AppliedRevision[];
  readonly partial: readonly AppliedRevision[];
  /**
   * `ahead`: the database has all of this release and more. `diverged`: each side has something
   * that the other lacks.
   */
  readonly relation: 'same' | 'behind' | 'ahead' | 'diverged';
}

/** Compares this release's revisions with what is applied. */
export function compareApplied(
  graph: Graph<Revision>,
  applied: readonly AppliedRevision[],
): Comparison {
  const done = new Set(applied.filter((row) => row.state === 'applied').map((row) => row.id));
  const pending = graph.order.filter((id) => !done.has(id));
  const unknown = applied.filter((row) => !graph.nodes.has(row.id));
  const changed = applied.filter((row) => {
    const file = graph.nodes.get(row.id);
    return file !== undefined && file.checksum !== row.checksum;
  });
  return {
    pending,
    unknown,
    changed,
    partial: applied.filter((row) => row.state === 'partial'),
    relation:
      unknown.length === 0
        ? pending.length === 0
          ? 'same'
          : 'behind'
        : pending.length === 0
          ? 'ahead'
          : 'diverged',
  };
}

function elementHash(item: DigestItem): bigint {
  return BigInt(`0x${hash('sha256', `${item.id}\0${item.checksum}`)}`);
}

function toHex(sum: bigint): string {
  return (sum % MODULUS).toString(16).padStart(64, '0');
}
