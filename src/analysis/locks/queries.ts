/** What queries and changes of rows lock: also where they are a part of another statement. */

import {
  type Body,
  bodiesOf,
  bodyOf,
  descendants,
  type Node,
  nodesBelow,
  stringsOf,
} from '../tree.ts';
import { type Lockers, lock, type Taken } from './taken.ts';

/** Locks of queries, and of statements that hold one. */
export const queries: Lockers = {
  SelectStmt: (s) => lockedBy({ SelectStmt: s }),
  InsertStmt: (s) => lockedBy({ InsertStmt: s }),
  UpdateStmt: (s) => lockedBy({ UpdateStmt: s }),
  DeleteStmt: (s) => lockedBy({ DeleteStmt: s }),
  MergeStmt: (s) => lockedBy({ MergeStmt: s }),
  CopyStmt: (s) =>
    s.relation === undefined
      ? lockedBy(s.query)
      : lock(s.is_from === true ? 'row exclusive' : 'access share', s.relation),
  // Even what is only planned or prepared is locked while it is.
  ExplainStmt: (s) => lockedBy(s.query),
  PrepareStmt: (s) => lockedBy(s.query),
  DeclareCursorStmt: (s) => lockedBy(s.query),
  CreateTableAsStmt: (s) => lockedBy(s.query),
  ViewStmt: (s) => [
    ...lockedBy(s.query),
    // The view that is replaced; a new one is nobody else's.
    ...(s.replace === true ? lock('access exclusive', s.view) : []),
  ],
  CreateFunctionStmt: (s) => lockedBy(s.sql_body),
};

/** The relations that a query names, and how it locks them. Views lock their tables besides. */
export function lockedBy(query: Node | undefined): readonly Taken[] {
  const locks: Taken[] = [];
  // A stack of our own: a query may be nested deeper than calls may be, and have a million values.
  const rest: Visit[] = [{ value: query, hidden: NOTHING }];
  for (let visit = rest.pop(); visit !== undefined; visit = rest.pop()) {
    const parts = enter(visit, locks);
    for (let i = parts.length - 1; i >= 0; i -= 1) {
      const part = parts[i];
      if (part !== undefined) rest.push(part);
    }
  }
  return locks;
}

/** A part of the tree, and the names that stand for a `with` query there. */
interface Visit {
  readonly value: unknown;
  readonly hidden: ReadonlySet<string>;
}

const NOTHING: ReadonlySet<string> = new Set();

/** Adds the locks of one node, and answers what is below it. */
function enter({ value, hidden }: Visit, locks: Taken[]): readonly Visit[] {
  if (!isTree(value)) return [];
  const table = value['RangeVar'] as Body<'RangeVar'> | undefined; // the tag says what it is
  if (table !== undefined) {
    if (!isHidden(table, hidden)) locks.push(...lock('access share', table));
    return [];
  }
  const clause = value['withClause'] as Body<'WithClause'> | undefined; // the field's only type
  const inner = clause === undefined ? hidden : new Set([...hidden, ...namesOf(clause)]);
  locks.push(...ownLocks(value, inner));
  const parts: Visit[] = clause === undefined ? [] : withQueries(clause, hidden);
  for (const key in value) {
    const part = value[key];
    if (typeof part !== 'object' || PASSED_OVER.has(key)) continue;
    // Of the values of a seed only a few can name a relation.
    const inside = key === 'valuesLists' ? nodesBelow(part, IN_VALUES) : part;
    parts.push({ value: inside, hidden: inner });
  }
  return parts;
}

const IN_VALUES = new Set(['SubLink', 'FuncCall']);

/** Fields that name a relation in another way than to read it, and `with` queries. */
const PASSED_OVER = new Set(['withClause', 'intoClause', 'lockingClause', 'relation']);

function isTree(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null;
}

function isHidden({ schemaname, relname }: Body<'RangeVar'>, hidden: ReadonlySet<string>): boolean {
  return schemaname === undefined && hidden.has(relname ?? '');
}

function namesOf(clause: Body<'WithClause'>): string[] {
  return bodiesOf(clause.ctes, 'CommonTableExpr').flatMap(({ ctename }) => ctename ?? []);
}

/** A `with` query sees those before it; with `recursive` itself and those behind it, too. */
function withQueries(clause: Body<'WithClause'>, outer: ReadonlySet<string>): Visit[] {
  const names = namesOf(clause);
  return bodiesOf(clause.ctes, 'CommonTableExpr').map(({ ctequery }, i) => ({
    value: ctequery,
    hidden: new Set([...outer, ...(clause.recursive === true ? names : names.slice(0, i))]),
  }));
}

/** The table that a statement writes to, those whose rows a `select` locks, and sequences. */
function ownLocks(
  value: { readonly [key: string]: unknown },
  hidden: ReadonlySet<string>,
): readonly Taken[] {
  // In queries only what is written to is in a field of this name.
  const written = value['relation'] as Body<'RangeVar'> | undefined;
  if (written !== undefined) return lock('row exclusive', written);
  const call = value['FuncCall'] as Body<'FuncCall'> | undefined; // the tag says what it is
  if (call !== undefined) return sequence(call);
  // Only a select has this field.
  return value['lockingClause'] === undefined
    ? []
    : lockedRows(value as Body<'SelectStmt'>, hidden);
}

function lockedRows(select: Body<'SelectStmt'>, hidden: ReadonlySet<string>): Taken[] {
  const tables = tablesOf(select.fromClause).filter((table) => !isHidden(table, hidden));
  return bodiesOf(select.lockingClause, 'LockingClause').flatMap(({ lockedRels }) => {
    const names = bodiesOf(lockedRels, 'RangeVar').map(({ relname }) => relname);
    const locked = tables.filter(
      (table) => names.length === 0 || names.includes(table.alias?.aliasname ?? table.relname),
    );
    return locked.flatMap((table) => lock('row share', table));
  });
}

function tablesOf(from: readonly Node[] | undefined): Body<'RangeVar'>[] {
  return descendants(from, 'RangeVar');
}

const SEQUENCE_FUNCTIONS = new Set(['nextval', 'setval', 'currval']);

/** A sequence that a query names by a constant: `nextval('users_id_seq')`. */
function sequence(call: Body<'FuncCall'>): Taken[] {
  if (!SEQUENCE_FUNCTIONS.has(stringsOf(call.funcname).at(-1) ?? '')) return [];
  const [first] = call.args ?? [];
  const cast = bodyOf(first, 'TypeCast');
  const name = bodyOf(cast?.arg ?? first, 'A_Const')?.sval?.sval;
  return name === undefined ? [] : lock('row exclusive', identifiersOf(name));
}

/** The parts of a name that a string holds: `app."Users_id_seq"`. */
function identifiersOf(text: string): string[] {
  const parts = text.match(/"(?:[^"]|"")*"|[^."]+/g) ?? [];
  return parts.map((part) =>
    part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part.trim().toLowerCase(),
  );
}
