/** From an open stream to a session: log in with `pg`, and check what kind of server answered. */

import type { Socket } from 'node:net';
import { Client } from 'pg';
import { assertNever, ConnectionError } from '../core/errors.ts';
import { SessionMismatch } from './connect-failure.ts';
import {
  type ConnectionSettings,
  describeAddress,
  type ServerSettings,
  type TargetSessionAttrs,
} from './connection-settings.ts';
import { type Encryption, openStream } from './stream.ts';

/** How a session is started. */
interface LoginOptions {
  readonly settings: ConnectionSettings;
  readonly applicationName: string;
  readonly encryption: Encryption;
  readonly wanted: TargetSessionAttrs;
  /** Is told of each stream as soon as it exists, so that it can be destroyed at any moment. */
  readonly own: (stream: Socket) => void;
}

const APPLICATION_NAME_BYTES = 63;

/** What servers report of their sessions by themselves. */
const reported = new WeakMap<Client, ReadonlyMap<string, string>>();
/** What was said of connections that were lost while idle. */
const losses = new WeakMap<Client, Error>();

/** A session on `server`, or the raw error of whatever stage failed. */
export async function startSession(server: ServerSettings, options: LoginOptions): Promise<Client> {
  const { settings, wanted } = options;
  const opened = await openStream(server, settings, options);
  const binding = { offered: false };
  const parameters = new Map<string, string>();
  try {
    const client = new Client({
      // The address itself, so that a cancel request reaches this server and no namesake.
      host: opened.stream.remoteAddress ?? server.host,
      port: server.port,
      user: settings.user,
      database: settings.database,
      password: () => password(server, settings, binding),
      ssl: false,
      stream: () => opened.stream,
      application_name: cutToBytes(options.applicationName, APPLICATION_NAME_BYTES),
      enableChannelBinding: opened.encrypted && settings.channelBinding !== 'disable',
    });
    // `pg` would take what is not given from the environment, which was judged before.
    const { connectionParameters } = client as unknown as { connectionParameters: object };
    Object.assign(connectionParameters, { options: settings.options, replication: undefined });
    client.connection.on('parameterStatus', (message: ParameterStatus) => {
      parameters.set(message.parameterName, message.parameterValue);
    });
    client.connection.on('authenticationSASL', ({ mechanisms }: { mechanisms: string[] }) => {
      binding.offered = opened.encrypted && mechanisms.includes('SCRAM-SHA-256-PLUS');
    });
    // A session lost while idle must not end the process; the next query tells of it.
    client.on('error', (error) => losses.set(client, error));
    await connect(client, opened.stream);
    if (settings.channelBinding === 'require' && !binding.offered) {
      throw authenticationFailed(server, settings, NO_BINDING);
    }
    reported.set(client, parameters);
    await checkSession(client, wanted);
    return client;
  } catch (error) {
    opened.stream.destroy();
    throw error;
  }
}

/** Why the connection is no more, where it was lost while nothing was asked of it. */
export function lossOf(client: Client): Error | undefined {
  return losses.get(client);
}

/** A parameter that the server reports of the session by itself, as `server_version`. */
export function serverParameter(client: Client, name: string): string | undefined {
  return reported.get(client)?.get(name);
}

interface ParameterStatus {
  readonly parameterName: string;
  readonly parameterValue: string;
}

const NO_BINDING = 'channel_binding=require, but the server did not bind the login to its TLS';

async function password(
  server: ServerSettings,
  settings: ConnectionSettings,
  binding: { readonly offered: boolean },
): Promise<string> {
  if (settings.channelBinding === 'require' && !binding.offered) {
    throw authenticationFailed(server, settings, NO_BINDING);
  }
  const text = ((await settings.passwordProvider?.()) ?? server.password)?.reveal() ?? '';
  if (text === '') {
    throw authenticationFailed(
      server,
      settings,
      'the server asks for a password and none is given',
    );
  }
  return text;
}

function authenticationFailed(
  server: ServerSettings,
  { database, user }: ConnectionSettings,
  cause: string,
): ConnectionError {
  return new ConnectionError(
    'SLIPWAY_DB_AUTH_FAILED',
    `cannot connect to ${describeAddress(server)}/${database} as "${user}": ${cause}`,
    {
      hint:
        cause === NO_BINDING
          ? 'use TLS and a scram-sha-256 password, or channel_binding=prefer'
          : 'set PGPASSWORD, a password in DATABASE_URL, a passfile or a password command',
    },
  );
}

async function connect(client: Client, stream: Socket): Promise<void> {
  // `pg` opens its stream itself, but this one is open already.
  stream.connect = () => {
    queueMicrotask(() => stream.emit('connect'));
    return stream;
  };
  const connected = client.connect();
  // The parser throws from its listener when it meets a login it does not know, as GSSAPI.
  const listeners = stream.listeners('data') as ((chunk: Buffer) => void)[]; // the event's type
  const guarded = (chunk: Buffer) => {
    try {
      for (const listener of listeners) listener.call(stream, chunk);
    } catch (error) {
      stream.destroy(error instanceof Error ? error : undefined);
    }
  };
  stream.removeAllListeners('data').on('data', guarded);
  await connected;
  stream.off('data', guarded);
  for (const listener of listeners) stream.on('data', listener);
}

/** https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-TARGET-SESSION-ATTRS */
async function checkSession(client: Client, wanted: TargetSessionAttrs): Promise<void> {
  switch (wanted) {
    case 'any':
    case 'prefer-standby':
      return;
    case 'read-write':
      if (await isReadOnly(client)) throw new SessionMismatch('the session is read-only', true);
      return;
    case 'read-only':
      if (await isReadOnly(client)) return;
      throw new SessionMismatch('the session is not read-only', false);
    case 'primary':
      if (await isStandby(client)) throw new SessionMismatch('the server is a standby', true);
      return;
    case 'standby':
      if (await isStandby(client)) return;
      throw new SessionMismatch('the server is not a standby', false);
    default:
      assertNever(wanted);
  }
}

/** Postgres 14 and later report both parameters at login; others, and most poolers, are asked. */
async function isReadOnly(client: Client): Promise<boolean> {
  const standby = serverParameter(client, 'in_hot_standby');
  const readOnly = serverParameter(client, 'default_transaction_read_only');
  if (standby !== undefined && readOnly !== undefined) return standby === 'on' || readOnly === 'on';
  const result = await client.query<{ transaction_read_only: string }>(
    'show transaction_read_only',
  );
  return result.rows[0]?.transaction_read_only === 'on';
}

async function isStandby(client: Client): Promise<boolean> {
  const standby = serverParameter(client, 'in_hot_standby');
  if (standby !== undefined) return standby === 'on';
  const result = await client.query<{ standby: boolean }>(
    'select pg_catalog.pg_is_in_recovery() as standby',
  );
  return result.rows[0]?.standby === true;
}

/** Postgres would cut in the middle of a character. */
function cutToBytes(text: string, bytes: number): string {
  let cut = '';
  for (const character of text) {
    if (Buffer.byteLength(cut + character) > bytes) break;
    cut += character;
  }
  return cut;
}
