/** What the runner needs from the outside world. Types only. */

import type { AppliedRevision, Provenance, Summary } from '../core/applied.ts';
import type { Json } from '../core/errors.ts';
import type { Reporter, SessionInfo } from '../core/events.ts';
import type { Graph } from '../core/graph.ts';
import type { QueryResult, RevisionProgram } from '../core/program.ts';
import type { ReleaseIdentity } from '../core/release.ts';
import type {
  Compatibility,
  Direction,
  Postcondition,
  Revision,
  RevisionId,
  Script,
  Statement,
} from '../core/revision.ts';

/** Which section of a revision. */
export type SectionName = 'up' | 'verify' | 'down';

/** The revisions of this release: a folder of files, or a bundle. */
export interface Release {
  /** Cheap for a bundle, whatever the number of revisions. */
  identity(): Promise<ReleaseIdentity>;
  graph(): Promise<Graph<Revision>>;
  /** The section cut into statements; no statements when the revision has no such section. */
  script(revision: Revision, section: SectionName): Promise<Script>;
  /** The functions of a TypeScript revision; undefined for one in SQL. */
  program(revision: Revision): Promise<RevisionProgram | undefined>;
}

/** Something worth remembering in the audit log. */
export interface AuditEntry {
  readonly event:
    | 'upgrade'
    | 'downgrade'
    | 'stamp'
    | 'unstamp'
    | 'purge'
    | 'failure'
    | 'refusal'
    | 'interruption'
    | 'begin';
  readonly revision: RevisionId | undefined;
  readonly detail: { readonly [key: string]: Json | undefined };
}

/** A change to the record of what is applied, together with the summary that follows from it. */
export type RecordChange =
  | {
      readonly kind: 'begun';
      readonly direction: Direction;
      readonly revision: Revision;
      readonly compatibility: Compatibility;
      readonly summary: SummaryChange;
    }
  | {
      readonly kind: 'applied' | 'stamped';
      readonly revision: Revision;
      readonly compatibility: Compatibility;
      readonly summary: SummaryChange;
      readonly approvedBy?: string | undefined;
    }
  | {
      readonly kind: 'reverted' | 'unstamped';
      readonly revision: RevisionId;
      readonly summary: SummaryChange;
      /** How its data loss was approved, for the audit log. */
      readonly approvedBy?: string | undefined;
    };

/** The summary row before (as a guard against somebody else's change) and after. */
export interface SummaryChange {
  readonly before: string;
  readonly after: Summary;
}

/** One statement of a non-transactional revision in the journal. */
export interface JournalEntry {
  readonly ordinal: number;
  readonly direction: Direction;
  readonly digest: string;
  readonly state: 'started' | 'done' | 'failed' | 'skipped';
  /** ISO 8601, UTC. */
  readonly startedAt: string;
}

/** The version table and its companions. */
export interface AppliedRevisions {
  /** Undefined when the history schema does not exist yet. */
  summary(): Promise<Summary | undefined>;
  /** In the order in which they were applied. The history schema must exist: `summary` tells. */
  list(): Promise<readonly AppliedRevision[]>;
  /** The archived files of these revisions. */
  sources(ids: readonly RevisionId[]): Promise<ReadonlyMap<RevisionId, string>>;
  /** Creates or upgrades the history schema. To be called under the lock. */
  prepare(): Promise<void>;
  /** Appends to the audit log, in a transaction of its own, flushed to disk. */
  audit(entry: AuditEntry): Promise<void>;
  /** The newest entries of the audit log, newest first. */
  recentLog(limit: number): Promise<readonly LoggedEntry[]>;
}

/** A row of the audit log. */
export interface LoggedEntry {
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly event: string;
  readonly revision: RevisionId | undefined;
  readonly role: string;
  readonly provenance: Provenance;
  readonly detail: Json;
}

/** The journal of non-transactional revisions. */
export interface StatementJournal {
  read(revision: RevisionId): Promise<readonly JournalEntry[]>;
  write(revision: RevisionId, entry: Omit<JournalEntry, 'startedAt'>): Promise<void>;
}

/** The advisory lock that lets one runner at a time change the database. */
export interface MigrationLock {
  /**
   * `session`: held until released. `transaction`: behind a transaction pooler; it is taken inside
   * each transaction instead, and `tryAcquire` only says whether it is free.
   */
  readonly scope: 'session' | 'transaction';
  /** Whether it is ours already. */
  readonly held: boolean;
  tryAcquire(): Promise<boolean>;
  release(): Promise<void>;
  /** Resolves when a holder says that it has released the lock; one that dies says nothing. */
  released(): Promise<void>;
  /** Who has it, where that may be seen. */
  holder(): Promise<SessionInfo | undefined>;
}

/** Limits under which statements run. */
export interface StatementLimits {
  readonly lockTimeoutMs: number;
  /** 0: none. */
  readonly statementTimeoutMs: number;
}

export interface TransactionOptions extends StatementLimits {
  /** False: the commit may be lost in a server crash (whole, never half). */
  readonly durable: boolean;
  /** Digest of the applied set that the plan was made for; another one means the plan is stale. */
  readonly expectedDigest: string;
}

/** A transaction in which revisions run and are recorded. */
export interface RevisionTransaction {
  /** Runs statements in order. @throws DatabaseFailure with the statement */
  run(statements: readonly Statement[]): Promise<void>;
  /** Whether the query (one row, one boolean) says true. */
  ask(statement: Statement, query: string): Promise<boolean>;
  /** The values of a query's first column; for verify statements. */
  check(statement: Statement): Promise<readonly unknown[]>;
  /** Runs one statement with parameters, for a TypeScript revision. @throws DatabaseFailure */
  query(statement: Statement, values: readonly unknown[]): Promise<QueryResult<object>>;
  record(change: RecordChange): Promise<void>;
}

/** Runs SQL of revisions. */
export interface SqlRunner {
  /**
   * Begins, lets `work` run, commits. Rolls back when `work` throws. Resolves only after the server
   * acknowledged the commit.
   * @throws DatabaseFailure
   */
  transaction<T>(
    options: TransactionOptions,
    work: (tx: RevisionTransaction) => Promise<T>,
  ): Promise<T>;
  /** Runs one statement outside a transaction block. @throws DatabaseFailure */
  outside(statement: Statement, limits: StatementLimits): Promise<void>;
  /** Whether a query outside a transaction block (one row, one boolean) says true. */
  ask(statement: Statement, query: string, limits: StatementLimits): Promise<boolean>;
  /** Asks the catalog whether a statement's effect is there. */
  evidence(postcondition: Postcondition): Promise<Evidence>;
  /** Removes what an interrupted statement left behind, so that it can run again. */
  removeRemnant(postcondition: Postcondition, limits: StatementLimits): Promise<void>;
  /** Called with each thing that running statements report. */
  onNotice(listener: (notice: { severity: string; message: string }) => void): () => void;
  /** Called while a statement waits for other sessions. */
  onBlocked(listener: (blockers: readonly SessionInfo[]) => void): () => void;
}

/** What the catalog says about a statement's effect. */
export interface Evidence {
  /** `foreign`: something of that name is there, and it is not what the statement makes. */
  readonly verdict: 'done' | 'remnant' | 'absent' | 'foreign';
  /** The fact in words: `index users_email is not valid`. */
  readonly fact: string;
}

/** Time and chance, handed in so that runs can be tested. */
export interface Surroundings {
  readonly reporter: Reporter;
  /** Milliseconds since the epoch. */
  now(): number;
  /** In [0, 1). */
  random(): number;
  /** Resolves after `ms`, or rejects with `Interrupted` when `signal` is aborted. */
  sleep(ms: number): Promise<void>;
  /** Aborted when the process was told to stop. */
  readonly signal: AbortSignal;
}

/** An open database, ready to be migrated. */
export interface MigrationDatabase {
  readonly applied: AppliedRevisions;
  readonly journal: StatementJournal;
  readonly lock: MigrationLock;
  readonly sql: SqlRunner;
}
