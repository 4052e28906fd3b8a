/**
 * How far a statement has come that the server reports no progress of: estimated from how the
 * database grows while it writes. Its new files belong to a table that nobody else can see yet, and
 * the size of the old one cannot be asked for without waiting for its lock; but the size of the
 * whole database can, and the catalog has the old table's size as of its last vacuum or analyze.
 */

import { type Measurement, UNMEASURED } from '../core/progress.ts';
import type { Statement } from '../core/revision.ts';
import type { OwnQuery, Row } from './session.ts';

/** What a statement writes: a table over again, new versions of rows, or something new. */
type Writing = 'table' | 'rows' | 'more';

const WRITING: ReadonlyMap<string, Writing> = new Map([
  ['alter table', 'table'],
  ['alter materialized view', 'table'],
  ['refresh materialized view', 'table'],
  ['update', 'rows'],
  ['create materialized view', 'more'],
  ['create table', 'more'],
  ['do', 'more'],
  ['insert', 'more'],
  ['merge', 'more'],
  ['select', 'more'],
  ['sql', 'more'],
]);

/** Measures growth from the first look on, and concludes from its pace what was before. */
export interface GrowthMeter {
  /** Undefined for statements that write nothing. */
  readonly query: OwnQuery | undefined;
  measure(row: Row | undefined, elapsedMs: number): Measurement;
}

/** For `statement`, which server process `pid` runs. */
export function growthMeter(pid: number, statement: Statement): GrowthMeter {
  const writing = WRITING.get(statement.command);
  let first: { readonly bytes: number; readonly elapsedMs: number } | undefined;
  let done = 0;
  return {
    query: writing === undefined ? undefined : growthQuery(pid, statement.text, writing),
    measure(row, elapsedMs) {
      if (writing === undefined || row === undefined) return UNMEASURED;
      const bytes = Number(row['bytes']);
      first ??= { bytes, elapsedMs };
      const grown = Math.max(0, bytes - first.bytes);
      const seenMs = elapsedMs - first.elapsedMs;
      // Files grow by leaps: a look or two say little about what was before them.
      if (seenMs <= 0 || seenMs < first.elapsedMs / 2) return UNMEASURED;
      // It never takes a step back.
      const all = writing === 'more' ? grown : Math.round((grown * elapsedMs) / seenMs);
      done = Math.max(done, all);
      const phase = phaseOf(writing, row);
      if (phase === undefined || done === 0) return UNMEASURED;
      const total = totalOf(writing, row, statement.text);
      return { phase, unit: 'bytes', done, total, isEstimate: true };
    },
  };
}

function phaseOf(writing: Writing, row: Row): string | undefined {
  const table = typeof row['tables'] === 'string' ? row['tables'] : undefined;
  switch (writing) {
    case 'table':
      // Without a table of its own in the making it only reads, and others make the database grow.
      if (row['is_making'] !== true) return undefined;
      return `writing ${table ?? 'the table'} anew`;
    case 'rows':
      return `writing new rows of ${table ?? 'the table'}`;
    case 'more':
      return 'writing';
  }
}

/** An update with a condition may change any number of rows. */
function totalOf(writing: Writing, row: Row, text: string): number | undefined {
  const bytes = Number(writing === 'table' ? row['whole_bytes'] : row['heap_bytes']);
  if (writing === 'more' || (writing === 'rows' && /\bwhere\b/i.test(text))) return undefined;
  return bytes > 0 ? bytes : undefined;
}

/** Enough to find the table's name in; the values of a long statement are of no use here. */
const TEXT_LENGTH = 2000;

/**
 * Tables are those that the statement names and that the process has locked as such a statement
 * does. Nothing in here takes a lock on them: the process may have locked out everybody.
 */
function growthQuery(pid: number, text: string, writing: Writing): OwnQuery {
  const modes =
    writing === 'table' ? ['AccessExclusiveLock', 'ExclusiveLock'] : ['RowExclusiveLock'];
  return {
    text: `
      with recursive locked as (
        select l.relation, l.mode
        from pg_locks l
        where l.pid = $1
          and l.locktype = 'relation'
          and l.granted
          and l.database = (select oid from pg_database where datname = current_database())
      ),
      named as (
        select c.oid, c.relname
        from pg_class c
        where c.oid in (select relation from locked where mode = any($2::text[]))
          and c.relkind in ('r', 'm', 'p')
          and (position(c.relname::text in $3) > 0 or position(c.relname::text in lower($3)) > 0)
      ),
      tree as (
        select oid from named
        union
        select i.inhrelid from pg_inherits i join tree t on t.oid = i.inhparent
      ),
      heap as (
        select c.oid, c.reltoastrelid, c.relpages::bigint as pages
        from pg_class c
        where c.oid in (select oid from tree) and c.relkind in ('r', 'm')
      ),
      beside as (
        select c.relpages::bigint as pages
        from pg_class c
        where c.oid in (select reltoastrelid from heap)
          or c.oid in (
            select i.indexrelid
            from pg_index i
            where i.indrelid in (select oid from heap union select reltoastrelid from heap)
          )
      ),
      page as (select current_setting('block_size')::bigint as bytes)
      select
        pg_database_size(current_database()) as bytes,
        (select string_agg(relname, ', ' order by relname) from named) as tables,
        (select sum(pages) from heap) * page.bytes as heap_bytes,
        (select sum(pages) from (select pages from heap union all select pages from beside) p)
          * page.bytes as whole_bytes,
        exists (
          select
          from locked l
          where l.mode = 'AccessExclusiveLock'
            and not exists (select from pg_class c where c.oid = l.relation)
        ) as is_making
      from page`,
    values: [pid, modes, text.slice(0, TEXT_LENGTH)],
  };
}
