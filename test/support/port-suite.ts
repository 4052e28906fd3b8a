/** What every database behind the runner's ports does: one suite for the fake and for Postgres. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EMPTY_DIGEST } from '../../src/core/applied.ts';
import type { DatabaseFailure } from '../../src/core/database-failure.ts';
import type { MigrationDatabase, SummaryChange } from '../../src/runner/ports.ts';
import { revision, summaryOf } from './graph.ts';
import {
  apply,
  asks,
  BREAKING,
  COMPATIBLE,
  failureOf,
  inTransaction,
  isTable,
  type PortFixture,
  statementOf,
  statementsOf,
} from './port-fixture.ts';
import { describeBackfills } from './port-suite-backfill.ts';
import { describeLive } from './port-suite-live.ts';
import { describeOutside } from './port-suite-outside.ts';
import { describeSoftDrops } from './port-suite-soft-drops.ts';

/** Runs the suite against what `open` opens, a new database for each test. */
export function describePorts(name: string, open: () => Promise<PortFixture>): void {
  describe(name, () => {
    let fixture: PortFixture;
    let db: MigrationDatabase;

    beforeEach(async () => {
      fixture = await open();
      db = await fixture.connect();
    });
    afterEach(() => fixture.close());

    describe('the version table', () => {
      it('has no summary before it was prepared, and an empty one afterwards', async () => {
        expect(await db.applied.summary()).toBeUndefined();
        await failureOf(db.applied.list());
        await db.applied.prepare();
        expect(await db.applied.summary()).toEqual(summaryOf([]));
        expect(await db.applied.list()).toEqual([]);
      });

      it('keeps what it has when it is prepared again', async () => {
        await db.applied.prepare();
        await apply(db, revision('a'));
        await db.applied.prepare();
        expect(await db.applied.list()).toHaveLength(1);
        expect(await db.applied.summary()).toMatchObject({ heads: ['a'], applied: 1 });
      });

      it('knows where each release left the database last', async () => {
        await db.applied.prepare();
        await apply(db, revision('a'));
        await apply(db, revision('b<-a'));
        expect(await db.applied.releases()).toMatchObject([
          { release: 'v1', image: 'shop:1', heads: ['b'], at: expect.stringMatching(/T.*Z$/) },
        ]);
      });

      it('gives back every field of a revision', async () => {
        await db.applied.prepare();
        const odd = revision('odd<-a depends:b label:lab phase:contract compatible:no', {
          header: ['ignore some-rule why'],
        });
        await apply(db, revision('a'), revision('b'), odd);
        expect((await db.applied.list()).at(-1)).toMatchObject({
          id: 'odd',
          revises: ['a'],
          dependsOn: ['b'],
          labels: ['lab'],
          description: 'Revision odd',
          phase: 'contract',
          compatibility: { verdict: 'no', reason: 'as drawn' },
          checksum: odd.checksum,
          file: 'migrations/odd.sql',
          irreversible: undefined,
          state: 'applied',
          stamped: false,
          appliedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
          durationMs: expect.any(Number),
        });
      });

      it('lists revisions in the order in which they were applied', async () => {
        await db.applied.prepare();
        await apply(db, revision('z'), revision('m'), revision('a'));
        expect((await db.applied.list()).map((row) => row.id)).toEqual(['z', 'm', 'a']);
      });

      it('has the summary that the rows add up to', async () => {
        await db.applied.prepare();
        await apply(db, revision('a compatible:no'), revision('b<-a'), revision('c<-a'));
        const summary = await db.applied.summary();
        expect(summary).toEqual(summaryOf(await db.applied.list()));
        expect(summary).toMatchObject({ heads: ['b', 'c'], floor: 'a' });
      });

      it.each([
        ['CRLF', '-- slipway:revision a\r\n\r\n-- slipway:up\r\n\r\n-- slipway:down\r\n'],
        ['a byte order mark', '\ufeff-- slipway:revision a\n-- slipway:up\n-- slipway:down\n'],
        [
          'Unicode',
          "-- slipway:revision a\n-- 전화 é 😀\n-- slipway:up\n-- '' \\ $1\n-- slipway:down\n",
        ],
      ])('archives the file byte for byte: %s', async (_, text) => {
        await db.applied.prepare();
        await apply(db, { ...revision('a'), source: text });
        expect(await db.applied.sources(['a', 'unknown'])).toEqual(new Map([['a', text]]));
      });

      it('forgets a revision that was reverted', async () => {
        await db.applied.prepare();
        await apply(db, revision('a'), revision('b<-a'));
        await inTransaction(db, (tx, set) =>
          tx.record({ kind: 'reverted', revision: 'b', summary: set.removing('b') }),
        );
        expect((await db.applied.list()).map((row) => row.id)).toEqual(['a']);
        expect(await db.applied.summary()).toMatchObject({ heads: ['a'], applied: 1 });
        expect(await db.applied.sources(['b'])).toEqual(new Map());
      });

      it('marks what was stamped, and forgets what was unstamped', async () => {
        await db.applied.prepare();
        const [a, b] = [revision('a'), revision('b<-a')];
        await inTransaction(db, async (tx, set) => {
          for (const each of [a, b]) {
            const summary = set.adding({ ...each, compatibility: BREAKING });
            await tx.record({ kind: 'stamped', revision: each, compatibility: BREAKING, summary });
          }
        });
        expect(await db.applied.list()).toMatchObject([{ stamped: true }, { stamped: true }]);
        expect(await isTable(db, 'a')).toBe(false);
        await inTransaction(db, (tx, set) =>
          tx.record({ kind: 'unstamped', revision: 'b', summary: set.removing('b') }),
        );
        expect(await db.applied.summary()).toMatchObject({ heads: ['a'], floor: 'a' });
      });
    });

    describe('a transaction', () => {
      it('keeps what ran together with its record', async () => {
        await db.applied.prepare();
        await apply(db, revision('a'));
        expect(await isTable(db, 'a')).toBe(true);
      });

      it('leaves nothing behind when its work throws', async () => {
        await db.applied.prepare();
        const before = await db.applied.summary();
        const statements = await statementsOf(revision('a'));
        const work = inTransaction(db, async (tx, set) => {
          await tx.run(statements);
          const summary = set.adding({ ...revision('a'), compatibility: COMPATIBLE });
          await tx.record({
            kind: 'applied',
            revision: revision('a'),
            compatibility: COMPATIBLE,
            summary,
          });
          throw new Error('changed its mind');
        });
        await expect(work).rejects.toThrow('changed its mind');
        expect(await isTable(db, 'a')).toBe(false);
        expect(await db.applied.list()).toEqual([]);
        expect(await db.applied.summary()).toEqual(before);
        expect(await db.applied.recentLog(10)).toEqual([]);
      });

      it('names the statement that failed, and is rolled back with all that came before it', async () => {
        await db.applied.prepare();
        const bad = revision('a', { up: 'create table a (id int);\nselect 1/0;\nselect true;' });
        const statements = await statementsOf(bad);
        const failure = await failureOf(inTransaction(db, (tx) => tx.run(statements)));
        expect(failure.kind).toBe('other');
        expect(failure.fields.sqlState).toBe('22012');
        expect(failure.statement?.text).toBe('select 1/0');
        expect(await isTable(db, 'a')).toBe(false);
        await apply(db, revision('a'));
        expect(await isTable(db, 'a')).toBe(true);
      });

      it('answers questions about what it did itself', async () => {
        await db.applied.prepare();
        const statements = await statementsOf(revision('a'));
        const [statement] = statements;
        if (statement === undefined) throw new Error('no statement');
        const verify = await statementOf("select to_regclass('a') is null;");
        const answers = await inTransaction(db, async (tx) => {
          const before = await tx.ask(statement, "select to_regclass('a') is not null");
          await tx.run(statements);
          const after = await tx.ask(statement, "select to_regclass('a') is not null");
          return [before, after, ...(await tx.check(verify))];
        });
        expect(answers).toEqual([false, true, false]);
      });

      it('answers a query with parameters, among what ran before it', async () => {
        await db.applied.prepare();
        const [create] = await statementsOf(revision('a'));
        if (create === undefined) throw new Error('no statement');
        const ask = await statementOf("select to_regclass('a') is not null;");
        const echo = await statementOf('select 1;');
        const answers = await inTransaction(db, async (tx) => {
          await tx.query(create, []);
          const found = await tx.query(ask, []);
          const text = "O'Reilly; drop table a";
          const echoed = await tx.query({ ...echo, text: 'select $1::text as value' }, [text]);
          return [Object.values(found.rows[0] ?? {}), echoed.rows, echoed.rowCount];
        });
        expect(answers).toEqual([[true], [{ value: "O'Reilly; drop table a" }], 1]);
        expect(await isTable(db, 'a')).toBe(true);
      });

      it('fails a query with its statement, and every one behind it', async () => {
        await db.applied.prepare();
        const bad = await statementOf('select 1/0;');
        const failures = await inTransaction(db, async (tx) => {
          const first = await failureOf(tx.query(bad, []));
          const second = await failureOf(tx.query({ ...bad, text: 'select true' }, []));
          throw Object.assign(new Error('seen'), { seen: [first, second] });
        }).catch((error: Error & { seen: DatabaseFailure[] }) => error.seen);
        expect(failures?.map(({ fields }) => fields.sqlState)).toEqual(['22012', '25P02']);
        expect(failures?.[0]?.statement?.text).toBe('select 1/0');
      });

      it('takes null for no true', async () => {
        await db.applied.prepare();
        const statement = await statementOf('select true;');
        const asked = await inTransaction(db, (tx) => tx.ask(statement, 'select null'));
        expect([asked, await asks(db, 'select null'), await asks(db, 'select true')]).toEqual([
          false,
          false,
          true,
        ]);
      });

      it('refuses a plan made for another history', async () => {
        await db.applied.prepare();
        await apply(db, revision('a'));
        const stale: SummaryChange = {
          before: EMPTY_DIGEST,
          after: { heads: ['b'], digest: 'f'.repeat(64), applied: 1, floor: undefined },
        };
        const before = await db.applied.summary();
        const work = inTransaction(db, async (tx) => {
          await tx.run([await statementOf('create table b (id int);')]);
          await tx.record({
            kind: 'applied',
            revision: revision('b'),
            compatibility: COMPATIBLE,
            summary: stale,
          });
        });
        expect((await failureOf(work)).kind).toBe('stale-plan');
        expect(await db.applied.summary()).toEqual(before);
        expect(await isTable(db, 'b')).toBe(false);
        expect((await db.applied.list()).map((row) => row.id)).toEqual(['a']);
      });

      it('lets another session see nothing before it is committed', async () => {
        await db.applied.prepare();
        const other = await fixture.connect();
        const statements = await statementsOf(revision('a'));
        await inTransaction(db, async (tx, set) => {
          await tx.run(statements);
          const summary = set.adding({ ...revision('a'), compatibility: COMPATIBLE });
          await tx.record({
            kind: 'applied',
            revision: revision('a'),
            compatibility: COMPATIBLE,
            summary,
          });
          expect(await other.applied.list()).toEqual([]);
        });
        expect(await other.applied.summary()).toMatchObject({ heads: ['a'] });
      });
    });

    describeOutside(open);

    describeSoftDrops(open);
    describeBackfills(open);
    describe('the tables as they are now', () => describeLive(() => db));

    it('keeps an audit log of every change and of what it is told, newest first', async () => {
      await db.applied.prepare();
      await apply(db, revision('a'));
      await db.applied.audit({ event: 'refusal', revision: 'b', detail: { code: 'X', n: [1] } });
      await db.applied.audit({ event: 'failure', revision: undefined, detail: {} });
      await inTransaction(db, (tx, set) =>
        tx.record({ kind: 'reverted', revision: 'a', summary: set.removing('a') }),
      );
      const log = await db.applied.recentLog(10);
      expect(log.map(({ event, revision: of }) => [event, of])).toEqual([
        ['downgrade', 'a'],
        ['failure', undefined],
        ['refusal', 'b'],
        ['upgrade', 'a'],
      ]);
      expect(log[2]?.detail).toEqual({ code: 'X', n: [1] });
      expect(await db.applied.recentLog(1)).toEqual(log.slice(0, 1));
      expect(await db.applied.recentLog(5, 'refusal')).toEqual(log.slice(2, 3));
      expect(await db.applied.recentLog(5, 'backup')).toEqual([]);
    });

    it('gives the migration lock to one session at a time', async () => {
      const other = await fixture.connect();
      expect(await db.lock.holder()).toBeUndefined();
      expect(await db.lock.tryAcquire()).toBe(true);
      expect(await other.lock.tryAcquire()).toBe(false);
      expect((await other.lock.holder())?.pid).toBe((await db.lock.holder())?.pid);
      expect((await other.lock.holder())?.pid).toBeGreaterThan(0);
      await db.lock.release();
      expect(await other.lock.tryAcquire()).toBe(true);
      await other.lock.release();
      expect(await db.lock.holder()).toBeUndefined();
    });
  });
}
