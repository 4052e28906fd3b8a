/**
 * The connection as libpq's own programs take it from their environment, where other users of the
 * machine cannot see it: https://www.postgresql.org/docs/current/libpq-envars.html
 */

import { ConfigError } from '../core/errors.ts';
import type { ConnectionSettings, TlsFile } from './connection-settings.ts';

export interface LibpqOptions {
  /** Shown in `pg_stat_activity`. */
  readonly applicationName: string;
}

/**
 * Variables with which a program of libpq connects where `settings` say; asks for the password.
 * @throws ConfigError where libpq has no variable for what is set
 */
export async function libpqEnvironment(
  settings: ConnectionSettings,
  { applicationName }: LibpqOptions,
): Promise<Readonly<Record<string, string>>> {
  const { servers, tls } = settings;
  if (tls.keyPassword !== undefined) {
    throw new ConfigError(
      'SLIPWAY_CONNECTION_SETTINGS',
      'sslpassword cannot be given to pg_dump without showing it',
      { hint: 'Use a client key without a password, in a file that only slipway can read.' },
    );
  }
  const given = {
    PGHOST: joined(servers.map(({ host }) => host)),
    PGHOSTADDR: joined(servers.map(({ hostaddr }) => hostaddr ?? '')),
    PGPORT: joined(servers.map(({ port }) => String(port))),
    PGDATABASE: settings.database,
    PGUSER: settings.user,
    PGPASSWORD: await password(settings),
    PGSSLMODE: tls.mode,
    PGSSLNEGOTIATION: tls.negotiation === 'direct' ? 'direct' : undefined,
    PGSSLROOTCERT: tls.rootCertificate === 'system' ? 'system' : named(tls.rootCertificate),
    PGSSLCERT: named(tls.certificate),
    PGSSLCERTMODE: tls.certificate === undefined ? 'disable' : undefined,
    PGSSLKEY: named(tls.key),
    PGSSLCRL: named(tls.revocationList),
    PGSSLSNI: tls.sendServerName ? undefined : '0',
    PGSSLMINPROTOCOLVERSION: tls.minVersion,
    PGSSLMAXPROTOCOLVERSION: tls.maxVersion,
    PGCHANNELBINDING: settings.channelBinding,
    PGGSSENCMODE: 'disable',
    PGTARGETSESSIONATTRS: settings.targetSessionAttrs,
    PGCONNECT_TIMEOUT: String(Math.ceil((settings.connectTimeoutMs ?? 10_000) / 1000)),
    PGOPTIONS: settings.options,
    PGAPPNAME: applicationName,
  };
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

/** One for all servers; where a password file has several, libpq finds them there by itself. */
async function password(settings: ConnectionSettings): Promise<string | undefined> {
  const provided = await settings.passwordProvider?.();
  if (provided !== undefined) return provided.reveal();
  const [first, ...others] = new Set(settings.servers.map((server) => server.password?.reveal()));
  return others.length === 0 ? first : undefined;
}

/** A value for each server, or nothing where none has one. */
function joined(values: readonly string[]): string | undefined {
  return values.every((value) => value === '') ? undefined : values.join(',');
}

function named(file: TlsFile | 'system' | undefined): string | undefined {
  return typeof file === 'object' && file.named ? file.path : undefined;
}
