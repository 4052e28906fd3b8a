/** What is known of a database before connecting: where it is, how to log in, how much to trust it. */

import type { Secret } from '../core/secret.ts';
import type { Keyword } from './conninfo-keywords.ts';

/** Values of `sslmode`, weakest first. */
export const SSL_MODES = [
  'disable',
  'allow',
  'prefer',
  'require',
  'verify-ca',
  'verify-full',
] as const;
/** Values of `target_session_attrs`. */
export const SESSION_ATTRS = [
  'any',
  'read-write',
  'read-only',
  'primary',
  'standby',
  'prefer-standby',
] as const;
/** TLS protocol versions as libpq and Node spell them. */
export const TLS_VERSIONS = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const;

/** One place where the database may be: a TCP address or the directory of a Unix socket. */
export interface ServerSettings {
  /** Host name, address, or a path (beginning with `/`, or `@` for an abstract socket). */
  readonly host: string;
  /** Numeric address to connect to in place of looking up `host`. */
  readonly hostaddr: string | undefined;
  readonly port: number;
  readonly password: Secret | undefined;
}

/** libpq's `sslmode`. */
type SslMode = (typeof SSL_MODES)[number];
/** libpq's `target_session_attrs`. */
export type TargetSessionAttrs = (typeof SESSION_ATTRS)[number];

/** A file that is read when TLS needs it; only one that was named must exist. */
export interface TlsFile {
  readonly path: string;
  readonly named: boolean;
}

/** What TLS must do; files are read at each connection, because certificates are rotated. */
export interface TlsSettings {
  readonly mode: SslMode;
  readonly negotiation: 'postgres' | 'direct';
  /** `system`: the roots of the operating system. */
  readonly rootCertificate: TlsFile | 'system' | undefined;
  readonly certificate: TlsFile | undefined;
  readonly key: TlsFile | undefined;
  readonly keyPassword: Secret | undefined;
  readonly revocationList: TlsFile | undefined;
  readonly sendServerName: boolean;
  readonly minVersion: TlsVersion | undefined;
  readonly maxVersion: TlsVersion | undefined;
}

/** A TLS protocol version as Node spells it. */
export type TlsVersion = (typeof TLS_VERSIONS)[number];

/** Everything needed to connect, checked; plain data but for the secrets and the provider. */
export interface ConnectionSettings {
  /** In the order they are tried; at least one. */
  readonly servers: readonly ServerSettings[];
  readonly database: string;
  readonly user: string;
  /** The first server's password. */
  readonly password: Secret | undefined;
  /** Where the password came from, in words: `url`, `PGPASSWORD`, `passfile`. */
  readonly passwordSource: string | undefined;
  /** Called whenever a server asks for a password; wins over every other password. */
  readonly passwordProvider?: (() => Promise<Secret>) | undefined;
  /** Limit for one server; undefined when not set, 0 for none. */
  readonly connectTimeoutMs: number | undefined;
  /** Server settings to start the session with, as in `-c search_path=app`. */
  readonly options: string | undefined;
  readonly applicationName: string | undefined;
  /** Idle time before keepalive probes begin; undefined when they are off. */
  readonly keepAliveIdleMs: number | undefined;
  readonly tls: TlsSettings;
  readonly channelBinding: 'disable' | 'prefer' | 'require';
  readonly targetSessionAttrs: TargetSessionAttrs;
  readonly loadBalanceHosts: 'disable' | 'random';
  /** Who gave each keyword that was given, in words; keywords left out have libpq's default. */
  readonly sources: { readonly [keyword in Keyword]?: string };
  /** What was passed over and why, in words without secrets. */
  readonly warnings: readonly string[];
}

/** `host:port/database` for people, several hosts separated by commas; never a secret. */
export function describeServer(settings: Pick<ConnectionSettings, 'servers' | 'database'>): string {
  return `${settings.servers.map(describeAddress).join(',')}/${settings.database}`;
}

/** `host:port` for people. */
export function describeAddress({
  host,
  hostaddr,
  port,
}: Omit<ServerSettings, 'password'>): string {
  const name = host === '' ? (hostaddr ?? '') : host;
  return `${name.includes(':') ? `[${name}]` : name}:${port}`;
}
