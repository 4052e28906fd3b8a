/** One made-up row: what it has in each column, and what it has there after the server refused that. */

import type { DatabaseErrorFields } from '../core/database-failure.ts';
import type { SampleColumn, SampleRule, SampleTable, SampleType } from './sample-tables.ts';
import { literalsIn, valuesFor } from './sample-values.ts';

/** A value, no value, or whatever the server puts there by itself. */
type Choice = string | null | undefined;

/** A row in the making. */
export interface RowDraft {
  /** Undefined where there is nothing to try, which `obstacle` explains. */
  values(): ReadonlyMap<string, string | null> | undefined;
  readonly obstacle: string;
  /** Takes other values where the server refused these; false where there are none left. */
  refused(fields: DatabaseErrorFields): boolean;
}

/** What a draft is made from. */
export interface DraftRequest {
  readonly types: ReadonlyMap<number, SampleType>;
  /** Counted from 0. */
  readonly row: number;
  /** Keys that each foreign key may lead to, by its name. */
  readonly parents: ReadonlyMap<string, readonly (readonly string[])[]>;
}

/**
 * A row of `table`. Every other value is the default, where there is one; the second row has nulls
 * wherever that is allowed.
 */
export function rowDraft(table: SampleTable, request: DraftRequest): RowDraft {
  const keys = table.rules.filter(({ kind, target }) => kind === 'f' && target !== undefined);
  const inKeys = new Set(keys.flatMap(({ columns }) => columns));
  const columns = new Map(table.columns.map((column) => [column.number, column]));
  const slots: Slot[] = [
    ...table.columns
      .filter(({ number, isNumbered }) => !inKeys.has(number) && !isNumbered)
      .map((column) => columnSlot(column, table, request)),
    ...keys.map((key) => keySlot(key, columns, { table, request })),
  ];
  const places = slots.map(() => 0);
  const blocked = slots.find(({ choices }) => choices.length === 0);
  return {
    obstacle: blocked?.obstacle ?? '',
    values() {
      if (blocked !== undefined) return undefined;
      const chosen = new Map<number, Choice>();
      slots.forEach(({ choices, numbers }, index) => {
        const choice = choices[(places[index] ?? 0) % choices.length];
        numbers.forEach((number, at) => {
          if (!chosen.has(number)) chosen.set(number, choice?.[at]);
        });
      });
      return new Map(
        [...chosen].flatMap(([number, value]) => {
          const name = columns.get(number)?.name;
          return value === undefined || name === undefined ? [] : [[name, value] as const];
        }),
      );
    },
    refused(fields) {
      const blamed =
        blamedBy(fields, table, request.types) ?? quotedIn(fields.message, slots, places);
      const involved = slots.flatMap((slot, index) =>
        blamed === undefined || slot.numbers.some((number) => blamed.has(number)) ? [index] : [],
      );
      // Like the wheels of a counter: where one is through, the next one moves on.
      for (const index of involved) {
        const length = slots[index]?.choices.length ?? 0;
        const next = (places[index] ?? 0) + 1;
        places[index] = next % Math.max(length, 1);
        if (next < length) return true;
      }
      return false;
    },
  };
}

/** `malformed record literal: "…"`: the columns that have just this. */
function quotedIn(
  message: string,
  slots: readonly Slot[],
  places: readonly number[],
): ReadonlySet<number> | undefined {
  const quoted = /"(.*)"/s.exec(message)?.[1];
  const guilty = slots.filter(({ choices }, index) => choices[places[index] ?? 0]?.[0] === quoted);
  return quoted === undefined || guilty.length === 0
    ? undefined
    : new Set(guilty.flatMap(({ numbers }) => numbers));
}

/** Columns whose values are chosen together. */
interface Slot {
  readonly numbers: readonly number[];
  readonly choices: readonly (readonly Choice[])[];
  /** Why there are no choices. */
  readonly obstacle: string;
}

function columnSlot(column: SampleColumn, table: SampleTable, request: DraftRequest): Slot {
  const { row, types } = request;
  const about = table.rules
    .filter(({ kind, columns }) => kind === 'c' && columns.includes(column.number))
    .map(({ definition }) => definition);
  const bounds = table.boundColumns.includes(column.number) ? table.bounds : [];
  const fromBounds = bounds.flatMap(literalsIn);
  const shift = fromBounds.length === 0 ? 0 : row % fromBounds.length;
  const literals = [
    ...fromBounds.slice(shift),
    ...fromBounds.slice(0, shift),
    ...about.flatMap(literalsIn),
  ];
  const made: Choice[] = [...valuesFor({ column, types, row, literals })];
  const empty: Choice[] = column.notNull ? [] : [null];
  const byDefault: Choice[] = column.hasDefault ? [undefined] : [];
  const inTurn =
    row % 4 === 1
      ? [...empty, ...made, ...byDefault]
      : row % 2 === 0
        ? [...byDefault, ...made, ...empty]
        : [...made, ...byDefault, ...empty];
  return {
    numbers: [column.number],
    choices: inTurn.map((choice) => [choice]),
    obstacle: `nothing is known about the type of column ${column.name}`,
  };
}

function keySlot(
  key: SampleRule,
  columns: ReadonlyMap<number, SampleColumn>,
  { table, request }: { readonly table: SampleTable; readonly request: DraftRequest },
): Slot {
  const { row, parents } = request;
  const found = parents.get(key.name) ?? [];
  const shift = found.length === 0 ? 0 : row % found.length;
  const tuples = [...found.slice(shift), ...found.slice(0, shift)];
  const members = key.columns.map((number) => columns.get(number));
  const mayBeNull = members.some((column) => column !== undefined && !column.notNull);
  const nulls: readonly Choice[] = members.map((column) => (column?.notNull ? undefined : null));
  const byDefault = members.every((column) => column?.hasDefault)
    ? [members.map(() => undefined)]
    : [];
  const empty = mayBeNull ? [nulls] : [];
  return {
    numbers: key.columns,
    choices:
      row % 4 === 1 ? [...empty, ...tuples, ...byDefault] : [...tuples, ...empty, ...byDefault],
    obstacle:
      key.target === table.name
        ? `its rows refer to rows of its own (${key.name})`
        : `it refers to ${key.target}, which is empty (${key.name})`,
  };
}

/** The columns that a refusal is about; undefined: it may be any. */
function blamedBy(
  { constraint, column, sqlState, message }: DatabaseErrorFields,
  table: SampleTable,
  types: ReadonlyMap<number, SampleType>,
): ReadonlySet<number> | undefined {
  const numbersOf = (wanted: (column: SampleColumn) => boolean): ReadonlySet<number> =>
    new Set(table.columns.filter(wanted).map(({ number }) => number));
  const rule = table.rules.find(({ name }) => name === constraint);
  if (rule !== undefined && rule.columns.length > 0) return new Set(rule.columns);
  if (column !== undefined) return numbersOf(({ name }) => name === column);
  // check_violation without a constraint: no partition takes the row.
  if (sqlState === '23514' && constraint === undefined) return new Set(table.boundColumns);
  if (constraint !== undefined) {
    const isChecked = (oid: number): boolean => {
      const type = types.get(oid);
      if (type === undefined) return false;
      return (
        type.checks.some(({ name }) => name === constraint) ||
        (type.kind === 'd' && isChecked(type.of))
      );
    };
    const checked = numbersOf(({ type }) => isChecked(type));
    if (checked.size > 0) return checked;
  }
  // 22P02 and the like name the type: `invalid input syntax for type inet: "…"`.
  const typeName = /for type ([\w ]+)/.exec(message)?.[1];
  const ofType = numbersOf(({ type }) => types.get(type)?.name === typeName);
  return ofType.size > 0 ? ofType : undefined;
}
