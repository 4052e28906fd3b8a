/** What happens in a run, as facts. Reporters turn them into logs, messages and Kubernetes signals. */

import type { Backup } from './backup.ts';
import type { ErrorCode, ExitCode, SlipwayError } from './errors.ts';
import type { FailedTarget, FleetCounts, FleetStop } from './fleet.ts';
import type { HazardClass } from './hazards.ts';
import type { RunOutcome } from './outcome.ts';
import type { Progress } from './progress.ts';
import type { Direction, RevisionId } from './revision.ts';
import type { SchemaCheck } from './schema-check.ts';

/** Who holds or blocks a lock, as `pg_stat_activity` knows it. */
export interface SessionInfo {
  readonly pid: number;
  readonly application: string;
  /** `namespace/pod` when the application name says so. */
  readonly pod: string | undefined;
  readonly user: string | undefined;
  readonly client: string | undefined;
  /** `active`, `idle in transaction`, …; undefined when it may not be seen. */
  readonly state: string | undefined;
  /** Milliseconds since the session (lock holders) or its transaction (blockers) began. */
  readonly ageMs: number | undefined;
  /** Its current or last statement, cut to one line. */
  readonly query: string | undefined;
  /** How far that statement has come, in words, where the server says. */
  readonly progress?: string | undefined;
}

export type SlipwayEvent =
  | {
      readonly type: 'run.started';
      readonly command: string;
      readonly database: string;
      readonly server: string;
      readonly user: string;
      readonly serverVersion: string;
    }
  | {
      readonly type: 'connection.retrying';
      readonly attempt: number;
      readonly server: string;
      readonly cause: string;
      readonly delayMs: number;
      readonly remainingMs: number;
    }
  | { readonly type: 'pooler.detected'; readonly handling: 'direct-url' | 'transaction-locks' }
  | {
      readonly type: 'lock.waiting';
      readonly holder: SessionInfo | undefined;
      readonly waitedMs: number;
      readonly limitMs: number;
      /** Revisions applied so far by the holder, of those this run would apply. */
      readonly done: number;
      readonly total: number;
    }
  | {
      readonly type: 'schema.waiting';
      readonly pending: number;
      readonly holder: SessionInfo | undefined;
      readonly waitedMs: number;
      readonly limitMs: number;
    }
  | { readonly type: 'lock.acquired'; readonly waitedMs: number }
  | { readonly type: 'history.created'; readonly schema: string; readonly format: number }
  | {
      readonly type: 'history.upgraded';
      readonly schema: string;
      readonly from: number;
      readonly to: number;
    }
  | {
      readonly type: 'plan.ready';
      readonly direction: Direction;
      readonly revisions: readonly { readonly id: RevisionId; readonly description: string }[];
      readonly applied: number;
    }
  | {
      readonly type: 'hazard.found';
      readonly revision: RevisionId;
      readonly class: HazardClass;
      readonly hazard: string;
      readonly location: string;
      readonly approvedBy: 'header' | 'environment' | 'flag' | undefined;
      readonly reason: string | undefined;
    }
  | {
      readonly type: 'revision.started';
      readonly revision: RevisionId;
      readonly direction: Direction;
      readonly description: string;
      readonly index: number;
      readonly total: number;
    }
  | {
      readonly type: 'statement.started';
      readonly revision: RevisionId;
      readonly command: string;
      readonly location: string;
    }
  | {
      readonly type: 'statement.skipped';
      readonly revision: RevisionId;
      readonly location: string;
      readonly why: 'only-if' | 'already-done';
      readonly evidence: string;
    }
  | {
      /** A statement that an earlier run had begun goes on, after a look at what that left. */
      readonly type: 'statement.resumed';
      readonly revision: RevisionId;
      readonly location: string;
      readonly evidence: string;
    }
  | {
      readonly type: 'statement.notice';
      readonly revision: RevisionId;
      readonly severity: string;
      readonly message: string;
    }
  | ({
      readonly type: 'statement.progress';
      readonly revision: RevisionId;
      readonly command: string;
      readonly location: string;
      readonly elapsedMs: number;
      /** Those that it waits for, while it does. */
      readonly waitingFor: readonly SessionInfo[];
    } & Progress)
  | {
      readonly type: 'backfill.started';
      readonly revision: RevisionId;
      readonly location: string;
      readonly table: string;
      readonly key: string;
      /** Keys per batch. */
      readonly batch: number;
      /** Keys that an earlier run was done with; 0 where it starts from the first key. */
      readonly done: number;
      /** Keys in the table as its statistics estimate; undefined where it has none. */
      readonly total: number | undefined;
    }
  | {
      readonly type: 'backfill.progress';
      readonly revision: RevisionId;
      readonly location: string;
      readonly table: string;
      /** Keys done, those of earlier runs too. */
      readonly done: number;
      readonly total: number | undefined;
      /** Rows that the statement changed, in earlier runs too. */
      readonly rows: number;
      /** Of the estimate; undefined where there is none. */
      readonly percent: number | undefined;
      readonly keysPerSecond: number;
      readonly elapsedMs: number;
      readonly remainingMs: number | undefined;
      readonly batch: number;
      /** What slows it down on purpose, in words: `replica db-2 is 14 s behind`. */
      readonly throttledBy: string | undefined;
    }
  | {
      readonly type: 'backfill.finished';
      readonly revision: RevisionId;
      readonly location: string;
      readonly table: string;
      /** Keys, rows and batches, those of earlier runs too. */
      readonly done: number;
      readonly rows: number;
      readonly batches: number;
      /** Of this run. */
      readonly elapsedMs: number;
    }
  | {
      readonly type: 'blocked.waiting';
      readonly revision: RevisionId;
      readonly location: string;
      readonly blockers: readonly SessionInfo[];
    }
  | {
      readonly type: 'revision.retrying';
      readonly revision: RevisionId;
      readonly attempt: number;
      readonly limit: number;
      readonly cause: string;
      readonly delayMs: number;
      readonly blockers: readonly SessionInfo[];
    }
  | {
      readonly type: 'revision.applied' | 'revision.reverted';
      readonly revision: RevisionId;
      readonly description: string;
      readonly durationMs: number;
      readonly statements: number;
      readonly index: number;
      readonly total: number;
    }
  | {
      readonly type: 'revision.stamped';
      readonly revision: RevisionId;
      readonly description: string;
      readonly direction: Direction;
    }
  | {
      /** An operator has settled something by hand. */
      readonly type: 'revision.repaired';
      readonly revision: RevisionId;
      readonly message: string;
    }
  | {
      /** A revision, or a check of all of them, was tried in scratch databases. */
      readonly type: 'revision.rehearsed';
      /** Its id, or the name of the check. */
      readonly revision: string;
      readonly description: string;
      readonly verdict: 'passed' | 'failed' | 'skipped';
      readonly message: string | undefined;
      readonly durationMs: number;
      readonly index: number;
      readonly total: number;
    }
  | {
      /** What a revision had hidden was dropped for good. */
      readonly type: 'object.purged';
      readonly revision: RevisionId;
      /** `column app.users.phone`. */
      readonly object: string;
      readonly hiddenAt: string;
      readonly rows: number | undefined;
      readonly bytes: number | undefined;
    }
  | {
      readonly type: 'revision.failed';
      readonly revision: RevisionId;
      readonly direction: Direction;
      readonly code: string;
      readonly message: string;
    }
  | {
      readonly type: 'schema.ahead';
      readonly policy: 'compatible' | 'ignored';
      readonly unknown: readonly RevisionId[];
      readonly heads: readonly RevisionId[];
    }
  | {
      readonly type: 'backup.started';
      /** The tables in it; undefined where it is the whole database. */
      readonly tables: readonly string[] | undefined;
      /** Why it is the whole database although less was asked for. */
      readonly why: string | undefined;
      readonly name: string;
      /** The folder, or that a command takes it. */
      readonly to: string;
      /** Revisions that wait for it; none for a backup of its own. */
      readonly revisions: readonly RevisionId[];
    }
  | {
      readonly type: 'backup.progress';
      readonly name: string;
      readonly bytes: number;
      readonly bytesPerSecond: number;
      readonly elapsedMs: number;
    }
  | ({ readonly type: 'backup.finished' } & Backup)
  | {
      /** `onAhead=downgrade`: this pod is a rollback's, and takes back what its release does not know. */
      readonly type: 'schema.downgrading';
      readonly unknown: readonly RevisionId[];
      readonly heads: readonly RevisionId[];
      /** `namespace/name`. */
      readonly deployment: string;
      readonly replicaSet: string;
      /** The Deployment's revision. */
      readonly rollout: string;
    }
  | {
      readonly type: 'schema.downgraded';
      readonly from: readonly RevisionId[];
      readonly to: readonly RevisionId[];
      readonly revisions: readonly RevisionId[];
    }
  | {
      /** `--wait-rollout`: the contract phase waits for older pods to go. */
      readonly type: 'rollout.waiting';
      /** `namespace/name`. */
      readonly deployment: string;
      /** What the rollout waits for, in words; undefined where only older pods are left. */
      readonly reason: string | undefined;
      readonly olderPods: readonly string[];
      readonly waitedMs: number;
      /** Undefined where it waits as long as it takes. */
      readonly limitMs: number | undefined;
    }
  | {
      readonly type: 'rollout.complete';
      readonly deployment: string;
      /** The Deployment's revision. */
      readonly rollout: string;
      readonly waitedMs: number;
    }
  | {
      readonly type: 'fleet.started';
      readonly command: string;
      /** Targets of this run, without those passed over. */
      readonly targets: number;
      readonly skipped: number;
      readonly concurrency: number;
      readonly canary: number;
      /** `2/8`; undefined where the fleet is not cut. */
      readonly shard: string | undefined;
    }
  | {
      readonly type: 'fleet.progress';
      /** Targets that have ended, those that failed included. */
      readonly done: number;
      readonly failed: number;
      readonly total: number;
      readonly elapsedMs: number;
      readonly remainingMs: number;
      readonly firstFailure?: FailedTarget;
    }
  | ({
      readonly type: 'fleet.finished';
      readonly command: string;
      readonly stopped: FleetStop | undefined;
      readonly exitCode: ExitCode;
      readonly durationMs: number;
      readonly firstFailure?: FailedTarget;
      /** Names of targets that failed, the first of them. */
      readonly failedTargets: readonly string[];
    } & FleetCounts)
  | {
      /** `serve` answers probes and metrics there. */
      readonly type: 'sidecar.listening';
      readonly address: string;
      readonly port: number;
    }
  | ({
      /** `serve` looked whether the database serves this release. */
      readonly type: 'schema.checked';
      /** Another answer than the last time. */
      readonly isNews: boolean;
    } & SchemaCheck)
  | {
      /** `--contract after-rollout`: the contract phase does not run, or not to its end. */
      readonly type: 'contract.postponed';
      readonly code: ErrorCode | undefined;
      readonly reason: string;
      readonly retryMs: number;
    }
  | { readonly type: 'sidecar.stopped'; readonly signal: string; readonly servedMs: number }
  | { readonly type: 'warning' | 'trouble'; readonly message: string }
  | { readonly type: 'run.interrupting'; readonly signal: string }
  | { readonly type: 'command.starting'; readonly command: string }
  | {
      readonly type: 'run.finished';
      readonly command: string;
      readonly outcome: RunOutcome['outcome'];
      readonly heads: readonly RevisionId[];
      readonly applied: number;
      readonly durationMs: number;
      /** Where the backups are that it made. */
      readonly backups?: readonly string[];
    }
  | {
      readonly type: 'run.failed';
      readonly command: string;
      readonly error: SlipwayError;
      readonly durationMs: number;
    };

export type EventType = SlipwayEvent['type'];

/** Receives every event of a run, in order. Must not throw. */
export interface Reporter {
  report(event: SlipwayEvent): void;
}
