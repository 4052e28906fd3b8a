/** Compares rows before an upgrade, after it, and after the downgrade: what is gone for good, and what merely changed. */

import type { ColumnValues, TableRows } from './ports.ts';

/** What a way up and down did to rows, in words. */
export interface RowsVerdict {
  /** Rows or values that were there before and did not come back. */
  readonly lost: readonly string[];
  /** What the upgrade changed in place, and the downgrade left so. */
  readonly changed: readonly string[];
}

/** Three looks at the same database. */
export interface RowsOverTime {
  readonly before: readonly TableRows[];
  readonly above: readonly TableRows[];
  readonly after: readonly TableRows[];
}

/**
 * What became of the rows. Only tables and columns of before count. A column that the upgrade left in
 * place with other values, and the downgrade did not touch, was rewritten on purpose; one that was away,
 * or that the downgrade itself filled, has lost its values.
 */
export function judgeRows({ before, above, after }: RowsOverTime): RowsVerdict {
  const lost: string[] = [];
  const changed: string[] = [];
  const higher = byTable(above);
  const later = byTable(after);
  for (const old of before) {
    const now = later.get(old.table);
    // A table that is not there again is a difference of the catalogs.
    if (now === undefined) continue;
    if (now.rows < old.rows) {
      lost.push(
        `${old.table}: ${old.rows - now.rows} of ${counted(old.rows, 'row')} did not come back`,
      );
      continue;
    }
    if (now.rows > old.rows) {
      changed.push(`${old.table}: ${counted(now.rows - old.rows, 'row')} more than before`);
      continue;
    }
    const columns = [...old.columns].flatMap(([name, values]) => {
      const others = now.columns.get(name);
      return others === undefined || isSame(values, others) ? [] : [{ name, values, others }];
    });
    for (const { name, values, others } of columns) {
      const between = higher.get(old.table)?.columns.get(name);
      const isInPlace = between !== undefined && isSame(between, others);
      if (isInPlace)
        changed.push(`${old.table}.${name}: the downgrade leaves the values of the upgrade`);
      else if (others.present < values.present) {
        lost.push(
          `${old.table}.${name}: ${values.present - others.present} of ${counted(values.present, 'value')} did not come back`,
        );
      } else lost.push(`${old.table}.${name}: the values are not those of before`);
    }
    if (columns.length === 0 && sameColumns(old, now) && old.digest !== now.digest) {
      lost.push(`${old.table}: values are in other rows than before`);
    }
  }
  return { lost, changed };
}

/** In which columns two databases differ that should have the same rows, in words. */
export function differentRows(
  expected: readonly TableRows[],
  found: readonly TableRows[],
): readonly string[] {
  const others = byTable(found);
  return expected.flatMap((table) => {
    const other = others.get(table.table);
    if (other === undefined) return [];
    if (other.rows !== table.rows) {
      return [`${table.table}: ${counted(other.rows, 'row')} instead of ${table.rows}`];
    }
    return [...table.columns].flatMap(([name, values]) => {
      const there = other.columns.get(name);
      return there === undefined || isSame(values, there)
        ? []
        : [`${table.table}.${name}: other values`];
    });
  });
}

function byTable(rows: readonly TableRows[]): ReadonlyMap<string, TableRows> {
  return new Map(rows.map((each) => [each.table, each]));
}

function isSame(a: ColumnValues, b: ColumnValues): boolean {
  return a.present === b.present && a.digest === b.digest;
}

function sameColumns(a: TableRows, b: TableRows): boolean {
  return (
    a.columns.size === b.columns.size && [...a.columns.keys()].every((name) => b.columns.has(name))
  );
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
