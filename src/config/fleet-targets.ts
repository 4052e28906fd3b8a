/** Reads lists of targets: lines of a file, or rows of a query. */

import { ConfigError } from '../core/errors.ts';
import type { FleetTarget } from '../core/fleet.ts';
import { nearest } from '../core/nearest.ts';
import { secret } from '../core/secret.ts';

/** What may be said of a target, under its name in files and in rows. */
const KEYS = {
  name: 'name',
  url: 'url',
  urlFile: 'url_file',
  database: 'database',
  schema: 'schema',
  historySchema: 'history_schema',
  role: 'role',
} as const;

type Key = keyof typeof KEYS;
const KEY_NAMES = Object.keys(KEYS) as readonly Key[];

/**
 * Reads a file of targets: a JSON array of objects, or lines that are each `NAME URL` or one object.
 * Empty lines, and those that begin with `#`, are passed over. No message repeats a URL.
 * @throws ConfigError `SLIPWAY_TARGETS_INVALID`
 */
export function readTargetFile(path: string, text: string): readonly FleetTarget[] {
  if (text.trimStart().startsWith('[')) return readArray(path, text);
  return text.split(/\r?\n/).flatMap((line, index) => {
    const trimmed = line.trim();
    const place = `${path}:${index + 1}`;
    if (trimmed === '' || trimmed.startsWith('#')) return [];
    return [
      trimmed.startsWith('{') ? readObject(place, parse(place, trimmed)) : plain(place, trimmed),
    ];
  });
}

/**
 * Reads rows of a query: a column for each thing that is said of a target.
 * @throws ConfigError `SLIPWAY_TARGETS_INVALID`
 */
export function readTargetRows(
  rows: readonly { readonly [column: string]: unknown }[],
): readonly FleetTarget[] {
  const columns = new Map(KEY_NAMES.map((key) => [KEYS[key] as string, key]));
  return rows.map((row, index) => {
    const place = `row ${index + 1} of --targets-sql`;
    const given: { [K in Key]?: unknown } = {};
    for (const [column, value] of Object.entries(row)) {
      const key = columns.get(column);
      if (key === undefined) throw unknownKey(place, column, [...columns.keys()]);
      given[key] = value;
    }
    return target(place, given);
  });
}

function readArray(path: string, text: string): readonly FleetTarget[] {
  const list = parse(path, text);
  if (!Array.isArray(list)) throw invalid(path, 'is not an array');
  return list.map((item: unknown, index) => readObject(`${path}, target ${index + 1}`, item));
}

/** What JSON.parse says may repeat a part of the text, and with it a password. */
function parse(place: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid(place, 'is not JSON');
  }
}

function readObject(place: string, item: unknown): FleetTarget {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) {
    throw invalid(place, 'is not an object');
  }
  const unknown = Object.keys(item).find((key) => !Object.hasOwn(KEYS, key));
  if (unknown !== undefined) throw unknownKey(place, unknown, KEY_NAMES);
  return target(place, item);
}

function plain(place: string, line: string): FleetTarget {
  const [, name = '', url = ''] = /^(\S+)\s+(postgres(?:ql)?:\/\/\S+)$/.exec(line) ?? [];
  if (name === '') throw invalid(place, 'is neither "NAME URL" nor an object');
  return target(place, { name, url });
}

function target(place: string, given: { readonly [K in Key]?: unknown }): FleetTarget {
  const text = (key: Key): string | undefined => {
    const value = given[key];
    if (value === undefined || value === null) return undefined;
    if (typeof value !== 'string' || value === '') {
      throw invalid(place, `has a ${key} that is no text`);
    }
    return value;
  };
  const [url, urlFile, database, schema] = [
    text('url'),
    text('urlFile'),
    text('database'),
    text('schema'),
  ];
  if (url !== undefined && urlFile !== undefined) throw invalid(place, 'has a url and a urlFile');
  const ownName = [database, schema].filter((part) => part !== undefined).join('/');
  const name = text('name') ?? ownName;
  if (name === '') throw invalid(place, 'has no name');
  // It stands in log lines and in tables.
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(name) || name.length > LONGEST_NAME) {
    throw invalid(
      place,
      `has a name with control characters, or of more than ${LONGEST_NAME} characters`,
    );
  }
  if (
    url === undefined &&
    urlFile === undefined &&
    database === undefined &&
    schema === undefined
  ) {
    throw invalid(place, `says nothing of where "${name}" is`);
  }
  return {
    name,
    place,
    url: url === undefined ? undefined : secret(url),
    urlFile,
    database,
    schema,
    historySchema: text('historySchema'),
    role: text('role'),
  };
}

const LONGEST_NAME = 200;

function invalid(place: string, what: string): ConfigError {
  return new ConfigError('SLIPWAY_TARGETS_INVALID', `${place} ${what}`, {
    hint: 'A target is "NAME URL", or an object such as {"name": "acme", "schema": "acme"}.',
    details: { place },
  });
}

function unknownKey(place: string, key: string, known: readonly string[]): ConfigError {
  const guess = nearest(key, known);
  // A mistake in quoting can make anything a key, a URL too: only what looks like a word is repeated.
  const shown = /^\w{1,40}$/.test(key) ? `an unknown key "${key}"` : 'an unknown key';
  return new ConfigError('SLIPWAY_TARGETS_INVALID', `${place} has ${shown}`, {
    hint: guess === undefined ? `There are ${known.join(', ')}.` : `Did you mean "${guess}"?`,
    details: { place },
  });
}
