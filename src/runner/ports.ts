/** What the runner needs from the outside world. Types only. */

import type {
  BackfillCursor,
  BackfillPlace,
  BackfillTarget,
  BackfillWalk,
  CursorMove,
  KeyRange,
  ReplicaLag,
} from '../core/backfill.ts';
import type { Reporter, SessionInfo } from '../core/events.ts';
import type { Graph } from '../core/graph.ts';
import type { QueryResult, RevisionProgram } from '../core/program.ts';
import type { Progress } from '../core/progress.ts';
import type { ReleaseIdentity } from '../core/release.ts';
import type {
  Backfill,
  Postcondition,
  Revision,
  RevisionId,
  Script,
  Statement,
} from '../core/revision.ts';
import type { RolloutView, Standing } from '../core/rollout.ts';
import type {
  AppliedRevisions,
  JournalEntry,
  RecordChange,
  SoftDrops,
  StatementJournal,
} from './ports-history.ts';
import type { LiveTables } from './ports-live.ts';

export type * from './ports-history.ts';
export type * from './ports-live.ts';

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
  /** Writes into the journal, so that a statement of this transaction and its entry are one. */
  journal(revision: RevisionId, entry: Omit<JournalEntry, 'startedAt'>): Promise<void>;
  /** Moves a backfill on, in the transaction that did the batch. */
  moveCursor(place: BackfillPlace, move: CursorMove): Promise<void>;
}

/** What backfills need beside transactions. */
export interface Backfills {
  /** Looks at table and key. @throws DatabaseFailure */
  inspect(backfill: Backfill, limits: StatementLimits): Promise<BackfillTarget>;
  /** Undefined where none was begun. */
  cursor(place: BackfillPlace): Promise<BackfillCursor | undefined>;
  /** Begins at the first key, also where a cursor is there. */
  begin(place: BackfillPlace, digest: string): Promise<void>;
  /** The next `limit` keys behind `after`; undefined at the end. @throws DatabaseFailure */
  next(walk: BackfillWalk, limits: StatementLimits): Promise<KeyRange | undefined>;
  /** How far the slowest replica is behind; undefined where that may not be seen. */
  replicaLag(): Promise<ReplicaLag | undefined>;
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
  readonly backfills: Backfills;
  /** Asks the catalog whether a statement's effect is there. @throws DatabaseFailure */
  evidence(postcondition: Postcondition, limits: StatementLimits): Promise<Evidence>;
  /** Removes or finishes what an interrupted statement left behind, so that it can go on. */
  removeRemnant(postcondition: Postcondition, limits: StatementLimits): Promise<void>;
  /** Called with each thing that running statements report. */
  onNotice(listener: (notice: { severity: string; message: string }) => void): () => void;
  /** Called while a statement waits for other sessions. */
  onBlocked(listener: (blockers: readonly SessionInfo[]) => void): () => void;
  /** Called now and then while a statement runs for long. */
  onProgress(listener: (progress: StatementProgress) => void): () => void;
}

/** How far the statement has come that runs. */
export interface StatementProgress extends Progress {
  readonly statement: Statement;
  readonly elapsedMs: number;
  /** Those that it waits for, while it does. */
  readonly waitingFor: readonly SessionInfo[];
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

/** What the cluster says about a Deployment's rollout. Answers `unknown` and why, never throws. */
export interface Rollout {
  /** Where this pod's ReplicaSet stands among those of its Deployment. */
  standing(): Promise<Standing>;
  /** How far the Deployment is that was named, or else the one that this pod belongs to. */
  look(): Promise<RolloutView>;
}

/** An open database, ready to be migrated. */
export interface MigrationDatabase {
  readonly applied: AppliedRevisions;
  readonly journal: StatementJournal;
  readonly lock: MigrationLock;
  readonly sql: SqlRunner;
  readonly live: LiveTables;
  readonly softDrops: SoftDrops;
  /**
   * The same database over a new connection, after the one beneath was lost. The server session
   * that was lost is ended there, in case it has not noticed.
   * @throws ConnectionError, Interrupted
   */
  reopen(): Promise<MigrationDatabase>;
}
