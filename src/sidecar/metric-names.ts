/** The metrics that dashboards and alerts rely on: names, labels, meanings. Public API, in base units. */

/** A metric as Prometheus is told. */
export interface MetricEntry {
  readonly type: 'counter' | 'gauge';
  readonly labels: readonly string[];
  readonly help: string;
}

const gauge = (help: string, labels: readonly string[] = []): MetricEntry => ({
  type: 'gauge',
  labels,
  help,
});
const counter = (help: string, labels: readonly string[] = []): MetricEntry => ({
  type: 'counter',
  labels,
  help,
});

/** All of them, as docs/guides/sidecar.md lists them. */
export const METRICS = {
  slipway_build_info: gauge('Always 1; version of slipway and release that it runs for', [
    'version',
    'release',
  ]),
  slipway_schema_ready: gauge('1 while the database serves this release, else 0'),
  slipway_schema_state: gauge(
    '1 for what the last look at the database said: ready, behind, ahead, unreachable, refused',
    ['state'],
  ),
  slipway_schema_ahead: gauge(
    'Applied revisions that this release does not know, by whether it can serve with them',
    ['compatible'],
  ),
  slipway_revisions_pending: gauge('Revisions of this release that the database lacks'),
  slipway_contract_revisions_pending: gauge('Those of them that wait for the end of the rollout'),
  slipway_revisions_applied_total: counter('Revisions that this process applied'),
  slipway_revisions_reverted_total: counter('Revisions that this process took back'),
  slipway_revisions_failed_total: counter('Revisions that failed in this process'),
  slipway_revision_retries_total: counter(
    'Tries of revisions that were rolled back because a lock was not obtained in time',
  ),
  slipway_revision_duration_seconds: gauge(
    'Time that a revision took in this process; the last 100 revisions',
    ['revision', 'direction'],
  ),
  slipway_lock_wait_seconds: gauge('Time that the last run waited for the migration lock so far'),
  slipway_backfill_rows_total: counter('Rows that backfills changed in this process'),
  slipway_backfill_keys_total: counter('Keys that backfills of this process are done with'),
  slipway_backfill_progress_ratio: gauge(
    'Done share of a backfill that ran in this process, of the estimated number of keys, 0 to 1',
    ['revision', 'table'],
  ),
  slipway_rollout_older_pods: gauge('Pods of older ReplicaSets that the contract phase waits for'),
  slipway_last_check_timestamp_seconds: gauge('When the database last answered, in Unix time'),
  slipway_checks_total: counter('Looks at the database, by what they said', ['state']),
  slipway_run_result: gauge(
    '1 for how the last run ended: done, nothing-to-do, done-by-another, ahead, downgraded, failed',
    ['outcome'],
  ),
} as const satisfies { readonly [name: string]: MetricEntry };

export type MetricName = keyof typeof METRICS;
