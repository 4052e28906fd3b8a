/** How the modules of this folder say which locks a statement takes. */

import type { LockMode, LockTarget, VersionRange } from '../../core/locks.ts';
import type { RelationName } from '../../core/revision.ts';
import type { Body, Tag } from '../tree.ts';

/** A lock that a statement takes. */
export interface Taken extends VersionRange {
  readonly relation: RelationName;
  /** Without it the relation of that name. */
  readonly target?: LockTarget;
  readonly mode: LockMode;
}

/** What the statements of some kinds lock, by their tag. */
export type Lockers = {
  readonly [T in Tag]?: (statement: Body<T>) => readonly Taken[];
};

/** A relation as the parser has it, or none. */
export type Named = Body<'RangeVar'> | readonly string[] | undefined;

/** A lock on the relation of that name. */
export function lock(mode: LockMode, relation: Named): Taken[] {
  return lockBehind(mode, 'relation', relation);
}

/** A lock on what the name leads to. */
export function lockBehind(mode: LockMode, target: LockTarget, named: Named): Taken[] {
  const relation = relationOf(named);
  return relation === undefined ? [] : [{ relation, target, mode }];
}

/** The locks for some majors only. */
export function on(range: VersionRange, locks: readonly Taken[]): Taken[] {
  return locks.map((each) => ({ ...each, ...range }));
}

function relationOf(named: Named): RelationName | undefined {
  if (named === undefined) return undefined;
  if (isList(named)) {
    const name = named.at(-1);
    return name === undefined ? undefined : { schema: named.at(-2), name };
  }
  return { schema: named.schemaname, name: named.relname ?? '' };
}

function isList(named: NonNullable<Named>): named is readonly string[] {
  return Array.isArray(named);
}
