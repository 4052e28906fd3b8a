/** A small seeded source of chance: the same seed gives the same case on every machine. */

/** Choices drawn from one seed, in order. */
export interface Random {
  /** At least 0, below 1. */
  fraction(): number;
  /** A whole number from `from` to `to`, both included. */
  integer(from: number, to: number): number;
  chance(probability: number): boolean;
  pick<T>(items: readonly T[]): T;
  /** Some of the items, at least one, in their order. */
  some<T>(items: readonly T[]): readonly T[];
}

/** Chance that depends on nothing but these numbers (mulberry32). */
export function randomFrom(...seeds: readonly number[]): Random {
  let state = seeds.reduce((mixed, seed) => Math.imul(mixed ^ (seed | 0), 0x9e3779b1) + 1, 7);
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  for (let warm = 0; warm < 4; warm++) fraction();
  const integer = (from: number, to: number) => from + Math.floor(fraction() * (to - from + 1));
  const pick = <T>(items: readonly T[]): T => {
    if (items.length === 0) throw new Error('nothing to pick from');
    return items[integer(0, items.length - 1)] as T; // within bounds
  };
  return {
    fraction,
    integer,
    chance: (probability) => fraction() < probability,
    pick,
    some(items) {
      const taken = items.filter(() => fraction() < 0.5);
      return taken.length > 0 ? taken : [pick(items)];
    },
  };
}
