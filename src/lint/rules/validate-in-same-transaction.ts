/** The rule about constraints that are validated under the lock that adding them took. */

import { isNewRelation } from '../../analysis/created.ts';
import { bodyOf, relationWords, words } from '../../analysis/tree.ts';
import { findWords, isLast, transactionNone } from '../edits.ts';
import { mayBeSame } from '../history.ts';
import { addConstraint, alterTable, outsideTransaction } from '../rewrite.ts';
import type { LintedStatement, Rule } from '../rule.ts';
import { existingTableCommands, tableCommands } from '../table-commands.ts';

/** `validate-in-same-transaction`. */
export const VALIDATE_IN_SAME_TRANSACTION: Rule = {
  id: 'validate-in-same-transaction',
  severity: 'error',
  title: 'a constraint that is validated in the transaction that adds it',
  why: `\`not valid\` keeps the strong lock short: access exclusive for a check, share row exclusive on both tables for a foreign key. But a lock is kept until its transaction is over, and each revision is one. When \`validate constraint\` stands in it, too, every row is read under the strong lock, as if the constraint had been added at once.

Give the revision \`transaction none\`, which makes each statement a transaction of its own, or validate in the next revision.`,
  examples: [
    {
      bad: `alter table accounts add constraint positive_balance check (balance >= 0) not valid;
alter table accounts validate constraint positive_balance;`,
      good: `-- slipway:revision r2
-- slipway:revises r1
-- slipway:compatible yes no release books a negative balance
-- slipway:transaction none
-- Refuse negative balances

-- slipway:up
alter table accounts add constraint positive_balance check (balance >= 0) not valid;
alter table accounts validate constraint positive_balance;

-- slipway:down
alter table accounts drop constraint positive_balance;`,
    },
  ],
  covers: ['strong_migrations:validate_foreign_key', 'strong_migrations:validate_check_constraint'],
  statement(linted, context) {
    if (linted.revision.transaction === 'none') return [];
    return existingTableCommands(linted, context).flatMap(({ command, statement, table }) => {
      if (command.subtype !== 'AT_ValidateConstraint') return [];
      const added = [...linted.before, linted]
        .flatMap(tableCommands)
        .filter((each) => mayBeSame(each.statement.relation, statement.relation))
        .map((each) => bodyOf(each.command.def, 'Constraint'))
        .find((each) => each?.conname === command.name && each?.skip_validation === true);
      if (added === undefined) return [];
      const name = words([command.name ?? '']);
      const others =
        added.contype === 'CONSTR_FOREIGN' && !isNewRelation(context.created, added.pktable)
          ? ` and ${relationWords(added.pktable)}`
          : '';
      const lock = added.contype === 'CONSTR_FOREIGN' ? 'share row exclusive' : 'access exclusive';
      const found = findWords(linted, ['validate', 'constraint', command.name ?? '']);
      return [
        {
          message: `${name} of ${table} is validated in the transaction that adds it`,
          ...(found === undefined ? {} : { at: found.start }),
          why: `The ${lock} lock on ${table}${others} that adding it took is kept while every row is read.`,
          rewrite: outsideTransaction([
            context.deparse(alterTable(statement, [addConstraint(added)])),
            context.deparse(alterTable(statement, [command])),
          ]),
          ...(isLast(linted) && isOnlySteps(linted)
            ? { fix: transactionNone(linted.revision) }
            : {}),
        },
      ];
    });
  },
};

/** Whether the section up to this statement adds unchecked constraints and validates them, and that is all. */
function isOnlySteps(linted: LintedStatement): boolean {
  if (linted.section !== 'up') return false;
  return [...linted.before, linted].every((each) => {
    const commands = tableCommands(each);
    return (
      commands.length === 1 &&
      commands.every(({ command }) => {
        const constraint = bodyOf(command.def, 'Constraint');
        return command.subtype === 'AT_ValidateConstraint' || constraint?.skip_validation === true;
      })
    );
  });
}
