/** A trigger that keeps one column in step with the others of its row, as rewrites write it. */

import { type Body, bodyOf, type Node, stringsOf } from '../analysis/tree.ts';
import type { Deparser } from '../sql/deparse.ts';
import { quoteIdentifier, quoteQualified } from '../sql/identifiers.ts';
import { chosenName, relationSql } from './rewrite.ts';

/** What the trigger computes. */
export interface KeptColumn {
  readonly relation: Body<'AlterTableStmt'>['relation'];
  readonly column: string;
  /** An expression over the other columns of the row. */
  readonly expression: Node;
  /** The column it takes over from, while some write the one and some the other. */
  readonly successorOf?: string;
}

/** The trigger's function and the trigger, without semicolons. */
export function rowTrigger(kept: KeptColumn, deparse: Deparser): readonly string[] {
  const { relation } = kept;
  const { name, called } = namesOf(kept);
  return [
    `create function ${called}() returns trigger language plpgsql as $$
begin
${assignment(kept, deparse)}
  return new;
end $$`,
    `create trigger ${quoteIdentifier(name)} before insert or update on ${relationSql(relation)}
  for each row execute function ${called}()`,
  ];
}

/** What takes the trigger away again. */
export function withoutRowTrigger(kept: KeptColumn): readonly string[] {
  const { name, called } = namesOf(kept);
  return [
    `drop trigger ${quoteIdentifier(name)} on ${relationSql(kept.relation)}`,
    `drop function ${called}()`,
  ];
}

function namesOf({ relation, column }: KeptColumn): { name: string; called: string } {
  const name = chosenName(relation, [column], '');
  return { name, called: quoteQualified(relation?.schemaname, name) };
}

function assignment({ column, expression, successorOf }: KeptColumn, deparse: Deparser): string {
  const kept = `new.${quoteIdentifier(column)}`;
  const value = deparse(ofNewRow(expression));
  if (successorOf === undefined) return `  ${kept} := ${value};`;
  const old = quoteIdentifier(successorOf);
  return `  if tg_op = 'INSERT' then
    ${kept} := coalesce(${kept}, ${value});
  elsif new.${old} is distinct from old.${old} then
    ${kept} := ${value};
  end if;`;
}

/** The expression with `new.` before each column. */
function ofNewRow(expression: Node): Node {
  const copy = structuredClone(expression);
  prefix(copy);
  return copy;
}

function prefix(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  if ('ColumnRef' in value) {
    const reference = value as { ColumnRef: Body<'ColumnRef'> }; // the key says what it holds
    const name = stringsOf(reference.ColumnRef.fields).at(-1);
    if (name !== undefined) {
      reference.ColumnRef.fields = ['new', name].map((sval) => ({ String: { sval } }));
    }
    return;
  }
  for (const child of Object.values(value)) prefix(child);
}

/** A reference to a column. */
export function columnNode(name: string): Node {
  return { ColumnRef: { fields: [{ String: { sval: name } }] } };
}

/** Whether an expression is a column as it stands, perhaps cast to another type. */
export function isColumnItself(expression: Node | undefined, column: string | undefined): boolean {
  const cast = bodyOf(expression, 'TypeCast');
  const reference = bodyOf(cast === undefined ? expression : cast.arg, 'ColumnRef');
  return reference !== undefined && stringsOf(reference.fields).at(-1) === column;
}
