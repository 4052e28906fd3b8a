/** Cuts a fleet into shards, so that each of several machines works on its own part. */

import { createHash } from 'node:crypto';

/** One part of a fleet. */
export interface Shard {
  /** From 0. */
  readonly index: number;
  readonly count: number;
}

/** The shard that the target of this name belongs to: of the name alone, whatever else is listed. */
export function shardOf(name: string, count: number): number {
  const hash = createHash('sha256').update(name).digest().readBigUInt64BE(0);
  return Number(hash % BigInt(count));
}

/** The targets of `shard`, in their order. */
export function targetsOfShard<T extends { readonly name: string }>(
  targets: readonly T[],
  shard: Shard | undefined,
): readonly T[] {
  if (shard === undefined) return targets;
  return targets.filter(({ name }) => shardOf(name, shard.count) === shard.index);
}
