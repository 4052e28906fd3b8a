/** What a server's progress reports mean, and what is concluded from growth. */

import { describe, expect, it } from 'vitest';
import { growthMeter } from '../../../src/postgres/growth.ts';
import { measurementOf } from '../../../src/postgres/progress-views.ts';
import { statementOf } from '../../support/port-fixture.ts';

const report = (view: string, facts: object) => measurementOf({ view, report: facts });

describe('a report of the server', () => {
  it.each([
    [
      'a scan for an index',
      'create_index',
      { phase: 'building index: scanning table', blocks_done: 5, blocks_total: 10 },
      { unit: 'blocks', done: 5, total: 10 },
    ],
    [
      'a tree that is loaded after the scan',
      'create_index',
      {
        phase: 'building index: loading tuples in tree',
        blocks_done: 10,
        blocks_total: 10,
        tuples_done: 7,
        tuples_total: 70,
      },
      { unit: 'tuples', done: 7, total: 70 },
    ],
    [
      'a wait for sessions',
      'create_index',
      {
        phase: 'waiting for old snapshots',
        lockers_done: 1,
        lockers_total: 3,
        blocks_done: 10,
        blocks_total: 10,
      },
      { unit: 'sessions', done: 1, total: 3 },
    ],
    [
      'a table that is clustered',
      'cluster',
      { phase: 'writing new heap', heap_tuples_written: 4, heap_tuples_scanned: 8 },
      { unit: 'tuples', done: 4, total: 8 },
    ],
    [
      'a table read by its index',
      'cluster',
      { phase: 'index scanning heap', heap_tuples_scanned: 8 },
      { unit: 'tuples', done: 8, total: undefined },
    ],
    [
      'indexes vacuumed by Postgres 17',
      'vacuum',
      { phase: 'vacuuming indexes', indexes_total: 4, indexes_processed: 1 },
      { unit: 'indexes', done: 1, total: 4 },
    ],
    [
      'indexes vacuumed by Postgres 16',
      'vacuum',
      { phase: 'vacuuming indexes', index_vacuum_count: 1 },
      { unit: undefined, done: undefined, total: undefined },
    ],
    [
      'a vacuum in its second pass',
      'vacuum',
      { phase: 'vacuuming heap', heap_blks_total: 9, heap_blks_scanned: 9, heap_blks_vacuumed: 3 },
      { unit: 'blocks', done: 3, total: 9 },
    ],
    [
      'a sample',
      'analyze',
      { phase: 'acquiring sample rows', sample_blks_total: 30, sample_blks_scanned: 10 },
      { unit: 'blocks', done: 10, total: 30 },
    ],
    [
      'samples of partitions',
      'analyze',
      { phase: 'acquiring inherited sample rows', child_tables_total: 3, child_tables_done: 1 },
      { unit: 'tables', done: 1, total: 3 },
    ],
  ])('tells of %s', (_, view, facts, expected) => {
    expect(report(view, facts)).toEqual({ phase: facts.phase, isEstimate: false, ...expected });
  });

  it('tells of rows copied from a pipe, whose end it does not know', () => {
    expect(report('copy', { command: 'COPY FROM', bytes_processed: 100, bytes_total: 0 })).toEqual({
      phase: 'copying rows in',
      unit: 'bytes',
      done: 100,
      total: undefined,
      isEstimate: false,
    });
  });

  it('is nothing where there is none, or none for us', () => {
    expect(measurementOf(undefined)).toBeUndefined();
    expect(report('create_index', { phase: null })).toBeUndefined();
    expect(report('copy', { command: null })).toBeUndefined();
    expect(report('something_new', { phase: 'x' })).toBeUndefined();
  });
});

describe('growth', () => {
  const MB = 1_048_576;
  const row = (bytes: number, over: object = {}) => ({
    bytes: String(bytes),
    tables: 'orders',
    heap_bytes: String(8 * MB),
    whole_bytes: String(10 * MB),
    is_making: true,
    ...over,
  });
  const measured = async (sql: string, ...rows: readonly ReturnType<typeof row>[]) => {
    const meter = growthMeter(1, await statementOf(sql));
    return rows.map((each, index) => meter.measure(each, 5000 + index * 5000)).at(-1);
  };
  const ALTER = 'alter table orders alter column id type bigint;';

  it('is counted from the first look on, and what was before is concluded from it', async () => {
    expect(await measured(ALTER, row(50 * MB))).toMatchObject({ phase: undefined });
    expect(await measured(ALTER, row(50 * MB), row(54 * MB))).toEqual({
      phase: 'writing orders anew',
      unit: 'bytes',
      done: 8 * MB,
      total: 10 * MB,
      isEstimate: true,
    });
  });

  it('never takes a step back', async () => {
    const rows = [row(50 * MB), row(54 * MB), row(54 * MB), row(52 * MB)];
    expect(await measured(ALTER, ...rows)).toMatchObject({ done: 8 * MB });
  });

  it.each([
    ['the table is not being made anew', { is_making: false }],
    ['the database shrank', { bytes: '1' }],
  ])('is nothing where %s', async (_, over) => {
    expect(await measured(ALTER, row(50 * MB), row(54 * MB, over))).toMatchObject({
      phase: undefined,
      done: undefined,
    });
  });

  it('has no end where the table was never vacuumed', async () => {
    expect(
      await measured(ALTER, row(0), row(MB, { whole_bytes: '0', heap_bytes: '0' })),
    ).toMatchObject({ done: 2 * MB, total: undefined });
  });

  it.each([
    ['update orders set id = 1;', 2 * MB, 8 * MB],
    ['update orders set id = 1 where id = 2;', 2 * MB, undefined],
    ['insert into orders select 1;', MB, undefined],
    ['create table orders as select 1;', MB, undefined],
  ])('of "%s" is %s of %s', async (sql, done, total) => {
    expect(await measured(sql, row(0), row(MB))).toMatchObject({ done, total });
  });

  it('is not asked for where nothing is written', async () => {
    expect(growthMeter(1, await statementOf('vacuum orders;')).query).toBeUndefined();
    expect(await measured('vacuum orders;', row(0), row(MB))).toMatchObject({ phase: undefined });
  });
});
