/** Checks that what a file exports is a revision's definition, and reads it. */

import { inspect } from 'node:util';
import { HAZARD_CLASSES } from '../core/hazards.ts';
import { nearest } from '../core/nearest.ts';
import type { Revision } from '../core/revision.ts';
import { HEADER_KEYS } from '../sql/directives.ts';
import { fileError, type SourceFile } from '../sql/file-error.ts';
import type { RevisionDefinition } from './definition.ts';
import { type AnyFunction, type Functions, functionsOf } from './functions.ts';
import { type DefinitionLayout, layOutDefinition } from './properties.ts';

/** What the definition says, apart from its functions. */
export type DefinedHeader = Pick<
  Revision,
  | 'id'
  | 'revises'
  | 'dependsOn'
  | 'labels'
  | 'phase'
  | 'description'
  | 'lockTimeoutMs'
  | 'statementTimeoutMs'
  | 'irreversible'
  | 'compatible'
  | 'approvals'
  | 'ignores'
>;

/** How the value of a key is read. */
interface Kind<T> {
  /** How it is written, for hints. */
  readonly usage: string;
  /** Undefined when the value makes no sense. */
  readonly read: (value: unknown) => T | undefined;
}

const isText = (value: unknown): value is string => typeof value === 'string';

/** A text that an SQL revision writes behind a key of its header. */
function text<T>(usage: string, parse: (value: string) => T | undefined): Kind<T> {
  return { usage, read: (value) => (isText(value) ? parse(oneLine(value)) : undefined) };
}

/** One name, or an array of different ones. */
function names(usage: string, parse: (value: string) => unknown): Kind<readonly string[]> {
  return {
    usage,
    read: (value) => {
      const all: readonly unknown[] = Array.isArray(value) ? value : [value];
      const isGood = (name: unknown): name is string =>
        isText(name) && !/\s/.test(name) && parse(name) !== undefined;
      return all.every(isGood) && new Set(all).size === all.length ? all : undefined;
    },
  };
}

function fn(usage: string): Kind<AnyFunction> {
  return {
    usage,
    read: (value) => (typeof value === 'function' ? (value as AnyFunction) : undefined),
  };
}

const filled = (value: string): string | undefined => (value === '' ? undefined : value);

/** Keys of the definition, in the order in which they are written. */
const KINDS = {
  revision: text(
    "revision: '<id>', with up to 64 letters, digits or underscores",
    HEADER_KEYS.revision.parse,
  ),
  revises: names(
    "revises: '<id>', or an array of ids for a merge; leave it out for a base",
    HEADER_KEYS.revision.parse,
  ),
  dependsOn: names("dependsOn: ['<id>', …]", HEADER_KEYS.revision.parse),
  labels: names("labels: ['<name>', …]", HEADER_KEYS.label.parse),
  description: text("description: '<text>'", (value) => value),
  phase: text("phase: 'expand' or phase: 'contract'", HEADER_KEYS.phase.parse),
  compatible: {
    usage: "compatible: { verdict: 'yes', reason: '<reason>' }, or 'no'",
    read: (value) => {
      const { verdict, reason } = fields(value);
      return isText(verdict) && isText(reason)
        ? HEADER_KEYS.compatible.parse(`${verdict} ${oneLine(reason)}`)
        : undefined;
    },
  },
  lockTimeout: text(
    "lockTimeout: '<duration>', such as '3s' or '500ms'",
    HEADER_KEYS['lock-timeout'].parse,
  ),
  statementTimeout: text(
    "statementTimeout: '<duration>', such as '5min'",
    HEADER_KEYS['statement-timeout'].parse,
  ),
  irreversible: text("irreversible: '<reason>'", filled),
  approve: {
    usage: `approve: [{ hazard: '<class>', reason: '<reason>' }], of the classes ${HAZARD_CLASSES.join(', ')}`,
    read: (value) => reasoned(value, 'hazard', HEADER_KEYS.approve.parse),
  },
  ignore: {
    usage: "ignore: [{ rule: '<rule>', reason: '<reason>' }]",
    read: (value) => reasoned(value, 'rule', HEADER_KEYS.ignore.parse),
  },
  up: fn('up: async (db) => { … }'),
  verify: fn('verify: async (db) => { … }'),
  down: fn('down: async (db) => { … }'),
} satisfies { readonly [K in keyof RevisionDefinition]-?: Kind<unknown> };

/** A list of things that were accepted, each with its reason; undefined where one makes no sense. */
function reasoned<T>(
  value: unknown,
  name: 'hazard' | 'rule',
  parse: (text: string) => T | undefined,
): readonly T[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const accepted = value.map((each): T | undefined => {
    const { [name]: what, reason } = fields(each);
    return isText(what) && isText(reason) && !/\s/.test(what)
      ? parse(`${what} ${oneLine(reason)}`)
      : undefined;
  });
  return accepted.every((each) => each !== undefined) ? accepted : undefined;
}

type Key = keyof typeof KINDS;
type ValueOf<K extends Key> = (typeof KINDS)[K] extends Kind<infer T> ? T : never;
type Values = { readonly [K in Key]?: ValueOf<K> };

/** What a definition was refused for. */
interface Refusal {
  /** The property it is about; without one, the whole definition. */
  readonly key?: string;
  readonly problem: string;
  readonly hint: string;
}

/** Reads a file's default export. Throws `SLIPWAY_FILE_MALFORMED` at the property that is wrong. */
export function checkDefinition(
  exported: unknown,
  source: SourceFile,
): { readonly header: DefinedHeader; readonly functions: Functions } {
  const layout = layOutDefinition(source.source);
  const { values, refusal } = readValues(exported);
  const refused = refusal ?? incomplete(values);
  if (refused !== undefined) throw refuse(source, layout, refused);
  const { revision, up, verify, down } = values;
  if (revision === undefined || up === undefined) throw refuse(source, layout, NO_DEFINITION);
  return {
    header: {
      id: revision,
      revises: values.revises ?? [],
      dependsOn: values.dependsOn ?? [],
      labels: values.labels ?? [],
      phase: values.phase ?? 'expand',
      description: values.description ?? '',
      lockTimeoutMs: values.lockTimeout,
      statementTimeoutMs: values.statementTimeout,
      irreversible: values.irreversible,
      compatible: values.compatible,
      approvals: values.approve ?? [],
      ignores: values.ignore ?? [],
    },
    functions: functionsOf({ up, verify, down }),
  };
}

const NO_DEFINITION: Refusal = {
  problem: 'the default export is not a revision',
  hint: 'write `export default defineRevision({ revision: …, up: …, down: … })`',
};

function readValues(exported: unknown): { values: Values; refusal?: Refusal } {
  if (exported === undefined) {
    return { values: {}, refusal: { ...NO_DEFINITION, problem: 'there is no default export' } };
  }
  const isObject = typeof exported === 'object' && exported !== null;
  if (!isObject || Array.isArray(exported) || exported instanceof Promise) {
    return { values: {}, refusal: NO_DEFINITION };
  }
  const values: { [key: string]: unknown } = {};
  for (const [key, value] of Object.entries(exported)) {
    if (!Object.hasOwn(KINDS, key)) return { values: {}, refusal: unknownKey(key) };
    if (value === undefined) continue;
    const kind: Kind<unknown> = KINDS[key as Key];
    values[key] = kind.read(value);
    if (values[key] === undefined) {
      const problem = `"${key}" may not be ${inWords(value)}`;
      return { values: {}, refusal: { key, problem, hint: `write ${kind.usage}` } };
    }
  }
  // Each key was read by the kind of its own name, which the compiler cannot follow.
  return { values: values as Values };
}

function incomplete({ revision, up, down, irreversible }: Values): Refusal | undefined {
  if (revision === undefined) return missing('revision');
  if (up === undefined) return missing('up');
  if (down === undefined && irreversible === undefined) {
    return {
      problem: '"down" is missing',
      hint: `write ${KINDS.down.usage}, or ${KINDS.irreversible.usage}`,
    };
  }
  if (down !== undefined && irreversible !== undefined) {
    return {
      key: 'irreversible',
      problem: 'the revision is irreversible, but there is a function "down"',
      hint: 'remove one of the two',
    };
  }
  return undefined;
}

function missing(key: Key): Refusal {
  return { problem: `"${key}" is missing`, hint: `write ${KINDS[key].usage}` };
}

function unknownKey(key: string): Refusal {
  if (key === 'transaction') {
    return {
      key,
      problem: 'a TypeScript revision always runs in one transaction',
      hint: 'put statements that Postgres does not allow in one into an SQL revision with `-- slipway:transaction none`, where each is journaled',
    };
  }
  const known = Object.keys(KINDS);
  const match = nearest(key, known);
  return {
    key,
    problem: `this version of slipway does not know the key "${key}"`,
    hint: match === undefined ? `it knows ${known.join(', ')}` : `did you mean "${match}"?`,
  };
}

function refuse(source: SourceFile, layout: DefinitionLayout, refusal: Refusal): Error {
  const property = layout.properties.find(({ name }) => name === refusal.key);
  const { problem, hint } = refusal;
  return fileError(source, { offset: property?.start ?? layout.start, problem, hint });
}

function fields(value: unknown): { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function oneLine(value: string): string {
  return value.replace(/\s+/g, ' ').trim();
}

const LONGEST_SHOWN = 60;

function inWords(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object') return shorten(isText(value) ? `"${value}"` : String(value));
  return shorten(inspect(value, { depth: 1, breakLength: Number.POSITIVE_INFINITY }));
}

function shorten(words: string): string {
  const line = oneLine(words);
  return line.length <= LONGEST_SHOWN ? line : `${line.slice(0, LONGEST_SHOWN)}…`;
}
