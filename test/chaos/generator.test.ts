/** The generator: the same seed gives the same case, and all that is promised comes up. */

import { expect, it } from 'vitest';
import { ACTS, CASES_PER_SET, casePlan, OPERATIONS } from './faults.ts';
import { revisionSet } from './revision-set.ts';

const SETS = Array.from({ length: 300 }, (_, number) => revisionSet(7, number));
const PLANS = SETS.flatMap((set) =>
  Array.from({ length: CASES_PER_SET }, (_, i) => casePlan(set, set.number * CASES_PER_SET + i)),
);

it('makes the same set and the same fault from the same numbers', () => {
  expect(revisionSet(7, 42)).toEqual(SETS[42]);
  const other = revisionSet(7, 42);
  expect(casePlan(other, 700)).toEqual(casePlan(revisionSet(7, 42), 700));
  expect([...revisionSet(8, 42).files]).not.toEqual([...other.files]);
});

it('makes every kind of change, in histories with branches, merges, bases and dependencies', () => {
  const revisions = SETS.flatMap((set) => set.revisions);
  const pieces = new Set(revisions.flatMap((revision) => revision.pieces));
  expect([...pieces].sort()).toMatchInlineSnapshot(`
    [
      "add value",
      "backfill",
      "check",
      "column",
      "contract",
      "copy",
      "count",
      "counting backfill",
      "create index concurrently",
      "detach concurrently",
      "do block",
      "drop index concurrently",
      "enum",
      "idempotent",
      "index",
      "insert",
      "long table",
      "many statements",
      "only-if",
      "partitions",
      "reindex index concurrently",
      "reindex table concurrently",
      "table",
      "unknowable",
      "vacuum",
      "validate constraint",
      "view and function",
    ]
  `);
  const shapes = {
    merges: revisions.filter(({ revises }) => revises.length > 1).length,
    bases: revisions.filter(({ id, revises }) => id !== 'r0' && revises.length === 0).length,
    dependencies: revisions.filter(({ dependsOn }) => dependsOn.length > 0).length,
    programs: revisions.filter(({ language }) => language === 'typescript').length,
    outside: revisions.filter(({ transaction }) => transaction === 'none').length,
    contract: revisions.filter(({ header }) => header.includes('phase contract')).length,
  };
  for (const [shape, count] of Object.entries(shapes)) expect(count, shape).toBeGreaterThan(20);
});

it('makes every operation go wrong in every way', () => {
  const seen = new Set(
    PLANS.flatMap(({ operation, faults }) => faults.map(({ act }) => `${operation} ${act}`)),
  );
  expect(seen.size).toBe(OPERATIONS.length * ACTS.length);
  expect(PLANS.filter(({ runners }) => runners > 1).length).toBeGreaterThan(PLANS.length / 20);
});
