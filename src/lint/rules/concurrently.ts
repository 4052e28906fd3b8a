/** Rules about `reindex`, `refresh` and `detach` without `concurrently`. */

import { isNew, isNewRelation } from '../../analysis/created.ts';
import { bodyOf, hasOption, relationWords, words } from '../../analysis/tree.ts';
import { findWords, insertBehind, outsideFix, withEdits } from '../edits.ts';
import { outsideTransaction } from '../rewrite.ts';
import type { Rule } from '../rule.ts';
import { existingTableCommands } from '../table-commands.ts';

const REINDEX_WORDS: Readonly<Record<string, string>> = {
  REINDEX_OBJECT_INDEX: 'index',
  REINDEX_OBJECT_TABLE: 'table',
  REINDEX_OBJECT_SCHEMA: 'schema',
  REINDEX_OBJECT_SYSTEM: 'system',
  REINDEX_OBJECT_DATABASE: 'database',
};

/** `reindex-not-concurrent`. */
export const REINDEX_NOT_CONCURRENT: Rule = {
  id: 'reindex-not-concurrent',
  severity: 'error',
  title: 'an index that is rebuilt while everybody waits',
  why: `\`reindex\` takes a share lock on the table and an access exclusive lock on each index it rebuilds, until it is done. Writes wait for the first; reads wait for the second as soon as they plan a query, since the planner looks at every index of the table.

\`reindex … concurrently\` builds a new index beside the old one and swaps them. It cannot run in a transaction, and takes longer. Indexes of the system catalogs cannot be rebuilt that way.`,
  examples: [
    {
      bad: 'reindex table orders;',
      good: `-- slipway:revision r2
-- slipway:revises r1
-- slipway:transaction none
-- Shrink the indexes of orders

-- slipway:up
reindex table concurrently orders;

-- slipway:down`,
    },
  ],
  covers: ['squawk:require-concurrent-reindex'],
  statement(linted, { created }) {
    const reindex = bodyOf(linted.node, 'ReindexStmt');
    if (reindex === undefined || hasOption(reindex.params, 'concurrently')) return [];
    const kind = REINDEX_WORDS[reindex.kind ?? ''] ?? 'table';
    const { relation } = reindex;
    if (relation !== undefined && isNewRelation(created, relation)) return [];
    if (kind === 'schema' && isNew(created, 'OBJECT_SCHEMA', [reindex.name ?? ''])) return [];
    const name = relation === undefined ? words([reindex.name ?? '']) : relationWords(relation);
    const problem = {
      message: `\`reindex ${kind}\` ${name} blocks reads and writes until it is done`,
      why: 'It holds a share lock on the table, for which writes wait, and an access exclusive lock on the index, for which reads wait as well.',
    };
    if (kind === 'system') return [problem];
    const edits = insertBehind(linted, [kind], ' concurrently');
    return [
      {
        ...problem,
        rewrite: outsideTransaction([withEdits(linted, edits)]),
        ...outsideFix(linted, edits),
      },
    ];
  },
};

/** `refresh-not-concurrent`. */
export const REFRESH_NOT_CONCURRENT: Rule = {
  id: 'refresh-not-concurrent',
  severity: 'warning',
  title: 'a materialized view that cannot be read while it is refreshed',
  why: `\`refresh materialized view\` takes an access exclusive lock on the view while its query runs: whoever reads the view waits that long.

\`refresh materialized view concurrently\` takes an exclusive lock, which lets reads through, and changes only the rows that differ. It needs a unique index over columns of the view, without a condition, and a view that was filled before; build that index with \`create unique index concurrently\`. It may run in a transaction.`,
  examples: [
    {
      bad: 'refresh materialized view daily_sales;',
      good: 'refresh materialized view concurrently daily_sales;',
    },
  ],
  covers: [],
  statement(linted, { created }) {
    const refresh = bodyOf(linted.node, 'RefreshMatViewStmt');
    if (refresh === undefined || refresh.concurrent === true || refresh.skipData === true)
      return [];
    if (isNewRelation(created, refresh.relation)) return [];
    const view = relationWords(refresh.relation);
    return [
      {
        message: `nobody can read ${view} while it is refreshed`,
        why: `It holds an access exclusive lock on ${view} while the view's query runs.`,
        rewrite: `-- needs a unique index of ${view}\n${withEdits(linted, insertBehind(linted, ['view'], ' concurrently'))};`,
      },
    ];
  },
};

/** `detach-not-concurrent`. */
export const DETACH_NOT_CONCURRENT: Rule = {
  id: 'detach-not-concurrent',
  severity: 'warning',
  title: 'a partition that is detached while everybody waits',
  why: `\`detach partition\` takes an access exclusive lock on the partitioned table. That is quick once it has the lock, but it waits for every query on any of the partitions, and all that come later wait behind it.

\`detach partition … concurrently\` takes a share update exclusive lock, which lets reads and writes through. It cannot run in a transaction, nor where the table has a default partition. When it is interrupted, slipway finishes it with \`finalize\`.`,
  examples: [
    {
      bad: 'alter table measurements detach partition measurements_2019;',
      good: `-- slipway:revision r2
-- slipway:revises r1
-- slipway:transaction none
-- slipway:compatible yes no release reads measurements of 2019
-- slipway:irreversible the partition is archived
-- Let go of 2019

-- slipway:up
alter table measurements detach partition measurements_2019 concurrently;`,
    },
  ],
  covers: ['squawk:require-concurrent-partition-detach'],
  statement(linted, context) {
    return existingTableCommands(linted, context).flatMap(({ command, table }) => {
      if (command.subtype !== 'AT_DetachPartition') return [];
      const detach = bodyOf(command.def, 'PartitionCmd');
      if (detach?.concurrent === true || isNewRelation(context.created, detach?.name)) return [];
      const partition = relationWords(detach?.name);
      const found = findWords(linted, ['detach', 'partition']);
      const end = linted.statement.offset + linted.statement.text.length;
      const edits = [{ offset: end, length: 0, text: ' concurrently' }];
      return [
        {
          message: `partition ${partition} is detached while everything on ${table} waits`,
          ...(found === undefined ? {} : { at: found.start }),
          why: `It waits for an access exclusive lock on ${table}: queries on any of its partitions that come later wait behind it.`,
          rewrite: outsideTransaction([withEdits(linted, edits)]),
          ...outsideFix(linted, edits),
        },
      ];
    });
  },
};
