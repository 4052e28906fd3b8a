/** Whatever the history: its drawing says what the history says, and nothing else. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Alphabet,
  ASCII,
  BOXES,
  type DrawnRow,
  drawGraph,
} from '../../src/cli/graph-drawing.ts';
import { buildGraph } from '../../src/core/graph.ts';
import { randomHistory } from '../support/random-graph.ts';
import { type Line, lanesOf, readDrawing, toBoxes } from '../support/read-drawing.ts';

/** The revisions of a random history, newest first; some are not listed, as in a range. */
const rows: fc.Arbitrary<readonly DrawnRow[]> = fc
  .tuple(randomHistory(40), fc.array(fc.nat(39), { maxLength: 6 }))
  .map(([nodes, hidden]) => {
    const graph = buildGraph(nodes);
    return graph.order
      .toReversed()
      .filter((id) => !hidden.some((index) => id === `r${index}`))
      .map((id, index) => ({
        id,
        revises: graph.nodes.get(id)?.revises ?? [],
        hollow: index % 3 === 0,
      }));
  });

const alphabets: readonly (readonly [string, Alphabet])[] = [
  ['boxes', BOXES],
  ['ASCII', ASCII],
];

/** The drawing line by line, with `more` further lines of text beside each revision. */
function linesOf(drawn: readonly DrawnRow[], alphabet: Alphabet, more = 0): readonly Line[] {
  const drawing = drawGraph(drawn, { alphabet, maxLanes: 1000 }) ?? [];
  expect(drawing).toHaveLength(drawn.length);
  return drawing.flatMap(({ node, links, rest }, index) => [
    { text: toBoxes(node), node: index },
    ...[...links, ...Array.from({ length: more }, () => rest)].map((text) => ({
      text: toBoxes(text),
      node: undefined,
    })),
  ]);
}

function edgesOf(drawn: readonly DrawnRow[]): readonly (readonly number[])[] {
  const place = new Map(drawn.map(({ id }, index) => [id, index]));
  return drawn.map(({ revises }) =>
    revises.flatMap((id) => place.get(id) ?? []).sort((a, b) => a - b),
  );
}

describe.each(alphabets)('a drawing in %s', (_, alphabet) => {
  it('connects each revision with what it revises, and with nothing else', () => {
    fc.assert(
      fc.property(rows, fc.nat(2), (drawn, more) => {
        const read = readDrawing(linesOf(drawn, alphabet, more));
        const found = drawn.map((_row, index) =>
          [...(read.get(index) ?? [])].sort((a, b) => a - b),
        );
        expect(found).toEqual(edgesOf(drawn));
      }),
    );
  });

  it('has never more lanes than edges are open, and no blank at the end of a line', () => {
    fc.assert(
      fc.property(rows, (drawn) => {
        const edges = edgesOf(drawn);
        /** Edges that lead from `from` or above to below `to`. */
        const open = (from: number, to: number): number =>
          edges.slice(0, from + 1).flatMap((ends) => ends.filter((end) => end > to)).length;
        let row = 0;
        for (const line of linesOf(drawn, alphabet)) {
          row = line.node ?? row;
          const isNode = line.node !== undefined;
          const lanes = lanesOf(line);
          // The node's own lane counts, even where nothing above leads to it.
          const above = isNode ? open(row - 1, row) + 1 : open(row, row);
          expect(lanes.above).toBeLessThanOrEqual(above);
          expect(lanes.below).toBeLessThanOrEqual(above);
          expect(line.text.length).toBeLessThanOrEqual(Math.max(0, 2 * above + 1));
          expect(line.text).toBe(line.text.trimEnd());
        }
      }),
    );
  });
});

describe('the limit of lanes', () => {
  it('gives up exactly where a drawing would be wider', () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 6 }), (drawn, maxLanes) => {
        const whole = drawGraph(drawn, { alphabet: BOXES, maxLanes: 1000 }) ?? [];
        const width = Math.max(
          0,
          ...whole.flatMap(({ node, links }) => [node, ...links]).map((l) => l.length),
        );
        const limited = drawGraph(drawn, { alphabet: BOXES, maxLanes });
        expect(limited === undefined).toBe((width + 1) / 2 > maxLanes);
      }),
    );
  });
});
