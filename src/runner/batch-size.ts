/** How many keys a backfill takes at a time. */

/** Sizes of batches, adapted to how long they take. */
export interface BatchSize {
  readonly current: number;
  /** Whether it is below what was asked for because batches took too long. */
  readonly isReduced: boolean;
  /** Learns from a batch of `keys` that took `tookMs`. */
  learn(keys: number, tookMs: number): void;
}

/** A slow batch halves the size; quick ones bring it back by a tenth of `largest` each. */
export function batchSize(largest: number, maxTimeMs: number): BatchSize {
  let current = largest;
  return {
    get current() {
      return current;
    },
    get isReduced() {
      return current < largest;
    },
    learn(keys, tookMs) {
      if (tookMs > maxTimeMs) {
        // Equal keys and the last batch can make a batch differ from what was asked for.
        current = Math.max(1, Math.floor(Math.min(keys, current) / 2));
      } else if (tookMs < maxTimeMs / 2) {
        current = Math.min(largest, current + Math.ceil(largest / 10));
      }
    },
  };
}
