/** Rules about work that goes on for long while others wait. */

import { words } from '../../analysis/tree.ts';
import { blocksReads } from '../../core/locks.ts';
import { asBackfill } from '../batched.ts';
import { heavyWork, heldLock, wholeTableChange } from '../heavy-work.ts';
import type { Rule } from '../rule.ts';

/** `work-under-lock`. */
export const WORK_UNDER_LOCK: Rule = {
  id: 'work-under-lock',
  severity: 'error',
  title: 'work on many rows in a transaction that others wait for',
  why: `A lock is kept until its transaction is over, and each revision is one. \`alter table\` is quick, but the access exclusive lock it takes is kept while a later statement of the revision goes through all rows of some table: nobody can read or write the altered table meanwhile, and every query that comes waits. The classic is a column that is added and filled in one revision.

Give the work a revision of its own. Between the two, everybody works with the new schema.`,
  examples: [
    {
      bad: `alter table users add column email_lower text;
update users set email_lower = lower(email);`,
      good: `-- file: 1_add.sql
-- slipway:revision r2
-- slipway:revises r1
-- Add email_lower

-- slipway:up
alter table users add column email_lower text;

-- slipway:down
alter table users drop column email_lower;
-- file: 2_fill.sql
-- slipway:revision r3
-- slipway:revises r2
-- slipway:transaction none
-- Fill email_lower

-- slipway:up
-- slipway:backfill table=users key=id batch=5000
update users set email_lower = lower(email)
where id between :from and :to and email_lower is null;

-- slipway:down
`,
    },
  ],
  covers: [],
  isLastResort: true,
  statement(linted, context) {
    const work = heavyWork(linted, context);
    const lock = work === undefined ? undefined : heldLock(linted);
    if (work === undefined || lock === undefined) return [];
    const locked = words(lock.schema === undefined ? [lock.name] : [lock.schema, lock.name]);
    const waiting = blocksReads(lock.mode) ? 'reads and writes' : 'writes';
    const batched = asBackfill(linted.node, context.deparse);
    return [
      {
        message: `${work} goes on while ${waiting} of ${locked} wait for the statements before it`,
        why: `An earlier statement of the revision took the ${lock.mode} lock on ${locked}, which is kept until the revision is committed.`,
        rewrite: `-- in a revision of its own, behind this one\n${batched ?? `-- slipway:up\n${linted.statement.text};`}`,
      },
    ];
  },
};

/** `unbatched-backfill`. */
export const UNBATCHED_BACKFILL: Rule = {
  id: 'unbatched-backfill',
  severity: 'warning',
  title: 'an update or delete of an existing table that may take all of its rows at once',
  why: `One \`update\` locks every row it changes until the commit: whoever wants to change one of them waits for all. Replicas fall behind, the table grows by a copy of each row, and when it is interrupted everything starts over.

A [backfill](../guides/backfills.md) does the same in batches, each a transaction of its own, waits for replicas, and goes on where it stopped. A condition by which single rows are picked, such as \`id = 5\`, is fine as it is.`,
  examples: [
    {
      bad: 'update users set email_lower = lower(email) where email_lower is null;',
      good: `-- slipway:revision r2
-- slipway:revises r1
-- slipway:transaction none
-- Fill email_lower

-- slipway:up
-- slipway:backfill table=users key=id batch=5000
update users set email_lower = lower(email)
where id between :from and :to and email_lower is null;

-- slipway:down`,
    },
    {
      bad: "delete from sessions where expires_at < now() - interval '1 year';",
      good: `-- slipway:revision r2
-- slipway:revises r1
-- slipway:transaction none
-- slipway:irreversible they are expired
-- Forget old sessions

-- slipway:up
-- slipway:backfill table=sessions key=id batch=5000
delete from sessions
where id between :from and :to and expires_at < now() - interval '1 year';`,
    },
  ],
  covers: ['strong_migrations:change_column_null'],
  statement(linted, context) {
    const change = wholeTableChange(linted.node, context);
    if (change === undefined || linted.statement.backfill !== undefined) return [];
    // Under a lock it is worse: `work-under-lock` says so.
    if (heldLock(linted) !== undefined) return [];
    const rewrite = asBackfill(linted.node, context.deparse);
    return [
      {
        message: `${change.work} is one transaction, however many they are`,
        why: 'Every row it changes stays locked until the commit, and replicas fall behind; when it is interrupted, all of it starts over.',
        ...(rewrite === undefined ? {} : { rewrite }),
      },
    ];
  },
};
