/** Where the database is and how to log in, from libpq's own sources in libpq's own order. */

import { type Secret, secret } from '../core/secret.ts';
import { type ConnectionSettings, SESSION_ATTRS } from './connection-settings.ts';
import {
  type Given,
  type GivenSettings,
  KEYWORDS,
  type Keyword,
  settingsError,
} from './conninfo-keywords.ts';
import { type ServerAddress, SOCKET_DIRECTORIES, toAddresses } from './conninfo-servers.ts';
import { parseConnectionString } from './conninfo-string.ts';
import { toTlsSettings } from './conninfo-tls.ts';
import { choice, flag, refuseUnsupported, wholeNumber } from './conninfo-values.ts';
import type { LocalFile } from './local-file.ts';
import { findPassword } from './passfile.ts';
import { readService } from './service-file.ts';

/** The sources of connection settings. */
export interface ConnectionSources {
  /** A URI or `keyword=value` string; strongest. */
  readonly url?: string | undefined;
  /** A database in place of the one that the sources below would give. */
  readonly database?: string | undefined;
  readonly env: { readonly [name: string]: string | undefined };
  /** The file at `path`, or undefined when there is none. */
  readonly readFile: (path: string) => LocalFile | undefined;
  readonly homeDir: string | undefined;
  readonly osUser: string | undefined;
}

/** Shorter than the idle limits of cloud load balancers (NLB 350 s, Azure 240 s). */
const DEFAULT_KEEPALIVE_IDLE_S = 30;

/**
 * The settings that `url`, the service file, the `PG*` environment and the defaults give, in this
 * order of strength. Throws `SLIPWAY_CONNECTION_SETTINGS`; no message repeats a value.
 */
export function parseConnection(sources: ConnectionSources): ConnectionSettings {
  const given = collect(sources);
  const value = (keyword: Keyword): string | undefined => given.get(keyword)?.value || undefined;
  refuseUnsupported(given);
  const user = value('user') ?? sources.osUser;
  if (user === undefined || user === '') {
    throw settingsError('no database user is given', 'set PGUSER or name the user in DATABASE_URL');
  }
  const database = value('dbname') ?? user;
  const warnings: string[] = [];
  const explicitPassword = value('password');
  const addresses = toAddresses(given);
  const passwords =
    explicitPassword === undefined
      ? passfilePasswords(addresses, { sources, given, database, user, warnings })
      : addresses.map(() => explicitPassword);
  const servers = addresses.map((address, index) => ({
    ...address,
    password: toSecret(passwords[index]),
  }));
  const timeoutS = wholeNumber(given, 'connect_timeout');
  const idleS = wholeNumber(given, 'keepalives_idle') || DEFAULT_KEEPALIVE_IDLE_S;
  return {
    servers,
    database,
    user,
    password: servers[0]?.password,
    passwordSource:
      explicitPassword !== undefined
        ? given.get('password')?.source
        : passwords.some((password) => password !== undefined)
          ? 'passfile'
          : undefined,
    connectTimeoutMs: timeoutS === undefined ? undefined : Math.max(0, timeoutS) * 1000,
    options: value('options'),
    applicationName: value('application_name') ?? value('fallback_application_name'),
    keepAliveIdleMs: flag(given, 'keepalives', true) ? Math.max(1, idleS) * 1000 : undefined,
    tls: toTlsSettings(given, sources.homeDir),
    channelBinding: choice(given, 'channel_binding', ['disable', 'prefer', 'require']) ?? 'prefer',
    // A migrator has nothing to do on a standby, so libpq's default `any` would only fail later.
    targetSessionAttrs: choice(given, 'target_session_attrs', SESSION_ATTRS) ?? 'read-write',
    loadBalanceHosts: choice(given, 'load_balance_hosts', ['disable', 'random']) ?? 'disable',
    sources: Object.fromEntries([...given].map(([keyword, { source }]) => [keyword, source])),
    warnings,
  };
}

function collect(sources: ConnectionSources): GivenSettings {
  const given = new Map<Keyword, Given>();
  const add = (pairs: Iterable<readonly [Keyword, string]>, source: string) => {
    for (const [keyword, value] of pairs) {
      if (!given.has(keyword)) given.set(keyword, { value, source });
    }
  };
  if (sources.database !== undefined) add([['dbname', sources.database]], 'target');
  const url = sources.url?.trim() ?? '';
  if (url !== '') add(parseConnectionString(url), 'url');
  const service = given.get('service')?.value || sources.env['PGSERVICE'];
  if (service) add(serviceSettings(service, given, sources), 'service file');
  for (const [keyword, variable] of Object.entries(KEYWORDS) as [Keyword, string | undefined][]) {
    const value = variable === undefined ? undefined : sources.env[variable];
    if (variable !== undefined && value) add([[keyword, value]], variable);
  }
  if (sources.env['PGREQUIRESSL'] === '1') add([['sslmode', 'require']], 'PGREQUIRESSL');
  return given;
}

function serviceSettings(
  service: string,
  given: GivenSettings,
  { env, homeDir, readFile }: ConnectionSources,
): ReadonlyMap<Keyword, string> {
  const named = given.get('servicefile')?.value || env['PGSERVICEFILE'];
  const own = named ?? (homeDir === undefined ? undefined : `${homeDir}/.pg_service.conf`);
  const system = `${env['PGSYSCONFDIR'] ?? '/etc/postgresql-common'}/pg_service.conf`;
  for (const path of [own, system]) {
    const file = path === undefined ? undefined : readSettingsFile(readFile, path, 'service file');
    if (file === undefined && path === named && named !== undefined) {
      throw settingsError('the connection service file does not exist', 'check PGSERVICEFILE');
    }
    const settings = file === undefined ? undefined : readService(file.text, service);
    if (settings !== undefined) return settings;
  }
  throw settingsError(
    'the connection service is in no service file',
    'check PGSERVICE and the names in brackets in PGSERVICEFILE or ~/.pg_service.conf',
  );
}

function readSettingsFile(
  readFile: ConnectionSources['readFile'],
  path: string,
  what: string,
): LocalFile | undefined {
  try {
    return readFile(path);
  } catch {
    throw settingsError(
      `the ${what} cannot be read`,
      'check its permissions and that it is a file',
    );
  }
}

function passfilePasswords(
  addresses: readonly ServerAddress[],
  from: {
    readonly sources: ConnectionSources;
    readonly given: GivenSettings;
    readonly database: string;
    readonly user: string;
    readonly warnings: string[];
  },
): (string | undefined)[] {
  const named = from.given.get('passfile')?.value || undefined;
  const home = from.sources.homeDir;
  const path = named ?? (home === undefined ? undefined : `${home}/.pgpass`);
  if (path === undefined) return [];
  let file: LocalFile | undefined;
  try {
    file = from.sources.readFile(path);
    if (file === undefined && named !== undefined)
      from.warnings.push('the passfile does not exist');
  } catch {
    from.warnings.push('the passfile is ignored: it cannot be read');
  }
  if (file === undefined) return [];
  if ((file.mode & 0o077) !== 0) {
    from.warnings.push(
      'the passfile is ignored: group or others may access it, its mode must be 0600 or less',
    );
    return [];
  }
  const { text } = file;
  return addresses.map(({ host, hostaddr, port }) => {
    const name = host === '' ? (hostaddr ?? '') : host;
    const login = { port, database: from.database, user: from.user };
    return findPassword(text, {
      ...login,
      host: SOCKET_DIRECTORIES.includes(name) ? 'localhost' : name,
    });
  });
}

function toSecret(text: string | undefined): Secret | undefined {
  return text === undefined || text === '' ? undefined : secret(text);
}
