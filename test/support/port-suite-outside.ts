/** The part of the suite of the ports about revisions that run outside a transaction. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JournalEntry, MigrationDatabase } from '../../src/runner/ports.ts';
import { revision } from './graph.ts';
import {
  apply,
  begin,
  failureOf,
  inTransaction,
  isTable,
  LIMITS,
  type PortFixture,
  statementsOf,
} from './port-fixture.ts';

/** Runs this part against what `open` opens. */
export function describeOutside(open: () => Promise<PortFixture>): void {
  describe('a revision outside a transaction', () => {
    let fixture: PortFixture;
    let db: MigrationDatabase;

    beforeEach(async () => {
      fixture = await open();
      db = await fixture.connect();
    });
    afterEach(() => fixture.close());

    const concurrent = revision('i<-a transaction:none', {
      up: 'create index concurrently i_id on a (id);',
      down: 'drop index concurrently i_id;',
    });

    it('is partial from its beginning on, and not part of the summary', async () => {
      await db.applied.prepare();
      await apply(db, revision('a'));
      const before = await db.applied.summary();
      await begin(db, concurrent, 'upgrade');
      expect(await db.applied.summary()).toEqual(before);
      expect((await db.applied.list()).at(-1)).toMatchObject({ id: 'i', state: 'partial' });
      await begin(db, concurrent, 'upgrade');
      expect(await db.applied.list()).toHaveLength(2);
    });

    it('leaves the summary as soon as it begins to be taken back', async () => {
      await db.applied.prepare();
      await apply(db, revision('a'), { ...concurrent, up: revision('x').up });
      await begin(db, concurrent, 'downgrade');
      expect(await db.applied.summary()).toMatchObject({ heads: ['a'], applied: 1 });
      expect((await db.applied.list()).at(-1)).toMatchObject({ id: 'i', state: 'partial' });
    });

    it('runs statements that Postgres refuses in a transaction', async () => {
      await db.applied.prepare();
      await apply(db, revision('a'));
      const [create] = await statementsOf(concurrent);
      if (create === undefined) throw new Error('no statement');
      const failure = await failureOf(inTransaction(db, (tx) => tx.run([create])));
      expect(failure.fields.sqlState).toBe('25001');
      await db.sql.outside(create, LIMITS);
      expect(await isTable(db, 'i_id')).toBe(true);
      const again = await failureOf(db.sql.outside(create, LIMITS));
      expect(again).toMatchObject({ kind: 'other', fields: { sqlState: '42P07' } });
      expect(again.statement?.text).toBe(create.text);
    });

    it('finds the evidence of an index, and of its absence', async () => {
      await db.applied.prepare();
      await apply(db, revision('a'));
      const present = { kind: 'index-valid', schema: undefined, index: 'i_id' } as const;
      const absent = { ...present, kind: 'index-absent' } as const;
      expect((await db.sql.evidence(present)).verdict).toBe('absent');
      expect((await db.sql.evidence(absent)).verdict).toBe('done');
      for (const each of await statementsOf(concurrent)) await db.sql.outside(each, LIMITS);
      expect((await db.sql.evidence(present)).verdict).toBe('done');
      expect((await db.sql.evidence(absent)).verdict).toBe('absent');
      await db.sql.removeRemnant(present, LIMITS);
      expect(await isTable(db, 'i_id')).toBe(false);
    });

    const entry = (
      ordinal: number,
      state: JournalEntry['state'],
      direction: JournalEntry['direction'] = 'upgrade',
    ): Omit<JournalEntry, 'startedAt'> => ({ ordinal, direction, digest: `d${ordinal}`, state });

    it('has a journal, in the order of its statements, one entry for each', async () => {
      await db.applied.prepare();
      expect(await db.journal.read('i')).toEqual([]);
      await db.journal.write('i', entry(1, 'started'));
      await db.journal.write('i', entry(0, 'skipped'));
      await db.journal.write('other', entry(0, 'failed'));
      const [, before] = await db.journal.read('i');
      await db.journal.write('i', entry(1, 'done'));
      const journal = await db.journal.read('i');
      expect(journal).toMatchObject([entry(0, 'skipped'), entry(1, 'done')]);
      expect(journal[1]?.startedAt).toBe(before?.startedAt);
      expect(new Date(journal[1]?.startedAt ?? '').getTime()).not.toBeNaN();
    });

    it.each(['upgrade', 'downgrade'] as const)(
      'voids the journal of the other direction when it begins to %s',
      async (direction) => {
        await db.applied.prepare();
        await apply(db, revision('a'), { ...concurrent, up: revision('x').up });
        await db.journal.write('i', entry(0, 'done', 'upgrade'));
        await db.journal.write('i', entry(0, 'done', 'downgrade'));
        await begin(db, concurrent, direction);
        expect(await db.journal.read('i')).toMatchObject([entry(0, 'done', direction)]);
      },
    );

    it('loses its journal when it is reverted', async () => {
      await db.applied.prepare();
      await apply(db, revision('a'), { ...concurrent, up: revision('x').up });
      await db.journal.write('i', entry(0, 'done'));
      await inTransaction(db, (tx, set) =>
        tx.record({ kind: 'reverted', revision: 'i', summary: set.removing('i') }),
      );
      expect(await db.journal.read('i')).toEqual([]);
    });
  });
}
