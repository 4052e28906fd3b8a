/** How the modules of this folder say what a statement goes through. */

import type { LockTarget, VersionRange, WorkKind } from '../../core/locks.ts';
import type { RelationName } from '../../core/revision.ts';
import type { KnownSchema } from '../known.ts';
import type { Body, Tag } from '../tree.ts';

/** Work of a statement. */
export interface Done extends VersionRange {
  readonly kind: WorkKind;
  readonly relation: RelationName;
  /** Without it the relation of that name. */
  readonly target?: LockTarget;
  /** The statement creates the relation itself. */
  readonly isOwn?: boolean;
  readonly reason: string;
}

/** What the statements of some kinds go through, by their tag. */
export type Workers = {
  readonly [T in Tag]?: (statement: Body<T>, known?: KnownSchema) => readonly Done[];
};

/** Work on the relation as the parser has it. */
export function work(
  kind: WorkKind,
  relation: Body<'RangeVar'> | undefined,
  reason: string,
): Done[] {
  return relation === undefined ? [] : [{ kind, relation: relationOf(relation), reason }];
}

/** A relation as the parser has it. */
export function relationOf({ schemaname, relname }: Body<'RangeVar'>): RelationName {
  return { schema: schemaname, name: relname ?? '' };
}

/** A name's parts as a relation. */
export function relationNamed(parts: readonly string[]): RelationName {
  return { schema: parts.at(-2), name: parts.at(-1) ?? '' };
}
