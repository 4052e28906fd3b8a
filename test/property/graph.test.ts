/** What holds for the graph of any history. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  buildGraph,
  headsOf,
  needs,
  withAncestors,
  withDescendants,
} from '../../src/core/graph.ts';
import { historyAndApplied, randomHistory } from '../support/random-graph.ts';

describe('a graph of any sound history', () => {
  it('has an order in which everything follows what it needs', () => {
    fc.assert(
      fc.property(randomHistory(), (nodes) => {
        const { order } = buildGraph(nodes);
        expect([...order].sort()).toEqual(nodes.map((node) => node.id).sort());
        const place = new Map(order.map((id, index) => [id, index]));
        for (const node of nodes) {
          for (const id of needs(node)) {
            expect(place.get(id)).toBeLessThan(place.get(node.id) ?? -1);
          }
        }
      }),
    );
  });

  it('is the same whatever order the files are read in', () => {
    fc.assert(
      fc.property(
        randomHistory().chain((nodes) =>
          fc.tuple(
            fc.constant(nodes),
            fc.shuffledSubarray([...nodes], { minLength: nodes.length }),
          ),
        ),
        ([nodes, shuffled]) => {
          const [one, other] = [buildGraph(nodes), buildGraph(shuffled)];
          expect(other.order).toEqual(one.order);
          expect(other.heads).toEqual(one.heads);
          expect(other.bases).toEqual(one.bases);
        },
      ),
    );
  });

  it('has as heads the revisions that nothing revises, as bases those that revise nothing', () => {
    fc.assert(
      fc.property(randomHistory(), (nodes) => {
        const { heads, bases } = buildGraph(nodes);
        const isRevised = (id: string) => nodes.some((node) => node.revises.includes(id));
        for (const { id, revises } of nodes) {
          expect(heads.includes(id)).toBe(!isRevised(id));
          expect(bases.includes(id)).toBe(revises.length === 0);
        }
        expect(headsOf(nodes)).toEqual([...heads].sort());
      }),
    );
  });

  it('has ancestors and descendants that mirror each other', () => {
    fc.assert(
      fc.property(randomHistory(12), (nodes) => {
        const graph = buildGraph(nodes);
        for (const a of nodes) {
          const below = withAncestors(graph, [a.id]);
          for (const b of nodes) {
            expect(below.has(b.id)).toBe(withDescendants(graph, [b.id]).has(a.id));
          }
        }
      }),
    );
  });

  it('has heads of what is applied from which all of it can be reached', () => {
    fc.assert(
      fc.property(historyAndApplied(), ({ nodes, applied }) => {
        const rows = nodes.filter((node) => applied.has(node.id));
        const heads = headsOf(rows);
        const reached = withAncestors(buildGraph(nodes), heads);
        for (const id of applied) expect(reached.has(id)).toBe(true);
        for (const row of rows) {
          for (const parent of row.revises) expect(heads).not.toContain(parent);
        }
      }),
    );
  });
});
