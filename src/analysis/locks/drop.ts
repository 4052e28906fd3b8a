/** What `drop …` and `truncate` lock. */

import { type Body, bodiesOf, type Node, nameOf } from '../tree.ts';
import { type Lockers, lock, lockBehind, type Taken } from './taken.ts';

/** Locks of `drop …` and `truncate`. */
export const drop: Lockers = {
  DropStmt: (s) => (s.objects ?? []).flatMap((object) => dropped(s, object)),
  TruncateStmt: (s) =>
    bodiesOf(s.relations, 'RangeVar').flatMap((table) => [
      ...lock('access exclusive', table),
      ...(s.behavior === 'DROP_CASCADE'
        ? lockBehind('access exclusive', 'tables of foreign keys', table)
        : []),
    ]),
};

function dropped(s: Body<'DropStmt'>, object: Node): Taken[] {
  const name = nameOf(object);
  const cascades = s.behavior === 'DROP_CASCADE';
  switch (s.removeType) {
    case 'OBJECT_TABLE':
    case 'OBJECT_FOREIGN_TABLE':
      return [
        ...lock('access exclusive', name),
        ...lockBehind('access exclusive', 'parent of partition', name),
        ...lockBehind('access exclusive', 'tables of foreign keys', name),
      ];
    case 'OBJECT_INDEX': {
      const mode = s.concurrent === true ? 'share update exclusive' : 'access exclusive';
      return [...lockBehind(mode, 'table of index', name), ...lock(mode, name)];
    }
    case 'OBJECT_VIEW':
    case 'OBJECT_MATVIEW':
    case 'OBJECT_SEQUENCE':
      return lock('access exclusive', name);
    case 'OBJECT_TRIGGER':
    case 'OBJECT_RULE':
    case 'OBJECT_POLICY':
      return lock('access exclusive', name.slice(0, -1));
    case 'OBJECT_STATISTIC_EXT':
      return lockBehind('share update exclusive', 'table of statistics', name);
    case 'OBJECT_TYPE':
    case 'OBJECT_DOMAIN':
      return cascades ? lockBehind('access exclusive', 'tables of type', name) : [];
    default:
      return [];
  }
}
