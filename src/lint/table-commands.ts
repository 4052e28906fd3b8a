/** How rules read `alter table`: its commands one by one, and the constraints they bring along. */

import { isNewRelation } from '../analysis/created.ts';
import { type Body, bodiesOf, bodyOf, relationWords } from '../analysis/tree.ts';
import type { LintedStatement, RuleContext } from './rule.ts';

/** One command of an `alter table`. */
export interface TableCommand {
  readonly statement: Body<'AlterTableStmt'>;
  readonly command: Body<'AlterTableCmd'>;
  /** The table as people read it. */
  readonly table: string;
}

/** The commands of an `alter table` (or of its like for views and indexes), in their order. */
export function tableCommands(linted: LintedStatement): readonly TableCommand[] {
  const statement = bodyOf(linted.node, 'AlterTableStmt');
  if (statement === undefined) return [];
  const table = relationWords(statement.relation);
  return bodiesOf(statement.cmds, 'AlterTableCmd').map((command) => ({
    statement,
    command,
    table,
  }));
}

/** The same for a table that others use already; none for one that is new in this release. */
export function existingTableCommands(
  linted: LintedStatement,
  context: RuleContext,
): readonly TableCommand[] {
  const commands = tableCommands(linted);
  const [first] = commands;
  if (first === undefined || isNewRelation(context.created, first.statement.relation)) return [];
  return commands;
}

/** A constraint that a command adds: to the table, or with a column that it adds. */
export interface AddedConstraint extends TableCommand {
  readonly constraint: Body<'Constraint'>;
  /** The new column that has it; undefined for a constraint of the table. */
  readonly column: Body<'ColumnDef'> | undefined;
}

/** The constraints of kind `contype` that commands add. */
export function addedConstraints(
  commands: readonly TableCommand[],
  contype: Body<'Constraint'>['contype'],
): readonly AddedConstraint[] {
  return commands.flatMap((each) => {
    const column = addedColumn(each);
    const added = bodyOf(each.command.def, 'Constraint');
    const isAdded = each.command.subtype === 'AT_AddConstraint' && added !== undefined;
    const constraints = isAdded ? [added] : bodiesOf(column?.constraints, 'Constraint');
    return constraints
      .filter((constraint) => constraint.contype === contype)
      .map((constraint) => ({ ...each, constraint, column }));
  });
}

/** The column that a command adds. */
export function addedColumn({ command }: TableCommand): Body<'ColumnDef'> | undefined {
  return command.subtype === 'AT_AddColumn' ? bodyOf(command.def, 'ColumnDef') : undefined;
}

/** The constraints in the definition of a column. */
export function columnConstraint(
  column: Body<'ColumnDef'> | undefined,
  contype: Body<'Constraint'>['contype'],
): Body<'Constraint'> | undefined {
  return bodiesOf(column?.constraints, 'Constraint').find((each) => each.contype === contype);
}

/** Whether a constraint was asked for without looking at the rows that are there. */
export function isUnchecked(constraint: Body<'Constraint'>): boolean {
  return constraint.skip_validation === true || constraint.is_enforced === false;
}
