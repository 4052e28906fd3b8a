/** Which servers the settings name: hosts, addresses and ports in lists that belong together. */

import type { ServerSettings } from './connection-settings.ts';
import { type GivenSettings, settingsError } from './conninfo-keywords.ts';
import { list } from './conninfo-values.ts';

/** libpq has one such directory compiled in: Debian's, or Postgres' own. */
export const SOCKET_DIRECTORIES = ['/var/run/postgresql', '/tmp'];
const DEFAULT_HOSTS = [...SOCKET_DIRECTORIES, 'localhost'];
const DEFAULT_PORT = 5432;
/** A server without its password. */
export type ServerAddress = Omit<ServerSettings, 'password'>;

/** The servers in the order given; libpq's default places when none is. */
export function toAddresses(given: GivenSettings): ServerAddress[] {
  const addresses = list(given, 'hostaddr');
  const hosts = list(given, 'host') ?? addresses?.map(() => '') ?? DEFAULT_HOSTS;
  const ports = list(given, 'port') ?? [''];
  if (addresses !== undefined && addresses.length !== hosts.length) {
    throw settingsError('host and hostaddr do not have the same number of entries');
  }
  if (ports.length !== 1 && ports.length !== hosts.length) {
    throw settingsError(
      'port does not have as many entries as host',
      'give one port for all hosts, or one for each',
    );
  }
  return hosts.map((host, index) => {
    const hostaddr = addresses?.[index] || undefined;
    const name = host === '' && hostaddr === undefined ? (SOCKET_DIRECTORIES[0] ?? '') : host;
    return {
      host: toHost(name),
      hostaddr: hostaddr === undefined ? undefined : toHost(hostaddr),
      port: toPort(ports[ports.length === 1 ? 0 : index] ?? ''),
    };
  });
}

function toHost(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a host must not carry them into a log
  const forbidden = /^[/@]/.test(text) ? /[\x00-\x1f\x7f]/ : /[\x00-\x20\x7f/@#?'"\\]/;
  if (forbidden.test(text)) {
    throw settingsError(
      'a host has a character that no host name has',
      'if it belongs to the user or the password, percent-encode it in the URL',
    );
  }
  return text;
}

function toPort(text: string): number {
  const port = text === '' ? DEFAULT_PORT : Number(text);
  if (!/^\s*\d*\s*$/.test(text) || port < 1 || port > 65_535) {
    throw settingsError('a port is not a number from 1 to 65535');
  }
  return port;
}
