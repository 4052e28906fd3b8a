/** Made-up values: for each type a few that differ, the likeliest first. As the text that Postgres reads. */

import type { SampleColumn, SampleType } from './sample-tables.ts';
import { rotated, sampleTexts } from './sample-texts.ts';

/** What is known when values for a column are wanted. */
export interface ValueRequest {
  readonly column: Pick<SampleColumn, 'name' | 'type' | 'modifier'>;
  readonly types: ReadonlyMap<number, SampleType>;
  /** Which row it is for, counted from 0. */
  readonly row: number;
  /** Literals of the checks and bounds that are about the column. */
  readonly literals: readonly string[];
}

/** Values for a column of a row, the likeliest first; none for a type that nothing is known of. */
export function valuesFor(request: ValueRequest): readonly string[] {
  const { types, column, row, literals } = request;
  const known = types.get(column.type);
  if (known === undefined) return [];
  const { base, modifier, checks } = baseOf(known, column.modifier, types);
  const own = [...literals, ...checks.flatMap(literalsIn)];
  return [...new Set(ofType(base, { row, modifier, name: column.name, literals: own, types }))];
}

/** The literals in an expression as the server prints it: strings, and numbers with their neighbours. */
export function literalsIn(expression: string): readonly string[] {
  const strings = [...expression.matchAll(/'((?:[^']|'')*)'/g)].map(([, text = '']) =>
    text.replaceAll("''", "'"),
  );
  const bare = expression.replace(/'(?:[^']|'')*'/g, ' ').replace(/"[^"]*"/g, ' ');
  const numbers = [...bare.matchAll(/(?<![\w.])-?\d+(?:\.\d+)?(?![\w.])/g)].flatMap(([text]) => {
    const value = Number(text);
    return [String(value), String(value + 1), String(value - 1)];
  });
  return [...strings, ...numbers];
}

interface Base {
  readonly base: SampleType;
  readonly modifier: number;
  /** The checks of the domains on the way. */
  readonly checks: readonly string[];
}

function baseOf(type: SampleType, modifier: number, types: ValueRequest['types']): Base {
  const checks: string[] = [];
  let base = type;
  let limit = modifier;
  while (base.kind === 'd') {
    checks.push(...base.checks.map(({ definition }) => definition));
    limit = base.modifier;
    const below = types.get(base.of);
    if (below === undefined) break;
    base = below;
  }
  return { base, modifier: limit, checks };
}

interface Wanted {
  readonly row: number;
  readonly modifier: number;
  readonly name: string;
  readonly literals: readonly string[];
  readonly types: ValueRequest['types'];
}

function ofType(type: SampleType, wanted: Wanted): readonly string[] {
  const { literals, row } = wanted;
  if (type.kind === 'e') return rotated(type.labels, row);
  if (type.isArray) {
    const [first] = elementOf(type, wanted);
    const quoted = first === undefined ? [] : [`{"${first.replace(/[\\"]/g, '\\$&')}"}`];
    return [...quoted, ...literals.filter((text) => text.startsWith('{')), '{}'];
  }
  if (type.kind === 'r') {
    const [low, high] = [...elementOf(type, { ...wanted, row: row * 2, literals: [] })].sort(
      inOrder,
    );
    const some = low === undefined || high === undefined ? [] : [`[${low},${high})`];
    return [...some, 'empty', '(,)'];
  }
  if (type.kind === 'm') return ['{}', '{(,)}'];
  if (type.kind === 'c') return [`(${','.repeat(Math.max(type.fields - 1, 0))})`];
  return ofBaseType(type.name, wanted);
}

function inOrder(a: string, b: string): number {
  const [x, y] = [Number(a), Number(b)];
  return Number.isNaN(x - y) ? (a < b ? -1 : 1) : x - y;
}

function elementOf(type: SampleType, wanted: Wanted): readonly string[] {
  const element = wanted.types.get(type.of);
  return element === undefined ? [] : ofType(element, wanted);
}

function ofBaseType(name: string, wanted: Wanted): readonly string[] {
  const { row, literals, modifier } = wanted;
  const n = row + 1;
  const numbers = literals.filter((text) => /^-?\d+(\.\d+)?$/.test(text));
  const two = String(n % 60).padStart(2, '0');
  const day = String((n % 27) + 1).padStart(2, '0');
  switch (name) {
    case 'int2':
    case 'int4':
    case 'int8':
      return [
        String(n),
        ...numbers.map((text) => String(Math.trunc(Number(text)))),
        '0',
        '10',
        '100',
        '1000',
        '-1',
        String(n + 10_000),
      ];
    case 'numeric':
      return [...fitting(modifier, n), ...numbers, '0', '10', '100', '-1', '1000'];
    case 'float4':
    case 'float8':
    case 'money':
      return [`${n}.5`, ...numbers, '0', '100', '-1'];
    case 'bool':
      return n % 2 === 1 ? ['true', 'false'] : ['false', 'true'];
    case 'text':
    case 'varchar':
    case 'bpchar':
    case 'name':
    case 'citext':
    case 'char':
      return sampleTexts(name === 'char' ? 1 : modifier > 4 ? modifier - 4 : 63, wanted);
    case 'date':
      return [
        `2026-01-${day}`,
        ...literals,
        `2026-06-${day}`,
        `2027-01-${day}`,
        '2000-01-01',
        '1999-12-31',
      ];
    case 'timestamp':
    case 'timestamptz':
      return [
        `2026-01-${day} 12:${two}:00+00`,
        ...literals,
        `2026-06-${day} 12:00:00+00`,
        `2027-01-${day} 12:00:00+00`,
        '2000-01-01 00:00:00+00',
      ];
    case 'time':
    case 'timetz':
      return [`12:${two}:00+00`, `18:${two}:00+00`, '00:00:00+00'];
    case 'interval':
      return [`${n} days`, ...literals, `${n} hours`, '0', '1 year'];
    case 'uuid':
      return [`00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`];
    case 'json':
    case 'jsonb':
      return [`{"sample": ${n}}`, ...literals.filter(isJson), '[]', `"${n}"`, `${n}`];
    case 'bytea':
      return [`\\x${two}`, '\\x', `\\x${two.repeat(16)}`, `\\x${two.repeat(32)}`];
    case 'inet':
      return [`10.0.0.${n % 250}`];
    case 'cidr':
      return [`10.${n % 250}.0.0/16`];
    case 'macaddr':
      return [`02:00:00:00:00:${two}`];
    case 'macaddr8':
      return [`02:00:00:00:00:00:00:${two}`];
    case 'bit':
    case 'varbit':
      return [
        bits(n, name === 'bit' ? Math.max(modifier, 1) : Math.min(modifier < 1 ? 8 : modifier, 8)),
      ];
    case 'xml':
      return [`<sample>${n}</sample>`];
    case 'tsvector':
      return [`sample:${(n % 100) + 1}`];
    case 'tsquery':
      return ['sample'];
    case 'pg_lsn':
      return [`0/${n.toString(16)}`];
    case 'oid':
    case 'xid':
    case 'xid8':
    case 'cid':
      return [String(n)];
    case 'point':
      return [`(${n},${n})`];
    case 'line':
      return [`{1,-1,${n}}`];
    case 'lseg':
    case 'path':
    case 'polygon':
      return [`((0,0),(${n},${n}))`];
    case 'box':
      return [`(${n},${n}),(0,0)`];
    case 'circle':
      return [`<(0,0),${n}>`];
    case 'hstore':
      return [`sample=>${n}`, ''];
    case 'ltree':
      return [`top.sample_${n}`];
    case 'vector':
    case 'halfvec':
      return [`[${Array.from({ length: modifier > 0 ? modifier : 3 }, () => n).join(',')}]`];
    case 'geometry':
    case 'geography':
      return [`POINT(${n % 90} ${n % 90})`, `SRID=4326;POINT(${n % 90} ${n % 90})`];
    case 'regclass':
      return ['pg_class'];
    default:
      return [...literals, String(n), '', '{}'];
  }
}

/** `numeric(4, 2)`: digits before and behind the point are in the modifier (utils/adt/numeric.c). */
function fitting(modifier: number, n: number): readonly string[] {
  if (modifier < 4) return [`${n}.5`];
  const precision = ((modifier - 4) >> 16) & 0xffff;
  const scale = (modifier - 4) & 0x7ff;
  const whole = precision - scale;
  return whole <= 0
    ? [`0.${'1'.padStart(Math.max(scale, 1), '0')}`, '0']
    : [String(n % 10 ** Math.min(whole, 9))];
}

function bits(n: number, length: number): string {
  return n.toString(2).padStart(length, '0').slice(-length);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
