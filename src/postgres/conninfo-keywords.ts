/** The connection settings libpq knows by name: each keyword with the environment variable behind it. */

import { ConfigError } from '../core/errors.ts';
import { nearest } from '../core/nearest.ts';

/** libpq's parameter keywords, each with its environment variable if it has one. */
export const KEYWORDS = {
  service: 'PGSERVICE',
  servicefile: 'PGSERVICEFILE',
  host: 'PGHOST',
  hostaddr: 'PGHOSTADDR',
  port: 'PGPORT',
  dbname: 'PGDATABASE',
  user: 'PGUSER',
  password: 'PGPASSWORD',
  passfile: 'PGPASSFILE',
  require_auth: 'PGREQUIREAUTH',
  channel_binding: 'PGCHANNELBINDING',
  connect_timeout: 'PGCONNECT_TIMEOUT',
  client_encoding: 'PGCLIENTENCODING',
  options: 'PGOPTIONS',
  application_name: 'PGAPPNAME',
  fallback_application_name: undefined,
  keepalives: undefined,
  keepalives_idle: undefined,
  keepalives_interval: undefined,
  keepalives_count: undefined,
  tcp_user_timeout: undefined,
  replication: undefined,
  gssencmode: 'PGGSSENCMODE',
  sslmode: 'PGSSLMODE',
  sslnegotiation: 'PGSSLNEGOTIATION',
  sslcompression: 'PGSSLCOMPRESSION',
  sslcert: 'PGSSLCERT',
  sslkey: 'PGSSLKEY',
  sslkeylogfile: undefined,
  sslpassword: undefined,
  sslcertmode: 'PGSSLCERTMODE',
  sslrootcert: 'PGSSLROOTCERT',
  sslcrl: 'PGSSLCRL',
  sslcrldir: 'PGSSLCRLDIR',
  sslsni: 'PGSSLSNI',
  requirepeer: 'PGREQUIREPEER',
  ssl_min_protocol_version: 'PGSSLMINPROTOCOLVERSION',
  ssl_max_protocol_version: 'PGSSLMAXPROTOCOLVERSION',
  min_protocol_version: 'PGMINPROTOCOLVERSION',
  max_protocol_version: 'PGMAXPROTOCOLVERSION',
  krbsrvname: 'PGKRBSRVNAME',
  gsslib: 'PGGSSLIB',
  gssdelegation: 'PGGSSDELEGATION',
  scram_client_key: undefined,
  scram_server_key: undefined,
  oauth_issuer: undefined,
  oauth_client_id: undefined,
  oauth_client_secret: undefined,
  oauth_scope: undefined,
  target_session_attrs: 'PGTARGETSESSIONATTRS',
  load_balance_hosts: 'PGLOADBALANCEHOSTS',
} as const;

/** A name that libpq knows. */
export type Keyword = keyof typeof KEYWORDS;

/** One setting as it was given: its text, not yet judged, and who gave it. */
export interface Given {
  readonly value: string;
  /** In words: `url`, `PGHOST`, `service file`. */
  readonly source: string;
}

/** The settings of all sources, the strongest source winning. */
export type GivenSettings = ReadonlyMap<Keyword, Given>;

/**
 * A `ConfigError` about the connection settings. What people typed is never repeated in it: in a
 * malformed string anything may be a piece of the password.
 */
export function settingsError(message: string, hint?: string): ConfigError {
  return new ConfigError('SLIPWAY_CONNECTION_SETTINGS', message, { hint });
}

/** The keyword `word`, or an error that says where it stands and what was probably meant. */
export function toKeyword(word: string, where: string): Keyword {
  if (Object.hasOwn(KEYWORDS, word)) return word as Keyword; // just checked
  const guess = nearest(word, Object.keys(KEYWORDS));
  throw settingsError(
    `unknown connection setting ${where}${guess === undefined ? '' : `, did you mean "${guess}"?`}`,
    'use the parameter keywords of libpq, and percent-encode (in a URL) or quote (in key=value form) special characters of the password',
  );
}
