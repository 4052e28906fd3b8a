/** How single connection settings are read and judged; messages name the keyword, never the value. */

import { nearest } from '../core/nearest.ts';
import { type GivenSettings, type Keyword, settingsError } from './conninfo-keywords.ts';

/** The value of `keyword` as one of `allowed` (any case), or undefined when it is not given. */
export function choice<T extends string>(
  given: GivenSettings,
  keyword: Keyword,
  allowed: readonly T[],
): T | undefined {
  const entry = given.get(keyword);
  if (entry === undefined || entry.value === '') return undefined;
  const text = entry.value.toLowerCase();
  const found = allowed.find((value) => value.toLowerCase() === text);
  if (found !== undefined) return found;
  const guess = nearest(text, allowed);
  throw settingsError(
    `${keyword} (from ${entry.source}) is not one of ${allowed.join(', ')}`,
    guess === undefined ? undefined : `did you mean ${guess}?`,
  );
}

/** The value of `keyword` as a whole number, or undefined when it is not given. */
export function wholeNumber(given: GivenSettings, keyword: Keyword): number | undefined {
  const entry = given.get(keyword);
  if (entry === undefined || entry.value.trim() === '') return undefined;
  if (/^\s*-?\d{1,9}\s*$/.test(entry.value)) return Number(entry.value);
  throw settingsError(`${keyword} (from ${entry.source}) is not a whole number`);
}

/** The value of `keyword` as 0 or 1. */
export function flag(given: GivenSettings, keyword: Keyword, fallback: boolean): boolean {
  const number = wholeNumber(given, keyword);
  return number === undefined ? fallback : number !== 0;
}

/** The comma-separated values of `keyword`, or undefined when it is not given or empty. */
export function list(given: GivenSettings, keyword: Keyword): string[] | undefined {
  const text = given.get(keyword)?.value;
  return text ? text.split(',') : undefined;
}

/** Settings that ask for a protection or a protocol that is not there, with the values that do not. */
const HARMLESS: { readonly [keyword in Keyword]?: readonly string[] } = {
  gssencmode: ['disable', 'prefer'],
  min_protocol_version: ['3.0'],
  oauth_client_id: [],
  oauth_client_secret: [],
  oauth_issuer: [],
  oauth_scope: [],
  replication: ['false', 'off', 'no', '0'],
  require_auth: [],
  requirepeer: [],
  scram_client_key: [],
  scram_server_key: [],
  sslcertmode: ['disable', 'allow'],
  sslcrldir: [],
  sslkeylogfile: [],
};

/**
 * Refuses settings of libpq that cannot be kept here. Those that change nothing for a migration are
 * taken without effect: `client_encoding` (always UTF-8), `tcp_user_timeout`, `keepalives_interval`
 * and `keepalives_count` (Node offers no such socket options), `sslcompression`, `krbsrvname`,
 * `gsslib`, `gssdelegation`, `max_protocol_version`.
 */
export function refuseUnsupported(given: GivenSettings): void {
  for (const [keyword, { value, source }] of given) {
    const harmless = HARMLESS[keyword];
    if (harmless === undefined || value === '' || harmless.includes(value.toLowerCase())) continue;
    throw settingsError(
      `${keyword} (from ${source}) is not supported${harmless.length === 0 ? '' : ` save for ${harmless.join(', ')}`}`,
      'remove it from the connection settings',
    );
  }
}
