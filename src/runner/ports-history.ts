/** What the runner needs of the history: version table, journal, audit log, soft drops. Types only. */

import type { AppliedRevision, Provenance, Summary } from '../core/applied.ts';
import type { Json } from '../core/errors.ts';
import type { Approved } from '../core/hazards.ts';
import type { Compatibility, Direction, Revision, RevisionId } from '../core/revision.ts';
import type { HiddenObject } from '../core/soft-drop.ts';

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
