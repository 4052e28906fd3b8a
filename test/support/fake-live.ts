/** The tables of the fake database with the sizes that a test gives them. */

import type { LiveRelation, LiveTables } from '../../src/runner/ports.ts';
import type { Objects } from './fake-catalog.ts';

/** Finds relations by their names among `objects`; what has no size in `sizes` is empty. */
export function fakeLive(objects: () => Objects, sizes: ReadonlyMap<string, number>): LiveTables {
  return {
    major: 18,
    count: async ({ name }) =>
      objects().has(name) ? { rows: sizes.get(name) ?? 0, isEstimate: true } : undefined,
    relations: async (names) =>
      names.flatMap((each, i): LiveRelation[] => {
        if (each.target !== 'relation' || !objects().has(each.name)) return [];
        return [
          {
            ...each,
            oid: i + 1,
            relation: `public.${each.name}`,
            kind: 'table',
            bytes: sizes.get(each.name) ?? 0,
            indexBytes: 0,
            rows: undefined,
          },
        ];
      }),
  };
}
