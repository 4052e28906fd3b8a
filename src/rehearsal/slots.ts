/** So many at the same time, and no more. */

/** Places for work that others wait for. */
export interface Slots {
  /** Waits for a place and runs `start`; the place is taken until the work that it answers is done. */
  run(start: () => Promise<() => Promise<void>>): Promise<void>;
  /** Resolves when nothing is under way any more. @throws the first failure */
  settled(): Promise<void>;
}

/** `count` places. */
export function slots(count: number): Slots {
  const underWay = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | undefined;
  const rethrow = (): void => {
    if (failure !== undefined) throw failure.error;
  };
  return {
    async run(start) {
      while (underWay.size >= count) await Promise.race(underWay);
      rethrow();
      const work = await start();
      const task = work()
        .catch((error: unknown) => {
          failure ??= { error };
        })
        .finally(() => underWay.delete(task));
      underWay.add(task);
    },
    async settled() {
      await Promise.all(underWay);
      rethrow();
    },
  };
}
