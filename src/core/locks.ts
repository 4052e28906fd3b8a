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
  | 'tables of type'
  /** The table that the extended statistics of that name are about. */
  | 'table of statistics'
  /** The default partition of the table of that name, where it has one. */
  | 'default partition'
  /** The table that the table of that name is a partition of, where it is one. */
  | 'parent of partition';

/** Whom a lock of this mode makes wait, in words; undefined: only changes of the schema. */
export function whoWaits(mode: LockMode): string | undefined {
  if (blocksReads(mode)) return 'reads and writes';
  return blocksWrites(mode) ? 'writes' : undefined;
}

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

/** A relation as a statement leads to it. */
export type NamedRelation = Pick<RelationLock, 'schema' | 'name' | 'target'>;

/** The same for the same relation, in the same statement of the same search path. */
export function relationKey({ schema, name, target }: NamedRelation): string {
  return JSON.stringify([target, schema ?? null, name]);
}

/** A relation as people read it: `app.users`, `the table of index users_email`. */
export function namedRelation({ schema, name, target }: NamedRelation): string {
  const full = schema === undefined ? name : `${schema}.${name}`;
  switch (target) {
    case 'relation':
      return full;
    case 'table of index':
      return `the table of index ${full}`;
    case 'tables of view':
      return `the tables of view ${full}`;
    case 'tables of foreign keys':
      return `tables that share a foreign key with ${full}`;
    case 'tables of type':
      return `tables with columns of type ${full}`;
    case 'table of statistics':
      return `the table of statistics ${full}`;
    case 'default partition':
      return `the default partition of ${full}`;
    case 'parent of partition':
      return `the table that ${full} is a partition of`;
    default:
      return target satisfies never;
  }
}

/** The strongest lock of a statement on the relation, on a server of this major version. */
export function lockOn(
  locks: readonly RelationLock[],
  relation: NamedRelation,
  major: number,
): LockMode | undefined {
  const key = relationKey(relation);
  return locks
    .filter((lock) => relationKey(lock) === key && holdsOn(lock, major))
    .map(({ mode }) => mode)
    .sort(compareModes)
    .at(-1);
}
