/** Soft drops: what is hidden instead of dropped, under which names, and what is known of it (DESIGN §7.4). */

import type { RevisionId } from './revision.ts';

/** What every name that hides something begins with: nobody else's objects do. */
export const HIDDEN_PREFIX = '_slipway_dropped_';

/** A column or a table as a directive names it. */
export type HideableName = {
  /** Undefined when the directive names no schema: the search path decides. */
  readonly schema: string | undefined;
  readonly table: string;
} & (
  | { readonly kind: 'column'; readonly column: string }
  | { readonly kind: 'table'; readonly column?: undefined }
);

/** `soft-drop …` or `soft-restore …`: a directive that is a statement itself. */
export interface SoftDrop {
  readonly action: 'hide' | 'restore';
  readonly object: HideableName;
  /** What it belongs to: only the revision that hid something brings it back. */
  readonly revision: RevisionId;
}

/** Something that a revision has hidden, as the history schema remembers it. */
export interface HiddenObject {
  readonly id: number;
  readonly revision: RevisionId;
  readonly kind: HideableName['kind'];
  readonly schema: string;
  readonly table: string;
  /** Undefined for a table. */
  readonly column: string | undefined;
  /** What it is called while it is hidden. */
  readonly hiddenName: string;
  /** ISO 8601, UTC. */
  readonly hiddenAt: string;
  /** For how long it has been hidden, by the server's clock. */
  readonly ageMs: number;
  /** When it was dropped for good; undefined: it can come back. */
  readonly purgedAt: string | undefined;
  /** Where it is now: the table itself, or that of the column. Undefined when somebody dropped it. */
  readonly place: { readonly schema: string; readonly table: string } | undefined;
  /** Of the table, as the server estimates; undefined where it never counted. */
  readonly rows: number | undefined;
  /** Of a table with its indexes; of a column as its statistics estimate. Undefined: not known. */
  readonly bytes: number | undefined;
}

/** `column app.users.phone`, `table audit`. */
export function hideableWords({ kind, schema, table, column }: HideableName): string {
  const parts = [schema, table, column].filter((part) => part !== undefined);
  return `${kind} ${parts.map(nameWords).join('.')}`;
}

/** The same for what is hidden. */
export function hiddenWords(hidden: HiddenObject): string {
  return hideableWords(nameOfHidden(hidden));
}

/** Its own name, with its schema. */
export function nameOfHidden({ schema, table, column }: HiddenObject): HideableName {
  return column === undefined
    ? { kind: 'table', schema, table }
    : { kind: 'column', schema, table, column };
}

/** Whether `name` means `hidden`: a name without a schema means any. */
export function isNamed(hidden: HiddenObject, name: HideableName): boolean {
  return (
    hidden.kind === name.kind &&
    hidden.table === name.table &&
    hidden.column === name.column &&
    (name.schema === undefined || hidden.schema === name.schema)
  );
}

function nameWords(part: string): string {
  return /^[\p{L}\p{N}_$]+$/u.test(part) ? part : JSON.stringify(part);
}
