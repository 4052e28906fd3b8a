/** What holds for any plan: it is in order, minimal, and can be taken back. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildGraph, needs, withAncestors, withDescendants } from '../../src/core/graph.ts';
import { planDowngrade, planUpgrade } from '../../src/core/plan.ts';
import type { RevisionId } from '../../src/core/revision.ts';
import { historyAndApplied, type RandomNode } from '../support/random-graph.ts';

const HEADS = { kind: 'heads' } as const;

/** Applies `steps` one by one, and checks that each finds what it needs. */
function walkUp(
  nodes: readonly RandomNode[],
  applied: ReadonlySet<RevisionId>,
  steps: readonly RevisionId[],
): Set<RevisionId> {
  const now = new Set(applied);
  for (const id of steps) {
    const node = nodes.find((each) => each.id === id);
    if (node === undefined) throw new Error(`${id} is not in the history`);
    expect(now.has(id)).toBe(false);
    for (const need of needs(node)) expect(now.has(need)).toBe(true);
    now.add(id);
  }
  return now;
}

/** Takes `steps` back one by one, and checks that nothing is left without what it needs. */
function walkDown(
  nodes: readonly RandomNode[],
  applied: ReadonlySet<RevisionId>,
  steps: readonly RevisionId[],
): Set<RevisionId> {
  const now = new Set(applied);
  for (const id of steps) {
    expect(now.delete(id)).toBe(true);
    for (const node of nodes) if (now.has(node.id)) expect(needs(node)).not.toContain(id);
  }
  return now;
}

const withTarget = historyAndApplied().chain(({ nodes, applied }) =>
  fc.record({
    nodes: fc.constant(nodes),
    applied: fc.constant(applied),
    target: nodes.length === 0 ? fc.constant('') : fc.constantFrom(...nodes.map(({ id }) => id)),
    steps: fc.integer({ min: 1, max: 8 }),
  }),
);

describe('any upgrade', () => {
  it('to the heads applies all that is missing, each after what it needs', () => {
    fc.assert(
      fc.property(historyAndApplied(), ({ nodes, applied }) => {
        const graph = buildGraph(nodes);
        const { steps } = planUpgrade(graph, applied, { target: HEADS, phase: 'all' });
        expect(walkUp(nodes, applied, steps).size).toBe(nodes.length);
      }),
    );
  });

  it('to a revision applies that, what it needs, and nothing else', () => {
    fc.assert(
      fc.property(withTarget, ({ nodes, applied, target }) => {
        fc.pre(nodes.length > 0);
        const graph = buildGraph(nodes);
        const wanted = { kind: 'revision', id: target } as const;
        const { steps } = planUpgrade(graph, applied, { target: wanted, phase: 'all' });
        const after = walkUp(nodes, applied, steps);
        expect(after).toEqual(new Set([...applied, ...withAncestors(graph, [target])]));
      }),
    );
  });

  it('leaves nothing to do for the next one', () => {
    fc.assert(
      fc.property(
        historyAndApplied(),
        fc.constantFrom('all' as const, 'expand' as const, 'contract' as const),
        ({ nodes, applied }, phase) => {
          const graph = buildGraph(nodes);
          const { steps } = planUpgrade(graph, applied, { target: HEADS, phase });
          const after = walkUp(nodes, applied, steps);
          expect(planUpgrade(graph, after, { target: HEADS, phase }).steps).toEqual([]);
        },
      ),
    );
  });

  it('to expand leaves only contract revisions, and contract applies them', () => {
    fc.assert(
      fc.property(historyAndApplied(), ({ nodes, applied }) => {
        const graph = buildGraph(nodes);
        const { steps } = planUpgrade(graph, applied, { target: HEADS, phase: 'expand' });
        const expanded = walkUp(nodes, applied, steps);
        for (const { id, phase } of nodes) {
          if (!expanded.has(id)) expect(phase).toBe('contract');
        }
        const rest = planUpgrade(graph, expanded, { target: HEADS, phase: 'contract' }).steps;
        expect(walkUp(nodes, expanded, rest).size).toBe(nodes.length);
      }),
    );
  });

  it('by steps is the beginning of the whole one', () => {
    fc.assert(
      fc.property(withTarget, ({ nodes, applied, steps: count }) => {
        const graph = buildGraph(nodes);
        const open = graph.heads.filter((id) => !applied.has(id));
        const all = planUpgrade(graph, applied, { target: HEADS, phase: 'all' }).steps;
        fc.pre(open.length === 1 && count <= all.length);
        const target = { kind: 'relative', steps: count } as const;
        expect(planUpgrade(graph, applied, { target, phase: 'all' }).steps).toEqual(
          all.slice(0, count),
        );
      }),
    );
  });
});

describe('any downgrade', () => {
  it('to base takes everything back, each before what it needs', () => {
    fc.assert(
      fc.property(historyAndApplied(), ({ nodes, applied }) => {
        const { steps } = planDowngrade(buildGraph(nodes), applied, { kind: 'base' });
        expect(walkDown(nodes, applied, steps).size).toBe(0);
      }),
    );
  });

  it('to a revision takes back all that needs it, and nothing else', () => {
    fc.assert(
      fc.property(withTarget, ({ nodes, applied, target }) => {
        fc.pre(applied.has(target));
        const graph = buildGraph(nodes);
        const { steps } = planDowngrade(graph, applied, { kind: 'revision', id: target });
        const above = withDescendants(graph, [target]);
        above.delete(target);
        expect(walkDown(nodes, applied, steps)).toEqual(
          new Set([...applied].filter((id) => !above.has(id))),
        );
      }),
    );
  });

  it('by steps takes back exactly so many', () => {
    fc.assert(
      fc.property(withTarget, ({ nodes, applied, steps: count }) => {
        fc.pre(count <= applied.size);
        const target = { kind: 'relative', steps: -count } as const;
        const { steps } = planDowngrade(buildGraph(nodes), applied, target);
        expect(walkDown(nodes, applied, steps).size).toBe(applied.size - count);
      }),
    );
  });

  it('undoes an upgrade from nothing', () => {
    fc.assert(
      fc.property(historyAndApplied(), ({ nodes }) => {
        const graph = buildGraph(nodes);
        const up = planUpgrade(graph, new Set(), { target: HEADS, phase: 'all' }).steps;
        const applied = walkUp(nodes, new Set(), up);
        const { steps } = planDowngrade(graph, applied, { kind: 'base' });
        expect(steps).toEqual(up.toReversed());
        expect(walkDown(nodes, applied, steps).size).toBe(0);
      }),
    );
  });
});
