/** Digests of what tables hold: cheap to compare, and the same whatever the order of rows. */

import type { ColumnValues, TableRows } from '../rehearsal/ports.ts';
import { quoteIdentifier } from '../sql/identifiers.ts';
import { OWN_RELATIONS } from './catalog-scope.ts';
import type { Row, Session } from './session.ts';

/** How many tables one query looks at. */
const TABLES_AT_ONCE = 40;

interface TableColumns {
  readonly table: string;
  readonly only: boolean;
  readonly columns: readonly string[];
}

/** The rows of every table that people made; partitions are part of their table. Reads all of them. */
export async function readTableRows(
  session: Session,
  historySchema: string,
): Promise<readonly TableRows[]> {
  const found = await session.own({
    name: 'slipway rows: tables',
    text: TABLES,
    values: [historySchema],
  });
  const tables: readonly TableColumns[] = found.map((row) => ({
    table: String(row['name']),
    only: row['kind'] !== 'p',
    columns: (row['columns'] ?? []) as readonly string[], // text[], as the query makes it
  }));
  const rows: TableRows[] = [];
  for (let start = 0; start < tables.length; start += TABLES_AT_ONCE) {
    const group = tables.slice(start, start + TABLES_AT_ONCE);
    const [, answers = []] = await session.ownAll([
      { text: SETTINGS },
      { text: group.map(digestQuery).join('\nunion all\n') },
      { text: 'commit' },
    ]);
    rows.push(...group.map((table, index) => rowsOf(table, answers, index)));
  }
  return rows;
}

/** Values are compared as text, which must not depend on anybody's settings. */
const SETTINGS = [
  'begin read only',
  `set local datestyle = 'ISO, YMD'`,
  `set local intervalstyle = 'postgres'`,
  `set local timezone = 'UTC'`,
  'set local extra_float_digits = 1',
  `set local bytea_output = 'hex'`,
  'set local jit = off',
].join('; ');

/** Every type has a text; a sum of hashes does not care for order, and tells duplicates apart. */
function digestQuery({ table, only, columns }: TableColumns, index: number): string {
  const hash = (value: string): string =>
    `coalesce(sum(hashtextextended((${value})::text collate "C", 0)::numeric), 0)::text`;
  const names = columns.map((name) => `t.${quoteIdentifier(name)}`);
  const digests = names.map((name) => `count(${name})::text, ${hash(name)}`);
  return `
    select ${index} as place,
      count(*)::text as rows,
      array[${digests.join(', ')}]::text[] as columns,
      ${names.length === 0 ? "''" : hash(`row(${names.join(', ')})`)} as digest
    from ${only ? 'only ' : ''}${table} t`;
}

function rowsOf(
  { table, columns }: TableColumns,
  answers: readonly Row[],
  index: number,
): TableRows {
  const row = answers.find((each) => each['place'] === index) ?? {};
  const values = (row['columns'] ?? []) as readonly string[]; // text[], as the query makes it
  return {
    table,
    rows: Number(row['rows'] ?? 0),
    digest: String(row['digest'] ?? ''),
    columns: new Map(
      columns.map((name, at): [string, ColumnValues] => [
        name,
        { present: Number(values[at * 2] ?? 0), digest: values[at * 2 + 1] ?? '' },
      ]),
    ),
  };
}

/** Rows of a partition are rows of its table. */
const TABLES = `
  with ${OWN_RELATIONS}
  select r.name, r.relkind as kind, array(
    select a.attname::text from pg_attribute a
    where a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
    order by a.attname
  ) as columns
  from relation r
  where r.relkind in ('r', 'p') and not r.relispartition and r.relpersistence <> 't'
  order by r.name`;
