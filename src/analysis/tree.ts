/** How to read Postgres' parse tree: tags, names and types in words. Knows no statement in particular. */

import type { SqlNode } from '../sql/parse.ts';

/** A node of the parse tree: an object whose only key is its kind. */
export type Node = SqlNode;

type KeysOf<Union> = Union extends unknown ? keyof Union : never;

/** The name of a kind of node, such as `CreateStmt`. */
export type Tag = KeysOf<Node>;

/** What a node of kind `T` holds. */
export type Body<T extends Tag> = Extract<Node, { readonly [K in T]: unknown }>[T];

/** The kind of `node`: a node is an object with its kind as only key. */
export function tagOf(node: Node): Tag {
  return Object.keys(node)[0] as Tag; // a Node has exactly one key
}

/** What `node` holds when it is of kind `tag`. */
export function bodyOf<T extends Tag>(node: Node | undefined, tag: T): Body<T> | undefined {
  return node !== undefined && tag in node
    ? (node as unknown as Record<T, Body<T>>)[tag]
    : undefined;
}

/** What the nodes of kind `tag` in a list hold. */
export function bodiesOf<T extends Tag>(nodes: readonly Node[] | undefined, tag: T): Body<T>[] {
  return (nodes ?? []).flatMap((node) => bodyOf(node, tag) ?? []);
}

/** Every node of kind `tag` at any depth below `value`, in no particular order. */
export function descendants<T extends Tag>(value: unknown, tag: T): Body<T>[] {
  const found: Body<T>[] = [];
  walk(value, (key, body) => {
    if (key === tag) found.push(body as Body<T>); // the tag says what the body is
  });
  return found;
}

/** Every node of one of these kinds at any depth below `value`, in no particular order. */
export function nodesBelow(value: unknown, tags: ReadonlySet<string>): Node[] {
  const found: Node[] = [];
  walk(value, (key, body) => {
    if (tags.has(key)) found.push({ [key]: body } as Node); // a tag and its body make a node
  });
  return found;
}

/** The kinds of all nodes at any depth below `value`. */
export function tagsBelow(value: unknown): ReadonlySet<string> {
  const tags = new Set<string>();
  walk(value, (key) => tags.add(key));
  return tags;
}

// A stack of our own: an expression may be nested deeper than calls may be. Tags are the keys in
// upper case, all others are fields.
function walk(value: unknown, visit: (tag: string, body: unknown) => void): void {
  const rest: unknown[] = [value];
  while (rest.length > 0) {
    const next = rest.pop();
    if (typeof next !== 'object' || next === null) continue;
    for (const [key, child] of Object.entries(next)) {
      if (key >= 'A' && key < 'a') visit(key, child);
      rest.push(child);
    }
  }
}

/** The strings of a list of `String` nodes: a qualified name, a list of columns. */
export function stringsOf(nodes: readonly Node[] | undefined): string[] {
  return bodiesOf(nodes, 'String').map((name) => name.sval ?? '');
}

/** The parts of the name in any node that names an object. */
export function nameOf(node: Node | undefined): string[] {
  if (node === undefined) return [];
  const relation = bodyOf(node, 'RangeVar');
  if (relation !== undefined) return relationName(relation);
  const type = bodyOf(node, 'TypeName');
  if (type !== undefined) return stringsOf(type.names);
  const routine = bodyOf(node, 'ObjectWithArgs');
  if (routine !== undefined) return stringsOf(routine.objname);
  const list = bodyOf(node, 'List');
  return list === undefined ? stringsOf([node]) : (list.items ?? []).flatMap(nameOf);
}

/** The parts of a relation's name: with its schema only when the statement says it. */
export function relationName(relation: Body<'RangeVar'> | undefined): string[] {
  const name = relation?.relname ?? '';
  return relation?.schemaname === undefined ? [name] : [relation.schemaname, name];
}

/** A name as people read it: `app.users`, with quotes only where a part needs them to be read at all. */
export function words(parts: readonly string[]): string {
  return parts
    .map((part) => (/^[\p{L}\p{N}_$]+$/u.test(part) ? part : JSON.stringify(part)))
    .join('.');
}

/** A relation's name as people read it. */
export function relationWords(relation: Body<'RangeVar'> | undefined): string {
  return words(relationName(relation));
}

/** The name of a built-in type as the parser knows it, or a type's own name as written. */
export function typeIdentifier(type: Body<'TypeName'> | undefined): string {
  const names = stringsOf(type?.names);
  return words(names[0] === 'pg_catalog' ? names.slice(1) : names);
}

const SQL_NAMES: Readonly<Record<string, string>> = {
  int2: 'smallint',
  int4: 'integer',
  int8: 'bigint',
  float4: 'real',
  float8: 'double precision',
  bool: 'boolean',
  bpchar: 'char',
};

/** A type as people read it: `varchar(20)`, `integer[]`. */
export function typeWords(type: Body<'TypeName'> | undefined): string {
  const name = typeIdentifier(type);
  // The numbers behind an interval are a bit mask of its fields: nothing a person would read.
  const modifiers = name === 'interval' ? [] : bodiesOf(type?.typmods, 'A_Const');
  const list = modifiers.map((modifier) => modifier.ival?.ival ?? 0).join(', ');
  const brackets = '[]'.repeat(type?.arrayBounds?.length ?? 0);
  return `${SQL_NAMES[name] ?? name}${list === '' ? '' : `(${list})`}${brackets}`;
}

/** Whether an option such as `concurrently` or `(concurrently true)` is switched on. */
export function hasOption(options: readonly Node[] | undefined, name: string): boolean {
  return optionValue(options, name) ?? false;
}

/** Whether an option is on or off; undefined when the statement does not say. */
export function optionValue(
  options: readonly Node[] | undefined,
  name: string,
): boolean | undefined {
  const option = bodiesOf(options, 'DefElem').findLast((each) => each.defname === name);
  if (option === undefined) return undefined;
  if (option.arg === undefined) return true;
  const boolean = bodyOf(option.arg, 'Boolean');
  if (boolean !== undefined) return boolean.boolval ?? false;
  const integer = bodyOf(option.arg, 'Integer');
  if (integer !== undefined) return (integer.ival ?? 0) !== 0;
  return !['false', 'off', '0', 'none'].includes(stringsOf([option.arg])[0]?.toLowerCase() ?? '');
}

const OBJECT_KINDS: Readonly<Record<string, string>> = {
  OBJECT_MATVIEW: 'materialized view',
  OBJECT_TABCONSTRAINT: 'constraint',
  OBJECT_DOMCONSTRAINT: 'constraint',
  OBJECT_FDW: 'foreign data wrapper',
  OBJECT_FOREIGN_SERVER: 'server',
  OBJECT_OPCLASS: 'operator class',
  OBJECT_OPFAMILY: 'operator family',
  OBJECT_STATISTIC_EXT: 'statistics',
  OBJECT_TSCONFIGURATION: 'text search configuration',
  OBJECT_TSDICTIONARY: 'text search dictionary',
  OBJECT_TSPARSER: 'text search parser',
  OBJECT_TSTEMPLATE: 'text search template',
  OBJECT_LARGEOBJECT: 'large object',
};

/** A kind of object as people read it: `materialized view`. */
export function kindWords(kind: string | undefined): string {
  return (
    OBJECT_KINDS[kind ?? ''] ??
    (kind ?? 'object')
      .replace(/^OBJECT_/, '')
      .toLowerCase()
      .replaceAll('_', ' ')
  );
}

/** A routine's name with the types of its input arguments, which together identify it. */
export function routineName(
  name: readonly string[],
  argumentTypes: readonly (Body<'TypeName'> | undefined)[],
): string[] {
  return [...name.slice(0, -1), `${name.at(-1) ?? ''}(${argumentTypes.map(typeWords).join(', ')})`];
}
