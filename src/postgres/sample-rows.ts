/** Puts made-up rows into tables: tries values until the server takes them, and says where it took none. */

import { DatabaseFailure } from '../core/database-failure.ts';
import type { EmptyTable } from '../rehearsal/ports.ts';
import { quoteIdentifier } from '../sql/identifiers.ts';
import { rowDraft } from './sample-draft.ts';
import { readSampleTables, type SampleTable, type SampleType } from './sample-tables.ts';
import type { Session } from './session.ts';

/** Rows for each table, and again for each time that it gets a new column. */
const ROWS = 4;
/** How often a row is tried with other values. */
const TRIES = 60;
/** No table gets more. */
const MOST_ROWS = 40;

/** Remembers what it did in a database, which must be its own. */
export interface SampleRows {
  /** Fills what is new since it was last asked. Answers every table that is empty. @throws DatabaseFailure */
  fill(session: Session): Promise<readonly EmptyTable[]>;
}

interface Seen {
  readonly columns: ReadonlySet<string>;
  rows: number;
  reason: string | undefined;
}

/** Makes rows up for a database in which nobody else writes. */
export function sampleRows(historySchema: string): SampleRows {
  const seen = new Map<number, Seen>();
  return {
    async fill(session) {
      const { tables, types } = await readSampleTables(session, historySchema);
      for (const table of inOrderOfReferences(tables)) {
        const before = seen.get(table.oid);
        const columns = new Set(table.columns.map(({ name }) => name));
        const isNew = before === undefined || !columns.isSubsetOf(before.columns);
        if (!isNew && before.rows > 0) continue;
        const start = before?.rows ?? 0;
        if (start >= MOST_ROWS) continue;
        const made = await insertRows(session, table, { types, start });
        const reason = start + made.rows > 0 ? undefined : made.reason;
        seen.set(table.oid, { columns, rows: start + made.rows, reason });
      }
      return tables.flatMap(({ oid, name }) => {
        const reason = seen.get(oid)?.reason;
        return reason === undefined ? [] : [{ table: name, reason }];
      });
    },
  };
}

/** Tables after those that their foreign keys lead to; where that goes in a circle, as they come. */
function inOrderOfReferences(tables: readonly SampleTable[]): readonly SampleTable[] {
  const byName = new Map(tables.map((table) => [table.name, table]));
  const order: SampleTable[] = [];
  const entered = new Set<SampleTable>();
  const required = ({ columns, rules }: SampleTable): readonly SampleTable[] =>
    rules
      .flatMap(({ kind, target, columns: numbers }) => {
        const isNullable = columns.some((each) => numbers.includes(each.number) && !each.notNull);
        const other = kind === 'f' && target !== undefined ? byName.get(target) : undefined;
        return other === undefined ? [] : [{ other, isNullable }];
      })
      // What must be there first goes first, so that a circle is opened where null is allowed.
      .sort((a, b) => Number(a.isNullable) - Number(b.isNullable))
      .map(({ other }) => other);
  const enter = (table: SampleTable): void => {
    if (entered.has(table)) return;
    entered.add(table);
    for (const other of required(table)) enter(other);
    order.push(table);
  };
  for (const table of tables) enter(table);
  return order;
}

async function insertRows(
  session: Session,
  table: SampleTable,
  { types, start }: { readonly types: ReadonlyMap<number, SampleType>; readonly start: number },
): Promise<{ readonly rows: number; readonly reason: string | undefined }> {
  let rows = 0;
  let reason: string | undefined;
  for (let row = start; row < start + ROWS; row++) {
    const parents = await readParents(session, table);
    const draft = rowDraft(table, { types, row, parents });
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const values = draft.values();
      if (values === undefined) {
        reason = draft.obstacle;
        break;
      }
      const failure = await tryInsert(session, table, values);
      if (failure === undefined) {
        rows += 1;
        break;
      }
      reason = failure.message;
      if (!draft.refused(failure.fields)) break;
    }
  }
  return { rows, reason: reason ?? 'no row was taken' };
}

/** Up to ten keys that each foreign key may lead to. */
async function readParents(
  session: Session,
  { rules }: SampleTable,
): Promise<ReadonlyMap<string, readonly (readonly string[])[]>> {
  const keys = rules.filter(({ kind, target }) => kind === 'f' && target !== undefined);
  if (keys.length === 0) return new Map();
  const answers = await session.ownAll(
    keys.map(({ target, targetColumns }) => {
      const names = targetColumns.map(quoteIdentifier);
      const list = names.map((name) => `${name}::text`).join(', ');
      const present = names.map((name) => `${name} is not null`).join(' and ');
      return { text: `select array[${list}] as key from ${target} where ${present} limit 10` };
    }),
  );
  return new Map(
    keys.map(({ name }, index) => [
      name,
      (answers[index] ?? []).map((row) => row['key'] as readonly string[]), // text[], as asked for
    ]),
  );
}

/** The row is a transaction of its own: what is wrong with it harms no other. */
async function tryInsert(
  session: Session,
  table: SampleTable,
  values: ReadonlyMap<string, string | null>,
): Promise<DatabaseFailure | undefined> {
  const names = [...values.keys()].map(quoteIdentifier);
  const text =
    names.length === 0
      ? `insert into ${table.name} default values`
      : `insert into ${table.name} (${names.join(', ')}) values (${names.map((_, index) => `$${index + 1}`).join(', ')})`;
  try {
    await session.own({ text, values: [...values.values()] });
    return undefined;
  } catch (error) {
    if (!(error instanceof DatabaseFailure) || error.kind === 'connection-lost') throw error;
    return error;
  }
}
