/** What is said of each revision agrees with what the graph says when it is asked one by one. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { viewRevisions } from '../../src/cli/revision-view.ts';
import { buildGraph, labelsOf } from '../../src/core/graph.ts';
import type { Revision } from '../../src/core/revision.ts';
import { revision } from '../support/graph.ts';
import { randomHistory } from '../support/random-graph.ts';

const blank = revision('blank');

const labelled = fc
  .tuple(randomHistory(20), fc.array(fc.boolean(), { minLength: 20, maxLength: 20 }))
  .map(([nodes, marks]): readonly Revision[] =>
    nodes.map((node, index) => ({
      ...blank,
      ...node,
      labels: marks[index] === true ? [`label${index}`] : [],
    })),
  );

describe('the views of a random history', () => {
  it('have the labels that the graph gives each revision', () => {
    fc.assert(
      fc.property(labelled, (nodes) => {
        const graph = buildGraph(nodes);
        for (const view of viewRevisions(graph).all.values()) {
          const labels = [...view.inheritedLabels, ...view.labels];
          expect(labels.toSorted()).toEqual([...labelsOf(graph, view.id)].sort());
        }
      }),
    );
  });

  it('have the heads and bases that the graph has, in its order', () => {
    fc.assert(
      fc.property(labelled, (nodes) => {
        const graph = buildGraph(nodes);
        const views = [...viewRevisions(graph).all.values()];
        expect(views.map(({ id }) => id)).toEqual(graph.order);
        expect(views.filter(({ isHead }) => isHead).map(({ id }) => id)).toEqual(graph.heads);
        expect(views.filter(({ isBase }) => isBase).map(({ id }) => id)).toEqual(graph.bases);
      }),
    );
  });
});
