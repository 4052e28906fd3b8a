/** The part of the suite of the ports about soft drops. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MigrationDatabase } from '../../src/runner/ports.ts';
import { releaseOf, revision } from './graph.ts';
import { apply, failureOf, inTransaction, isTable, type PortFixture } from './port-fixture.ts';

/** Runs this part against what `open` opens. */
export function describeSoftDrops(open: () => Promise<PortFixture>): void {
  describe('a soft drop', () => {
    let fixture: PortFixture;
    let db: MigrationDatabase;

    const hides = revision('b<-a', {
      up: '-- slipway:soft-drop column users.phone\n-- slipway:soft-drop table audit',
      down: '-- slipway:soft-restore table audit\n-- slipway:soft-restore column users.phone',
    });
    const restore = async () => {
      const { statements } = await releaseOf(hides).script(hides, 'down');
      await inTransaction(db, (tx) => tx.run(statements));
    };
    const hidden = async () => (await db.softDrops.list()) ?? [];

    beforeEach(async () => {
      fixture = await open();
      db = await fixture.connect();
    });
    afterEach(() => fixture.close());

    const prepare = async () => {
      await db.applied.prepare();
      const up = 'create table users (phone text); create table audit (what text);';
      await apply(db, revision('a', { up }));
    };

    it('is not there where slipway has never been, nor where nothing was hidden', async () => {
      expect(await hidden()).toEqual([]);
      await prepare();
      expect(await hidden()).toEqual([]);
    });

    it('is listed with what it hides, and where that is', async () => {
      await prepare();
      await apply(db, hides);
      const [column, table] = await hidden();
      expect(column).toMatchObject({
        revision: 'b',
        kind: 'column',
        schema: 'public',
        table: 'users',
        column: 'phone',
        hiddenName: expect.stringMatching(/^_slipway_dropped_\w{8}_phone$/),
        hiddenAt: expect.stringMatching(/^2\d{3}-/),
        purgedAt: undefined,
        place: { schema: 'public', table: 'users' },
      });
      expect(table).toMatchObject({
        kind: 'table',
        table: 'audit',
        column: undefined,
        place: { schema: 'public', table: table?.hiddenName },
      });
      expect(await isTable(db, 'audit')).toBe(false);
    });

    it('brings back what it has hidden, and forgets about it', async () => {
      await prepare();
      await apply(db, hides);
      await restore();
      expect(await hidden()).toEqual([]);
      expect(await isTable(db, 'audit')).toBe(true);
    });

    it('is rolled back with its transaction', async () => {
      await prepare();
      const { statements } = await releaseOf(hides).script(hides, 'up');
      await failureOf(
        inTransaction(db, async (tx) => {
          await tx.run(statements);
          await tx.query({ ...statements[0], text: 'select 1/0' } as (typeof statements)[0], []);
        }),
      );
      expect(await hidden()).toEqual([]);
      expect(await isTable(db, 'audit')).toBe(true);
    });

    it('brings nothing back that its revision has not hidden', async () => {
      await prepare();
      expect((await failureOf(restore())).fields).toMatchObject({
        sqlState: '42704',
        message: 'cannot restore table audit: this revision has not hidden it',
      });
    });

    it('stays on record when it was purged, and in the audit log', async () => {
      await prepare();
      await apply(db, hides);
      const [column] = await hidden();
      if (column === undefined) throw new Error('nothing is hidden');
      await inTransaction(db, (tx, set) =>
        tx.record({ kind: 'purged', revision: 'b', hidden: column, summary: set.unchanged() }),
      );
      expect(await hidden()).toMatchObject([
        { id: column.id, purgedAt: expect.stringMatching(/^2\d{3}-/), place: undefined },
        { kind: 'table', purgedAt: undefined },
      ]);
      expect((await db.applied.recentLog(1))[0]).toMatchObject({
        event: 'purge',
        revision: 'b',
        detail: { object: 'column public.users.phone', hiddenName: column.hiddenName },
      });
      expect(await db.applied.list()).toHaveLength(2);
    });
  });
}
