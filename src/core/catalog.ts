/** What a database holds, as facts in words by which two databases can be compared. */

import { lineDifference } from './difference.ts';
import { compareText } from './graph.ts';

/** One object: the same name and facts wherever the same statements made it, in whatever order. */
export interface CatalogObject {
  /** `table`, `column`, `index`, `comment`, … */
  readonly kind: string;
  /** With its schema, quoted where SQL needs it; unique among the objects of its kind. */
  readonly name: string;
  /** What is true of it, in words or SQL: `not null`, `default now()`, `CREATE INDEX …`. */
  readonly facts: readonly string[];
}

/** All objects of a database, sorted by kind and name. */
export type Catalog = readonly CatalogObject[];

/** What one object comes to when two catalogs are compared. */
export type CatalogDifference =
  | { readonly change: 'missing' | 'extra'; readonly object: CatalogObject }
  | {
      readonly change: 'changed';
      readonly kind: string;
      readonly name: string;
      /** Facts that only the expected object has, and only the one that was found. */
      readonly missing: readonly string[];
      readonly extra: readonly string[];
    };

/** The objects in the order of a catalog. */
export function sortCatalog(objects: Iterable<CatalogObject>): Catalog {
  return [...objects].sort((a, b) => compareText(a.kind, b.kind) || compareText(a.name, b.name));
}

/** How `found` differs from `expected`; empty where it does not. Facts have no order. */
export function compareCatalogs(expected: Catalog, found: Catalog): readonly CatalogDifference[] {
  const left = byKey(expected);
  const right = byKey(found);
  const differences: { readonly key: string; readonly difference: CatalogDifference }[] = [];
  for (const [key, object] of left) {
    const other = right.get(key);
    const difference: CatalogDifference | undefined =
      other === undefined ? { change: 'missing', object } : changeOf(object, other);
    if (difference !== undefined) differences.push({ key, difference });
  }
  for (const [key, object] of right) {
    if (!left.has(key)) differences.push({ key, difference: { change: 'extra', object } });
  }
  return differences.sort((a, b) => compareText(a.key, b.key)).map(({ difference }) => difference);
}

function byKey(catalog: Catalog): ReadonlyMap<string, CatalogObject> {
  return new Map(catalog.map((object) => [`${object.kind}\0${object.name}`, object]));
}

function changeOf(
  expected: CatalogObject,
  found: CatalogObject,
): Extract<CatalogDifference, { change: 'changed' }> | undefined {
  const missing = without(expected.facts, found.facts);
  const extra = without(found.facts, expected.facts);
  if (missing.length === 0 && extra.length === 0) return undefined;
  return { change: 'changed', kind: expected.kind, name: expected.name, missing, extra };
}

/** `facts` less `others`, each as often as it is there. */
function without(facts: readonly string[], others: readonly string[]): readonly string[] {
  const rest = [...others];
  return facts.filter((fact) => {
    const at = rest.indexOf(fact);
    if (at === -1) return true;
    rest.splice(at, 1);
    return false;
  });
}

/** Longer facts are cut: what a function is all about is in its file. */
const LONGEST_FACT = 300;

/**
 * A difference in lines for people: `- index public.users_email: …` for what was expected and is not
 * there, `+ …` for what is there and was not expected.
 */
export function describeDifference(difference: CatalogDifference): readonly string[] {
  if (difference.change !== 'changed') {
    const { kind, name, facts } = difference.object;
    const mark = difference.change === 'missing' ? '-' : '+';
    const about = facts.length === 0 ? '' : `: ${facts.map(oneLine).join(', ')}`;
    return [cut(`${mark} ${kind} ${name}${about}`)];
  }
  const { kind, name, missing, extra } = difference;
  const [before, after] = [missing[0] ?? '', extra[0] ?? ''];
  if (missing.length === 1 && extra.length === 1 && /\n/.test(before) && /\n/.test(after)) {
    return [`~ ${kind} ${name}:`, ...lineDifference(before, after).map((line) => `    ${line}`)];
  }
  const line = (mark: string) => (fact: string) => cut(`${mark} ${kind} ${name}: ${oneLine(fact)}`);
  return [...missing.map(line('-')), ...extra.map(line('+'))];
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

function cut(line: string): string {
  return line.length <= LONGEST_FACT ? line : `${line.slice(0, LONGEST_FACT)}…`;
}
