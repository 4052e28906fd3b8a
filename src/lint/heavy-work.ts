/** Statements that may go on for long, and what of earlier statements others wait for meanwhile. */

import { holdsOnlyNewRows, isNewRelation } from '../analysis/created.ts';
import {
  type Body,
  bodiesOf,
  bodyOf,
  descendants,
  type Node,
  relationWords,
  stringsOf,
} from '../analysis/tree.ts';
import { blocksReads, blocksWrites, type RelationLock } from '../core/locks.ts';
import type { LintedStatement, RuleContext } from './rule.ts';

/** What goes on for long, in words; undefined for what is quick or of its own kind. */
export function heavyWork(
  { node, statement }: LintedStatement,
  context: RuleContext,
): string | undefined {
  if (node === undefined || statement.backfill !== undefined) return undefined;
  const change = wholeTableChange(node, context);
  if (change !== undefined) return change.work;
  return insertedSelect(node, context) ?? copiedQuery(node, context) ?? maintained(node, context);
}

/** An update or delete that may take every row of a table. */
export interface WholeTableChange {
  readonly relation: Body<'RangeVar'>;
  readonly verb: 'update' | 'delete';
  readonly work: string;
}

/** The update or delete of an existing table that no condition keeps to a few rows. */
export function wholeTableChange(
  node: Node | undefined,
  { created }: RuleContext,
): WholeTableChange | undefined {
  const update = bodyOf(node, 'UpdateStmt');
  const change = update ?? bodyOf(node, 'DeleteStmt');
  const { relation } = change ?? {};
  if (change === undefined || relation === undefined || isNewRelation(created, relation)) {
    return undefined;
  }
  const sources = update?.fromClause ?? bodyOf(node, 'DeleteStmt')?.usingClause ?? [];
  const written = bodiesOf(update?.targetList, 'ResTarget').flatMap(({ name }) => name ?? []);
  const isSmall = sources.some((each) => isSmallSource(each, created));
  if (isSmall || isSelective(change.whereClause, written)) return undefined;
  const verb = update === undefined ? 'delete' : 'update';
  return {
    relation,
    verb,
    work: `${verb === 'update' ? 'the update' : 'the deletion'} of rows of ${relationWords(relation)}`,
  };
}

/** `values` in the statement, or rows that the release itself wrote. */
function isSmallSource(source: Node, created: RuleContext['created']): boolean {
  const relation = bodyOf(source, 'RangeVar');
  if (relation !== undefined) return holdsOnlyNewRows(created, relation);
  const subquery = bodyOf(bodyOf(source, 'RangeSubselect')?.subquery, 'SelectStmt');
  return subquery?.valuesLists !== undefined;
}

/** Whether a condition picks single values: of the rows that have those, there may be few. */
function isSelective(condition: Node | undefined, written: readonly string[]): boolean {
  if (condition === undefined) return false;
  const all = bodyOf(condition, 'BoolExpr');
  if (all?.boolop === 'AND_EXPR') {
    return (all.args ?? []).some((each) => isSelective(each, written));
  }
  if (all?.boolop === 'OR_EXPR') {
    return (all.args ?? []).every((each) => isSelective(each, written));
  }
  if (bodyOf(condition, 'CurrentOfExpr') !== undefined) return true;
  const link = bodyOf(condition, 'SubLink');
  if (link !== undefined) return bodyOf(link.subselect, 'SelectStmt')?.limitCount !== undefined;
  const comparison = bodyOf(condition, 'A_Expr');
  if (comparison === undefined || !PICKING.has(comparison.kind ?? '')) return false;
  if (comparison.kind !== 'AEXPR_BETWEEN' && stringsOf(comparison.name)[0] !== '=') return false;
  const columns = descendants(comparison.lexpr, 'ColumnRef').map(
    ({ fields }) => stringsOf(fields).at(-1) ?? '',
  );
  // `set state = 'b' where state = 'a'` is meant for all the rows there are.
  if (columns.length === 0 || columns.some((each) => written.includes(each))) return false;
  return descendants(comparison.rexpr, 'ColumnRef').length === 0;
}

const PICKING = new Set(['AEXPR_OP', 'AEXPR_OP_ANY', 'AEXPR_IN', 'AEXPR_BETWEEN']);

function insertedSelect(node: Node, context: RuleContext): string | undefined {
  const insert = bodyOf(node, 'InsertStmt');
  const table = readTable(bodyOf(insert?.selectStmt, 'SelectStmt'), context);
  return table === undefined ? undefined : `the copy of rows of ${table}`;
}

function copiedQuery(node: Node, context: RuleContext): string | undefined {
  const copy = bodyOf(node, 'CreateTableAsStmt');
  if (copy === undefined || copy.into?.skipData === true) return undefined;
  const table = readTable(bodyOf(copy.query, 'SelectStmt'), context);
  return table === undefined
    ? undefined
    : `the query of ${relationWords(copy.into?.rel)} over ${table}`;
}

/** An existing table that a query reads without a limit. */
function readTable(
  select: Body<'SelectStmt'> | undefined,
  { created }: RuleContext,
): string | undefined {
  if (select === undefined || select.limitCount !== undefined) return undefined;
  if (isSelective(select.whereClause, [])) return undefined;
  const table = descendants(select, 'RangeVar').find((each) => !holdsOnlyNewRows(created, each));
  return table === undefined ? undefined : relationWords(table);
}

function maintained(node: Node, { created }: RuleContext): string | undefined {
  const refresh = bodyOf(node, 'RefreshMatViewStmt');
  if (
    refresh !== undefined &&
    refresh.skipData !== true &&
    !isNewRelation(created, refresh.relation)
  ) {
    return `the refresh of ${relationWords(refresh.relation)}`;
  }
  const alter = bodyOf(node, 'AlterTableStmt');
  const isValidated = bodiesOf(alter?.cmds, 'AlterTableCmd').some(
    ({ subtype }) => subtype === 'AT_ValidateConstraint',
  );
  if (!isValidated || isNewRelation(created, alter?.relation)) return undefined;
  return `the validation of rows of ${relationWords(alter?.relation)}`;
}

/** The strongest lock that earlier statements of the same transaction keep others waiting with. */
export function heldLock(linted: LintedStatement): RelationLock | undefined {
  if (linted.revision.transaction === 'none') return undefined;
  const held = linted.before.flatMap(({ statement }) =>
    statement.facts.locks.filter(
      ({ mode, isNew, target }) => !isNew && target === 'relation' && blocksWrites(mode),
    ),
  );
  return held.find(({ mode }) => blocksReads(mode)) ?? held[0];
}
