/** Asks the server to cancel what a connection is running (manual, "Canceling Requests in Progress"). */

import { createConnection } from 'node:net';
import type pg from 'pg';

const CANCEL_REQUEST_CODE = 80_877_102;

/** What `pg` knows of an open connection but does not declare. */
interface ConnectedClient {
  readonly host: string;
  readonly port: number;
  readonly processID: number | null;
  readonly secretKey: number | null;
}

/**
 * Sends a cancel request on a connection of its own and does not wait: the answer is the failing
 * statement. A request that cannot be sent changes nothing.
 */
export function requestCancel(client: pg.Client): void {
  const { host, port, processID, secretKey } = client as unknown as ConnectedClient;
  if (processID === null || secretKey === null) return;
  const message = Buffer.alloc(16);
  message.writeInt32BE(16, 0);
  message.writeInt32BE(CANCEL_REQUEST_CODE, 4);
  message.writeInt32BE(processID, 8);
  message.writeInt32BE(secretKey, 12);
  const socket = host.startsWith('/')
    ? createConnection(`${host}/.s.PGSQL.${port}`)
    : createConnection(port, host);
  socket.unref();
  socket.on('error', () => socket.destroy());
  socket.on('connect', () => socket.end(message));
}
