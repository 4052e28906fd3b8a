/** A backfill under way: what it walks, where it is, which keys come next. */

import type { Backfill, Direction, RevisionId } from './revision.ts';

/** Which statement of which revision a cursor belongs to: one that the journal has as started. */
export interface BackfillPlace {
  readonly revision: RevisionId;
  readonly direction: Direction;
  readonly ordinal: number;
}

/** How far a backfill has come. Keys are text, in a form that the server reads back unchanged. */
export interface BackfillCursor {
  /** Of the statement that came this far. */
  readonly digest: string;
  /** The last key that is done; undefined before the first batch. */
  readonly key: string | undefined;
  readonly keys: number;
  readonly rows: number;
  readonly batches: number;
}

/** One batch more. */
export interface CursorMove {
  /** The cursor before, as a guard against a second runner. */
  readonly from: string | undefined;
  readonly to: string;
  readonly keys: number;
  readonly rows: number;
}

/** What a backfill walks, or why it cannot. */
export type BackfillTarget =
  | {
      readonly kind: 'walkable';
      /** The key's type, as SQL writes it. */
      readonly keyType: string;
      /** Rows of the table as its statistics estimate; undefined where it has none. */
      readonly estimate: number | undefined;
    }
  | { readonly kind: 'unfit'; readonly problem: string; readonly hint: string };

/** The next keys: both ends belong to the batch. */
export interface KeyRange {
  readonly from: string;
  readonly to: string;
  readonly keys: number;
}

/** Where to look for the next keys. */
export interface BackfillWalk {
  readonly backfill: Backfill;
  readonly keyType: string;
  /** Undefined: from the first key on. */
  readonly after: string | undefined;
  readonly limit: number;
}

/** The replica that is farthest behind. */
export interface ReplicaLag {
  readonly lagMs: number;
  /** Its `application_name`; undefined where there is no replica. */
  readonly replica: string | undefined;
}
