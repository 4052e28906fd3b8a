/**
 * What earlier statements tell about tables: types of columns, which of them refuse nulls, constraints,
 * indexes. It is never complete, and must never be wrong: when in doubt it is forgotten. Only locks and
 * work are read with it; what is compatible and what is lost never depends on it.
 */

import type { RelationName } from '../core/revision.ts';
import { type Body, relationName } from './tree.ts';

/** A column's type as its definition says it. */
export interface KnownType {
  /** As the parser knows it: `varchar`, `int4`. */
  readonly name: string;
  readonly modifiers: readonly number[];
  readonly isArray: boolean;
}

/** A constraint that has a name. */
export interface KnownConstraint {
  readonly kind: NonNullable<Body<'Constraint'>['contype']>;
  readonly isValid: boolean;
  /** Columns that are not null in every row for which it holds. */
  readonly proves: readonly string[];
  /** Of a foreign key: the table that it refers to. */
  readonly refersTo: RelationName | undefined;
}

/** What is known of a table; what is not in it may still be there. */
export interface KnownTable {
  /** Of columns of which everything is known since they were made. */
  readonly types: Map<string, KnownType>;
  /** Columns on which a check or an expression of an index depends, which follow a change of type. */
  readonly bound: Set<string>;
  /** Columns that refuse nulls. */
  readonly required: Set<string>;
  readonly constraints: Map<string, KnownConstraint>;
  /** It may be gone with its transaction, and its name then means another. */
  readonly isTemporary: boolean;
}

/** What is known so far. Opaque to other rooms. */
export interface KnownSchema {
  readonly tables: Map<string, KnownTable>;
  /** Indexes and the tables that they belong to. */
  readonly indexes: Map<string, RelationName>;
}

/** A database of which nothing is known. */
export function nothingKnown(): KnownSchema {
  return { tables: new Map(), indexes: new Map() };
}

/** Forgets everything, after something that may have changed anything. */
export function forgetKnown(known: KnownSchema): void {
  known.tables.clear();
  known.indexes.clear();
}

/** Puts `known` back to what it was. */
export function restoreKnown(known: KnownSchema, { tables, indexes }: KnownSchema): void {
  forgetKnown(known);
  for (const [key, table] of tables) known.tables.set(key, table);
  for (const [key, table] of indexes) known.indexes.set(key, table);
}

/** The table of that name, to be told more about. */
export function knownTable(known: KnownSchema, relation: Body<'RangeVar'> | undefined): KnownTable {
  const key = knownKey(relationName(relation));
  const table = known.tables.get(key) ?? unknownTable(false);
  known.tables.set(key, table);
  return table;
}

/** A table of which nothing is known. */
export function unknownTable(isTemporary: boolean): KnownTable {
  const constraints = new Map<string, KnownConstraint>();
  return { types: new Map(), bound: new Set(), required: new Set(), constraints, isTemporary };
}

/** Forgets temporary tables, at the end of a transaction that they may not outlive. */
export function forgetTemporaryKnown(known: KnownSchema): void {
  for (const [key, { isTemporary }] of known.tables) if (isTemporary) known.tables.delete(key);
}

/** Names are compared as written, like those of what is new. */
export function knownKey(name: readonly string[]): string {
  return JSON.stringify(name);
}

/** The type of a column on which nothing depends that would have to be made again with another type. */
export function typeKnown(
  known: KnownSchema | undefined,
  relation: Body<'RangeVar'> | undefined,
  column: string,
): KnownType | undefined {
  const table = known?.tables.get(knownKey(relationName(relation)));
  return table?.bound.has(column) === true ? undefined : table?.types.get(column);
}

/** Whether no row has a null in the column, as Postgres knows without a look at them. */
export function refusesNulls(
  known: KnownSchema | undefined,
  relation: Body<'RangeVar'> | undefined,
  column: string,
): boolean {
  const table = known?.tables.get(knownKey(relationName(relation)));
  if (table === undefined) return false;
  return (
    table.required.has(column) ||
    [...table.constraints.values()].some(
      ({ isValid, proves }) => isValid && proves.includes(column),
    )
  );
}

/** The constraint of that name on the table. */
export function constraintKnown(
  known: KnownSchema | undefined,
  relation: Body<'RangeVar'> | undefined,
  name: string,
): KnownConstraint | undefined {
  return known?.tables.get(knownKey(relationName(relation)))?.constraints.get(name);
}

/** The table that an index belongs to. */
export function tableOfIndex(
  known: KnownSchema | undefined,
  { schema, name }: RelationName,
): RelationName | undefined {
  return known?.indexes.get(knownKey(schema === undefined ? [name] : [schema, name]));
}
