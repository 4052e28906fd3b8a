/** Tables of rows that count how often a backfill touched them. */

import type { Place, RevisionSpec } from './projects.ts';

/** A revision whose only statement is a backfill. */
export function backfill(
  directive: string,
  sql: string,
  more: Partial<RevisionSpec> = {},
): RevisionSpec {
  return {
    id: 'b',
    header: ['transaction none'],
    up: `-- slipway:backfill ${directive}\n${sql};`,
    ...more,
  };
}

/** A table of which each row counts how often it was touched. */
export function counters(
  rows: number,
  primaryKey = 'id bigint primary key',
  value = 'n',
): RevisionSpec {
  return {
    id: 'a',
    up: `create table counter (${primaryKey}, n int not null default 0) with (fillfactor = 50);
insert into counter (id) select ${value} from generate_series(1, ${rows}) n;
analyze counter;`,
  };
}

/** Counts each touch of a row. */
export const COUNT = 'update counter set n = n + 1 where id between :from and :to';

/** How many rows were touched how often. */
export async function touched(place: Place): Promise<Record<string, unknown>[]> {
  return place.query('select n, count(*)::int as rows from counter group by n order by n');
}

/** The only cursor there is. */
export async function cursorOf(place: Place): Promise<Record<string, unknown> | undefined> {
  const [row] = await place.query(
    'select cursor, keys_done::int as keys, rows_done::int as rows, batches::int as batches from slipway.backfill',
  );
  return row;
}
