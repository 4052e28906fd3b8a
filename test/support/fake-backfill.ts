/** Tables with rows, as far as backfills need them: a number and a value per row. */

import type {
  BackfillCursor,
  BackfillPlace,
  CursorMove,
  ReplicaLag,
} from '../../src/core/backfill.ts';
import type { Backfills } from '../../src/runner/ports.ts';
import { execute, failure } from './fake-catalog.ts';
import type { State } from './fake-history.ts';

/** Values by key, per table. */
export type Tables = ReadonlyMap<string, ReadonlyMap<number, number>>;
/** Cursors by their place. */
export type Cursors = ReadonlyMap<string, BackfillCursor>;

const FILL = /^insert into (\w+) \(id\) select generate_series\((\d+), (\d+)\)$/i;
const BATCH = /^(update|delete from) (\w+) .*\$1::bigint and \$2::bigint$/is;

/** What is there after `text` ran. @throws DatabaseFailure */
export function after(state: State, text: string, inTransaction: boolean): State {
  const objects = execute(state.objects, text, inTransaction);
  const [, table, first, last] = FILL.exec(text) ?? [];
  if (table === undefined) return { ...state, objects };
  const rows = new Map(state.tables.get(table));
  for (let key = Number(first); key <= Number(last); key++) rows.set(key, 0);
  return { ...state, objects, tables: new Map([...state.tables, [table, rows]]) };
}

/** What is there after a batch ran, and how many rows it changed; undefined for other statements. */
export function afterBatch(
  state: State,
  text: string,
  [from, to]: readonly unknown[],
): { readonly state: State; readonly rowCount: number } | undefined {
  const [, verb, table = ''] = BATCH.exec(text) ?? [];
  if (verb === undefined) return undefined;
  const rows = new Map(state.tables.get(table));
  let rowCount = 0;
  for (const [key, value] of rows) {
    if (key < Number(from) || key > Number(to)) continue;
    rowCount++;
    if (verb.toLowerCase() === 'update') rows.set(key, value + 1);
    else rows.delete(key);
  }
  return { state: { ...state, tables: new Map([...state.tables, [table, rows]]) }, rowCount };
}

/** The cursors once one has moved. @throws DatabaseFailure */
export function moved(state: State, place: BackfillPlace, move: CursorMove): State {
  const cursor = cursorAt(state, place);
  if (cursor === undefined || cursor.key !== move.from) {
    throw failure('stale-plan', 'another runner moved the backfill on');
  }
  const next = {
    digest: cursor.digest,
    key: move.to,
    keys: cursor.keys + move.keys,
    rows: cursor.rows + move.rows,
    batches: cursor.batches + 1,
  };
  return { ...state, cursors: new Map([...state.cursors, [nameOf(place), next]]) };
}

/** The state of the server, and what its replicas are like. */
export interface BackfillServer {
  state: State;
  /** Asked before each look at the replicas; undefined: they may not be seen. */
  readonly replicaLag: () => ReplicaLag | undefined;
  /** Runs `work` where the test may make the server fail. */
  perform<T>(subject: string, work: () => T): Promise<T>;
}

/** The port over `server`. */
export function fakeBackfills(server: BackfillServer): Backfills {
  return {
    inspect: async ({ table, key }) => {
      const rows = server.state.tables.get(table);
      return rows === undefined || key !== 'id'
        ? { kind: 'unfit', problem: `there is no table ${table}`, hint: 'Correct the name.' }
        : { kind: 'walkable', keyType: 'bigint', estimate: rows.size };
    },
    cursor: async (place) => cursorAt(server.state, place),
    async begin(place, digest) {
      const cursor = { digest, key: undefined, keys: 0, rows: 0, batches: 0 };
      const cursors = new Map([...server.state.cursors, [nameOf(place), cursor] as const]);
      server.state = { ...server.state, cursors };
    },
    next: ({ backfill: { table }, after: behind, limit }) =>
      server.perform(`next behind ${behind ?? 'the start'}`, () => {
        const keys = [...(server.state.tables.get(table)?.keys() ?? [])]
          .filter((key) => behind === undefined || key > Number(behind))
          .sort((a, b) => a - b)
          .slice(0, limit);
        const [first] = keys;
        if (first === undefined) return undefined;
        return { from: String(first), to: String(keys.at(-1)), keys: keys.length };
      }),
    replicaLag: async () => server.replicaLag(),
  };
}

/** A cursor goes when the journal's entry goes. */
function cursorAt(state: State, place: BackfillPlace): BackfillCursor | undefined {
  const { revision, direction, ordinal } = place;
  const isJournaled = state.journal.some(
    (entry) =>
      entry.revision === revision && entry.direction === direction && entry.ordinal === ordinal,
  );
  return isJournaled ? state.cursors.get(nameOf(place)) : undefined;
}

function nameOf({ revision, direction, ordinal }: BackfillPlace): string {
  return `${revision} ${direction} ${ordinal}`;
}
