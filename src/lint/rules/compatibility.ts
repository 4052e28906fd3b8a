/** Last words on compatibility: what no rule knows better, and what nobody can know. */

import { approvalOf, breaksOldCode, meetsOldCode } from '../breaking.ts';
import { inContract } from '../revision-text.ts';
import type { Rule } from '../rule.ts';

/** `breaking-change`. */
export const BREAKING_CHANGE: Rule = {
  id: 'breaking-change',
  severity: 'warning',
  title: 'a change that code of the previous release may not survive, before the rollout',
  why: `While a rollout is under way, and after a rollback, pods of the previous release work with the new schema. This statement takes something from them, or refuses what they write: a constraint also binds old writers while it is \`not valid\`.

Applying it raises the compatibility floor: an image of the previous release then refuses to start (exit 14) instead of failing at its first query.`,
  instead: `Put it into a revision with \`phase contract\`: it runs when no pod of the previous release is left. Where you know that old code cannot notice, say so in the header: \`compatible yes <reason>\`.`,
  examples: [
    {
      bad: `alter table orders add constraint orders_total check (total >= 0) not valid;`,
      good: `-- slipway:revision r2
-- slipway:revises r1
-- slipway:phase contract
-- Refuse negative totals

-- slipway:up
alter table orders add constraint orders_total check (total >= 0) not valid;

-- slipway:down
alter table orders drop constraint orders_total;`,
    },
    {
      bad: 'revoke select on orders from reports;',
      good: `-- slipway:revision r2
-- slipway:revises r1
-- slipway:compatible yes reports was switched off in May
-- Take orders from the reports

-- slipway:up
revoke select on orders from reports;

-- slipway:down
grant select on orders to reports;`,
    },
  ],
  covers: [],
  isLastResort: true,
  statement(statement) {
    if (!breaksOldCode(statement)) return [];
    const { compatibility, dataLoss } = statement.statement.facts;
    return [
      {
        message: compatibility.reason,
        why: 'Pods of the previous release run until the rollout is through, and again after a rollback. Move it behind the rollout, or say in the header why they cannot notice.',
        rewrite: `-- where code of the previous release cannot notice, in the header of this revision:
-- slipway:compatible yes <why it keeps working>

-- everywhere else:
${inContract(statement, { losesData: dataLoss.length > 0, down: '-- <what takes it back>' })}`,
      },
    ];
  },
};

/** `unclassified`. */
export const UNCLASSIFIED: Rule = {
  id: 'unclassified',
  severity: 'info',
  title: 'a statement whose effect on running code cannot be seen',
  why: `A \`do\` block, a call, a trigger, a change of owner, SQL that the parser does not know: the statement does not show what becomes of code of the previous release. Unknown counts as breaking when an old release meets the database.`,
  instead: `Read it yourself, and write the verdict into the header: \`compatible yes <reason>\` or \`compatible no <reason>\`. Nothing is said of contract revisions.`,
  examples: [
    {
      bad: `do $$ begin perform refresh_totals(); end $$;`,
      good: `-- slipway:revision r2
-- slipway:revises r1
-- slipway:compatible yes it only fills the table of totals
-- Fill the totals

-- slipway:up
do $$ begin perform refresh_totals(); end $$;

-- slipway:down`,
    },
  ],
  covers: ['strong_migrations:change_table', 'strong_migrations:execute'],
  isLastResort: true,
  statement(statement) {
    const { compatibility } = statement.statement.facts;
    const { revision } = statement;
    const isSaid =
      revision.compatible !== undefined || approvalOf(revision, 'unknown') !== undefined;
    if (isSaid || !meetsOldCode(statement) || compatibility.verdict !== 'unknown') return [];
    return [
      {
        message: `nobody can tell what it does to running code: ${compatibility.reason}`,
        why: 'It counts as breaking until the header of the revision says otherwise.',
        rewrite: `-- slipway:compatible yes <why code of the previous release keeps working>`,
      },
    ];
  },
};
