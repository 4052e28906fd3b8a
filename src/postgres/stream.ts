/** The byte stream to one server: TCP or Unix socket, encrypted or not, before any login. */

import { Socket } from 'node:net';
import { SlipwayError } from '../core/errors.ts';
import type { ConnectionSettings, ServerSettings } from './connection-settings.ts';
import { systemCode } from './errors.ts';

/** Whether a stream is encrypted: not, if the server can, or in any case. */
export type Encryption = 'none' | 'preferred' | 'required';

/** The server's answer to the request for TLS was no. */
export class TlsNotOffered extends Error {
  constructor() {
    super('the server does not offer TLS');
    this.name = 'TlsNotOffered';
  }
}

/** TLS could not be agreed on: a certificate or protocol version was not accepted. */
export class TlsRefused extends Error {
  constructor(cause: unknown) {
    super('the TLS handshake failed', { cause });
    this.name = 'TlsRefused';
  }
}

/** An open stream; `destroy` ends it at whatever stage it is. */
export interface ServerStream {
  readonly stream: Socket;
  readonly encrypted: boolean;
}

/** True for the directory of a Unix socket, and for an abstract one (`@…`). */
export function isUnixSocket(server: ServerSettings): boolean {
  return server.hostaddr === undefined && /^[/@]/.test(server.host);
}

/**
 * Opens the stream. `own` is told of each socket as soon as it exists, so that the caller can destroy
 * it at any moment. The negotiation is done here and not by `pg` so that `prefer` costs no second
 * connection, `hostaddr` keeps its name for the certificate, and every failure has a known stage.
 */
export async function openStream(
  server: ServerSettings,
  settings: ConnectionSettings,
  { encryption, own }: { encryption: Encryption; own: (stream: Socket) => void },
): Promise<ServerStream> {
  const socket = new Socket();
  // Errors are seen by whoever waits; one that comes in between must not end the process.
  socket.on('error', () => {});
  own(socket);
  if (isUnixSocket(server)) socket.connect(socketPath(server));
  else socket.connect({ port: server.port, host: server.hostaddr ?? server.host });
  await happens(socket, 'connect');
  socket.setNoDelay(true);
  if (settings.keepAliveIdleMs !== undefined) socket.setKeepAlive(true, settings.keepAliveIdleMs);
  if (encryption === 'none') return { stream: socket, encrypted: false };
  if (settings.tls.negotiation !== 'direct' && !(await offersTls(socket))) {
    if (encryption === 'preferred') return { stream: socket, encrypted: false };
    socket.destroy();
    throw new TlsNotOffered();
  }
  const { startTls } = await import('./tls.ts');
  try {
    const secure = startTls(socket, server, settings.tls);
    secure.on('error', () => {});
    own(secure);
    await happens(secure, 'secureConnect');
    return { stream: secure, encrypted: true };
  } catch (error) {
    socket.destroy();
    throw error instanceof SlipwayError || isNetworkError(error) ? error : new TlsRefused(error);
  }
}

function socketPath({ host, port }: ServerSettings): string {
  // Node spells abstract socket names with a leading NUL.
  return `${host.replace(/^@/, '\0')}/.s.PGSQL.${port}`;
}

/** Sends SSLRequest: https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-SSL */
async function offersTls(socket: Socket): Promise<boolean> {
  socket.write(Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]));
  const answer = await happens(socket, 'data');
  const text = answer?.toString('latin1');
  // More than one byte could be injected plain text in front of the TLS stream (CVE-2021-23222).
  if (text === 'S') return true;
  if (text === 'N') return false;
  socket.destroy();
  throw Object.assign(new Error('unexpected answer to the request for TLS'), { code: 'EPROTO' });
}

/** The first value of `event`, or the error that ends the stream before it. */
function happens(
  stream: Socket,
  event: 'connect' | 'data' | 'secureConnect',
): Promise<Buffer | undefined> {
  // Not `once` with a signal: loading AbortController costs more than connecting does.
  const { promise, resolve, reject } = Promise.withResolvers<Buffer | undefined>();
  const close = () =>
    reject(Object.assign(new Error('connection closed by the other side'), { code: 'ECONNRESET' }));
  stream.once(event, resolve).once('error', reject).once('close', close);
  return promise.finally(() => stream.off(event, resolve).off('error', reject).off('close', close));
}

function isNetworkError(error: unknown): boolean {
  return ['ECONNRESET', 'EPIPE', 'ETIMEDOUT'].includes(systemCode(error) ?? '');
}
