/** The part of the suite of the ports about backfills. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BackfillPlace } from '../../src/core/backfill.ts';
import type { Backfill, Statement } from '../../src/core/revision.ts';
import type { MigrationDatabase } from '../../src/runner/ports.ts';
import { bindRange } from '../../src/sql/backfill.ts';
import { revision } from './graph.ts';
import {
  apply,
  failureOf,
  inTransaction,
  LIMITS,
  type PortFixture,
  statementsOf,
} from './port-fixture.ts';

const WALKED: Backfill = {
  schema: undefined,
  table: 'numbers',
  key: 'id',
  batch: 4,
  pauseMs: 0,
  maxLagMs: undefined,
  maxTimeMs: 1000,
};
const PLACE: BackfillPlace = { revision: 'b', direction: 'upgrade', ordinal: 0 };

/** Runs this part against what `open` opens. */
export function describeBackfills(open: () => Promise<PortFixture>): void {
  describe('a backfill', () => {
    let fixture: PortFixture;
    let db: MigrationDatabase;
    let statement: Statement;

    beforeEach(async () => {
      fixture = await open();
      db = await fixture.connect();
      await db.applied.prepare();
      const up = `create table numbers (id bigint primary key, n int not null default 0);
insert into numbers (id) select generate_series(1, 10);`;
      await apply(db, revision('a', { up }));
      const [first] = await statementsOf(
        revision('b transaction:none', {
          up: `-- slipway:backfill table=numbers key=id batch=4
update numbers set n = n + 1 where id between :from and :to;`,
        }),
      );
      if (first === undefined) throw new Error('no statement');
      statement = { ...first, text: bindRange(first.text, 'bigint').text };
    });
    afterEach(() => fixture.close());

    const write = (state: 'started' | 'done') =>
      db.journal.write('b', { ordinal: 0, direction: 'upgrade', digest: 'd', state });
    const next = (after: string | undefined, limit = 4) =>
      db.sql.backfills.next({ backfill: WALKED, keyType: 'bigint', after, limit }, LIMITS);
    const batch = (from: string | undefined, range: { from: string; to: string }, keys: number) =>
      inTransaction(db, async (tx) => {
        const { rowCount } = await tx.query(statement, [range.from, range.to]);
        const rows = rowCount ?? 0;
        await tx.moveCursor(PLACE, { from, to: range.to, keys, rows });
        return rows;
      });

    it('looks at its table first', async () => {
      expect(await db.sql.backfills.inspect(WALKED, LIMITS)).toMatchObject({
        kind: 'walkable',
        keyType: 'bigint',
      });
      const nowhere = await db.sql.backfills.inspect({ ...WALKED, table: 'nowhere' }, LIMITS);
      expect(nowhere).toMatchObject({ kind: 'unfit', problem: 'there is no table nowhere' });
    });

    it('walks the keys in order, up to the last one', async () => {
      expect(await next(undefined)).toEqual({ from: '1', to: '4', keys: 4 });
      expect(await next('4')).toEqual({ from: '5', to: '8', keys: 4 });
      expect(await next('8')).toEqual({ from: '9', to: '10', keys: 2 });
      expect(await next('10')).toBeUndefined();
    });

    it('has a cursor that moves with each batch', async () => {
      await write('started');
      expect(await db.sql.backfills.cursor(PLACE)).toBeUndefined();
      await db.sql.backfills.begin(PLACE, 'd');
      const start = { digest: 'd', key: undefined, keys: 0, rows: 0, batches: 0 };
      expect(await db.sql.backfills.cursor(PLACE)).toEqual(start);
      expect(await batch(undefined, { from: '1', to: '4' }, 4)).toBe(4);
      expect(await batch('4', { from: '5', to: '9' }, 5)).toBe(5);
      const moved = { digest: 'd', key: '9', keys: 9, rows: 9, batches: 2 };
      expect(await db.sql.backfills.cursor(PLACE)).toEqual(moved);
      await write('done');
      expect(await db.sql.backfills.cursor(PLACE)).toEqual(moved);
      await db.sql.backfills.begin(PLACE, 'e');
      expect(await db.sql.backfills.cursor(PLACE)).toEqual({ ...start, digest: 'e' });
    });

    it('moves its cursor with the batch or not at all', async () => {
      await write('started');
      await db.sql.backfills.begin(PLACE, 'd');
      await batch(undefined, { from: '1', to: '4' }, 4);
      const failure = await failureOf(
        inTransaction(db, async (tx) => {
          await tx.query(statement, ['5', '8']);
          await tx.moveCursor(PLACE, { from: '4', to: '8', keys: 4, rows: 4 });
          await tx.query({ ...statement, text: 'select 1/0' }, []);
        }),
      );
      expect(failure.fields.sqlState).toBe('22012');
      expect(await db.sql.backfills.cursor(PLACE)).toMatchObject({ key: '4', rows: 4 });
    });

    it('is not moved by a second runner', async () => {
      await write('started');
      await db.sql.backfills.begin(PLACE, 'd');
      await batch(undefined, { from: '1', to: '4' }, 4);
      const failure = await failureOf(batch(undefined, { from: '1', to: '4' }, 4));
      expect(failure.kind).toBe('stale-plan');
      expect(await db.sql.backfills.cursor(PLACE)).toMatchObject({ key: '4', batches: 1 });
    });

    it('loses its cursor with its entry in the journal', async () => {
      await write('started');
      await db.sql.backfills.begin(PLACE, 'd');
      await inTransaction(db, (tx, set) =>
        tx.record({ kind: 'unstamped', revision: 'b', summary: set.unchanged() }),
      );
      expect(await db.sql.backfills.cursor(PLACE)).toBeUndefined();
    });

    it('sees no replica where there is none', async () => {
      expect(await db.sql.backfills.replicaLag()).toEqual({ lagMs: 0, replica: undefined });
    });
  });
}
