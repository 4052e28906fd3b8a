/** Random tables, random columns hidden: what was there is there again, and new code was never refused. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { revision } from '../support/graph.ts';
import { catalogOf, hiding, softDropPlace } from '../support/soft-drops.ts';

/** Columns that can be hidden in any combination; `$` is the name. */
const column = fc.constantFrom(
  '$ int',
  '$ int not null',
  '$ text not null default $$none$$',
  "$ text not null default ''",
  '$ numeric(8, 2) default 0 not null check ($ >= 0)',
  '$ int check ($ is not null and $ > 0)',
  '$ int unique',
  '$ int not null unique',
  "$ text not null default md5('x'::text)",
  '$ timestamptz not null default now()',
  '$ int references other',
  '$ int not null references other on delete cascade',
  '$ int generated always as identity',
  '$ int generated always as (id * 2) stored not null',
  '$ text[] not null default array[$$a$$]',
  '$ positive not null',
  "$ jsonb not null default '{}'",
  '$ bigserial',
);
/** Things about two columns, where the table has them. */
const between = fc.constantFrom(
  'create index on t (#, ##)',
  'create unique index on t (id, #, ##)',
  'create statistics s% on #, ## from t',
  'alter table t add check (# is not null or ## is not null)',
  'alter table t add check (num_nonnulls(#, ##) > 0)',
  'create view v% as select #, ## from t',
  'create index on t ((# is null), ##)',
  'select 1',
);

const world = fc.record({
  columns: fc.array(column, { minLength: 2, maxLength: 6 }),
  extras: fc.array(between, { maxLength: 3 }),
  partitioned: fc.boolean(),
  hidden: fc.array(fc.nat({ max: 5 }), { minLength: 1, maxLength: 4 }),
  inserts: fc.boolean(),
});

const VALUES: readonly (readonly [RegExp, string])[] = [
  [/generated/, ''],
  [/text\[\]/, "'{a,b}'"],
  [/text/, "'some'"],
  [/timestamptz/, "'2026-01-01'"],
  [/jsonb/, '\'{"a": 1}\''],
  [/./, '1'],
];

describe('random tables', () => {
  it('come back as they were, with all rows', { timeout: 110_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(world, async ({ columns, extras, partitioned, hidden, inserts }) => {
        const place = await softDropPlace();
        try {
          // A serial's sequence belongs to one table; a unique key must have the partition key.
          const usable = columns.filter((each) => !partitioned || !/unique|identity/.test(each));
          if (usable.length < 2) return;
          const names = usable.map((_, index) => `c${index}`);
          const defined = usable.map((each, index) => each.replaceAll('$ ', `c${index} `));
          const own = defined.map((each, index) => each.replaceAll(/\$(?=[ >]| is)/g, `c${index}`));
          const given = usable.flatMap((each, index) => {
            const value = VALUES.find(([pattern]) => pattern.test(each))?.[1] ?? '1';
            return value === '' ? [] : [{ name: `c${index}`, value }];
          });
          const up = [
            'create domain positive as int check (value > 0)',
            'create table other (id int primary key)',
            'insert into other values (1), (2)',
            `create table t (id int, ${own.join(', ')})${partitioned ? ' partition by list (id)' : ''}`,
            ...(partitioned
              ? [
                  'create table t1 partition of t for values in (1)',
                  'create table t2 partition of t default',
                ]
              : []),
            ...extras.map((each, index) =>
              each
                .replaceAll('##', names[1] ?? '')
                .replaceAll('#', names[0] ?? '')
                .replace('%', String(index)),
            ),
            `insert into t (id, ${given.map(({ name }) => name).join(', ') || 'id'}) values (1, ${given.map(({ value }) => value).join(', ') || '1'})`,
          ];
          const a = revision('a', { up: up.join(';\n'), down: 'select 1;' });
          if (given.length === 0) return;
          await place.up(a);
          const before = await catalogOf(place.url);
          const rows = await place.query('select * from t');
          const chosen = [...new Set(hidden.map((n) => n % names.length))];
          await place.up(a, hiding('b<-a', ...chosen.map((n) => `column t.c${n}`)));
          if (inserts) {
            const left = given.filter(({ name }) => !chosen.some((n) => name === `c${n}`));
            // Code that does not know the hidden columns gives all others.
            const unique = left.map(({ name, value }) => [
              name,
              /unique/.test(usable[names.indexOf(name)] ?? '') ? '2' : value,
            ]);
            await place.query(
              `insert into t (${['id', ...unique.map(([name]) => name)].join(', ')})
               values (${['2', ...unique.map(([, value]) => value)].join(', ')})`,
            );
          } else {
            await place.query('update t set id = id');
          }
          await place.down('a');
          expect(await place.query('select * from t where id = 1')).toEqual(rows);
          expect(await place.query('select count(*)::int from t')).toEqual([
            { count: inserts ? 2 : 1 },
          ]);
          if (!inserts) {
            expect(await catalogOf(place.url)).toEqual(before);
            expect(place.notices()).toEqual([]);
          }
          expect(await place.query('select * from slipway.soft_drop')).toEqual([]);
        } finally {
          await place.close();
        }
      }),
      { numRuns: 40 },
    );
  });
});
