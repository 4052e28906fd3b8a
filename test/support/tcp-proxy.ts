/** A TCP proxy that misbehaves on request: the network between slipway and Postgres, as it is on a bad day. */

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { setTimeout } from 'node:timers/promises';

/** Where the proxy listens, and the faults it can produce. */
export interface TcpProxy {
  readonly host: string;
  readonly port: number;
  /** How many connections are open through the proxy. */
  readonly connections: number;
  /** Lets nothing through in either direction; connections stay open, as behind a silent firewall. */
  pause(): void;
  /** Lets through what was held back, and all that follows. */
  resume(): void;
  /** Resets every connection on both sides. */
  cut(): void;
  /** Sends the clients the end of the stream while the server still believes in the connections. */
  halfClose(): void;
  /** Whether new connections are refused; those that are open stay so. */
  refuse(refused: boolean): Promise<void>;
  /** Holds each piece of data back for so long, in both directions. */
  delay(ms: number): void;
  /** Cuts everything and stops listening. */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

interface Connection {
  readonly client: Socket;
  readonly server: Socket;
  halfClosed: boolean;
}

const host = '127.0.0.1';

/** Starts a proxy before the given address. */
export async function startProxy(target: { host: string; port: number }): Promise<TcpProxy> {
  const open = new Set<Connection>();
  let delayMs = 0;
  let gate = Promise.withResolvers<void>();
  gate.resolve();

  const reset = (connection: Connection) => {
    open.delete(connection);
    for (const side of [connection.client, connection.server]) {
      if (!side.destroyed) side.resetAndDestroy();
    }
  };

  async function* held(source: AsyncIterable<Buffer>, isDiscarded: () => boolean) {
    for await (const piece of source) {
      if (delayMs > 0) await setTimeout(delayMs);
      await gate.promise;
      if (!isDiscarded()) yield piece;
    }
    await gate.promise;
  }

  const serve = async (client: Socket) => {
    const server = connect({ ...target, allowHalfOpen: true, noDelay: true });
    const connection = { client, server, halfClosed: false };
    open.add(connection);
    // A side that fails takes the other one with it, as abruptly.
    client.once('error', () => reset(connection));
    server.once('error', () => reset(connection));
    await Promise.allSettled([
      pipeline(client, (source) => held(source, () => false), server),
      pipeline(server, (source) => held(source, () => connection.halfClosed), client),
    ]);
    open.delete(connection);
  };

  const listen = async (port: number): Promise<Server> => {
    const listener = createServer({ allowHalfOpen: true, noDelay: true }, serve);
    listener.listen(port, host);
    await once(listener, 'listening');
    return listener;
  };

  let listener: Server | undefined = await listen(0);
  const { port } = listener.address() as AddressInfo; // it listens on TCP

  const cut = () => {
    for (const connection of open) reset(connection);
  };
  const refuse = async (refused: boolean) => {
    if (refused) {
      listener?.close();
      listener = undefined;
    } else {
      listener ??= await listen(port);
    }
  };
  const stop = async () => {
    gate.resolve();
    await refuse(true);
    cut();
  };

  return {
    host,
    port,
    get connections() {
      return open.size;
    },
    pause: () => {
      gate.resolve();
      gate = Promise.withResolvers<void>();
    },
    resume: () => gate.resolve(),
    cut,
    halfClose: () => {
      for (const connection of open) {
        connection.halfClosed = true;
        connection.client.end();
      }
    },
    refuse,
    delay: (ms) => {
      delayMs = ms;
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
