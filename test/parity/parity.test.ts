/** Slipway does what Alembic does, but for the differences on purpose. */

import { beforeAll, describe, expect, it } from 'vitest';
import { readRecording } from './alembic.ts';
import { closureOf, needsOf } from './cases.ts';
import { type Comparison, compare, inWords, isSame, ordersOf } from './compare.ts';
import { DIFFERENCES } from './differences.ts';
import { GRAPHS, type ParityGraph } from './graphs.ts';

const recording = readRecording();
const comparisons = new Map<ParityGraph, readonly Comparison[]>();

beforeAll(async () => {
  for (const graph of GRAPHS) {
    comparisons.set(graph, await compare(graph, recording.casesOf(graph)));
  }
}, 120_000);

describe.each(GRAPHS)('on $name, slipway', (graph) => {
  it('does what Alembic does, unless it differs on purpose', () => {
    const unexplained = asked(graph).filter(
      (each) => !isSame(each) && explanationsOf(each).length !== 1,
    );
    const described = unexplained.map(
      (each) => `${inWords(each)}\n  explained by: [${explanationsOf(each).join(', ')}]`,
    );
    expect(shown(described)).toBe('');
  });

  it('runs what is needed first, lists it last, and nothing twice', () => {
    const wrong = asked(graph).filter(({ state, direction, slipway }) => {
      if (slipway.verdict === 'refused' || direction === 'stamp') return false;
      if (direction === 'history') return !isNewestFirst(graph, slipway.ran);
      return !isInOrder(graph, { state, direction, ran: slipway.ran, applied: slipway.applied });
    });
    expect(shown(wrong.map(inWords))).toBe('');
  });

  it('records nothing without what it needs', () => {
    const wrong = asked(graph).filter(
      ({ slipway }) =>
        slipway.verdict === 'works' &&
        closureOf(graph, slipway.applied).size !== slipway.applied.length,
    );
    expect(shown(wrong.map(inWords))).toBe('');
  });
});

describe('the differences on purpose', () => {
  it.each(DIFFERENCES)('$id is met with', (difference) => {
    const met = GRAPHS.some((graph) =>
      asked(graph).some((each) => !isSame(each) && difference.applies(each)),
    );
    expect(met).toBe(true);
  });

  it('explain nothing on which both agree', () => {
    const agreed = GRAPHS.flatMap((graph) =>
      asked(graph).filter((each) => isSame(each) && explanationsOf(each).length > 0),
    );
    expect(shown(agreed.map(inWords))).toBe('');
  });
});

describe('the comparison', () => {
  it('asks at least 25 targets in each direction on every graph', () => {
    const fewest = GRAPHS.flatMap((graph) =>
      (['upgrade', 'downgrade'] as const).map((direction) => {
        const targets = asked(graph).filter((each) => each.direction === direction);
        return new Set(targets.map((each) => each.target)).size;
      }),
    );
    expect(GRAPHS.length).toBeGreaterThanOrEqual(36);
    expect(Math.min(...fewest)).toBeGreaterThanOrEqual(25);
  });

  it('finds both verdicts, and runs in one order and in another', () => {
    const all = GRAPHS.flatMap(asked);
    const { several, equal } = ordersOf(all);
    const works = all.filter((each) => each.alembic.verdict === 'works').length;
    expect(works / all.length).toBeGreaterThan(0.3);
    expect(works / all.length).toBeLessThan(0.7);
    expect(several).toBeGreaterThan(1000);
    expect(equal).toBeLessThan(several);
  });
});

function asked(graph: ParityGraph): readonly Comparison[] {
  return comparisons.get(graph) ?? [];
}

function explanationsOf(comparison: Comparison): readonly string[] {
  return DIFFERENCES.filter((each) => each.applies(comparison)).map((each) => each.id);
}

/** Whether nothing that is listed needs what is listed above it. */
function isNewestFirst(graph: ParityGraph, listed: readonly string[]): boolean {
  return listed.every((id, index) => {
    const above = listed.slice(0, index);
    return !above.includes(id) && !needsOf(graph, id).some((need) => above.includes(need));
  });
}

/** As much as a person reads: the first few, and how many there are. */
function shown(described: readonly string[]): string {
  if (described.length === 0) return '';
  return [...described.slice(0, 3), `${described.length} in all`].join('\n\n');
}

/** Whether every step finds what it needs, and the end is what the steps make of the beginning. */
function isInOrder(
  graph: ParityGraph,
  run: Pick<Comparison, 'state' | 'direction'> & {
    readonly ran: readonly string[];
    readonly applied: readonly string[];
  },
): boolean {
  const present = new Set(closureOf(graph, run.state));
  for (const id of run.ran) {
    if (run.direction === 'upgrade') {
      if (present.has(id) || !needsOf(graph, id).every((need) => present.has(need))) return false;
      present.add(id);
    } else {
      if (!present.delete(id)) return false;
      if ([...present].some((other) => needsOf(graph, other).includes(id))) return false;
    }
  }
  return [...present].sort().join() === run.applied.join();
}
