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
  statementOf,
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
      expect((await db.sql.evidence(present, LIMITS)).verdict).toBe('absent');
      expect((await db.sql.evidence(absent, LIMITS)).verdict).toBe('done');
      for (const each of await statementsOf(concurrent)) await db.sql.outside(each, LIMITS);
      expect((await db.sql.evidence(present, LIMITS)).verdict).toBe('done');
      expect((await db.sql.evidence(absent, LIMITS)).verdict).toBe('absent');
      // What is valid is no remnant.
      await db.sql.removeRemnant(present, LIMITS);
      expect(await isTable(db, 'i_id')).toBe(true);
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

    it('shares a transaction with an entry of its journal: both are there, or neither', async () => {
      await db.applied.prepare();
      await apply(db, revision('a'));
      await begin(db, concurrent, 'upgrade');
      const create = await statementOf('create table shared (id int);');
      const both = (fails: boolean) =>
        inTransaction(db, async (tx) => {
          await tx.run([create]);
          await tx.journal('i', entry(0, 'done'));
          if (fails) await tx.run([await statementOf('select 1/0;')]);
        });
      await failureOf(both(true));
      expect([await isTable(db, 'shared'), await db.journal.read('i')]).toEqual([false, []]);
      await both(false);
      expect(await isTable(db, 'shared')).toBe(true);
      expect(await db.journal.read('i')).toMatchObject([entry(0, 'done')]);
    });

    it('has no entry for a statement that fails in its transaction', async () => {
      await db.applied.prepare();
      const create = await statementOf('create table shared (id int);');
      const both = () =>
        inTransaction(db, async (tx) => {
          await tx.run([create]);
          await tx.journal('i', entry(0, 'done'));
        });
      await both();
      await db.journal.write('i', entry(0, 'failed'));
      expect((await failureOf(both())).fields.sqlState).toBe('42P07');
      expect(await db.journal.read('i')).toMatchObject([entry(0, 'failed')]);
    });

    describe('that an operator settles', () => {
      const reason = 'looked';
      const repairs = async () =>
        (await db.applied.recentLog(9)).filter(({ event }) => event === 'repair');

      beforeEach(async () => {
        await db.applied.prepare();
        await apply(db, revision('a'));
        await begin(db, concurrent, 'upgrade');
        await db.journal.write('i', entry(0, 'started'));
      });

      it('is applied, and its journal void, when it is marked so', async () => {
        const row = (await db.applied.list()).find(({ id }) => id === 'i');
        if (row === undefined) throw new Error('no row');
        await inTransaction(db, (tx, set) =>
          tx.record({
            kind: 'marked-applied',
            revision: 'i',
            summary: set.adding(row),
            reason,
          }),
        );
        expect((await db.applied.list()).at(-1)).toEqual({ ...row, state: 'applied' });
        expect(await db.applied.summary()).toMatchObject({ heads: ['i'], applied: 2 });
        expect(await db.journal.read('i')).toEqual([]);
        expect(await repairs()).toMatchObject([
          { revision: 'i', detail: { action: 'marked-applied', reason, heads: ['i'] } },
        ]);
      });

      it('is gone when it is marked as reverted', async () => {
        await inTransaction(db, (tx, set) =>
          tx.record({
            kind: 'marked-reverted',
            revision: 'i',
            summary: set.removing('i'),
            reason,
          }),
        );
        expect((await db.applied.list()).map(({ id }) => id)).toEqual(['a']);
        expect(await db.journal.read('i')).toEqual([]);
        expect(await repairs()).toMatchObject([{ detail: { action: 'marked-reverted' } }]);
      });

      it('keeps its state when one statement is settled', async () => {
        const about = ['statement 1 is done'];
        await inTransaction(db, async (tx, set) => {
          await tx.journal('i', entry(0, 'done'));
          const summary = set.unchanged();
          await tx.record({ kind: 'settled', revision: 'i', summary, reason, about });
        });
        expect((await db.applied.list()).at(-1)).toMatchObject({ id: 'i', state: 'partial' });
        expect(await db.journal.read('i')).toMatchObject([entry(0, 'done')]);
        expect(await repairs()).toMatchObject([{ detail: { action: 'settled', about } }]);
      });

      it('has the text of its file when that is accepted, and all else as it was', async () => {
        const before = (await db.applied.list())[0];
        const file = revision('a', { down: 'drop table if exists a;' });
        await inTransaction(db, (tx, set) =>
          tx.record({
            kind: 'accepted',
            revision: file,
            compatibility: { verdict: 'no', reason: 'as read now' },
            summary: set.unchanged(),
            reason: undefined,
            about: ['checksum'],
          }),
        );
        expect((await db.applied.list())[0]).toEqual({
          ...before,
          checksum: file.checksum,
          compatibility: { verdict: 'no', reason: 'as read now' },
        });
        expect((await db.applied.sources(['a'])).get('a')).toBe(file.source);
        expect(await repairs()).toMatchObject([{ detail: { action: 'accepted' } }]);
      });
    });

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
