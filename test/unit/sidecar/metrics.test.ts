/** From events to metrics. */

import { describe, expect, it } from 'vitest';
import type { SlipwayEvent } from '../../../src/core/events.ts';
import { METRICS } from '../../../src/sidecar/metric-names.ts';
import { openMetrics } from '../../../src/sidecar/metrics.ts';
import { metricValue, parsePrometheus } from '../../support/prometheus.ts';
import { SAMPLES } from '../logging/samples.ts';

const NOW = Date.UTC(2026, 0, 2);

async function metricsAfter(...events: readonly SlipwayEvent[]) {
  const metrics = openMetrics({
    version: '1.2.3',
    release: 'v1',
    withProcess: false,
    now: () => NOW,
  });
  for (const event of events) metrics.report(event);
  const families = parsePrometheus((await metrics.render()).text);
  return {
    families,
    value: (name: keyof typeof METRICS, labels?: Record<string, string>) =>
      metricValue(families, name, labels),
  };
}

const applied = (revision: string, durationMs = 1500): SlipwayEvent => ({
  ...SAMPLES['revision.applied'],
  revision,
  durationMs,
});

describe('metrics', () => {
  it('have names, help and types from the start, and stay the same through every event', async () => {
    for (const events of [[], Object.values(SAMPLES)]) {
      const { families } = await metricsAfter(...events);
      expect([...families.keys()].toSorted()).toEqual(Object.keys(METRICS).toSorted());
      for (const [name, { type, help, labels }] of Object.entries(METRICS)) {
        expect(families.get(name)).toMatchObject({ type, help });
        for (const sample of families.get(name)?.samples ?? []) {
          expect(Object.keys(sample.labels).toSorted()).toEqual([...labels].toSorted());
        }
      }
    }
  });

  it('are named as Prometheus wants: base units, _total for counters alone', () => {
    for (const [name, { type, help }] of Object.entries(METRICS)) {
      expect(name).toMatch(/^slipway_[a-z]+(_[a-z]+)*$/);
      expect(name.endsWith('_total')).toBe(type === 'counter');
      expect(name).not.toMatch(/_(ms|milliseconds|minutes|percent)(_|$)/);
      expect(help).toMatch(/^[A-Z0-9].*[^.]$/);
    }
  });

  it('follow a run', async () => {
    const { value } = await metricsAfter(
      { ...SAMPLES['lock.acquired'], waitedMs: 2500 } as SlipwayEvent, // only its number is another one
      { ...SAMPLES['plan.ready'], revisions: [ONE, TWO, THREE] } as SlipwayEvent, // only its list is another one
      applied('a', 250),
      SAMPLES['revision.retrying'],
      applied('b'),
    );
    expect(value('slipway_lock_wait_seconds')).toBe(2.5);
    expect(value('slipway_revisions_applied_total')).toBe(2);
    expect(value('slipway_revisions_pending')).toBe(1);
    expect(value('slipway_revision_retries_total')).toBe(1);
    expect(
      value('slipway_revision_duration_seconds', { revision: 'a', direction: 'upgrade' }),
    ).toBe(0.25);
    expect(value('slipway_schema_ready')).toBe(0);
    expect(value('slipway_build_info', { version: '1.2.3', release: 'v1' })).toBe(1);
  });

  it('say how a run ended, one outcome at a time', async () => {
    const { value } = await metricsAfter(SAMPLES['run.finished'], SAMPLES['run.failed']);
    const outcomes = ['done', 'nothing-to-do', 'done-by-another', 'ahead', 'downgraded', 'failed'];
    const set = outcomes.filter((outcome) => value('slipway_run_result', { outcome }) === 1);
    expect(set).toEqual(['failed']);
    // A contract phase that failed leaves the release served.
    expect(value('slipway_schema_ready')).toBe(1);
  });

  it('follow the looks at the database, and keep what is not known', async () => {
    const base = SAMPLES['schema.checked'] as SlipwayEvent & { type: 'schema.checked' }; // its type
    const ahead = { ...base, state: 'ahead', unknown: 2, pending: 1, contracts: 1 } as const;
    const gone = { ...base, state: 'unreachable', heads: undefined, pending: undefined } as const;
    const { value } = await metricsAfter(ahead, gone);
    expect(value('slipway_schema_ready')).toBe(0);
    expect(value('slipway_schema_state', { state: 'unreachable' })).toBe(1);
    expect(value('slipway_schema_state', { state: 'ahead' })).toBe(0);
    expect(value('slipway_schema_ahead', { compatible: 'false' })).toBe(2);
    expect(value('slipway_schema_ahead', { compatible: 'true' })).toBe(0);
    expect(value('slipway_contract_revisions_pending')).toBe(1);
    expect(value('slipway_checks_total', { state: 'ahead' })).toBe(1);
    expect(value('slipway_last_check_timestamp_seconds')).toBe(NOW / 1000);
  });

  it('count only what backfills of this process did', async () => {
    const at = { revision: 'b', location: 'b.sql:3:1', table: 'users' };
    const started = { ...SAMPLES['backfill.started'], ...at, total: 1000 } as SlipwayEvent; // the same event elsewhere
    const progress = (done: number, rows: number, percent: number) =>
      ({ ...SAMPLES['backfill.progress'], ...at, done, rows, percent }) as SlipwayEvent; // the same event elsewhere
    const finished = (done: number, rows: number) =>
      ({ ...SAMPLES['backfill.finished'], ...at, done, rows }) as SlipwayEvent; // the same event elsewhere
    const fresh = await metricsAfter(
      { ...started, done: 0 } as SlipwayEvent, // the same event elsewhere
      progress(400, 300, 40),
      finished(1000, 900),
    );
    expect(fresh.value('slipway_backfill_keys_total')).toBe(1000);
    expect(fresh.value('slipway_backfill_rows_total')).toBe(900);
    expect(fresh.value('slipway_backfill_progress_ratio', { table: 'users' })).toBe(1);
    const resumed = await metricsAfter(
      { ...started, done: 500 } as SlipwayEvent, // the same event elsewhere
      progress(600, 550, 60),
      progress(700, 650, 70),
    );
    expect(resumed.value('slipway_backfill_keys_total')).toBe(100);
    expect(resumed.value('slipway_backfill_progress_ratio', { revision: 'b' })).toBe(0.7);
  });

  it('keep the series of a bounded number of revisions', async () => {
    const many = Array.from({ length: 250 }, (_, index) => applied(`r${index}`));
    const { families, value } = await metricsAfter(...many);
    const { samples = [] } = families.get('slipway_revision_duration_seconds') ?? {};
    expect(samples).toHaveLength(100);
    expect(samples.map(({ labels }) => labels['revision'])).toContain('r249');
    expect(value('slipway_revisions_applied_total')).toBe(250);
  });

  it('do not mix two processes in one', async () => {
    await metricsAfter(applied('a'));
    expect((await metricsAfter()).value('slipway_revisions_applied_total')).toBe(0);
  });
});

describe('the reader of the tests', () => {
  it.each([
    ['a value that is none', '# HELP a b\n# TYPE a gauge\na one\n'],
    ['a sample of another metric', '# HELP a b\n# TYPE a gauge\nb 1\n'],
    ['the same sample twice', '# HELP a b\n# TYPE a gauge\na 1\na 2\n'],
    ['labels without quotes', '# HELP a b\n# TYPE a gauge\na{b=c} 1\n'],
    ['a missing line feed', '# HELP a b\n# TYPE a gauge\na 1'],
  ])('refuses %s', (_, text) => {
    expect(() => parsePrometheus(text)).toThrow();
  });

  it('reads escaped labels', () => {
    const families = parsePrometheus('# HELP a b\n# TYPE a gauge\na{b="x\\"y\\\\z\\n",c="d"} 1\n');
    expect(families.get('a')?.samples[0]?.labels).toEqual({ b: 'x"y\\z\n', c: 'd' });
  });
});

const ONE = { id: 'a', description: 'A' };
const TWO = { id: 'b', description: 'B' };
const THREE = { id: 'c', description: 'C' };
