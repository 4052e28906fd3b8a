import type { Backup } from '../core/backup.ts';
import type { SessionInfo } from '../core/events.ts';
import type { LockMode, NamedRelation } from '../core/locks.ts';
import type { LostData, Postcondition, RevisionId } from '../core/revision.ts';

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
