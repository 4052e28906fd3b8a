/** Which objects are new in this release, unknown to its previous code; when in doubt, none is. */

import { forgetTemporaryKnown, type KnownSchema, nothingKnown, restoreKnown } from './known.ts';
import { type Body, relationName } from './tree.ts';

/** A column that a table from before got in this release. */
export interface NewColumn {
  /** Whether it refuses nulls. */
  readonly required: boolean;
  readonly value: UnnamedValue;
}

/**
 * What an insert that does not name a column puts there: null, a default that may be the same each
 * time, a default that never is, or whatever the row's other columns make of it.
 */
export type UnnamedValue = 'null' | 'default' | 'distinct' | 'computed';

/** What a name stands for, as far as it matters here: only a table's rows are its own. */
type ObjectKind = 'table' | 'temporary table' | 'other';

/** The objects created so far in a release; `prepareScript` adds to it. Opaque to other rooms. */
export interface CreatedObjects {
  readonly objects: Map<string, ObjectKind>;
  readonly columns: Map<string, NewColumn>;
  /**
   * Counts the changes of search_path: a name without a schema means the same object only as long
   * as none happened.
   */
  searchPath: number;
  /** What statements so far told about tables; it may begin with revisions before the release. */
  readonly known: KnownSchema;
}

/** A release in which nothing has been created yet; what is known of the database before it may be. */
export function nothingCreated(known: KnownSchema = nothingKnown()): CreatedObjects {
  return { objects: new Map(), columns: new Map(), searchPath: 0, known };
}

/** Puts `created` back to what it is now; what fits into one look of the parser never has to. */
export function restorable(created: CreatedObjects, isLong: boolean): () => void {
  if (!isLong) return () => undefined;
  const { objects, columns, searchPath, known } = structuredClone(created);
  return () => {
    created.objects.clear();
    for (const [name, kind] of objects) created.objects.set(name, kind);
    created.columns.clear();
    for (const [name, column] of columns) created.columns.set(name, column);
    created.searchPath = searchPath;
    restoreKnown(created.known, known);
  };
}

/** Where an object's name must be unique: tables, views, indexes and sequences share one namespace. */
export function namespaceOf(kind: string | undefined): string {
  switch (kind) {
    case 'OBJECT_TABLE':
    case 'OBJECT_FOREIGN_TABLE':
    case 'OBJECT_VIEW':
    case 'OBJECT_MATVIEW':
    case 'OBJECT_SEQUENCE':
    case 'OBJECT_INDEX':
      return 'relation';
    case 'OBJECT_TYPE':
    case 'OBJECT_DOMAIN':
      return 'type';
    case 'OBJECT_FUNCTION':
    case 'OBJECT_PROCEDURE':
    case 'OBJECT_ROUTINE':
    case 'OBJECT_AGGREGATE':
      return 'routine';
    default:
      return kind ?? 'object';
  }
}

/** Whether an object was created in this release, by itself or with its schema. */
export function isNew(
  created: CreatedObjects,
  namespace: string,
  name: readonly string[],
): boolean {
  if (created.objects.has(keyOf(created, namespace, name))) return true;
  const schema = name.length > 1 ? name[0] : undefined;
  return schema !== undefined && created.objects.has(keyOf(created, 'OBJECT_SCHEMA', [schema]));
}

/** Whether a table, view, sequence or index was created in this release. */
export function isNewRelation(
  created: CreatedObjects,
  relation: Body<'RangeVar'> | undefined,
): boolean {
  return relation?.schemaname === 'pg_temp' || isNew(created, 'relation', relationName(relation));
}

/** Whether a relation holds only rows of this release: a new view shows the rows of old tables. */
export function holdsOnlyNewRows(
  created: CreatedObjects,
  relation: Body<'RangeVar'> | undefined,
): boolean {
  const kind = kindOfNew(created, relationName(relation));
  return relation?.schemaname === 'pg_temp' || kind === 'table' || kind === 'temporary table';
}

/** What kind of relation a name stands for when it is new. */
export function kindOfNew(
  created: CreatedObjects,
  name: readonly string[],
): ObjectKind | undefined {
  return created.objects.get(keyOf(created, 'relation', name));
}

/** What is known of a column that this release added to a table from before. */
export function newColumn(
  created: CreatedObjects,
  relation: Body<'RangeVar'> | undefined,
  column: string | undefined,
): NewColumn | undefined {
  return created.columns.get(columnKey(created, relation, column));
}

/** Remembers, changes or (with undefined) forgets a new column. */
export function setNewColumn(
  created: CreatedObjects,
  relation: Body<'RangeVar'> | undefined,
  change: { readonly column: string | undefined; readonly state: NewColumn | undefined },
): void {
  const key = columnKey(created, relation, change.column);
  if (change.state === undefined) created.columns.delete(key);
  else created.columns.set(key, change.state);
}

/** Remembers an object as new. */
export function addNew(
  created: CreatedObjects,
  namespace: string,
  object: { readonly name: readonly string[]; readonly kind?: ObjectKind },
): void {
  created.objects.set(keyOf(created, namespace, object.name), object.kind ?? 'other');
}

/** Forgets an object: it was dropped, or its name means something else now. */
export function forget(created: CreatedObjects, namespace: string, name: readonly string[]): void {
  created.objects.delete(keyOf(created, namespace, name));
}

/** Forgets everything, after a statement that may have taken creations back. */
export function forgetAll(created: CreatedObjects): void {
  created.objects.clear();
  created.columns.clear();
}

/** Forgets temporary tables, at the end of a transaction that they may not outlive. */
export function forgetTemporary(created: CreatedObjects): void {
  for (const [key, kind] of created.objects) {
    if (kind === 'temporary table') created.objects.delete(key);
  }
  forgetTemporaryKnown(created.known);
}

/** A copy whose columns can be changed without changing the original's. */
export function withOwnColumns(created: CreatedObjects): CreatedObjects {
  return { ...created, columns: new Map(created.columns) };
}

// Names are compared as written. Taking `users` for `public.users` would be right nearly always,
// and wrong exactly where it costs data.
function keyOf(created: CreatedObjects, namespace: string, name: readonly string[]): string {
  const path = name.length > 1 || namespace === 'OBJECT_SCHEMA' ? '' : created.searchPath;
  return JSON.stringify([namespace, path, ...name]);
}

function columnKey(
  created: CreatedObjects,
  relation: Body<'RangeVar'> | undefined,
  column: string | undefined,
): string {
  return JSON.stringify([keyOf(created, 'relation', relationName(relation)), column]);
}
