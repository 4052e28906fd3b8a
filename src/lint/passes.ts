/** Which commands of `alter table` go through all rows, as far as earlier statements tell. */

import { type Body, bodyOf, stringsOf } from '../analysis/tree.ts';
import { constraintsAfter, provesNotNull, statementsBefore, typeBefore } from './history.ts';
import { isColumnItself } from './row-trigger.ts';
import type { LintedStatement, RuleContext } from './rule.ts';
import { addedColumn, isUnchecked, type TableCommand } from './table-commands.ts';
import { isFreeChange, isOftenFree } from './type-change.ts';
import { rewritingConstraint } from './volatility.ts';

/** Whether a command writes a table anew, or reads all of it, in a pass that others can share. */
export function passesOver(
  each: TableCommand,
  linted: LintedStatement,
  context: RuleContext,
): boolean {
  const { command } = each;
  if (COPYING.has(command.subtype ?? '')) return true;
  if (rewritingConstraint(addedColumn(each)) !== undefined) return true;
  if (typeChange(each, linted, context)?.verdict === 'rewrite') return true;
  if (searchedForNulls(each, linted, context) !== undefined) return true;
  const constraint = bodyOf(command.def, 'Constraint');
  const isCheck = command.subtype === 'AT_AddConstraint' && constraint?.contype === 'CONSTR_CHECK';
  return isCheck && !isUnchecked(constraint);
}

const COPYING = new Set([
  'AT_SetLogged',
  'AT_SetUnLogged',
  'AT_SetTableSpace',
  'AT_SetAccessMethod',
]);

/** The column in which a command looks for nulls; undefined where it is known that there are none. */
export function searchedForNulls(
  each: TableCommand,
  linted: LintedStatement,
  context: RuleContext,
): string | undefined {
  const column = requiredColumn(each);
  if (column === undefined) return undefined;
  const known = constraintsAfter(statementsBefore(linted, context), each.statement.relation);
  return known.some((one) => provesNotNull(one, column)) ? undefined : column;
}

/** The column that a command makes `not null` at once. */
function requiredColumn({ command }: TableCommand): string | undefined {
  if (command.subtype === 'AT_SetNotNull') return command.name;
  const constraint = bodyOf(command.def, 'Constraint');
  const isAdded =
    command.subtype === 'AT_AddConstraint' && constraint?.contype === 'CONSTR_NOTNULL';
  return isAdded && !isUnchecked(constraint) ? stringsOf(constraint.keys)[0] : undefined;
}

/** A change of a column's type. */
export interface TypeChange {
  readonly definition: Body<'ColumnDef'>;
  /** Undefined where no earlier statement tells. */
  readonly old: Body<'TypeName'> | undefined;
  /** `perhaps`: it depends on the old type, or on the session's time zone. */
  readonly verdict: 'free' | 'rewrite' | 'perhaps';
}

/** The change of a type that a command makes; undefined for other commands. */
export function typeChange(
  { command, statement }: TableCommand,
  linted: LintedStatement,
  context: RuleContext,
): TypeChange | undefined {
  const definition = bodyOf(command.def, 'ColumnDef');
  if (command.subtype !== 'AT_AlterColumnType' || definition === undefined) return undefined;
  const old = typeBefore(statementsBefore(linted, context), statement.relation, command.name);
  return { definition, old, verdict: verdictOn(command, definition, old) };
}

function verdictOn(
  { name }: Body<'AlterTableCmd'>,
  { raw_default: using, typeName }: Body<'ColumnDef'>,
  old: Body<'TypeName'> | undefined,
): TypeChange['verdict'] {
  if (using !== undefined && !isColumnItself(using, name)) return 'rewrite';
  if (old === undefined) return isOftenFree(typeName) ? 'perhaps' : 'rewrite';
  const isFree = isFreeChange(old, typeName);
  if (isFree === 'in UTC') return 'perhaps';
  return isFree ? 'free' : 'rewrite';
}
