/** Keeps account of objects while statements create, rename and drop them, by identity and not by name. */

import type { LintedStatement } from './rule.ts';

/** When an object came to be: before the revision, in its up section, or in its down section. */
export type Born = 'before' | 'up' | 'down';

/** How a statement names an object. */
export interface ObjectName {
  /** Objects of one namespace cannot have the same name: tables, views and indexes share one. */
  readonly namespace: string;
  /** As people and SQL call it: `materialized view`. */
  readonly kind: string;
  readonly schema: string | undefined;
  readonly name: string;
  /** What it is a part of: the table of a column, of a trigger, of an index. */
  readonly owner?: KnownObject | undefined;
}

/** An object, as far as the statements of a revision tell. */
export interface KnownObject {
  readonly namespace: string;
  readonly kind: string;
  readonly born: Born;
  /** The name it had first. */
  readonly first: { readonly schema: string | undefined; readonly name: string };
  schema: string | undefined;
  name: string;
  owner: KnownObject | undefined;
  /** Columns of its owner without which it cannot be. */
  readonly columns: readonly string[];
  /** It may have been there before (`if not exists`, `or replace`), or stands for one that was. */
  readonly isUnsure: boolean;
  isAlive: boolean;
  /** The statement that created it, or renamed or dropped it last. */
  cause: LintedStatement | undefined;
}

/** Objects by identity. */
export interface ObjectLedger {
  /** In the order in which they were met. */
  readonly objects: readonly KnownObject[];
  /** Those that have or had this name. */
  like(name: string): readonly KnownObject[];
  /** The object of that name that is there; taken for one from before when nothing is known of it. */
  known(name: ObjectName): KnownObject;
  create(name: ObjectName, by: Creation): void;
  rename(object: KnownObject, to: Pick<ObjectName, 'name' | 'schema'>, by: LintedStatement): void;
  drop(name: ObjectName, by: LintedStatement): void;
  /** Drops the column, and what cannot be without it. */
  dropColumn(name: ObjectName, by: LintedStatement): void;
}

/** How an object comes to be. */
export interface Creation {
  readonly born: Born;
  readonly cause: LintedStatement;
  readonly columns?: readonly string[];
  readonly isUnsure?: boolean | undefined;
}

/** An empty ledger. */
export function objectLedger(): ObjectLedger {
  const objects: KnownObject[] = [];
  const byName = new Map<string, KnownObject[]>();
  const like = (name: string): readonly KnownObject[] => byName.get(name) ?? [];
  const index = (object: KnownObject): void => {
    byName.set(object.name, [...like(object.name), object]);
  };
  const known = (name: ObjectName): KnownObject => {
    const found = like(name.name).findLast((each) => isThere(each) && isNamed(each, name));
    if (found !== undefined) return found;
    const object = newObject(name, { born: 'before', columns: [], isUnsure: false });
    objects.push(object);
    index(object);
    return object;
  };
  return {
    objects,
    like,
    known,
    create(name, { born, cause, columns = [], isUnsure = false }) {
      // What takes the place of an object that was dropped by the same section is a new version of it.
      const replaces = like(name.name).some(
        (object) => object.born === 'before' && !object.isAlive && isNamed(object, name),
      );
      const object = newObject(name, {
        born,
        columns,
        isUnsure: isUnsure || (born === 'up' && replaces),
      });
      object.cause = cause;
      objects.push(object);
      index(object);
    },
    rename(object, { name, schema }, by) {
      object.name = name;
      object.schema = schema;
      object.cause = by;
      index(object);
    },
    drop(name, by) {
      const object = known(name);
      object.isAlive = false;
      object.cause = by;
    },
    dropColumn(name, by) {
      const column = known(name);
      column.isAlive = false;
      column.cause = by;
      for (const object of objects) {
        if (object.owner === name.owner && object.columns.includes(name.name)) {
          object.isAlive = false;
        }
      }
    },
  };
}

function newObject(
  { namespace, kind, schema, name, owner }: ObjectName,
  about: Pick<KnownObject, 'born' | 'columns' | 'isUnsure'>,
): KnownObject {
  return {
    ...about,
    ...{ namespace, kind, schema, name, owner },
    first: { schema, name },
    isAlive: true,
    cause: undefined,
  };
}

/** Whether an object, and what it is a part of, was not dropped. */
export function isThere({ isAlive, owner }: KnownObject): boolean {
  return isAlive && (owner === undefined || isThere(owner));
}

/** Whether a name may mean an object; without a schema it may mean one in any. */
export function isNamed(object: KnownObject, name: ObjectName): boolean {
  return (
    object.namespace === name.namespace &&
    object.name === name.name &&
    (object.schema === undefined || name.schema === undefined || object.schema === name.schema) &&
    (object.owner === undefined || name.owner === undefined || isSame(object.owner, name.owner))
  );
}

// An object that was dropped and created anew is another one under the same name.
function isSame(a: KnownObject, b: KnownObject): boolean {
  return a === b || (a.name === b.name && a.namespace === b.namespace && a.isAlive !== b.isAlive);
}
