/** What the runner needs from the outside world. Types only. */

import type { AppliedRevision, Provenance, Summary } from '../core/applied.ts';
import type {
  BackfillCursor,
  BackfillPlace,
  BackfillTarget,
  BackfillWalk,
  CursorMove,
  KeyRange,
  ReplicaLag,
} from '../core/backfill.ts';
import type { Backup } from '../core/backup.ts';
import type { Json } from '../core/errors.ts';
import type { Reporter, SessionInfo } from '../core/events.ts';
import type { Graph } from '../core/graph.ts';
import type { Approved } from '../core/hazards.ts';
import type { LockMode, NamedRelation } from '../core/locks.ts';
import type { QueryResult, RevisionProgram } from '../core/program.ts';
import type { Progress } from '../core/progress.ts';
import type { ReleaseIdentity } from '../core/release.ts';
import type {
  Backfill,
  Compatibility,
  Direction,
  LostData,
  Postcondition,
  Revision,
  RevisionId,
  Script,
  Statement,
} from '../core/revision.ts';
import type { RolloutView, Standing } from '../core/rollout.ts';
import type { HiddenObject } from '../core/soft-drop.ts';

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
    | 'begin'
    | 'repair'
    | 'rollback'
    | 'backup';
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
      /** Its hazards that somebody approved, for the audit log. */
      readonly approved?: Approved | undefined;
    }
  | {
      readonly kind: 'reverted' | 'unstamped';
      readonly revision: RevisionId;
      readonly summary: SummaryChange;
      /** Its hazards that somebody approved, for the audit log. */
      readonly approved?: Approved | undefined;
    }
  | PurgeChange
  | RepairChange;

/** What a revision had hidden was dropped for good. */
export interface PurgeChange {
  readonly kind: 'purged';
  readonly revision: RevisionId;
  readonly hidden: HiddenObject;
  readonly summary: SummaryChange;
}

/** What an operator settles by hand, with the reason for the audit log. */
export type RepairChange =
  | {
      /** `settled`: its journal was written, which the journal's own entries say. */
      readonly kind: 'marked-applied' | 'marked-reverted' | 'settled';
      readonly revision: RevisionId;
      readonly summary: SummaryChange;
      readonly reason: string;
      /** What was settled, in words. */
      readonly about?: readonly string[];
    }
  | {
      readonly kind: 'accepted';
      /** As the file says it now. */
      readonly revision: Revision;
      readonly compatibility: Compatibility;
      readonly summary: SummaryChange;
      readonly reason: string | undefined;
      /** The checksum that it replaces, and whether the SQL of its upgrade is another one. */
      readonly about: readonly string[];
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
  /** Where each release left the database, as the audit log has it; the newest first. */
  releases(): Promise<readonly ReleaseMark[]>;
  /** The newest entries of the audit log, newest first; of one event only where it is named. */
  recentLog(limit: number, event?: AuditEntry['event']): Promise<readonly LoggedEntry[]>;
}

/** Where a release left the database when it last changed it. */
export interface ReleaseMark {
  readonly release: string | undefined;
  readonly image: string | undefined;
  readonly heads: readonly RevisionId[];
  /** ISO 8601, UTC. */
  readonly at: string;
}

/** What revisions have hidden instead of dropped (DESIGN §7.4). */
export interface SoftDrops {
  /**
   * In the order in which it was hidden, with what was purged since. Empty where the history schema
   * is older than soft drops; undefined where there is no database to ask.
   */
  list(): Promise<readonly HiddenObject[] | undefined>;
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

/** The tables that statements are about, as the database has them. Reads, and waits for nobody. */
export interface LiveTables {
  /** The server's major version; the newest where it is not known. */
  readonly major: number;
  /**
   * The relations that names stand for, with their sizes: none for a name that stands for nothing,
   * several for one that leads to several. Undefined where there is no database to ask.
   */
  relations(names: readonly NamedRelation[]): Promise<readonly LiveRelation[] | undefined>;
  /**
   * How many rows of a table, or values of a column, there are. Counts for a short while and
   * estimates otherwise; undefined where there is nothing to count.
   */
  count(data: LostData): Promise<Count | undefined>;
}

/** A count of rows, or of values that are not null. */
export interface Count {
  readonly rows: number;
  readonly isEstimate: boolean;
}

/** What the database is like right now, as far as it may be seen. */
export interface LiveDatabase extends LiveTables {
  /** Who holds or awaits locks on relations of these object ids, other than this session. */
  lockHolders(oids: readonly number[]): Promise<readonly LockHolder[]>;
  /** What long work would meet. */
  conditions(): Promise<LiveConditions>;
}

/** A relation that a name stands for. */
export interface LiveRelation extends NamedRelation {
  readonly oid: number;
  /** Its own name, with its schema. */
  readonly relation: string;
  /** `table`, `partitioned table`, `index`, `view`, … */
  readonly kind: string;
  /** Of its rows, those of its partitions too; without its indexes. */
  readonly bytes: number;
  readonly indexBytes: number;
  /** As the server estimates; undefined where it never counted. */
  readonly rows: number | undefined;
}

/** A lock of another session. */
export interface LockHolder {
  readonly oid: number;
  readonly mode: LockMode;
  readonly granted: boolean;
  readonly session: SessionInfo;
}

/** What long work would meet. */
export interface LiveConditions {
  /** As in `server_version_num`: 140003. */
  readonly version: number;
  readonly databaseBytes: number;
  /** The oldest open transaction of the database: concurrent index builds wait for it. */
  readonly oldestTransaction: SessionInfo | undefined;
  /** Undefined where it may not be seen. */
  readonly replicas: readonly { readonly name: string; readonly lagMs: number }[] | undefined;
  /** Free bytes of the data directory; undefined where it may not be seen. */
  readonly diskFreeBytes: number | undefined;
}

/** What is to be saved, as statements name it; the names are looked up when the backup is made. */
export interface BackupScope {
  readonly relations: readonly (NamedRelation & {
    /** Together with the tables whose foreign keys lead to it: what `truncate … cascade` empties. */
    readonly withReferring: boolean;
    /** A statement before it may have given the name to a table that has another one now. */
    readonly mayBeRenamed: boolean;
  })[];
  /** Objects that are dropped with all that depends on them, as `pg_get_object_address` wants them. */
  readonly objects: readonly Pick<
    Extract<Postcondition, { kind: 'object' }>,
    'type' | 'name' | 'args'
  >[];
  /** What is lost and has no name that could be looked up, in words: then it is the whole database. */
  readonly unknown: readonly string[];
}

/** Saves data before it is lost. */
export interface Backups {
  /** Finds out whether backups can be made here at all. @throws ConfigError */
  prepare(): Promise<void>;
  /**
   * Makes and verifies one. Undefined where there is nothing to save.
   * @throws RunError `SLIPWAY_BACKUP_FAILED`, LockError `SLIPWAY_OBJECT_LOCK_TIMEOUT`, Interrupted
   */
  make(request: BackupRequest): Promise<Backup | undefined>;
}

/** What a backup is to be of, and for whom. */
export interface BackupRequest {
  /** Undefined: the whole database. */
  readonly scope: BackupScope | undefined;
  /** The revisions that are about to run. */
  readonly revisions: readonly RevisionId[];
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
