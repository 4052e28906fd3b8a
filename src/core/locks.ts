/**
 * Lock modes of Postgres, and what a statement locks and works through.
 *
 * https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES
 */

/** Modes of a lock on a relation, the weakest first. */
export const LOCK_MODES = [
  'access share',
  'row share',
  'row exclusive',
  'share update exclusive',
  'share',
  'share row exclusive',
  'exclusive',
  'access exclusive',
] as const;

/** A mode of a lock on a relation. */
export type LockMode = (typeof LOCK_MODES)[number];

/** The modes that each mode conflicts with: table 13.2 of the manual. */
const CONFLICTS: { readonly [M in LockMode]: readonly LockMode[] } = {
  'access share': ['access exclusive'],
  'row share': ['exclusive', 'access exclusive'],
  'row exclusive': ['share', 'share row exclusive', 'exclusive', 'access exclusive'],
  'share update exclusive': [
    'share update exclusive',
    'share',
    'share row exclusive',
    'exclusive',
    'access exclusive',
  ],
  share: [
    'row exclusive',
    'share update exclusive',
    'share row exclusive',
    'exclusive',
    'access exclusive',
  ],
  'share row exclusive': [
    'row exclusive',
    'share update exclusive',
    'share',
    'share row exclusive',
    'exclusive',
    'access exclusive',
  ],
  exclusive: LOCK_MODES.slice(1),
  'access exclusive': LOCK_MODES,
};

/** Whether two sessions cannot hold these locks on the same relation. */
export function conflict(a: LockMode, b: LockMode): boolean {
  return CONFLICTS[a].includes(b);
}

/** Whether a plain `select` waits for a lock of this mode. */
export function blocksReads(mode: LockMode): boolean {
  return conflict(mode, 'access share');
}

/** Whether `insert`, `update` and `delete` wait for a lock of this mode. */
export function blocksWrites(mode: LockMode): boolean {
  return conflict(mode, 'row exclusive');
}

/** Compares modes: positive when `a` is stronger than `b`. */
export function compareModes(a: LockMode, b: LockMode): number {
  return LOCK_MODES.indexOf(a) - LOCK_MODES.indexOf(b);
}

/** Majors of Postgres for which something holds; without a bound: all that slipway supports. */
export interface VersionRange {
  /** The first major. */
  readonly since?: number;
  /** The first major for which it does not hold any more. */
  readonly before?: number;
}

/** Whether something holds on a server of this major version. */
export function holdsOn(range: VersionRange, major: number): boolean {
  return major >= (range.since ?? 0) && major < (range.before ?? Number.POSITIVE_INFINITY);
}

/** What a name in a statement stands for, where the statement locks a relation that it does not name. */
export type LockTarget =
  /** The relation of that name. */
  | 'relation'
  /** The table that the index of that name belongs to. */
  | 'table of index'
  /** The tables that the view of that name reads. */
  | 'tables of view'
  /** The tables that foreign keys of that table refer to, or whose foreign keys refer to it. */
  | 'tables of foreign keys'
  /** The tables whose columns have the type (or domain) of that name. */
  | 'tables of type';

/** A lock on a relation that a statement takes and holds until its transaction ends. */
export interface RelationLock extends VersionRange {
  /** Undefined when the statement names no schema: the search path decides. */
  readonly schema: string | undefined;
  readonly name: string;
  readonly target: LockTarget;
  readonly mode: LockMode;
  /** Created in this release: nobody else can be waiting for it. */
  readonly isNew: boolean;
}

/**
 * What a statement goes through row by row, while it holds its locks.
 * `rewrite`: a new copy of the table and of its indexes · `scan`: every row is read ·
 * `build index`: every row is read and sorted · `write rows`: rows are changed in place.
 */
export type WorkKind = 'rewrite' | 'scan' | 'build index' | 'write rows';

/** Work that grows with the size of a relation. */
export interface RelationWork extends VersionRange {
  readonly kind: WorkKind;
  readonly schema: string | undefined;
  readonly name: string;
  readonly target: LockTarget;
  /** Created in this release: it is as small as the release made it. */
  readonly isNew: boolean;
  /** Why, in words: `the new column has a volatile default`. */
  readonly reason: string;
}
