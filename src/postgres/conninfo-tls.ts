/** What the settings say of TLS: mode, files and versions; the files are not looked at. */

import { secret } from '../core/secret.ts';
import { SSL_MODES, TLS_VERSIONS, type TlsFile, type TlsSettings } from './connection-settings.ts';
import { type GivenSettings, type Keyword, settingsError } from './conninfo-keywords.ts';
import { choice, flag } from './conninfo-values.ts';

/** The TLS settings; default files are those in `~/.postgresql`. */
export function toTlsSettings(given: GivenSettings, homeDir: string | undefined): TlsSettings {
  const file = (keyword: Keyword, name: string): TlsFile | undefined => {
    const path = given.get(keyword)?.value;
    if (path) return { path, named: true };
    return homeDir === undefined
      ? undefined
      : { path: `${homeDir}/.postgresql/${name}`, named: false };
  };
  const system = given.get('sslrootcert')?.value === 'system';
  const asked = choice(given, 'sslmode', SSL_MODES);
  const mode = asked ?? (system ? 'verify-full' : 'prefer');
  if (system && mode !== 'verify-full') {
    throw settingsError(
      'sslrootcert=system needs sslmode=verify-full',
      'anybody can have a certificate of a public authority, so the host name must be checked',
    );
  }
  const negotiation = choice(given, 'sslnegotiation', ['postgres', 'direct']) ?? 'postgres';
  if (negotiation === 'direct' && ['disable', 'allow', 'prefer'].includes(mode)) {
    throw settingsError('sslnegotiation=direct needs sslmode=require or stronger');
  }
  const keyPassword = given.get('sslpassword')?.value;
  const withCertificate = choice(given, 'sslcertmode', ['disable', 'allow']) !== 'disable';
  return {
    mode,
    negotiation,
    rootCertificate: system ? 'system' : file('sslrootcert', 'root.crt'),
    certificate: withCertificate ? file('sslcert', 'postgresql.crt') : undefined,
    key: withCertificate ? file('sslkey', 'postgresql.key') : undefined,
    keyPassword: keyPassword ? secret(keyPassword) : undefined,
    revocationList: file('sslcrl', 'root.crl'),
    sendServerName: flag(given, 'sslsni', true),
    minVersion: choice(given, 'ssl_min_protocol_version', TLS_VERSIONS),
    maxVersion: choice(given, 'ssl_max_protocol_version', TLS_VERSIONS),
  };
}
