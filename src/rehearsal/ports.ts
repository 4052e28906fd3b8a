/** What rehearsals need from the outside world. Types only. */

import type { Catalog } from '../core/catalog.ts';
import type { RunOutcome } from '../core/outcome.ts';
import type { RevisionId } from '../core/revision.ts';
import type { Release } from '../runner/ports.ts';

/** A server on which databases come and go. */
export interface ScratchServer {
  /** `PostgreSQL 18.4 (embedded)`. */
  readonly description: string;
  /** How many databases may be at work at the same time. */
  readonly jobs: number;
  /** A database in which nothing was done yet but what every database of the project is given. */
  empty(): Promise<ScratchDatabase>;
  /** A database with the content of `origin`, which must rest. */
  copyOf(origin: ScratchDatabase): Promise<ScratchDatabase>;
}

/** A database that belongs to a rehearsal. */
export interface ScratchDatabase {
  readonly name: string;
  /** Applies revisions with the real runner. @throws SlipwayError as `upgrade` */
  upgrade(release: Release, ids: readonly RevisionId[]): Promise<RunOutcome>;
  /** What `upgrade` without a target does for this release. @throws SlipwayError as `upgrade` */
  start(release: Release): Promise<RunOutcome>;
  /** Takes revisions back with the real runner. @throws SlipwayError as `downgrade` */
  downgrade(release: Release | undefined, ids: readonly RevisionId[]): Promise<RunOutcome>;
  catalog(): Promise<Catalog>;
  rows(): Promise<readonly TableRows[]>;
  /** Puts rows where there are none yet. */
  fill(): Promise<FillReport>;
  /** How often the audit log says that each revision was applied. */
  timesApplied(): Promise<ReadonlyMap<RevisionId, number>>;
  /** Ends the connections, so that it can be copied. */
  rest(): Promise<void>;
  drop(): Promise<void>;
}

/** What a table holds, to be compared with what it holds later. */
export interface TableRows {
  /** With its schema. */
  readonly table: string;
  readonly rows: number;
  /** By name. */
  readonly columns: ReadonlyMap<string, ColumnValues>;
  /** Digest of whole rows: tells values that changed places. */
  readonly digest: string;
}

/** The values of one column, whatever their order. */
export interface ColumnValues {
  /** How many are not null. */
  readonly present: number;
  readonly digest: string;
}

/** What became of an attempt to put rows into tables. */
export interface FillReport {
  /** Tables without a row, each with the reason. */
  readonly empty: readonly EmptyTable[];
  /** Statements of the user's own file that have not run so far, each with the last error. */
  readonly unused: readonly string[];
}

/** A table that stayed empty. */
export interface EmptyTable {
  readonly table: string;
  readonly reason: string;
}

/** Runs the program itself, as processes of their own. */
export interface Runners {
  /** Several at once on one database; how each ended. */
  together(db: ScratchDatabase, count: number): Promise<readonly RunnerEnd[]>;
  /** One to the end, counting what it sends to the server. */
  counted(db: ScratchDatabase, revision: RevisionId): Promise<CountedRun>;
  /**
   * One that is killed as it sends its statement number `at`, counted from 1. `passOn`: the statement
   * still reaches the server. Resolves when the process is gone.
   */
  killed(
    db: ScratchDatabase,
    revision: RevisionId,
    kill: { readonly at: number; readonly passOn: boolean },
  ): Promise<void>;
}

/** How a process ended. */
export interface RunnerEnd {
  readonly exitCode: number | null;
  /** The last thing that it complained about. */
  readonly complaint: string | undefined;
}

/** A run to the end. */
export interface CountedRun extends RunnerEnd {
  /** The beginnings of all that it sent, in order. */
  readonly statements: readonly string[];
}
