/** What the fast path decides from digests is what the whole comparison decides from lists. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { breakingOf, isReleaseAnd, surplusOf } from '../../src/core/ahead.ts';
import { type AppliedRevision, appliedDigest, type Summary } from '../../src/core/applied.ts';
import { decideUpgrade } from '../../src/core/decide.ts';
import { buildGraph } from '../../src/core/graph.ts';
import { identityOf } from '../../src/core/release.ts';
import type { Revision } from '../../src/core/revision.ts';
import { HEADS } from '../../src/core/target.ts';
import { appliedRow, revision } from '../support/graph.ts';
import { historyAndApplied } from '../support/random-graph.ts';

const VERDICTS = ['yes', 'no', 'unknown'] as const;

/** An old release, which knows a part of the history, and a database that has another part. */
const meetings = fc
  .record({
    history: historyAndApplied(),
    present: fc.array(fc.boolean(), { minLength: 25, maxLength: 25 }),
    verdicts: fc.array(fc.constantFrom(...VERDICTS), { minLength: 25, maxLength: 25 }),
    order: fc.array(fc.nat(), { minLength: 25, maxLength: 25 }),
  })
  .map(({ history, present, verdicts, order }) => {
    const { nodes, applied: known } = history;
    const template = revision('template');
    const files: readonly Revision[] = nodes
      .filter(({ id }) => known.has(id))
      .map((node) => ({ ...template, ...node }));
    // Closed under what they need: a revision is there only where all of that is.
    const there = new Set<string>();
    for (const [i, node] of nodes.entries()) {
      const needs = [...node.revises, ...node.dependsOn];
      const isWanted = known.has(node.id) ? present[0] || present[i] : present[i];
      if (isWanted === true && needs.every((id) => there.has(id))) there.add(node.id);
    }
    const rows: readonly AppliedRevision[] = nodes
      .filter(({ id }) => there.has(id))
      .map((node, i) =>
        appliedRow(
          { ...template, ...node },
          { compatibility: { verdict: verdicts[i] ?? 'yes', reason: 'as it is' } },
        ),
      )
      .map((row, i) => ({ row, at: order[i] ?? 0 }))
      .sort((a, b) => a.at - b.at)
      .map(({ row }) => row);
    return { files, rows };
  });

function fully(files: readonly Revision[], rows: readonly AppliedRevision[]): string {
  try {
    const request = { target: HEADS, phase: 'all', onAhead: 'refuse' } as const;
    return decideUpgrade(buildGraph(files), rows, request).kind;
  } catch {
    return 'refused';
  }
}

function quickly(files: readonly Revision[], rows: readonly AppliedRevision[]): boolean {
  const identity = identityOf(buildGraph(files));
  const summary: Summary = {
    heads: [],
    digest: appliedDigest(rows),
    applied: rows.length,
    floor: undefined,
  };
  const newest = rows.toReversed().slice(0, surplusOf(identity, summary));
  return isReleaseAnd(identity, newest, summary) && breakingOf(newest).length === 0;
}

describe('an old release and a newer database', () => {
  it('may start by the quick look only where the whole comparison says so', () => {
    fc.assert(
      fc.property(meetings, ({ files, rows }) => {
        if (quickly(files, rows)) expect(['ahead', 'nothing']).toContain(fully(files, rows));
      }),
      { numRuns: 1000 },
    );
  });

  it('may start by the quick look wherever what is new came last', () => {
    fc.assert(
      fc.property(meetings, ({ files, rows }) => {
        const known = new Set(files.map(({ id }) => id));
        const sorted = [
          ...rows.filter(({ id }) => known.has(id)),
          ...rows.filter(({ id }) => !known.has(id)),
        ];
        const kind = fully(files, sorted);
        expect(quickly(files, sorted)).toBe(kind === 'ahead' || kind === 'nothing');
      }),
      { numRuns: 1000 },
    );
  });
});
