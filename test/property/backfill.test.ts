import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bindRange, rangeMarks, withParameters } from '../../src/sql/backfill.ts';
import { parseSql } from '../../src/sql/parse.ts';
import { failure } from '../support/fake-catalog.ts';
import { fakeServer } from '../support/fake-database.ts';
import { revision } from '../support/graph.ts';
import { world } from '../unit/runner/support.ts';

/** Pieces of an expression in which `:from` and `:to` mean nothing. */
const inert = fc.constantFrom(
  "':from'",
  "'it''s :to'",
  "E'\\':from'",
  "E'a'\n':to'",
  '$$:from$$',
  '$한글$ :to $한글$',
  '":from"',
  "U&'\\0061:to'",
  '/* :from /* :to */ */ 1',
  '-- :from\n1',
  '1::text',
  'a[1:2]',
  "'😀'",
  '12.5e3',
);
const mark = fc.constantFrom(':from', ':to', ':FROM', ':To');

describe('the marks of a backfill', () => {
  const pieces = fc.array(fc.oneof(inert, mark), { minLength: 1, maxLength: 12 });

  it('are all that binding changes, and all of them', () => {
    fc.assert(
      fc.property(pieces, (parts) => {
        const sql = `select ${parts.join(' , ')} from t`;
        const bound = parts.map((part) =>
          part.startsWith(':') ? (part.toLowerCase() === ':from' ? '$1::uuid' : '$2::uuid') : part,
        );
        expect(bindRange(sql, 'uuid').text).toBe(`select ${bound.join(' , ')} from t`);
        expect(rangeMarks(sql)).toHaveLength(parts.filter((part) => part.startsWith(':')).length);
      }),
    );
  });

  it('become something that the parser takes, with every offset as it was', async () => {
    await fc.assert(
      fc.asyncProperty(pieces, async (parts) => {
        const sql = `select ${parts.join(' , ')} from t; select 2`;
        const parsed = withParameters(sql);
        expect(parsed).toHaveLength(sql.length);
        const result = await parseSql(parsed);
        expect(result).toMatchObject({ ok: true });
        if (result.ok) expect(result.statements.at(-1)?.offset).toBe(sql.lastIndexOf('select 2'));
      }),
    );
  });

  it('leave the way back for every position outside of them', () => {
    fc.assert(
      fc.property(pieces, (parts) => {
        const sql = `select ${parts.join(' , ')} from t`;
        const { text, positionOf } = bindRange(sql, 'timestamp with time zone');
        const characters = Array.from(text);
        const original = Array.from(sql);
        const places = characters.map((_, index) => positionOf(index + 1));
        expect(places).toEqual([...places].sort((a, b) => a - b));
        const kept = places.filter(
          (place, index) => characters[index] === original[place - 1] && place > 0,
        );
        expect(new Set(kept).size).toBeGreaterThanOrEqual(
          original.length - 5 * rangeMarks(sql).length,
        );
      }),
    );
  });
});

describe('the batches of a backfill', () => {
  it('partition the keys, whatever the sizes, and wherever runners die', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 40 }),
        fc.integer({ min: 1, max: 15 }),
        fc.array(
          fc.record({
            operation: fc.constantFrom('statement', 'commit', 'journal', 'record' as const),
            when: fc.constantFrom('before', 'after' as const),
            passes: fc.integer({ min: 0, max: 12 }),
          }),
          { maxLength: 4 },
        ),
        async (rows, batch, crashes) => {
          const server = fakeServer();
          const a = revision('a', {
            up: `create table numbers (id bigint primary key, n int);
insert into numbers (id) select generate_series(1, ${rows});`,
          });
          await world([a], { server }).upgrade();
          const b = revision('b<-a transaction:none', {
            up: `-- slipway:backfill table=numbers key=id batch=${batch} pause=0
update numbers set n = n + 1 where id between :from and :to;`,
          });
          for (const { operation, when, passes } of crashes) {
            let left = passes;
            server.trap({
              operation: operation as 'statement',
              when: when as 'before',
              times: passes + 1,
              act: () => {
                if (left-- === 0) throw failure('connection-lost', 'gone');
              },
            });
            await world([a, b], { server })
              .upgrade()
              .catch(() => undefined);
          }
          // A trap that did not go off yet may do so in a later run.
          let run = world([a, b], { server });
          for (let tries = 0; tries < 8 && run.applied.join() !== 'a,b'; tries++) {
            await run.upgrade().catch(() => undefined);
            run = world([a, b], { server });
          }
          expect(run.applied).toEqual(['a', 'b']);
          const values = [...(server.state.tables.get('numbers')?.values() ?? [])];
          expect(values).toEqual(Array.from({ length: rows }, () => 1));
        },
      ),
      { numRuns: 150 },
    );
  });
});
