/** What holds for the digest and for the applied set of a run. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { appliedDigest, EMPTY_DIGEST, updateDigest } from '../../src/core/applied.ts';
import type { Compatibility } from '../../src/core/revision.ts';
import { appliedSet } from '../../src/runner/step.ts';
import { appliedRow, revision, summaryOf } from '../support/graph.ts';
import { type RandomNode, randomHistory } from '../support/random-graph.ts';

const item = fc.record({
  id: fc.stringMatching(/^\w{1,12}$/),
  checksum: fc.stringMatching(/^[0-9a-f]{0,8}$/),
});
const items = fc.uniqueArray(item, { selector: (each) => each.id, maxLength: 20 });

describe('the digest', () => {
  it('does not depend on the order', () => {
    fc.assert(
      fc.property(
        items.chain((all) =>
          fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
        ),
        ([all, shuffled]) => {
          expect(appliedDigest(shuffled)).toBe(appliedDigest(all));
          expect(appliedDigest(all)).toMatch(/^[0-9a-f]{64}$/);
        },
      ),
    );
  });

  it('moves by one revision as if it were computed anew', () => {
    fc.assert(
      fc.property(items, item, (all, one) => {
        const digest = appliedDigest(all);
        const more = updateDigest(digest, 'add', one);
        expect(more).toBe(appliedDigest([...all, one]));
        expect(updateDigest(more, 'remove', one)).toBe(digest);
        expect(updateDigest(updateDigest(digest, 'remove', one), 'add', one)).toBe(digest);
      }),
    );
  });

  it('comes back to nothing when all is taken out', () => {
    fc.assert(
      fc.property(items, (all) => {
        const left = all.reduce(
          (sum, each) => updateDigest(sum, 'remove', each),
          appliedDigest(all),
        );
        expect(left).toBe(EMPTY_DIGEST);
      }),
    );
  });
});

const VERDICTS: readonly Compatibility['verdict'][] = ['yes', 'no', 'unknown'];

/** Adds, removals and rollbacks, as numbers that pick from what is possible. */
const moves = fc.array(
  fc.record({
    kind: fc.constantFrom('add', 'remove', 'mark', 'rollback', 'unchanged'),
    pick: fc.nat(99),
  }),
  { maxLength: 40 },
);

describe('the applied set of a run', () => {
  it('agrees with what is computed from scratch, whatever was done and taken back', () => {
    fc.assert(
      fc.property(randomHistory(12), moves, (nodes, steps) => {
        const set = appliedSet([], EMPTY_DIGEST);
        let model: readonly (RandomNode & { readonly compatibility: Compatibility })[] = [];
        let marked: { readonly undo: () => void; readonly model: typeof model } | undefined;
        for (const { kind, pick } of steps) {
          const before = set.digest;
          if (kind === 'mark') {
            marked = { undo: set.mark(), model };
          } else if (kind === 'rollback' && marked !== undefined) {
            marked.undo();
            model = marked.model;
          } else if (kind === 'add') {
            const free = nodes.filter(
              (node) =>
                !model.some((other) => other.id === node.id) &&
                node.revises.every((id) => model.some((other) => other.id === id)),
            );
            const node = free[pick % Math.max(1, free.length)];
            if (node === undefined) continue;
            const verdict = VERDICTS[pick % 3] ?? 'yes';
            const added = { ...node, compatibility: { verdict, reason: '' } };
            model = [...model, added];
            expect(set.adding(added)).toEqual({ before, after: summaryOf(model) });
          } else if (kind === 'remove') {
            const free = model.filter((node) => !model.some((o) => o.revises.includes(node.id)));
            const node = free[pick % Math.max(1, free.length)];
            if (node === undefined) continue;
            model = model.filter((other) => other.id !== node.id);
            expect(set.removing(node.id)).toEqual({ before, after: summaryOf(model) });
          }
          expect(set.unchanged().after).toEqual(summaryOf(model));
          expect(set.heads).toEqual(summaryOf(model).heads);
          expect(set.digest).toBe(summaryOf(model).digest);
          for (const node of nodes) {
            expect(set.has(node.id)).toBe(model.some((other) => other.id === node.id));
          }
        }
      }),
    );
  });

  it('starts from the rows of the database, and leaves out what is half applied', () => {
    const rows = [
      appliedRow(revision('a compatible:no')),
      appliedRow(revision('b<-a')),
      appliedRow(revision('c<-b compatible:no'), { state: 'partial' }),
    ];
    const applied = rows.slice(0, 2);
    const set = appliedSet(rows, appliedDigest(applied));
    expect(set.unchanged().after).toEqual(summaryOf(applied));
    expect(set.unchanged().after.floor).toBe('a');
  });

  it('restores the floor when a removal is rolled back', () => {
    const rows = ['x', 'a<-x compatible:no', 'b<-x compatible:no'].map((drawing) =>
      appliedRow(revision(drawing)),
    );
    const set = appliedSet(rows, appliedDigest(rows));
    const undo = set.mark();
    set.removing('a');
    undo();
    expect(set.unchanged().after).toEqual(summaryOf(rows));
  });
});
