/** Random histories: branches, merges, several bases, depends-on, in files of any order. */

import fc from 'fast-check';
import type { GraphNode } from '../../src/core/graph.ts';
import type { Phase } from '../../src/core/revision.ts';

/** A node of a random history. */
export interface RandomNode extends GraphNode {
  readonly phase: Phase;
  readonly checksum: string;
}

/** Sound histories of up to `maxLength` revisions; each follows only earlier ones. */
export function randomHistory(maxLength = 25): fc.Arbitrary<readonly RandomNode[]> {
  const seed = fc.record({
    file: fc.nat(99),
    parents: fc.array(fc.nat(99), { maxLength: 3 }),
    needed: fc.oneof(
      { weight: 3, arbitrary: fc.constant([]) },
      fc.array(fc.nat(99), { maxLength: 2 }),
    ),
    phase: fc.constantFrom<Phase>('expand', 'expand', 'contract'),
  });
  return fc.array(seed, { maxLength }).map((seeds) =>
    seeds.map(({ file, parents, needed, phase }, index) => {
      const earlier = (picks: readonly number[]): readonly string[] =>
        index === 0 ? [] : [...new Set(picks.map((pick) => `r${pick % index}`))];
      return {
        id: `r${index}`,
        file: `migrations/${file}_${index}.sql`,
        revises: earlier(parents),
        dependsOn: earlier(needed),
        labels: [],
        phase,
        checksum: `c${index}`,
      };
    }),
  );
}

/** A history and a part of it that may be applied: what it needs is in it too. */
export function historyAndApplied(): fc.Arbitrary<{
  readonly nodes: readonly RandomNode[];
  readonly applied: ReadonlySet<string>;
}> {
  return fc.tuple(randomHistory(), fc.array(fc.nat(99), { maxLength: 8 })).map(([nodes, picks]) => {
    const applied = new Set<string>();
    const add = (id: string | undefined): void => {
      const node = nodes.find((each) => each.id === id);
      if (node === undefined || applied.has(node.id)) return;
      applied.add(node.id);
      for (const need of [...node.revises, ...node.dependsOn]) add(need);
    };
    for (const pick of picks) add(nodes[pick % Math.max(1, nodes.length)]?.id);
    return { nodes, applied };
  });
}
