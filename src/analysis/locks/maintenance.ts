/** What `lock table`, `vacuum`, `cluster`, `reindex` and `refresh` lock. */

import { LOCK_MODES } from '../../core/locks.ts';
import { type Body, bodiesOf, hasOption } from '../tree.ts';
import { type Lockers, lock, lockBehind, type Taken } from './taken.ts';

/** Locks of statements that look after relations. */
export const maintenance: Lockers = {
  LockStmt: (s) => {
    // The parser numbers the modes from 1.
    const mode = LOCK_MODES[(s.mode ?? LOCK_MODES.length) - 1] ?? 'access exclusive';
    return bodiesOf(s.relations, 'RangeVar').flatMap((each) => lock(mode, each));
  },
  VacuumStmt: (s) => {
    const isFull = hasOption(s.options, 'full');
    return bodiesOf(s.rels, 'VacuumRelation').flatMap(({ relation }) =>
      lock(isFull ? 'access exclusive' : 'share update exclusive', relation),
    );
  },
  ClusterStmt: (s) => lock('access exclusive', s.relation),
  ReindexStmt: reindex,
  RefreshMatViewStmt: (s) => [
    ...lock(s.concurrent === true ? 'exclusive' : 'access exclusive', s.relation),
    ...(s.skipData === true ? [] : lockBehind('access share', 'tables of view', s.relation)),
  ],
};

function reindex(s: Body<'ReindexStmt'>): Taken[] {
  const isConcurrent = hasOption(s.params, 'concurrently');
  const mode = isConcurrent ? 'share update exclusive' : 'share';
  switch (s.kind) {
    case 'REINDEX_OBJECT_INDEX':
      return [
        ...lockBehind(mode, 'table of index', s.relation),
        ...lock(isConcurrent ? mode : 'access exclusive', s.relation),
      ];
    case 'REINDEX_OBJECT_TABLE':
      return lock(mode, s.relation);
    default:
      return [];
  }
}
