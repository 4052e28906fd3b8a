/** How the safe way is written down: statements made from the tree, in the revisions they need. */

import { type Body, bodiesOf, bodyOf, type Node } from '../analysis/tree.ts';
import { quoteIdentifier, quoteQualified } from '../sql/identifiers.ts';
import { type AddedConstraint, isUnchecked } from './table-commands.ts';

/** A revision of a rewrite. */
export interface RewrittenRevision {
  /** What it is for, where there are several. */
  readonly purpose?: string;
  /** Lines of its header: `transaction none`. */
  readonly header?: readonly string[];
  /** Statements, with the directives above them, without semicolons. */
  readonly up: readonly string[];
}

const ORDINALS = ['first', 'second', 'third', 'fourth', 'fifth'];

/** Revisions in the order of their deployment; one without a header is written as its statements. */
export function writeRevisions(revisions: readonly RewrittenRevision[]): string {
  return revisions
    .map(({ purpose, header = [], up }, index) => {
      const title = `-- ${ORDINALS[index] ?? 'next'} revision${purpose === undefined ? '' : `: ${purpose}`}`;
      const lines = header.map((line) => `-- slipway:${line}`);
      const marker = lines.length > 0 || revisions.length > 1 ? ['-- slipway:up'] : [];
      const statements = up.map((sql) =>
        sql.startsWith('-- ') && !sql.includes('\n') ? sql : `${sql};`,
      );
      return [
        ...(revisions.length > 1 ? [title] : []),
        ...lines,
        ...(lines.length > 0 ? [''] : []),
        ...marker,
        ...statements,
      ].join('\n');
    })
    .join('\n\n');
}

/** Statements that run one by one, outside a transaction. */
export function outsideTransaction(up: readonly string[]): string {
  return writeRevisions([{ header: ['transaction none'], up }]);
}

type Relation = Pick<Body<'RangeVar'>, 'schemaname' | 'relname'> | undefined;

/** A relation's name as SQL. */
export function relationSql(relation: Relation): string {
  return quoteQualified(relation?.schemaname, relation?.relname ?? '');
}

/** The columns of a list as SQL. */
export function columnsSql(columns: readonly string[]): string {
  return columns.map(quoteIdentifier).join(', ');
}

/** `alter table` with other commands, and otherwise as it was. */
export function alterTable(
  statement: Body<'AlterTableStmt'>,
  commands: readonly Body<'AlterTableCmd'>[],
): Node {
  return {
    AlterTableStmt: {
      ...statement,
      cmds: commands.map((command) => ({ AlterTableCmd: command })),
    },
  };
}

/** The command that adds a constraint of a table. */
export function addConstraint(constraint: Body<'Constraint'>): Body<'AlterTableCmd'> {
  return {
    subtype: 'AT_AddConstraint',
    def: { Constraint: constraint },
    behavior: 'DROP_RESTRICT',
  };
}

/**
 * What is left of a statement when a constraint is taken out of it, and others of its kind that have
 * a rewrite of their own; undefined where nothing is.
 */
export function withoutConstraint(added: AddedConstraint): Node | undefined {
  const { statement, command, column, constraint } = added;
  const rest = bodiesOf(statement.cmds, 'AlterTableCmd').flatMap((each) => {
    if (each !== command) return isLike(constraint, each) ? [] : [each];
    if (column === undefined) return [];
    const others = bodiesOf(column.constraints, 'Constraint').filter((one) => one !== constraint);
    const constraints = others.map((one) => ({ Constraint: one }));
    return [{ ...command, def: { ColumnDef: { ...column, constraints } } }];
  });
  return rest.length === 0 ? undefined : alterTable(statement, rest);
}

function isLike(constraint: Body<'Constraint'>, command: Body<'AlterTableCmd'>): boolean {
  const other = bodyOf(command.def, 'Constraint');
  const isChecked = other !== undefined && !isUnchecked(other) && other.indexname === undefined;
  return isChecked && other.contype === constraint.contype;
}

/** The constraint as it is added without looking at the rows that are there. */
export function notValid(constraint: Body<'Constraint'>): Body<'Constraint'> {
  const { initially_valid: _, ...rest } = constraint;
  return { ...rest, skip_validation: true };
}

const LONGEST_NAME = 63;

/** The name that Postgres would choose: `users_email_key`, cut as it cuts where it is too long. */
export function chosenName(relation: Relation, columns: readonly string[], suffix: string): string {
  let table = relation?.relname ?? '';
  let middle = columns.join('_');
  const whole = () => [table, middle, suffix].filter((part) => part !== '').join('_');
  while (bytes(whole()) > LONGEST_NAME && bytes(table) + bytes(middle) > 2) {
    if (bytes(table) > bytes(middle)) table = withoutLast(table);
    else middle = withoutLast(middle);
  }
  return whole();
}

function bytes(text: string): number {
  return new TextEncoder().encode(text).length;
}

function withoutLast(text: string): string {
  return Array.from(text).slice(0, -1).join('');
}

/** The line above a statement that makes it a backfill; without a known key, of the column `id`. */
export function backfillDirective(relation: Relation, key = 'id'): string {
  return `-- slipway:backfill table=${relationSql(relation)} key=${quoteIdentifier(key)} batch=5000`;
}

/** A comment under a backfill's directive, since the statement does not tell the table's key. */
export const KEY_NOTE =
  '-- key: a column that is never null and leads an index, such as the primary key';
