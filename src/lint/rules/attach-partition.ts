/** The rule about partitions that are read through while they are attached. */

import { isNewRelation } from '../../analysis/created.ts';
import { type Body, bodyOf, type Node, relationWords } from '../../analysis/tree.ts';
import { quoteIdentifier } from '../../sql/identifiers.ts';
import { findWords } from '../edits.ts';
import { constraintsAfter, partitionKey, statementsBefore } from '../history.ts';
import { chosenName, outsideTransaction, relationSql } from '../rewrite.ts';
import type { LintedStatement, Rule, RuleContext } from '../rule.ts';
import { type TableCommand, tableCommands } from '../table-commands.ts';

/** `attach-partition-scans`. */
export const ATTACH_PARTITION_SCANS: Rule = {
  id: 'attach-partition-scans',
  severity: 'warning',
  title: 'a table with rows that is attached as a partition without a check of its bound',
  why: `\`attach partition\` takes an access exclusive lock on the table that is attached, and reads all of it to see whether its rows are within the bound. A default partition is locked and read as well, since it may hold rows of the new one. The partitioned table itself stays open for reads and writes.

A valid check constraint that says the same as the bound makes Postgres skip the scan. Add it \`not valid\`, validate it while everybody works, attach, and drop it. The default partition needs the opposite check.`,
  examples: [
    {
      bad: `alter table orders attach partition orders_2024
  for values from ('2024-01-01') to ('2025-01-01');`,
      good: `-- slipway:revision r2
-- slipway:revises r1
-- slipway:transaction none
-- slipway:compatible yes nothing else writes to orders_2024 yet
-- Attach the orders of 2024

-- slipway:up
alter table orders_2024 add constraint orders_2024_bound
  check (placed_on is not null and placed_on >= '2024-01-01' and placed_on < '2025-01-01') not valid;
alter table orders_2024 validate constraint orders_2024_bound;
alter table orders attach partition orders_2024
  for values from ('2024-01-01') to ('2025-01-01');
alter table orders_2024 drop constraint orders_2024_bound;

-- slipway:down
alter table orders detach partition orders_2024 concurrently;`,
    },
  ],
  covers: [],
  statement(linted, context) {
    return tableCommands(linted).flatMap((each) => {
      const { command, statement, table } = each;
      if (command.subtype !== 'AT_AttachPartition' || statement.objtype !== 'OBJECT_TABLE')
        return [];
      const attach = bodyOf(command.def, 'PartitionCmd');
      if (isNewRelation(context.created, attach?.name)) return [];
      const known = constraintsAfter(statementsBefore(linted, context), attach?.name);
      if (known.some(({ constraint, isValid }) => isValid && isCheck(constraint))) return [];
      const partition = relationWords(attach?.name);
      const found = findWords(linted, ['attach', 'partition']);
      const rewrite = rewriteOf(each, linted, context);
      return [
        {
          message: `${partition} is read through while it is attached to ${table}`,
          ...(found === undefined ? {} : { at: found.start }),
          why: `It holds an access exclusive lock on ${partition} while every row is held against the bound, unless a valid check constraint says the same.`,
          ...(rewrite === undefined ? {} : { rewrite }),
        },
      ];
    });
  },
};

/** Of a constraint that is not looked at only the validation is known: it may be the one. */
function isCheck(constraint: Body<'Constraint'> | undefined): boolean {
  return constraint === undefined || constraint.contype === 'CONSTR_CHECK';
}

/** Undefined for a bound that is no plain condition: hash, default, or of several columns. */
function rewriteOf(
  { command, statement }: TableCommand,
  linted: LintedStatement,
  context: RuleContext,
): string | undefined {
  const attach = bodyOf(command.def, 'PartitionCmd');
  const keys = partitionKey(statementsBefore(linted, context), statement.relation);
  const check = boundCheck(attach?.bound, keys[0] ?? 'partition_key', context);
  if (check === undefined) return undefined;
  const partition = relationSql(attach?.name);
  const name = quoteIdentifier(chosenName(attach?.name, [], 'bound'));
  const note = '-- partition_key: the column by which the table is partitioned';
  return outsideTransaction([
    ...(keys.length === 0 ? [note] : []),
    `alter table ${partition} add constraint ${name}\n  check (${check}) not valid`,
    `alter table ${partition} validate constraint ${name}`,
    linted.statement.text,
    `alter table ${partition} drop constraint ${name}`,
  ]);
}

function boundCheck(
  bound: Body<'PartitionCmd'>['bound'],
  column: string,
  { deparse }: RuleContext,
): string | undefined {
  const key = quoteIdentifier(column);
  if (bound?.strategy === 'l') {
    const values = bound.listdatums ?? [];
    if (values.some((value) => bodyOf(value, 'A_Const')?.isnull === true)) return undefined;
    return `${key} is not null and ${key} in (${values.map(deparse).join(', ')})`;
  }
  if (bound?.lowerdatums?.length !== 1) return undefined;
  const side = (operator: string, datum: Node | undefined) =>
    datum === undefined || isInfinite(datum) ? [] : [`${key} ${operator} ${deparse(datum)}`];
  return [
    `${key} is not null`,
    ...side('>=', bound.lowerdatums[0]),
    ...side('<', bound.upperdatums?.[0]),
  ].join(' and ');
}

function isInfinite(datum: Node): boolean {
  const [name] = bodyOf(datum, 'ColumnRef')?.fields ?? [];
  return ['minvalue', 'maxvalue'].includes(bodyOf(name, 'String')?.sval ?? '');
}
