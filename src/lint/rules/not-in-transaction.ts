/** The rule about statements that Postgres refuses inside a transaction. */

import { needsNoTransaction, transactionNone } from '../edits.ts';
import { outsideTransaction } from '../rewrite.ts';
import type { Rule } from '../rule.ts';

/** `not-in-transaction`. */
export const NOT_IN_TRANSACTION: Rule = {
  id: 'not-in-transaction',
  severity: 'error',
  title: 'a statement that Postgres refuses in a transaction, in a revision that is one',
  why: `Each revision runs in one transaction. \`create index concurrently\`, \`drop index concurrently\`, \`reindex concurrently\`, \`detach partition … concurrently\`, \`vacuum\` and the like make transactions of their own, and Postgres refuses them inside another one (SQLSTATE 25001): the upgrade would end with exit 12.

With \`transaction none\` in the header each statement of the revision is run by itself and written into a journal, so that an interrupted revision is taken up where it stopped. Keep such a revision small: one statement, or several of the same sort.`,
  examples: [
    {
      bad: 'create index concurrently customers_email on customers (email);',
      good: `-- slipway:revision r2
-- slipway:revises r1
-- slipway:transaction none
-- Find customers by e-mail

-- slipway:up
create index concurrently customers_email on customers (email);

-- slipway:down
drop index concurrently customers_email;`,
    },
  ],
  covers: ['squawk:ban-concurrent-index-creation-in-transaction', 'atlas:PG103'],
  statement(linted) {
    const { statement, revision } = linted;
    if (statement.facts.transactional || revision.transaction === 'none') return [];
    return [
      {
        message: `Postgres refuses \`${statement.command}\` of this form in a transaction`,
        why: 'The revision runs in one transaction: it would fail here, and be rolled back.',
        rewrite: outsideTransaction([statement.text]),
        ...(needsNoTransaction(linted) ? { fix: transactionNone(revision) } : {}),
      },
    ];
  },
};
