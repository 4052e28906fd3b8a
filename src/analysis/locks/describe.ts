/** What comments, security labels and privileges lock. */

import type { LockMode } from '../../core/locks.ts';
import { type Node, nameOf } from '../tree.ts';
import { type Lockers, lock, on, type Taken } from './taken.ts';

/** Locks of statements that only say something about an object. */
export const describe: Lockers = {
  CommentStmt: (s) => described('share update exclusive', s.objtype, s.object),
  // Before, a privilege was changed without a look at what it is for.
  GrantStmt: (s) =>
    s.targtype === 'ACL_TARGET_OBJECT' && ON_RELATIONS.has(s.objtype ?? '')
      ? on(
          { since: 18 },
          (s.objects ?? []).flatMap((object) => lock('access share', nameOf(object))),
        )
      : [],
  SecLabelStmt: (s) => described('share update exclusive', s.objtype, s.object),
};

const ON_RELATIONS = new Set(['OBJECT_TABLE', 'OBJECT_SEQUENCE']);

function described(mode: LockMode, kind: string | undefined, object: Node | undefined): Taken[] {
  const name = nameOf(object);
  switch (kind) {
    case 'OBJECT_TABLE':
    case 'OBJECT_FOREIGN_TABLE':
    case 'OBJECT_VIEW':
    case 'OBJECT_MATVIEW':
    case 'OBJECT_SEQUENCE':
    case 'OBJECT_INDEX':
      return lock(mode, name);
    case 'OBJECT_COLUMN':
      return lock(mode, name.slice(0, -1));
    case 'OBJECT_TABCONSTRAINT':
    case 'OBJECT_TRIGGER':
    case 'OBJECT_RULE':
    case 'OBJECT_POLICY':
      return lock('access share', name.slice(0, -1));
    default:
      return [];
  }
}
