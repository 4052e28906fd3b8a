/** Rates, times left and words of things that take long. */

import { describe, expect, it } from 'vitest';
import { formatBytes, parseBytes } from '../../../src/core/bytes.ts';
import type { SessionInfo, SlipwayEvent } from '../../../src/core/events.ts';
import { type Measurement, nextReportMs, progressMeter } from '../../../src/core/progress.ts';
import { describeProgress, describeStatementProgress } from '../../../src/core/progress-text.ts';

const blocks = (done: number, over: Partial<Measurement> = {}): Measurement => ({
  phase: 'building index: scanning table',
  unit: 'blocks',
  done,
  total: 1000,
  isEstimate: false,
  ...over,
});

describe('a progress meter', () => {
  it('knows the share at the first look, and the time left from the second on', () => {
    const meter = progressMeter();
    expect(meter(blocks(100), 5000)).toMatchObject({
      percent: 10,
      perSecond: undefined,
      remainingMs: undefined,
    });
    expect(meter(blocks(200), 6000)).toMatchObject({
      percent: 20,
      perSecond: 100,
      remainingMs: 8000,
    });
  });

  it('forgets how fast it was half a minute ago', () => {
    const meter = progressMeter();
    meter(blocks(0), 0);
    for (let s = 0; s <= 100; s += 1) meter(blocks(500 + s), 1000 + s * 1000);
    expect(meter(blocks(602), 103_000).perSecond).toBeCloseTo(1, 1);
  });

  it('begins anew with each phase', () => {
    const meter = progressMeter();
    meter(blocks(0), 0);
    meter(blocks(900), 1000);
    const loading = { phase: 'loading tuples in tree', unit: 'tuples' } as const;
    expect(meter(blocks(1, loading), 2000)).toMatchObject({ percent: 0, perSecond: undefined });
    expect(meter(blocks(11, loading), 3000)).toMatchObject({ perSecond: 10 });
  });

  it('begins anew where a counter went back: the next partition', () => {
    const meter = progressMeter();
    meter(blocks(900), 1000);
    expect(meter(blocks(10), 2000).perSecond).toBeUndefined();
  });

  it('says nothing of the time left while nothing moves, or nobody knows how much there is', () => {
    const meter = progressMeter();
    meter(blocks(10), 0);
    expect(meter(blocks(10), 1000)).toMatchObject({ perSecond: 0, remainingMs: undefined });
    const endless = progressMeter();
    endless(blocks(10, { total: undefined }), 0);
    expect(endless(blocks(20, { total: undefined }), 1000)).toMatchObject({
      percent: undefined,
      perSecond: 10,
      remainingMs: undefined,
    });
  });

  it('does not count sessions as if they were work', () => {
    const meter = progressMeter();
    const waiting = { phase: 'waiting for old snapshots', unit: 'sessions', total: 4 } as const;
    meter(blocks(1, waiting), 0);
    expect(meter(blocks(2, waiting), 1000)).toMatchObject({
      done: 2,
      percent: undefined,
      remainingMs: undefined,
    });
  });

  it('never says that an estimate has come to its end', () => {
    expect(progressMeter()(blocks(5000, { isEstimate: true }), 0).percent).toBe(99);
    expect(progressMeter()(blocks(5000), 0).percent).toBe(100);
    expect(progressMeter()(blocks(5, { total: 0 }), 0).percent).toBeUndefined();
  });
});

describe('reports that are kept', () => {
  it('come after 5 s, 10 s, 20 s, 40 s, then every minute', () => {
    const due = [nextReportMs()];
    while (due.length < 7) due.push(nextReportMs(due.at(-1)));
    expect(due.map((ms) => ms / 1000)).toEqual([5, 10, 20, 40, 100, 160, 220]);
  });

  it('are due by the clock, also after one that was late', () => {
    expect(nextReportMs(0)).toBe(5000);
    expect(nextReportMs(13_000)).toBe(20_000);
    expect(nextReportMs(3_600_000)).toBe(3_640_000);
  });
});

describe('progress in words', () => {
  const at = (measured: Measurement, then?: Measurement): string | undefined => {
    const meter = progressMeter();
    const first = meter(measured, 5000);
    return describeProgress(then === undefined ? first : meter(then, 6000));
  };

  it.each([
    ['a share', at(blocks(450)), 'building index: scanning table, 45% (450 of 1000 blocks)'],
    [
      'a share and the time left',
      at(blocks(440), blocks(450)),
      'building index: scanning table, 45% (450 of 1000 blocks), about 55 s left',
    ],
    [
      'an estimate',
      at({
        phase: 'writing orders anew',
        unit: 'bytes',
        done: 1_288_490_189,
        total: 2_791_728_742,
        isEstimate: true,
      }),
      'writing orders anew, about 46% (1.2 GB of 2.6 GB)',
    ],
    [
      'an amount alone',
      at({ phase: 'writing', unit: 'bytes', done: 4096, total: undefined, isEstimate: true }),
      'writing (about 4.0 kB)',
    ],
    [
      'sessions',
      at(blocks(1, { phase: 'waiting for old snapshots', unit: 'sessions', total: 3 })),
      'waiting for old snapshots (1 of 3 sessions)',
    ],
    [
      'a phase alone',
      at(blocks(0, { phase: 'truncating heap', unit: undefined, done: undefined })),
      'truncating heap',
    ],
    ['nothing', at(blocks(0, { phase: undefined })), undefined],
  ])('has %s', (_, text, expected) => expect(text).toBe(expected));

  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.0 kB'],
    [12_345_678, '12 MB'],
    [2 ** 40, '1.0 TB'],
    [2 ** 62, '4096 PB'],
  ])('writes %d bytes as Postgres does: %s', (bytes, text) =>
    expect(formatBytes(bytes)).toBe(text),
  );

  it.each([
    ['16MB', 16 * 2 ** 20],
    ['1.5 gb', 1.5 * 2 ** 30],
    ['0', 0],
    ['12', undefined],
    ['12 parsecs', undefined],
    ['-1 kB', undefined],
  ])('reads the size %s', (text, bytes) => expect(parseBytes(text)).toBe(bytes));

  const session: SessionInfo = {
    pid: 4711,
    application: 'slipway/shop/report-7d9c',
    pod: 'shop/report-7d9c',
    user: 'report',
    client: undefined,
    state: 'idle in transaction',
    ageMs: 840_000,
    query: 'select 1',
  };
  const statement = (
    over: Partial<Extract<SlipwayEvent, { type: 'statement.progress' }>>,
  ): string =>
    describeStatementProgress({
      type: 'statement.progress',
      revision: 'r',
      command: 'create table',
      location: 'm/a.sql:3:1',
      elapsedMs: 35_000,
      waitingFor: [],
      ...progressMeter()(blocks(0, { phase: undefined, done: undefined }), 0),
      ...over,
    });

  it('say of a statement what it is at, and for how long', () => {
    expect(statement({ phase: 'truncating heap' })).toBe(
      'create table at m/a.sql:3:1: truncating heap; running for 35 s',
    );
  });

  it('say that a statement runs of which nothing else is known', () => {
    expect(statement({})).toBe('still running: 35 s, create table at m/a.sql:3:1');
  });

  it('say who is waited for', () => {
    expect(statement({ waitingFor: [session] })).toBe(
      'still running: 35 s, create table at m/a.sql:3:1; waits for pod shop/report-7d9c (pid 4711, idle in transaction for 14 min)',
    );
  });
});
