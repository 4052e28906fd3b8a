/** What holds for any run: whatever dies and whenever, the next runner brings it to the same end. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SlipwayError } from '../../src/core/errors.ts';
import type { Revision } from '../../src/core/revision.ts';
import { failure } from '../support/fake-catalog.ts';
import { revision, summaryOf } from '../support/graph.ts';
import { randomHistory } from '../support/random-graph.ts';
import type { Trap } from '../support/traps.ts';
import { raise, type World, world } from '../unit/runner/support.ts';

/** Histories in which some revisions build an index outside a transaction. */
const history = fc
  .tuple(randomHistory(7), fc.array(fc.boolean(), { minLength: 7, maxLength: 7 }))
  .map(([nodes, outside]) =>
    nodes.map(({ id, revises, dependsOn, phase }, i): Revision => {
      const drawing = `${id}<-${revises.join()} depends:${dependsOn.join()} phase:${phase}`;
      if (outside[i] !== true) return revision(drawing);
      return revision(`${drawing} transaction:none`, {
        up: `create index concurrently ${id} on t (a);`,
        down: `drop index concurrently ${id};`,
      });
    }),
  );

const crash = fc.record({
  operation: fc.constantFrom<Trap['operation']>(
    'prepare',
    'list',
    'statement',
    'outside',
    'record',
    'commit',
    'journal',
    'release',
  ),
  when: fc.constantFrom<'before' | 'after'>('before', 'after'),
  /** How often the operation succeeds before it is the end. */
  after: fc.nat(4),
});
const crashes = fc.array(crash, { maxLength: 4 });
/** Those of the upgrade that did not happen may happen in the downgrade. */
const MOST_DEATHS = 8;
type Death = typeof crash extends fc.Arbitrary<infer T> ? T : never;

/** Runs one command after another, each on a new session, until one gets through. */
async function persist(
  start: World,
  parts: readonly Revision[],
  options: {
    readonly deaths: readonly Death[];
    readonly command: (on: World) => Promise<unknown>;
  },
): Promise<World> {
  for (const { operation, when, after } of options.deaths) {
    let left = after;
    const die = raise(failure('connection-lost', 'Connection terminated'));
    const act = (): void => {
      if (left-- === 0) die();
    };
    start.server.trap({ operation, when, times: after + 1, act });
  }
  for (let tries = 0; ; tries++) {
    const next = world(parts, { server: start.server });
    try {
      await options.command(next);
      return next;
    } catch (error) {
      const isDeath = error instanceof SlipwayError || String(error).includes('terminated');
      if (!isDeath || tries > MOST_DEATHS) throw error;
    }
  }
}

describe('any history', () => {
  it('is applied and recorded whole, and taken back whole, however often a runner dies', async () => {
    await fc.assert(
      fc.asyncProperty(history, crashes, crashes, async (parts, dyingUp, dyingDown) => {
        const up = await persist(world(parts), parts, {
          deaths: dyingUp,
          command: (on) => on.upgrade(),
        });
        const ids = parts.map((part) => part.id).sort();
        const { rows, summary } = up.server.state;
        expect([...up.applied].sort()).toEqual(ids);
        expect([...up.objects].sort()).toEqual(ids);
        expect(summary ?? summaryOf([])).toEqual(summaryOf(rows));

        const down = await persist(up, parts, {
          deaths: dyingDown,
          command: (on) => on.downgrade('base'),
        });
        expect([down.applied, down.objects]).toEqual([[], []]);
        expect(down.server.state.summary ?? summaryOf([])).toEqual(summaryOf([]));
        expect(down.server.state.journal).toEqual([]);
      }),
      { numRuns: 60 },
    );
  }, 30_000);
});
