/** What a statement goes through, told from the traces that it leaves. */

import type { Relation } from './relations.ts';

/** How often a relation was read through, and how many rows of it were written. */
export interface CountRow {
  readonly oid: number;
  readonly scans: number;
  readonly writes: number;
}

/** A relation's file. */
export interface FileRow {
  readonly oid: number;
  readonly file: string;
  readonly isEmpty: boolean;
  /** Pages of which vacuum knows that everybody sees all of them. */
  readonly visible: number;
}

/** What a statement leaves behind. */
export interface Traces {
  /** The relations as they were. */
  readonly before: ReadonlyMap<number, Relation>;
  /** What the server said at the level `debug1`. */
  readonly messages: readonly string[];
  readonly counts: readonly CountRow[];
  readonly files: ReadonlyMap<number, FileRow>;
}

/** `rewrite items`, `scan orgs`: what the traces prove. What a rewrite does on its way belongs to it. */
export function workSeen(traces: Traces): ReadonlySet<string> {
  const rewritten = new Set([...copied(traces), ...named(traces, /^rewriting table "(.+)"/)]);
  const verified = named(traces, /^verifying table "(.+)"/);
  const indexed = named(traces, /^building index ".+" on table "(.+?)"/);
  // An index is built by reading its table.
  const read = counted(traces, 'scans').filter((name) => !indexed.includes(name));
  const rest = [
    ...[...verified, ...read, ...vacuumed(traces)].map((name) => ['scan', name] as const),
    ...indexed.map((name) => ['build index', name] as const),
    ...counted(traces, 'writes').map((name) => ['write rows', name] as const),
  ];
  const gone = new Set([...rewritten, ...emptied(traces)]);
  return new Set([
    ...[...rewritten].map((name) => `rewrite ${name}`),
    ...rest.flatMap(([kind, name]) => (gone.has(name) ? [] : [`${kind} ${name}`])),
  ]);
}

/** The tables and materialized views that messages name. */
function named({ before, messages }: Traces, pattern: RegExp): string[] {
  const names = new Set(messages.map((message) => pattern.exec(message)?.[1]));
  return [...before.values()].flatMap(({ name, kind }) =>
    HOLDS_ROWS.has(kind) && names.has(name) ? [name] : [],
  );
}

function counted({ before, counts }: Traces, what: 'scans' | 'writes'): string[] {
  return counts.flatMap((each) => {
    const relation = before.get(each.oid);
    return each[what] > 0 && relation !== undefined && HOLDS_ROWS.has(relation.kind)
      ? [relation.name]
      : [];
  });
}

/** Only vacuum, which passes all pages, finds that everybody sees what is on them. */
function vacuumed({ before, files }: Traces): string[] {
  return [...before.values()].flatMap(({ oid, name, kind, visible }) =>
    kind === 'r' && (files.get(oid)?.visible ?? 0) > visible ? [name] : [],
  );
}

/** Relations with a new file; an index only where its table has none, and it was not built. */
function copied(traces: Traces): string[] {
  const { before, files } = traces;
  const indexed = named(traces, /^building index ".+" on table "(.+?)"/);
  const moved = [...before.values()].filter(({ oid, file }) => {
    const now = files.get(oid);
    return now !== undefined && now.file !== file;
  });
  const names = new Set(moved.map(({ name }) => name));
  const isEmpty = new Set(emptied(traces));
  return moved.flatMap(({ name, kind, table }) => {
    if (kind === 'i') {
      const isPart = table !== null && (names.has(table) || indexed.includes(table));
      return isPart ? [] : [name];
    }
    return HOLDS_ROWS.has(kind) && !isEmpty.has(name) ? [name] : [];
  });
}

/** Relations with a new file without rows: nothing was copied into it. */
function emptied({ before, files }: Traces): string[] {
  return [...before.values()].flatMap(({ oid, name, file }) => {
    const now = files.get(oid);
    return now !== undefined && now.file !== file && now.isEmpty ? [name] : [];
  });
}

/** Tables and materialized views: a sequence has a row, too, and indexes are a part of their tables. */
const HOLDS_ROWS = new Set(['r', 'p', 'm']);
