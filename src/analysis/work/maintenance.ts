/** What creating indexes and looking after relations goes through. */

import { type Body, bodiesOf, hasOption, relationWords, words } from '../tree.ts';
import { type Done, relationOf, type Workers, work } from './done.ts';

/** Work of indexes, `vacuum`, `cluster` and `refresh`. */
export const maintenance: Workers = {
  IndexStmt: (s) => {
    const name = s.idxname === undefined ? 'an index' : `index ${words([s.idxname])}`;
    return work('build index', s.relation, `${name} is built`);
  },
  ReindexStmt: reindex,
  ClusterStmt: (s) =>
    work('rewrite', s.relation, `${relationWords(s.relation)} is copied in the order of an index`),
  VacuumStmt: (s) => {
    if (s.is_vacuumcmd !== true) return [];
    const isFull = hasOption(s.options, 'full');
    return bodiesOf(s.rels, 'VacuumRelation').flatMap(({ relation }) =>
      isFull
        ? work('rewrite', relation, `${relationWords(relation)} is copied without its dead rows`)
        : work('scan', relation, 'pages with dead rows are read and cleaned'),
    );
  },
  RefreshMatViewStmt: (s) => {
    if (s.skipData === true) return [];
    const name = relationWords(s.relation);
    return s.concurrent === true
      ? work('write rows', s.relation, `rows of ${name} that differ are written`)
      : work('rewrite', s.relation, `${name} is computed anew`);
  },
};

function reindex(s: Body<'ReindexStmt'>): readonly Done[] {
  if (s.relation === undefined) return [];
  const relation = relationOf(s.relation);
  const name = relationWords(s.relation);
  switch (s.kind) {
    case 'REINDEX_OBJECT_INDEX':
      return [
        {
          kind: 'build index',
          relation,
          target: 'table of index',
          reason: `index ${name} is built anew`,
        },
      ];
    case 'REINDEX_OBJECT_TABLE':
      return [{ kind: 'build index', relation, reason: `all indexes of ${name} are built anew` }];
    default:
      return [];
  }
}
