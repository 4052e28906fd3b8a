/** New columns of existing tables for whose sake Postgres writes the table anew. */

import { type Body, bodiesOf, bodyOf, typeIdentifier } from '../analysis/tree.ts';
import { alterTable } from './rewrite.ts';
import type { LintedStatement, RuleContext } from './rule.ts';
import { addedColumn, existingTableCommands, type TableCommand } from './table-commands.ts';
import { type RewritingConstraint, rewritingConstraint } from './volatility.ts';

/** A new column for whose sake the table is rewritten. */
export interface CostlyColumn extends TableCommand {
  readonly column: Body<'ColumnDef'>;
  readonly name: string;
  readonly cause: RewritingConstraint;
}

/** The columns that a statement adds to an existing table at the price of a rewrite. */
export function costlyColumns(
  linted: LintedStatement,
  context: RuleContext,
): readonly CostlyColumn[] {
  return existingTableCommands(linted, context).flatMap((each) => {
    const column = addedColumn(each);
    const cause = rewritingConstraint(column);
    if (column?.colname === undefined || cause === undefined) return [];
    return [{ ...each, column, name: column.colname, cause }];
  });
}

/** What a rewrite means, for the pages of rules. */
export const REWRITES_TABLE = `Postgres takes an access exclusive lock on the table, and writes every row and every index of it anew: nobody can read or write the table meanwhile, and there must be room on the disk for both copies.`;

/** What a column can only have once it is filled. */
export const STRICT = ['CONSTR_DEFAULT', 'CONSTR_NOTNULL', 'CONSTR_UNIQUE', 'CONSTR_PRIMARY'];

/** The statement with a column that has none of some constraints. */
export function addWithout(
  { statement, command, column }: CostlyColumn,
  contypes: readonly string[],
  { deparse }: RuleContext,
): string {
  const constraints = (column.constraints ?? []).filter(
    (each) => !contypes.includes(bodyOf(each, 'Constraint')?.contype ?? ''),
  );
  const plain = {
    ...command,
    def: { ColumnDef: { ...column, typeName: typeOf(column), constraints } },
  };
  const commands = bodiesOf(statement.cmds, 'AlterTableCmd');
  return deparse(
    alterTable(
      statement,
      commands.map((each) => (each === command ? plain : each)),
    ),
  );
}

const INTEGERS: Readonly<Record<string, string>> = {
  smallserial: 'int2',
  serial2: 'int2',
  serial: 'int4',
  serial4: 'int4',
  bigserial: 'int8',
  serial8: 'int8',
};

/** The column's type; of a serial one, the integer it stands for. */
function typeOf({ typeName }: Body<'ColumnDef'>): Body<'TypeName'> {
  const integer = INTEGERS[typeIdentifier(typeName)];
  if (integer === undefined) return typeName ?? {};
  return { names: ['pg_catalog', integer].map((sval) => ({ String: { sval } })), typemod: -1 };
}
