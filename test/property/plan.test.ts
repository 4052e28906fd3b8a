/** What holds for any plan: it is in order, minimal, and can be taken back. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GraphError } from '../../src/core/errors.ts';
import { buildGraph, needs, withAncestors, withDescendants } from '../../src/core/graph.ts';
import { planDowngrade, planUpgrade } from '../../src/core/plan.ts';
import type { RevisionId } from '../../src/core/revision.ts';
import { parseTarget } from '../../src/core/target.ts';
import { historyAndApplied, type RandomNode } from '../support/random-graph.ts';

const HEADS = parseTarget('heads');

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
        const wanted = parseTarget(target);
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

  it('by steps follows the one line that there is, and is refused at every fork', () => {
    fc.assert(
      fc.property(withTarget, ({ nodes, applied, steps: count }) => {
        const graph = buildGraph(nodes);
        const tips = tipsAmong(nodes, applied);
        let at = tips.length > 1 ? undefined : (tips[0] ?? null);
        for (let step = 0; step < count && at !== undefined; step += 1) {
          const next: RandomNode[] = nodes.filter((node) =>
            at === null ? node.revises.length === 0 : node.revises.includes(at ?? ''),
          );
          at = next.length === 1 ? next[0]?.id : undefined;
        }
        const plan = () =>
          planUpgrade(graph, applied, { target: parseTarget(`+${count}`), phase: 'all' }).steps;
        if (at === undefined || at === null) expect(plan).toThrow(GraphError);
        else
          expect(walkUp(nodes, applied, plan())).toEqual(applied.union(withAncestors(graph, [at])));
      }),
    );
  });
});

describe('any downgrade', () => {
  it('to base takes everything back, each before what it needs', () => {
    fc.assert(
      fc.property(historyAndApplied(), ({ nodes, applied }) => {
        const { steps } = planDowngrade(buildGraph(nodes), applied, parseTarget('base'));
        expect(walkDown(nodes, applied, steps).size).toBe(0);
      }),
    );
  });

  it('to a revision takes back what revises it and all that needs that, and nothing else', () => {
    fc.assert(
      fc.property(withTarget, ({ nodes, applied, target }) => {
        fc.pre(applied.has(target));
        const graph = buildGraph(nodes);
        const { steps } = planDowngrade(graph, applied, parseTarget(target));
        const followers = nodes.filter((node) => node.revises.includes(target));
        const above = withDescendants(
          graph,
          followers.map((node) => node.id),
        );
        expect(walkDown(nodes, applied, steps)).toEqual(
          new Set([...applied].filter((id) => !above.has(id))),
        );
      }),
    );
  });

  it('by steps goes down the one line that there is, and may end by taking back a merge', () => {
    fc.assert(
      fc.property(withTarget, ({ nodes, applied, steps: count }) => {
        const graph = buildGraph(nodes);
        const tips = tipsAmong(nodes, applied);
        let root = tips.length === 1 ? tips[0] : undefined;
        for (let step = 1; step < count && root !== undefined; step += 1) {
          const below: readonly string[] = graph.nodes.get(root)?.revises ?? [];
          root = below.length === 1 ? below[0] : undefined;
        }
        const plan = () => planDowngrade(graph, applied, parseTarget(`-${count}`)).steps;
        if (root === undefined) expect(plan).toThrow(GraphError);
        else {
          const gone = withDescendants(graph, [root]);
          expect(walkDown(nodes, applied, plan())).toEqual(applied.difference(gone));
        }
      }),
    );
  });

  it('undoes an upgrade from nothing', () => {
    fc.assert(
      fc.property(historyAndApplied(), ({ nodes }) => {
        const graph = buildGraph(nodes);
        const up = planUpgrade(graph, new Set(), { target: HEADS, phase: 'all' }).steps;
        const applied = walkUp(nodes, new Set(), up);
        const { steps } = planDowngrade(graph, applied, parseTarget('base'));
        expect(steps).toEqual(up.toReversed());
        expect(walkDown(nodes, applied, steps).size).toBe(0);
      }),
    );
  });
});

/** What is applied and not needed by anything else that is. */
function tipsAmong(nodes: readonly RandomNode[], applied: ReadonlySet<string>): readonly string[] {
  const needed = new Set(
    nodes
      .filter((node) => applied.has(node.id))
      .flatMap((node) => [...node.revises, ...node.dependsOn]),
  );
  return [...applied].filter((id) => !needed.has(id));
}
