/**
 * What `pg_stat_progress_*` says about a session's command. The columns differ between major
 * versions, so rows come as JSON and what is missing is simply not there.
 * https://www.postgresql.org/docs/current/progress-reporting.html
 */

import type { Measurement, Unit } from '../core/progress.ts';
import type { OwnQuery, Row } from './session.ts';

const VIEWS = ['create_index', 'cluster', 'vacuum', 'analyze', 'copy'] as const;

type View = (typeof VIEWS)[number];

/** Asks what server process `pid` reports; one row, or none where its command reports nothing. */
export function progressQuery(pid: number): OwnQuery {
  return {
    text: VIEWS.map(
      (view) => `
        select '${view}' as view, to_jsonb(p) as report
        from pg_stat_progress_${view} p
        where p.pid = $1`,
    ).join('\n union all'),
    values: [pid],
  };
}

/** Reads the row of `progressQuery`; undefined where there is nothing that we may see. */
export function measurementOf(row: Row | undefined): Measurement | undefined {
  const view = VIEWS.find((each) => each === row?.['view']);
  const report = row?.['report'];
  if (view === undefined || typeof report !== 'object' || report === null) return undefined;
  const facts = factsOf(report as Row);
  const phase = view === 'copy' ? copyPhase(facts) : facts.word('phase');
  if (phase === undefined) return undefined;
  return { ...(countIn(view, phase, facts) ?? NOT_COUNTED), phase, isEstimate: false };
}

interface Count {
  readonly unit: Unit | undefined;
  readonly done: number | undefined;
  readonly total: number | undefined;
}

const NOT_COUNTED: Count = { unit: undefined, done: undefined, total: undefined };

interface Facts {
  /** 0 where the server has no such column or may not show it. */
  number(column: string): number;
  word(column: string): string | undefined;
}

function factsOf(report: Row): Facts {
  return {
    number: (column) => Number(report[column] ?? 0),
    word: (column) => {
      const value = report[column];
      return typeof value === 'string' && value !== '' ? value : undefined;
    },
  };
}

function countIn(view: View, phase: string, { number }: Facts): Count | undefined {
  const counted = (unit: Unit, done: string, total: string): Count | undefined =>
    number(total) === 0 ? undefined : { unit, done: number(done), total: number(total) };
  const sofar = (unit: Unit, done: string): Count | undefined =>
    number(done) === 0 ? undefined : { unit, done: number(done), total: undefined };
  switch (view) {
    case 'create_index':
      if (phase.startsWith('waiting for')) {
        return counted('sessions', 'lockers_done', 'lockers_total');
      }
      // Counters of the scan stay there while the tree is loaded.
      return phase.includes('loading tuples')
        ? counted('tuples', 'tuples_done', 'tuples_total')
        : counted('blocks', 'blocks_done', 'blocks_total');
    case 'cluster':
      switch (phase) {
        case 'seq scanning heap':
          return counted('blocks', 'heap_blks_scanned', 'heap_blks_total');
        case 'index scanning heap':
          return sofar('tuples', 'heap_tuples_scanned');
        case 'writing new heap':
          return counted('tuples', 'heap_tuples_written', 'heap_tuples_scanned');
        case 'rebuilding index':
          return sofar('indexes', 'index_rebuild_count');
        default:
          return undefined;
      }
    case 'vacuum':
      switch (phase) {
        case 'scanning heap':
          return counted('blocks', 'heap_blks_scanned', 'heap_blks_total');
        case 'vacuuming heap':
          return counted('blocks', 'heap_blks_vacuumed', 'heap_blks_total');
        case 'vacuuming indexes':
        case 'cleaning up indexes':
          // Since Postgres 17.
          return counted('indexes', 'indexes_processed', 'indexes_total');
        default:
          return undefined;
      }
    case 'analyze':
      return phase === 'acquiring inherited sample rows'
        ? counted('tables', 'child_tables_done', 'child_tables_total')
        : phase === 'acquiring sample rows'
          ? counted('blocks', 'sample_blks_scanned', 'sample_blks_total')
          : undefined;
    case 'copy':
      return (
        counted('bytes', 'bytes_processed', 'bytes_total') ?? sofar('bytes', 'bytes_processed')
      );
  }
}

function copyPhase({ word }: Facts): string | undefined {
  switch (word('command')) {
    case 'COPY FROM':
      return 'copying rows in';
    case 'COPY TO':
      return 'copying rows out';
    default:
      return undefined;
  }
}
