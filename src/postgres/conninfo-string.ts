/** How a connection string is written: a `postgresql://` URI or `keyword=value` pairs, as libpq reads them. */

import { type Keyword, settingsError, toKeyword } from './conninfo-keywords.ts';

type Pairs = Map<Keyword, string>;

const ENCODE_HINT =
  'percent-encode special characters of the user and the password: @ is %40, / is %2F, : is %3A, ? is %3F, % is %25';

/** Parameters that other clients read from the same URL; they are about pools, not about the place. */
const OTHER_CLIENTS = new Set([
  'connection_limit',
  'pgbouncer',
  'pool_timeout',
  'socket_timeout',
  'statement_cache_size',
  'uselibpqcompat',
]);

/** The settings that `text` gives. Throws a `ConfigError` that repeats no part of `text`. */
export function parseConnectionString(text: string): ReadonlyMap<Keyword, string> {
  const scheme = /^postgres(?:ql)?:\/\//.exec(text)?.[0];
  if (scheme !== undefined) return parseUri(text.slice(scheme.length), scheme.length);
  if (/^[a-z][a-z0-9+.:-]*:\/\//i.test(text)) {
    throw settingsError(
      'the connection url does not begin with postgresql:// or postgres://',
      'remove driver names from the scheme, as in postgresql+driver:// or jdbc:postgresql://',
    );
  }
  return parsePairs(text);
}

function parseUri(rest: string, offset: number): Pairs {
  const pairs: Pairs = new Map();
  const at = rest.indexOf('@');
  const hasUser = at !== -1 && !rest.slice(0, at).includes('/');
  if (hasUser) {
    const userInfo = rest.slice(0, at);
    const question = userInfo.indexOf('?');
    // `host?user=me@corp` and `user:1?2@host` look alike; guessing could show a password as a host.
    if (question !== -1 && /^[^:]*(?::\d*)?$/.test(userInfo.slice(0, question))) {
      throw settingsError(
        'the connection url has a "?" before an "@" and can be read in two ways',
        'write %3F and %40 for the ones that belong to a value',
      );
    }
    const colon = userInfo.indexOf(':');
    const user = colon === -1 ? userInfo : userInfo.slice(0, colon);
    if (user !== '') pairs.set('user', decode(user, 'user'));
    if (colon !== -1) pairs.set('password', decode(userInfo.slice(colon + 1), 'password'));
  }
  const start = hasUser ? at + 1 : 0;
  const [location = '', ...queries] = splitOnce(rest.slice(start), '?');
  // A raw "@" here means that the user information did not end where it should have.
  if (location.includes('@')) {
    throw settingsError(
      'the connection url has an unescaped "@" or "/" in its user or password',
      ENCODE_HINT,
    );
  }
  const [hosts = '', ...databases] = splitOnce(location, '/');
  readHosts(hosts, pairs);
  const database = databases[0] ?? '';
  if (database !== '') pairs.set('dbname', decode(database, 'database name'));
  if (queries[0] !== undefined) readQuery(queries[0], offset + start + location.length + 1, pairs);
  return pairs;
}

function readHosts(text: string, pairs: Pairs): void {
  const hosts: string[] = [];
  const ports: string[] = [];
  for (const part of text.split(',')) {
    const match = /^(?:\[([0-9a-fA-F:.]+(?:%[^\]]+)?)\]|([^:[\]]*))(?::(\d*))?$/.exec(part);
    if (match === null) {
      throw settingsError(
        'the connection url has a host or port that cannot be read',
        `write hosts as name:port and IPv6 addresses in brackets; ${ENCODE_HINT}`,
      );
    }
    hosts.push(decode(match[1] ?? match[2] ?? '', 'host'));
    ports.push(match[3] ?? '');
  }
  for (const [keyword, values] of [
    ['host', hosts],
    ['port', ports],
  ] as const) {
    if (values.join() !== '') pairs.set(keyword, values.join());
  }
}

function readQuery(query: string, offset: number, pairs: Pairs): void {
  let position = offset + 1;
  for (const part of query.split('&')) {
    const where = `at character ${position} of the url`;
    position += part.length + 1;
    if (part === '') continue;
    const [key = '', ...values] = splitOnce(part, '=');
    const value = values[0];
    if (value === undefined || value.includes('=')) {
      throw settingsError(
        `the connection url needs exactly one "=" in the parameter ${where}`,
        ENCODE_HINT,
      );
    }
    const word = decode(key, 'parameter name');
    if (OTHER_CLIENTS.has(word)) continue;
    // The one JDBC spelling that libpq takes.
    if (word === 'ssl' && value === 'true') pairs.set('sslmode', 'require');
    else pairs.set(toKeyword(word, where), decode(value, 'parameter value'));
  }
}

function decode(text: string, part: string): string {
  try {
    const decoded = decodeURIComponent(text);
    if (!decoded.includes('\0')) return decoded;
  } catch {
    // The error of decodeURIComponent is replaced by one that names the part.
  }
  throw settingsError(`the ${part} in the connection url is not percent-encoded well`, ENCODE_HINT);
}

function splitOnce(text: string, separator: string): string[] {
  const index = text.indexOf(separator);
  return index === -1 ? [text] : [text.slice(0, index), text.slice(index + 1)];
}

function parsePairs(text: string): Pairs {
  const pairs: Pairs = new Map();
  const token = /\s*([^\s=]+)\s*(=?)\s*/y;
  let position = 0;
  while (text.slice(position).trim() !== '') {
    token.lastIndex = position;
    const match = token.exec(text);
    const where = `at character ${position + 1} of the connection string`;
    if (match === null || match[2] !== '=') {
      throw settingsError(
        `the connection string has no "=" behind the word ${where}`,
        "write it as a postgresql:// url or as keyword=value pairs, with values that have blanks in '…'",
      );
    }
    const keyword = toKeyword(match[1] ?? '', where);
    const value = readValue(text, token.lastIndex);
    pairs.set(keyword, value.text);
    position = value.end;
  }
  return pairs;
}

function readValue(text: string, start: number): { text: string; end: number } {
  const quoted = text[start] === "'";
  let value = '';
  for (let index = quoted ? start + 1 : start; index < text.length; index++) {
    const character = text.charAt(index);
    if (character === '\\') {
      index += 1;
      value += text.charAt(index);
    } else if (quoted ? character === "'" : /\s/.test(character)) {
      return { text: value, end: index + 1 };
    } else {
      value += character;
    }
  }
  if (quoted) {
    throw settingsError(
      `the connection string has a quote without an end at character ${start + 1}`,
      "inside a quoted value write \\' for a quote and \\\\ for a backslash",
    );
  }
  return { text: value, end: text.length };
}
