/** The rule about bytes that go to waste between the columns of a row. */

import {
  type Body,
  bodiesOf,
  bodyOf,
  relationWords,
  stringsOf,
  typeIdentifier,
} from '../../analysis/tree.ts';
import { quoteIdentifier } from '../../sql/identifiers.ts';
import type { Rule } from '../rule.ts';

/** `column-alignment`. */
export const COLUMN_ALIGNMENT: Rule = {
  id: 'column-alignment',
  severity: 'off',
  title: 'columns in an order that wastes bytes in every row',
  why: `Postgres keeps columns in the order of their definition and begins each at a multiple of its alignment: a \`bigint\` behind a \`boolean\` begins seven bytes later. Over many millions of rows that is disk, cache and backup. The order can only be chosen when the table is created.

Values of varying length are taken for short ones, which need no alignment. Nothing is said of a table with a type whose size is not known.`,
  instead:
    'First the columns of 8 bytes, then those of 4, of 2, of 1, and those of varying length last.',
  examples: [
    {
      bad: 'create table flags (active boolean, id bigint primary key, seen boolean, at timestamptz);',
      good: 'create table flags (id bigint primary key, at timestamptz, active boolean, seen boolean);',
    },
  ],
  covers: ['atlas:PG110'],
  statement({ node, section, placeOf }) {
    const create = bodyOf(node, 'CreateStmt');
    if (section !== 'up' || create === undefined) return [];
    const columns = bodiesOf(create.tableElts, 'ColumnDef').map((definition) => ({
      definition,
      layout: layoutOf(definition),
    }));
    const known = columns.flatMap(({ definition, layout }) =>
      layout === undefined ? [] : [{ definition, layout }],
    );
    if (known.length < columns.length || inherits(create)) return [];
    const best = known.toSorted((a, b) => rank(a.layout) - rank(b.layout));
    const wasted = rowSize(known) - rowSize(best);
    if (wasted <= 0) return [];
    const location = create.relation?.location;
    const names = best.map(({ definition }) => quoteIdentifier(definition.colname ?? ''));
    return [
      {
        message: `the order of the columns of ${relationWords(create.relation)} wastes ${wasted} bytes in every row`,
        ...(location === undefined ? {} : { at: placeOf(location) }),
        why: 'Each column begins at a multiple of its alignment; what is left free before it is stored, too.',
        rewrite: `-- in this order\n${names.join(', ')}`,
      },
    ];
  },
};

interface Layout {
  readonly size: number;
  readonly alignment: number;
  readonly isVarying: boolean;
}

interface LaidOut {
  readonly layout: Layout;
}

// typlen and typalign of pg_type.
const FIXED: Readonly<Record<string, readonly [size: number, alignment: number]>> = {
  bool: [1, 1],
  char: [1, 1],
  int2: [2, 2],
  smallint: [2, 2],
  smallserial: [2, 2],
  serial2: [2, 2],
  int4: [4, 4],
  serial: [4, 4],
  serial4: [4, 4],
  oid: [4, 4],
  float4: [4, 4],
  date: [4, 4],
  macaddr: [6, 4],
  int8: [8, 8],
  bigserial: [8, 8],
  serial8: [8, 8],
  float8: [8, 8],
  money: [8, 8],
  pg_lsn: [8, 8],
  time: [8, 8],
  timestamp: [8, 8],
  timestamptz: [8, 8],
  timetz: [12, 8],
  interval: [16, 8],
  point: [16, 8],
  uuid: [16, 1],
  macaddr8: [8, 4],
};

const VARYING = new Set([
  'text',
  'varchar',
  'bpchar',
  'bytea',
  'numeric',
  'json',
  'jsonb',
  'xml',
  'inet',
  'cidr',
  'bit',
  'varbit',
  'tsvector',
  'tsquery',
  'citext',
  'hstore',
]);

function layoutOf({ typeName }: Body<'ColumnDef'>): Layout | undefined {
  const name = stringsOf(typeName?.names).length === 0 ? '' : typeIdentifier(typeName);
  if ((typeName?.arrayBounds ?? []).length > 0 || VARYING.has(name)) {
    return { size: 1, alignment: 1, isVarying: true };
  }
  const fixed = FIXED[name];
  return fixed === undefined
    ? undefined
    : { size: fixed[0], alignment: fixed[1], isVarying: false };
}

function inherits({ inhRelations, tableElts }: Body<'CreateStmt'>): boolean {
  return (inhRelations ?? []).length > 0 || bodiesOf(tableElts, 'TableLikeClause').length > 0;
}

function rank({ alignment, isVarying }: Layout): number {
  return isVarying ? 1 : -alignment;
}

/** MAXALIGN of every usual platform. */
const ROW_ALIGNMENT = 8;

function rowSize(columns: readonly LaidOut[]): number {
  const end = columns.reduce(
    (at, { layout: { size, alignment } }) => aligned(at, alignment) + size,
    0,
  );
  return aligned(end, ROW_ALIGNMENT);
}

function aligned(at: number, alignment: number): number {
  return Math.ceil(at / alignment) * alignment;
}
