/** Prometheus metrics of a run, from the same events that the log is written from. */

import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Reporter, SlipwayEvent } from '../core/events.ts';
import type { SchemaCheck } from '../core/schema-check.ts';
import { METRICS, type MetricName } from './metric-names.ts';

/** Metrics that follow the events they are told. */
export interface Metrics extends Reporter {
  /** The text, in the format of Prometheus, and its media type. */
  render(): Promise<{ readonly type: string; readonly text: string }>;
}

/** What does not change while the process runs. */
export interface MetricsOptions {
  readonly version: string;
  readonly release: string | undefined;
  /** Memory, event loop and so on of this process besides. */
  readonly withProcess: boolean;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Series by revision are kept for so many, the last ones: a new database may run thousands. */
const MOST_REVISIONS = 100;

const STATES: readonly SchemaCheck['state'][] = [
  'ready',
  'behind',
  'ahead',
  'unreachable',
  'refused',
];
const OUTCOMES = ['done', 'nothing-to-do', 'done-by-another', 'ahead', 'downgraded', 'failed'];

/** Metrics of a process that has just begun. */
export function openMetrics({ version, release, withProcess, now }: MetricsOptions): Metrics {
  const registry = new Registry();
  if (withProcess) collectDefaultMetrics({ register: registry });
  const settings = (name: MetricName) => ({
    name,
    help: METRICS[name].help,
    labelNames: [...METRICS[name].labels],
    registers: [registry],
  });
  const gauge = (name: MetricName) => new Gauge(settings(name));
  const counter = (name: MetricName) => new Counter(settings(name));

  const ready = gauge('slipway_schema_ready');
  const state = gauge('slipway_schema_state');
  const ahead = gauge('slipway_schema_ahead');
  const pending = gauge('slipway_revisions_pending');
  const contracts = gauge('slipway_contract_revisions_pending');
  const applied = counter('slipway_revisions_applied_total');
  const reverted = counter('slipway_revisions_reverted_total');
  const failed = counter('slipway_revisions_failed_total');
  const retries = counter('slipway_revision_retries_total');
  const duration = gauge('slipway_revision_duration_seconds');
  const lockWait = gauge('slipway_lock_wait_seconds');
  const backfillRows = counter('slipway_backfill_rows_total');
  const backfillKeys = counter('slipway_backfill_keys_total');
  const backfillRatio = gauge('slipway_backfill_progress_ratio');
  const olderPods = gauge('slipway_rollout_older_pods');
  const lastCheck = gauge('slipway_last_check_timestamp_seconds');
  const checks = counter('slipway_checks_total');
  const result = gauge('slipway_run_result');
  gauge('slipway_build_info').set({ version, release: release ?? '' }, 1);
  for (const outcome of OUTCOMES) result.set({ outcome }, 0);
  for (const each of STATES) {
    state.set({ state: each }, 0);
    checks.inc({ state: each }, 0);
  }
  ready.set(0);

  const timed = lastOf(MOST_REVISIONS, (labels) => duration.remove(labels));
  const filled = lastOf(MOST_REVISIONS, (labels) => backfillRatio.remove(labels));
  const tallies = new Map<string, Tally>();
  let left = 0;

  const finished = (outcome: string): void => {
    for (const each of OUTCOMES) result.set({ outcome: each }, each === outcome ? 1 : 0);
    if (outcome !== 'failed') ready.set(1);
  };
  const checked = (event: Extract<SlipwayEvent, { type: 'schema.checked' }>): void => {
    checks.inc({ state: event.state });
    for (const each of STATES) state.set({ state: each }, each === event.state ? 1 : 0);
    ready.set(event.state === 'ready' ? 1 : 0);
    // What nobody knows keeps the last value; how old that is, the timestamp says.
    if (event.heads === undefined) return;
    lastCheck.set(now() / 1000);
    pending.set(event.pending ?? 0);
    contracts.set(event.contracts ?? 0);
    const unknown = event.unknown ?? 0;
    ahead.set({ compatible: 'true' }, event.state === 'ready' ? unknown : 0);
    ahead.set({ compatible: 'false' }, event.state === 'ready' ? 0 : unknown);
  };
  /** Counts what came since the last event about the same backfill. */
  const counted = (key: string, { keys, rows }: Tally): void => {
    const before = tallies.get(key) ?? { keys, rows };
    backfillKeys.inc(Math.max(0, keys - before.keys));
    backfillRows.inc(Math.max(0, rows - before.rows));
    tallies.set(key, { keys, rows });
  };
  const ratio = (revision: string, table: string, value: number): void => {
    filled({ revision, table });
    backfillRatio.set({ revision, table }, Math.min(1, value));
  };
  const follow = (event: SlipwayEvent): void => {
    switch (event.type) {
      case 'lock.waiting':
      case 'lock.acquired':
        lockWait.set(event.waitedMs / 1000);
        break;
      case 'plan.ready':
        left = event.revisions.length;
        pending.set(left);
        break;
      case 'revision.applied':
      case 'revision.reverted': {
        const isApplied = event.type === 'revision.applied';
        (isApplied ? applied : reverted).inc();
        left = Math.max(0, left - 1);
        if (isApplied) pending.set(left);
        const direction = isApplied ? 'upgrade' : 'downgrade';
        timed({ revision: event.revision, direction });
        duration.set({ revision: event.revision, direction }, event.durationMs / 1000);
        break;
      }
      case 'revision.failed':
        failed.inc();
        break;
      case 'revision.retrying':
        retries.inc();
        break;
      case 'backfill.started':
        // Where it goes on from an earlier run, that one's rows are not known until the first progress.
        if (event.done === 0) tallies.set(placeOf(event), { keys: 0, rows: 0 });
        ratio(event.revision, event.table, event.total ? event.done / event.total : 0);
        break;
      case 'backfill.progress':
        counted(placeOf(event), { keys: event.done, rows: event.rows });
        if (event.percent !== undefined) ratio(event.revision, event.table, event.percent / 100);
        break;
      case 'backfill.finished':
        counted(placeOf(event), { keys: event.done, rows: event.rows });
        tallies.delete(placeOf(event));
        ratio(event.revision, event.table, 1);
        break;
      case 'rollout.waiting':
        olderPods.set(event.olderPods.length);
        break;
      case 'rollout.complete':
        olderPods.set(0);
        break;
      case 'run.finished':
        finished(event.outcome);
        break;
      case 'run.failed':
        finished('failed');
        break;
      case 'schema.checked':
        checked(event);
        break;
      default:
    }
  };
  return {
    report: follow,
    render: async () => ({ type: registry.contentType, text: await registry.metrics() }),
  };
}

/** What of a backfill is done, in earlier runs too. */
interface Tally {
  readonly keys: number;
  readonly rows: number;
}

function placeOf(event: { readonly revision: string; readonly location: string }): string {
  return `${event.revision} ${event.location}`;
}

type Labels = { readonly [name: string]: string };

/** Notes labels that are about to be set, and removes the oldest where there are too many. */
function lastOf(most: number, remove: (labels: Labels) => void): (labels: Labels) => void {
  const known = new Map<string, Labels>();
  return (labels) => {
    const key = JSON.stringify(labels);
    known.delete(key);
    known.set(key, labels);
    const [oldest] = known;
    if (known.size <= most || oldest === undefined) return;
    known.delete(oldest[0]);
    remove(oldest[1]);
  };
}
