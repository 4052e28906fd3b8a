/** What statements that run earlier tell of a table: its columns' types, its constraints. */

import {
  type Body,
  bodiesOf,
  bodyOf,
  descendants,
  type Node,
  nameOf,
  stringsOf,
} from '../analysis/tree.ts';
import type { LintedStatement, RuleContext } from './rule.ts';
import { addedColumn, tableCommands } from './table-commands.ts';

type Relation = Pick<Body<'RangeVar'>, 'schemaname' | 'relname'> | undefined;

/** The statements that run before this one, in their order: of earlier revisions, then of its own. */
export function statementsBefore(
  linted: LintedStatement,
  context: RuleContext,
): readonly LintedStatement[] {
  const earlier = context.earlier.flatMap(({ sections }) => sections.up ?? []);
  const own = linted.section === 'up' ? [] : (context.sections.up ?? []);
  return [...earlier, ...own, ...linted.before];
}

/** Whether two names may mean the same table; one without a schema may mean any of that name. */
export function mayBeSame(a: Relation, b: Relation): boolean {
  if (a === undefined || b === undefined || a.relname !== b.relname) return false;
  return a.schemaname === undefined || b.schemaname === undefined || a.schemaname === b.schemaname;
}

/** A constraint of a table as the statements before tell it. */
export interface KnownConstraint {
  /** Undefined where the server chose the name. */
  readonly name: string | undefined;
  /** What it says; undefined where only its validation is known. */
  readonly constraint: Body<'Constraint'> | undefined;
  readonly isValid: boolean;
}

/** The constraints that `statements` added to `relation` or validated there, and did not drop. */
export function constraintsAfter(
  statements: readonly LintedStatement[],
  relation: Relation,
): readonly KnownConstraint[] {
  let known: KnownConstraint[] = [];
  for (const { node } of statements) {
    const create = bodyOf(node, 'CreateStmt');
    if (mayBeSame(create?.relation, relation)) {
      known = bodiesOf(create?.tableElts, 'Constraint').map(asKnown);
    }
    if (isDropOf(node, relation)) known = [];
    const alter = bodyOf(node, 'AlterTableStmt');
    if (!mayBeSame(alter?.relation, relation)) continue;
    for (const command of bodiesOf(alter?.cmds, 'AlterTableCmd')) known = after(known, command);
  }
  return known;
}

function after(
  known: KnownConstraint[],
  { subtype, def, name }: Body<'AlterTableCmd'>,
): KnownConstraint[] {
  const others = known.filter((each) => each.name === undefined || each.name !== name);
  switch (subtype) {
    case 'AT_AddConstraint': {
      const constraint = bodyOf(def, 'Constraint');
      return constraint === undefined ? known : [...known, asKnown(constraint)];
    }
    case 'AT_ValidateConstraint': {
      const constraint = known.find((each) => each.name === name)?.constraint;
      return [...others, { name, constraint, isValid: true }];
    }
    case 'AT_DropConstraint':
      return others;
    default:
      return known;
  }
}

function asKnown(constraint: Body<'Constraint'>): KnownConstraint {
  const isValid = constraint.skip_validation !== true && constraint.is_enforced !== false;
  return { name: constraint.conname, constraint, isValid };
}

/** Whether a valid constraint proves that `column` holds no null, or may be the one that does. */
export function provesNotNull(
  { constraint, isValid }: KnownConstraint,
  column: string | undefined,
): boolean {
  if (!isValid) return false;
  // Validated here, added in a revision that is not looked at: it may be the one.
  if (constraint === undefined) return true;
  if (constraint.contype === 'CONSTR_NOTNULL') {
    return stringsOf(constraint.keys)[0] === column;
  }
  return constraint.contype === 'CONSTR_CHECK' && impliesNotNull(constraint.raw_expr, column);
}

function impliesNotNull(expression: Node | undefined, column: string | undefined): boolean {
  const all = bodyOf(expression, 'BoolExpr');
  if (all?.boolop === 'AND_EXPR') {
    return (all.args ?? []).some((each) => impliesNotNull(each, column));
  }
  const test = bodyOf(expression, 'NullTest');
  const fields = stringsOf(bodyOf(test?.arg, 'ColumnRef')?.fields);
  return test?.nulltesttype === 'IS_NOT_NULL' && fields.at(-1) === column;
}

/** The type that the statements before gave a column last; undefined where they do not tell. */
export function typeBefore(
  statements: readonly LintedStatement[],
  relation: Relation,
  column: string | undefined,
): Body<'TypeName'> | undefined {
  for (const linted of statements.toReversed()) {
    const create = bodyOf(linted.node, 'CreateStmt');
    if (mayBeSame(create?.relation, relation)) {
      const columns = bodiesOf(create?.tableElts, 'ColumnDef');
      return columns.find((each) => each.colname === column)?.typeName;
    }
    if (hidesColumns(linted.node, relation)) return undefined;
    const alter = tableCommands(linted).filter(({ statement }) =>
      mayBeSame(statement.relation, relation),
    );
    for (const each of alter.toReversed()) {
      const added = addedColumn(each);
      if (added?.colname === column && added !== undefined) return added.typeName;
      if (each.command.subtype === 'AT_AlterColumnType' && each.command.name === column) {
        return bodyOf(each.command.def, 'ColumnDef')?.typeName;
      }
    }
  }
  return undefined;
}

/** After a drop or a rename the name means another table, or a column another one. */
function hidesColumns(node: Node | undefined, relation: Relation): boolean {
  const rename = bodyOf(node, 'RenameStmt');
  if (rename !== undefined) {
    return mayBeSame(rename.relation, relation) || rename.newname === relation?.relname;
  }
  return isDropOf(node, relation);
}

function isDropOf(node: Node | undefined, relation: Relation): boolean {
  const drop = bodyOf(node, 'DropStmt');
  if (drop?.removeType !== 'OBJECT_TABLE') return false;
  return (drop.objects ?? []).some((object) => nameOf(object).at(-1) === relation?.relname);
}

/** The columns by which a table is partitioned, as the statements before tell it. */
export function partitionKey(
  statements: readonly LintedStatement[],
  relation: Relation,
): readonly string[] {
  for (const { node } of statements.toReversed()) {
    const create = bodyOf(node, 'CreateStmt');
    if (!mayBeSame(create?.relation, relation)) continue;
    return descendants(create?.partspec, 'PartitionElem').flatMap(({ name }) => name ?? []);
  }
  return [];
}
