/** The rule about indexes of many columns. */

import { bodiesOf, bodyOf, relationWords, words } from '../../analysis/tree.ts';
import { indexName } from '../index-name.ts';
import type { Rule } from '../rule.ts';
import { placeOfName } from '../word-place.ts';

/** The most columns that an index is asked about without a word. */
const USUAL = 3;

/** `wide-index`. */
export const WIDE_INDEX: Rule = {
  id: 'wide-index',
  severity: 'info',
  title: 'an index of more than three columns that is not unique',
  why: `A btree index is searched from its first column on: once the first two or three have narrowed the rows down to a few, a further column saves next to nothing. It makes the index larger, and every write of one of these columns has to keep it up (no HOT update).`,
  instead: `Begin with the columns that narrow the rows down most, and leave out the rest. Columns that a query only reads go behind \`include\`. Unique indexes and those of other kinds (gin, gist, brin, bloom) are not meant.`,
  examples: [
    {
      bad: `-- slipway:revision r2
-- slipway:revises r1
-- slipway:transaction none
-- Find users

-- slipway:up
create index concurrently users_search on users (a, b, c, d);

-- slipway:down
drop index concurrently users_search;`,
      good: `-- slipway:revision r2
-- slipway:revises r1
-- slipway:transaction none
-- Find users

-- slipway:up
create index concurrently users_search on users (d, b);

-- slipway:down
drop index concurrently users_search;`,
    },
  ],
  covers: ['strong_migrations:add_index_columns'],
  statement(linted, { deparse }) {
    const { node, section } = linted;
    const index = bodyOf(node, 'IndexStmt');
    const keys = index?.indexParams ?? [];
    if (section !== 'up' || index === undefined || index.unique === true) return [];
    if (keys.length <= USUAL || index.accessMethod !== 'btree') return [];
    const columns = bodiesOf(keys, 'IndexElem');
    const [, , , fourth] = columns;
    return [
      {
        message: `index ${words([indexName(index)])} on ${relationWords(index.relation)} has ${keys.length} columns`,
        ...placeOfName(linted, fourth?.name),
        why: 'Columns behind the third seldom narrow the rows down further, and every write pays for them.',
        rewrite: `-- with the columns that narrow the rows down most
${deparse({ IndexStmt: { ...index, indexParams: keys.slice(0, 2) } })};`,
      },
    ];
  },
};
