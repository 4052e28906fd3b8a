/** The rule about a table that is gone through several times where once would do. */

import { bodiesOf, bodyOf, relationWords } from '../../analysis/tree.ts';
import { mayBeSame } from '../history.ts';
import { passesOver } from '../passes.ts';
import { alterTable } from '../rewrite.ts';
import type { LintedStatement, Rule } from '../rule.ts';
import { existingTableCommands } from '../table-commands.ts';

/** `repeated-rewrite`. */
export const REPEATED_REWRITE: Rule = {
  id: 'repeated-rewrite',
  severity: 'warning',
  title: 'several passes over one table that one `alter table` would make in one',
  why: `Commands that write a table anew or read all of it, such as \`alter column … type\` and \`set not null\`, do so once for all commands of one \`alter table\`. As statements of their own each goes through the table again, under the same access exclusive lock: it is kept twice as long.`,
  examples: [
    {
      bad: `-- slipway:ignore column-type-rewrite rates has ten rows
alter table rates alter column low type bigint;
-- slipway:ignore column-type-rewrite rates has ten rows
alter table rates alter column high type bigint;`,
      good: `-- slipway:ignore column-type-rewrite rates has ten rows
alter table rates alter column low type bigint, alter column high type bigint;`,
    },
  ],
  covers: [],
  statement(linted, context) {
    const statement = bodyOf(linted.node, 'AlterTableStmt');
    if (statement === undefined || linted.revision.transaction === 'none') return [];
    const isPass = (one: LintedStatement) =>
      existingTableCommands(one, context).some((each) => passesOver(each, one, context));
    if (!isPass(linted)) return [];
    const earlier = joinable(linted);
    const first = earlier.find(isPass);
    if (first === undefined) return [];
    const table = relationWords(statement.relation);
    const commands = [...earlier, linted].flatMap(({ node }) =>
      bodiesOf(bodyOf(node, 'AlterTableStmt')?.cmds, 'AlterTableCmd'),
    );
    return [
      {
        message: `${table} is gone through again, as on line ${first.statement.line}`,
        why: `Each of these statements goes through all rows of ${table} under its lock; as commands of one \`alter table\` they do it together.`,
        rewrite: `${context.deparse(alterTable(statement, commands))};`,
      },
    ];
  },
};

/** The statements right before this one that alter the same table, in their order. */
function joinable(linted: LintedStatement): readonly LintedStatement[] {
  const relation = bodyOf(linted.node, 'AlterTableStmt')?.relation;
  const { before } = linted;
  const last = before.findLastIndex(
    ({ node }) => !mayBeSame(bodyOf(node, 'AlterTableStmt')?.relation, relation),
  );
  return before.slice(last + 1);
}
