/** What `sslmode` and its certificate files mean in the terms of Node's TLS; loaded only when TLS is used. */

import { readFileSync } from 'node:fs';
import { isIP, type Socket } from 'node:net';
import * as tls from 'node:tls';
import type { ServerSettings, TlsFile, TlsSettings } from './connection-settings.ts';
import { settingsError } from './conninfo-keywords.ts';

/** Starts TLS on a connected socket; the result emits `secureConnect` or `error`. */
export function startTls(socket: Socket, server: ServerSettings, settings: TlsSettings): Socket {
  const options = toTlsOptions(server, settings);
  return tls.connect({ socket, ...options, secureContext: createContext(options) });
}

/** The trust and identity that `settings` ask for. Throws `SLIPWAY_CONNECTION_SETTINGS`. */
function toTlsOptions(server: ServerSettings, settings: TlsSettings): tls.ConnectionOptions {
  const name = server.host === '' ? (server.hostaddr ?? '') : server.host;
  const roots = readRoots(settings);
  const certificate = read('sslcert', settings.certificate);
  const revocationList = roots === undefined ? undefined : read('sslcrl', settings.revocationList);
  return {
    // An empty list, because without one Node loads all public roots only to ignore their verdict.
    ca: roots ?? [],
    rejectUnauthorized: roots !== undefined,
    checkServerIdentity: (_, peer) =>
      settings.mode === 'verify-full' ? tls.checkServerIdentity(name, peer) : undefined,
    // RFC 6066 allows no addresses in the server name.
    ...(settings.sendServerName && isIP(name) === 0 && { servername: name }),
    ...(certificate !== undefined && { cert: certificate, ...readKey(settings) }),
    ...(revocationList !== undefined && { crl: revocationList }),
    ...(settings.negotiation === 'direct' && { ALPNProtocols: ['postgresql'] }),
    minVersion: settings.minVersion ?? 'TLSv1.2',
    ...(settings.maxVersion !== undefined && { maxVersion: settings.maxVersion }),
  };
}

function createContext(options: tls.SecureContextOptions): tls.SecureContext {
  try {
    return tls.createSecureContext(options);
  } catch (error) {
    const reason = error instanceof Error && 'reason' in error ? ` (${error.reason})` : '';
    throw settingsError(
      `a certificate, key or protocol version for TLS cannot be used${reason}`,
      'check that sslcert and sslkey belong together and are PEM, and that sslpassword opens the key',
    );
  }
}

/**
 * As in libpq, a root certificate that exists is used to verify in every mode, and only the
 * `verify-…` modes insist on one.
 */
function readRoots({ mode, rootCertificate }: TlsSettings): string[] | undefined {
  if (rootCertificate === 'system') {
    const system = tls.getCACertificates('system');
    // Small images have no certificates of their own; Node brings the same list.
    if (system.length === 0) return tls.getCACertificates('default');
    return [...system, ...tls.getCACertificates('extra')];
  }
  const insists = mode === 'verify-ca' || mode === 'verify-full';
  const text = read('sslrootcert', rootCertificate && { ...rootCertificate, named: false });
  if (text !== undefined && !/-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----/.test(text)) {
    // Node takes it as an empty list and then blames the server.
    throw settingsError('the sslrootcert file has no certificate in it', 'it must be PEM text');
  }
  if (text !== undefined) return [text];
  if (!insists) return undefined;
  throw settingsError(
    `the root certificate file that sslmode=${mode} needs does not exist`,
    'mount the authority of the server and name it in sslrootcert, or use sslrootcert=system with sslmode=verify-full',
  );
}

function readKey({ key, keyPassword }: TlsSettings): tls.ConnectionOptions {
  const text = read('sslkey', key && { ...key, named: true });
  return {
    ...(text !== undefined && { key: text }),
    ...(keyPassword !== undefined && { passphrase: keyPassword.reveal() }),
  };
}

function read(keyword: string, file: TlsFile | undefined): string | undefined {
  if (file === undefined) return undefined;
  try {
    return readFileSync(file.path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const missing = code === 'ENOENT' || code === 'ENOTDIR';
    if (missing && !file.named) return undefined;
    throw settingsError(
      `the ${keyword} file ${missing ? 'does not exist' : `cannot be read (${code})`}`,
      `check the path in ${keyword}, and that this user may read the file`,
    );
  }
}
