/** How a tree names objects for a ledger of them. */

import { namespaceOf } from '../analysis/created.ts';
import { type Body, descendants, kindWords, relationName, stringsOf } from '../analysis/tree.ts';
import type { Born, KnownObject, ObjectLedger, ObjectName } from './object-ledger.ts';
import type { LintedStatement } from './rule.ts';

/** What is entered: where, in which section, on behalf of which statement. */
export interface Entry {
  readonly ledger: ObjectLedger;
  readonly born: Born;
  readonly cause: LintedStatement;
}

/** A relation as the tree names it. */
export type Relation = Body<'RangeVar'> | undefined;

/** Enters a new object. */
export function create(name: ObjectName, entry: Entry, isUnsure: boolean | undefined): void {
  entry.ledger.create(name, { ...entry, isUnsure });
}

/** An object that is part of no other. */
export function named(kind: string | undefined, name: readonly string[]): ObjectName {
  return {
    namespace: namespaceOf(kind),
    kind: kindWords(kind),
    schema: name.length > 1 ? name[0] : undefined,
    name: name.at(-1) ?? '',
  };
}

/** A relation. */
export function relationNamed(kind: string, relation: Relation): ObjectName {
  const { schemaname: schema, relname: name = '' } = relation ?? {};
  return { namespace: 'relation', kind, schema, name };
}

/** A relation by its name. */
export function relationOf(name: readonly string[]): Relation {
  const [relname = '', schemaname] = name.toReversed();
  return { relname, ...(schemaname === undefined ? {} : { schemaname }) };
}

/** The table that a part belongs to. */
export function tableOf(relation: Relation, { ledger }: Entry): KnownObject {
  return ledger.known(relationNamed('table', relation));
}

/** An object that is part of a table or type. */
export function partOf(
  kind: string | undefined,
  relation: Relation,
  name: string | undefined,
  entry: Entry,
): ObjectName {
  const namespace = kind === 'OBJECT_TABCONSTRAINT' ? 'constraint' : kindWords(kind);
  const owner =
    kind === 'OBJECT_ATTRIBUTE'
      ? entry.ledger.known(named('OBJECT_TYPE', relationName(relation)))
      : tableOf(relation, entry);
  return { namespace, kind: kindWords(kind), schema: undefined, name: name ?? '', owner };
}

/** The columns that expressions name. */
export function columnsIn(values: readonly unknown[]): readonly string[] {
  const keys = descendants(values, 'IndexElem').flatMap(({ name }) => name ?? []);
  const references = descendants(values, 'ColumnRef').flatMap(
    ({ fields }) => stringsOf(fields).at(-1) ?? [],
  );
  return [...keys, ...references];
}

/** What `if exists` means may never have been there; what is known was. */
export function isKnown(name: ObjectName, { ledger }: Entry): boolean {
  return ledger
    .like(name.name)
    .some(
      (object) =>
        object.isAlive && object.namespace === name.namespace && object.name === name.name,
    );
}
