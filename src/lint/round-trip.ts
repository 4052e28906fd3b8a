/** What a revision's up section changes that its down section does not take back. */

import { bodyOf, tagOf, words } from '../analysis/tree.ts';
import type { Dropped } from './drops.ts';
import { enter } from './ledger-entries.ts';
import {
  type Born,
  isNamed,
  isThere,
  type KnownObject,
  type ObjectLedger,
  objectLedger,
} from './object-ledger.ts';
import { nameSql } from './revision-text.ts';
import type { LintedRevision, LintedStatement } from './rule.ts';

/** Something that stays behind. */
export interface Leftover {
  /** The statement of the up section that did it. */
  readonly cause: LintedStatement;
  /** What it did: `creates index users_email`. */
  readonly did: string;
  /** What would take it back. */
  readonly undo: string;
}

/** What stays behind, in the order of the up section; nothing where a section cannot be read. */
export function leftovers({ sections }: LintedRevision): readonly Leftover[] {
  const { up = [], down = [] } = sections;
  if ([...up, ...down].some(isOpaque)) return [];
  const ledger = objectLedger();
  enterAll(up, ledger, 'up');
  // What an object was called when the down section began is what its leftover is called.
  const before = ledger.objects.map((object) => ({ object, state: { ...object } }));
  enterAll(down, ledger, 'down');
  const cascades = down.some(isCascade);
  return before.flatMap(({ object, state }): readonly Leftover[] => {
    if (state.cause === undefined || object.isUnsure) return [];
    if (object.born === 'up') {
      return isThere(object) && !(cascades && !HELD.has(object.kind))
        ? [{ cause: state.cause, did: `creates ${inWords(state)}`, undo: dropOf(state) }]
        : [];
    }
    if (!state.isAlive)
      return isBack(object, ledger.like(object.name)) ? [] : [dropped(state, state.cause)];
    const isElsewhere = object.name !== object.first.name || hasMoved(object, state);
    return isElsewhere && isThere(object) ? [renamed(state, state.cause)] : [];
  });
}

/** Whether the up section created what a statement of the down section drops, and nobody before. */
export function isCreatedByUp(
  up: readonly LintedStatement[],
  statement: LintedStatement,
  { kind, path }: Dropped,
): boolean {
  const [name = '', table] = path.toReversed();
  const object = ledgerBefore(up, statement)
    .like(name)
    .findLast(
      (each) =>
        isThere(each) &&
        each.name === name &&
        (kind === 'column' ? each.owner?.name === table : KINDS[kind] === each.namespace),
    );
  const isSure = object?.isUnsure === false && object.cause?.statement.onlyIf === undefined;
  return object?.born === 'up' && isSure;
}

/** How far each up section's ledger has come in its down section: statements are asked in their order. */
const LEDGERS = new WeakMap<object, { readonly ledger: ObjectLedger; entered: number }>();

/** The ledger when a statement of the down section begins. */
function ledgerBefore(up: readonly LintedStatement[], { before }: LintedStatement): ObjectLedger {
  const done = before;
  let known = LEDGERS.get(up);
  if (known === undefined || known.entered > done.length) {
    known = { ledger: objectLedger(), entered: 0 };
    LEDGERS.set(up, known);
    enterAll(up, known.ledger, 'up');
  }
  enterAll(done.slice(known.entered), known.ledger, 'down');
  known.entered = done.length;
  return known.ledger;
}

function enterAll(statements: readonly LintedStatement[], ledger: ObjectLedger, born: Born): void {
  for (const cause of statements) {
    if (cause.node !== undefined) enter(cause.node, { ledger, born, cause });
  }
}

const KINDS: Readonly<Record<string, string>> = { table: 'relation', schema: 'OBJECT_SCHEMA' };

/** What `cascade` does not take along by itself. */
const HELD = new Set(['table', 'column', 'schema', 'extension']);

/** Whether nobody can tell what a statement changes. */
function isOpaque({ node, statement }: LintedStatement): boolean {
  if (statement.facts.compatibility.verdict !== 'unknown') return false;
  return node === undefined || OPAQUE.has(tagOf(node));
}

const OPAQUE = new Set(['DoStmt', 'CallStmt', 'SelectStmt', 'ExecuteStmt', 'DropOwnedStmt']);

function isCascade({ node }: LintedStatement): boolean {
  const alter = bodyOf(node, 'AlterTableStmt')?.cmds ?? [];
  return (
    bodyOf(node, 'DropStmt')?.behavior === 'DROP_CASCADE' ||
    alter.some((each) => bodyOf(each, 'AlterTableCmd')?.behavior === 'DROP_CASCADE')
  );
}

/** Whether the down section, or the up section itself, put another object in its place. */
function isBack(object: KnownObject, objects: readonly KnownObject[]): boolean {
  // With its table it goes, and comes back.
  if (object.owner !== undefined && !isThere(object.owner)) return true;
  return objects.some(
    (other) => other.born !== 'before' && isThere(other) && isNamed(other, object),
  );
}

/** Where nobody said the schema it came from, any other than that of the up section may be it. */
function hasMoved({ first, schema }: KnownObject, afterUp: KnownObject): boolean {
  return schema !== first.schema && (first.schema !== undefined || schema === afterUp.schema);
}

function dropped(object: KnownObject, cause: LintedStatement): Leftover {
  return {
    cause,
    did: `drops ${inWords(object)}`,
    undo: `-- <creates ${object.kind} ${inSql(object)} as it was>`,
  };
}

function renamed(object: KnownObject, cause: LintedStatement): Leftover {
  const { first, schema, name, kind } = object;
  if (name === first.name) {
    return {
      cause,
      did: `moves ${inWords({ ...object, schema: first.schema })} to schema ${words([schema ?? ''])}`,
      undo: `alter ${kind} ${inSql(object)} set schema ${nameSql([first.schema ?? 'public'])};`,
    };
  }
  const old = nameSql([first.name]);
  return {
    cause,
    did: `renames ${inWords({ ...object, name: first.name })} to ${words([name])}`,
    undo:
      object.owner === undefined
        ? `alter ${kind} ${inSql(object)} rename to ${old};`
        : renameOfPart(object, object.owner, old),
  };
}

function renameOfPart({ kind, name }: KnownObject, owner: KnownObject, old: string): string {
  const isPart = ON_TABLE.has(kind);
  return isPart
    ? `alter ${kind} ${nameSql([name])} on ${inSql(owner)} rename to ${old};`
    : `alter ${owner.kind} ${inSql(owner)} rename ${kind} ${nameSql([name])} to ${old};`;
}

const ON_TABLE = new Set(['trigger', 'policy', 'rule']);

function dropOf(object: KnownObject): string {
  const { kind, name, owner, cause } = object;
  if (kind === 'index') {
    const isConcurrent = bodyOf(cause?.node, 'IndexStmt')?.concurrent === true;
    return `drop index ${isConcurrent ? 'concurrently ' : ''}${inSql(object)};`;
  }
  if (owner === undefined || kind === 'table' || kind === 'sequence') {
    return `drop ${kind} ${inSql(object)};`;
  }
  return ON_TABLE.has(kind)
    ? `drop ${kind} ${nameSql([name])} on ${inSql(owner)};`
    : `alter ${owner.kind} ${inSql(owner)} drop ${kind} ${nameSql([name])};`;
}

function inSql({ schema, name }: KnownObject): string {
  return nameSql(schema === undefined ? [name] : [schema, name]);
}

function inWords({ kind, schema, name, owner }: KnownObject): string {
  const own = words(schema === undefined ? [name] : [schema, name]);
  if (owner === undefined || kind === 'index' || kind === 'table') return `${kind} ${own}`;
  const of = words(owner.schema === undefined ? [owner.name] : [owner.schema, owner.name]);
  return kind === 'column' ? `column ${of}.${own}` : `${kind} ${own} of ${of}`;
}
