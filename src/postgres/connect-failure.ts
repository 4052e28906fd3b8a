/** Why a server could not be used, in words, and what to do about it. */

import {
  ConfigError,
  ConnectionError,
  type ErrorCode,
  type Json,
  SlipwayError,
} from '../core/errors.ts';
import {
  type ConnectionSettings,
  describeAddress,
  describeServer,
  type ServerSettings,
} from './connection-settings.ts';
import { databaseErrorFields, isConnectionLoss, sqlState, systemCode } from './errors.ts';
import { isUnixSocket, TlsNotOffered, TlsRefused } from './stream.ts';

/** The kinds of failure that differ in what helps. */
type FailureKind = keyof typeof ADVICE | 'slipway' | keyof typeof FATAL;

/** What went wrong with one server. */
export interface ServerFailure {
  readonly server: string;
  readonly kind: FailureKind;
  /** One line for people, without secrets. */
  readonly cause: string;
  /** Whether it may pass by itself, so that another server or another try makes sense. */
  readonly passing: boolean;
  readonly error: unknown;
}

/** The server answered, but its session is not what `target_session_attrs` asks for. */
export class SessionMismatch extends Error {
  readonly readOnly: boolean;
  constructor(message: string, readOnly: boolean) {
    super(message);
    this.name = 'SessionMismatch';
    this.readOnly = readOnly;
  }
}

/** What helps, for kinds that may pass by themselves. */
const ADVICE = {
  refused:
    'nothing listens there: the database, or the proxy sidecar in front of it, is not up yet, or the port is wrong',
  unresolved:
    'the name is not known here: check it for typing errors (in a cluster: <service>.<namespace>.svc) and that the Service exists',
  timeout:
    'no answer came back: look for a NetworkPolicy, security group or firewall between this pod and the database',
  unroutable:
    'there is no way to that address from here: look at network routes and at a NetworkPolicy that rejects',
  closed:
    'something took the connection and closed it: a mesh sidecar that is not ready, or a proxy or load balancer without a healthy database behind it',
  socket:
    'there is no Postgres at that Unix socket: name the host in DATABASE_URL or PGHOST, or start the server',
  starting: 'the server is starting, stopping or recovering: give it longer with --connect-timeout',
  full: 'all connection slots are taken: close sessions, raise max_connections or reserve connections for the migrating role',
  'read-only':
    'only a primary can be migrated: connect to it (the read-write Service), or wait for the failover to end; if this is it, somebody has set default_transaction_read_only on the role or the database',
  unfit: 'no server has the role that target_session_attrs asks for',
  other: 'see the server log for the reason',
} as const;

/** Kinds that no retry helps, with their code. */
const FATAL = {
  authentication: 'SLIPWAY_DB_AUTH_FAILED',
  database: 'SLIPWAY_DB_MISSING',
  tls: 'SLIPWAY_CONNECTION_SETTINGS',
  settings: 'SLIPWAY_CONNECTION_SETTINGS',
} as const satisfies Record<string, ErrorCode>;

const SYSTEM_CAUSES: { readonly [code: string]: readonly [keyof typeof ADVICE, string] } = {
  ECONNREFUSED: ['refused', 'connection refused'],
  ENOTFOUND: ['unresolved', 'the host name does not resolve'],
  EAI_AGAIN: ['unresolved', 'the name server does not answer'],
  EAI_FAIL: ['unresolved', 'the name server failed'],
  ETIMEDOUT: ['timeout', 'no answer in time'],
  EHOSTUNREACH: ['unroutable', 'no route to the host'],
  EHOSTDOWN: ['unroutable', 'the host is down'],
  ENETUNREACH: ['unroutable', 'the network is unreachable'],
  ENETDOWN: ['unroutable', 'the network is down'],
  EADDRNOTAVAIL: ['unroutable', 'no local address for the connection'],
  EPERM: ['unroutable', 'the connection is not permitted'],
  EACCES: ['unroutable', 'the connection is not permitted'],
  ENOENT: ['socket', 'the Unix socket does not exist'],
  ENOTDIR: ['socket', 'the Unix socket does not exist'],
  EPROTO: ['closed', 'the answer is not that of a Postgres server'],
};

/** What `error`, met while connecting to `server`, means. */
export function classifyFailure(
  error: unknown,
  server: ServerSettings,
  mode: ConnectionSettings['tls']['mode'],
): ServerFailure {
  const failure = (kind: FailureKind, cause: string) => ({
    server: describeAddress(server),
    kind,
    cause: oneLine(cause),
    passing:
      error instanceof SlipwayError ? error.code === 'SLIPWAY_DB_UNREACHABLE' : kind in ADVICE,
    error,
  });
  if (error instanceof SlipwayError) return failure('slipway', error.message);
  if (error instanceof SessionMismatch) {
    return failure(error.readOnly ? 'read-only' : 'unfit', error.message);
  }
  if (error instanceof TlsNotOffered) {
    return failure('tls', `${error.message}, which sslmode=${mode} demands`);
  }
  const tlsError = error instanceof TlsRefused ? error.cause : error;
  if (error instanceof TlsRefused || systemCode(error)?.startsWith('ERR_SSL_') === true) {
    return failure('tls', `the TLS handshake failed: ${tlsReason(tlsError)}`);
  }
  const state = sqlState(error);
  if (state !== undefined) {
    const { message, detail } = databaseErrorFields(error);
    return failure(
      stateKind(state, message),
      [message, detail].filter((text) => text !== undefined).join(': '),
    );
  }
  const known = SYSTEM_CAUSES[systemCode(mostTelling(error)) ?? ''];
  if (known?.[0] === 'unroutable' && isUnixSocket(server)) return failure('socket', known[1]);
  if (known !== undefined) return failure(...known);
  if (isConnectionLoss(error)) return failure('closed', 'the connection was closed at once');
  const message = error instanceof Error ? error.message : '';
  // Errors of the exchange itself may quote certificates and nonces, so their text is not shown.
  if (message.startsWith('SASL')) return failure('authentication', 'the SCRAM exchange failed');
  if (message.startsWith('Unknown authenticationOk')) {
    return failure('authentication', 'the server asks for an authentication method like GSSAPI');
  }
  return failure('other', systemCode(error) ?? 'unexpected error');
}

/** A name may have an address that nothing here can route to (IPv6) beside the one that counts. */
function mostTelling(error: unknown): unknown {
  if (!(error instanceof AggregateError)) return error;
  const routed = error.errors.find(
    (one) => SYSTEM_CAUSES[systemCode(one) ?? '']?.[0] !== 'unroutable',
  );
  return routed ?? error.errors[0];
}

/** The error for `failures`, all of the same try; the last one decides when it was fatal. */
export function toConnectError(
  failures: readonly ServerFailure[],
  settings: ConnectionSettings,
): SlipwayError {
  const last = failures.at(-1);
  if (last?.error instanceof SlipwayError) return last.error;
  const details = toDetails(failures);
  const cause = last?.error;
  if (last !== undefined && last.kind in FATAL) {
    const kind = last.kind as keyof typeof FATAL; // just checked
    const message = `cannot connect to ${last.server}/${settings.database}${
      kind === 'authentication' ? ` as "${settings.user}"` : ''
    }: ${last.cause}`;
    const options = { cause, details, hint: fatalHint(kind, last, settings) };
    return FATAL[kind] === 'SLIPWAY_CONNECTION_SETTINGS'
      ? new ConfigError(FATAL[kind], message, options)
      : new ConnectionError(FATAL[kind], message, options);
  }
  const readOnly = failures.length > 0 && failures.every(({ kind }) => kind === 'read-only');
  return new ConnectionError(
    readOnly ? 'SLIPWAY_DB_READ_ONLY' : 'SLIPWAY_DB_UNREACHABLE',
    `cannot connect to ${describeServer(settings)}: ${describeFailures(failures)}`,
    { cause, details, hint: advice(failures, settings) },
  );
}

/** Each cause once, with its servers when there are several. */
export function describeFailures(failures: readonly ServerFailure[]): string {
  const causes = new Map<string, string[]>();
  for (const { cause, server } of failures) {
    causes.set(cause, [...(causes.get(cause) ?? []), server]);
  }
  if (causes.size === 1) return [...causes.keys()].join();
  return [...causes].map(([cause, servers]) => `${cause} (${servers.join(', ')})`).join('; ');
}

function toDetails(failures: readonly ServerFailure[]): {
  readonly [key: string]: Json | undefined;
} {
  return {
    causes: describeFailures(failures),
    kinds: [...new Set(failures.map(({ kind }) => kind))],
    sqlState: sqlState(failures.at(-1)?.error),
    servers: failures.map(({ server, kind, cause }) => ({ server, kind, cause })),
  };
}

function advice(failures: readonly ServerFailure[], settings: ConnectionSettings): string {
  const { host, hostaddr } = settings.sources;
  const nobodyThere = failures.every(({ kind }) => kind === 'socket' || kind === 'refused');
  if (nobodyThere && host === undefined && hostaddr === undefined) {
    return 'no host is configured: set DATABASE_URL or PGHOST';
  }
  // The most telling kind first: a refusal says more than a standby next to it.
  const order = Object.keys(ADVICE) as (keyof typeof ADVICE)[];
  return ADVICE[order.find((kind) => failures.some((one) => one.kind === kind)) ?? 'other'];
}

function fatalHint(
  kind: keyof typeof FATAL,
  { error }: ServerFailure,
  { passwordSource, passwordProvider, database }: ConnectionSettings,
): string {
  switch (kind) {
    case 'authentication': {
      if (sqlState(error) === '28P01') {
        const source = passwordProvider === undefined ? passwordSource : 'password command or file';
        return `check the user and the password (from ${source ?? 'no source'})`;
      }
      return 'check that the role exists, may log in and connect, and that pg_hba.conf has a line for it';
    }
    case 'database':
      return `create it (createdb ${database}) or correct the database name`;
    case 'tls':
      return 'check sslmode, the authority in sslrootcert, and the names and dates in the certificate of the server';
    case 'settings':
      return 'correct the connection settings, above all options and sslmode';
  }
}

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
function stateKind(state: string, message: string): FailureKind {
  if (state === '08P01') {
    // PgBouncer says everything with this one state.
    if (message.startsWith('no such database')) return 'database';
    if (/no such user|authentication failed|login rejected/.test(message)) return 'authentication';
  }
  if (state.startsWith('28') || state === '42501') return 'authentication';
  if (state === '3D000') return 'database';
  if (state.startsWith('53')) return 'full';
  if (state.startsWith('57P') || state.startsWith('55')) return 'starting';
  // Startup parameters that the server does not take: 42704, 22023, 0A000.
  if (/^(?:0A|22|42)/.test(state)) return 'settings';
  return 'other';
}

function tlsReason(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown reason';
  const reason =
    'reason' in error && typeof error.reason === 'string' ? error.reason : error.message;
  // Node adds advice for its own command line.
  return reason.replace(/; if the root CA is installed locally.*/, '');
}

function oneLine(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[.: ]+$/, '');
}
