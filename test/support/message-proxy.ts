/** A proxy before Postgres that counts protocol messages and stops the world at the k-th. */

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { setImmediate } from 'node:timers/promises';
import { splitWire, type WireMessage } from './wire-messages.ts';

/** What happens at a message. While it goes on nothing else passes, in either direction. */
export interface Trigger {
  /** Which message of all connections, counted from 0 in the order in which they came. */
  readonly at: number;
  /** Whether the message is passed on before `act`; otherwise after it, if its connection lives. */
  readonly passOnFirst: boolean;
  act(moment: Moment): Promise<void>;
}

/** The connection on which the message came. */
export interface Moment {
  readonly message: WireMessage;
  /** The server process of the connection, once it was announced. */
  readonly backendPid: number | undefined;
  /** What the client said of itself: the text of its StartupMessage. */
  readonly startup: string;
}

/** Where the proxy listens, what went through it, and what it can do to the connections. */
export interface MessageProxy {
  readonly port: number;
  /** How many messages came so far. */
  readonly messages: number;
  /** The server processes announced so far, each with what its client said to begin with. */
  readonly backends: readonly { readonly pid: number; readonly startup: string }[];
  /** Ends both sides of every connection, as a process that exits does. */
  cut(): void;
  /** Resets both sides of every connection. */
  reset(): void;
  /** Ends the stream to the clients; the server believes in them until they close their side. */
  halfClose(): void;
  /** From now on nothing passes; connections stay open, new ones too, as behind a dead router, until `stop`. */
  swallow(): void;
  stop(): Promise<void>;
}

interface Connection {
  readonly client: Socket;
  readonly server: Socket;
  /** Whose messages are dropped. */
  readonly dropped: Set<WireMessage['side']>;
  /** The server must not learn what became of the client. */
  swallowed: boolean;
}

const host = '127.0.0.1';

/** Starts a proxy before the given address. */
export async function startMessageProxy(
  target: { readonly host: string; readonly port: number },
  trigger?: Trigger,
): Promise<MessageProxy> {
  const open = new Set<Connection>();
  const backends: { readonly pid: number; readonly startup: string }[] = [];
  let count = 0;
  let gate = Promise.withResolvers<void>();
  gate.resolve();

  const stopTheWorld = async (of: Trigger, moment: Moment): Promise<void> => {
    const mine = Promise.withResolvers<void>();
    gate = mine;
    try {
      await of.act(moment);
    } finally {
      // `swallow` has put another gate in its place, which stays closed.
      mine.resolve();
    }
  };

  const serve = async (client: Socket): Promise<void> => {
    const server = connect({ ...target, allowHalfOpen: true, noDelay: true });
    const connection: Connection = { client, server, dropped: new Set(), swallowed: false };
    const wire = splitWire();
    let startup = '';
    open.add(connection);
    client.on('error', () => {
      if (!connection.swallowed) abort(connection);
    });
    server.on('error', () => abort(connection));

    async function* passed(source: AsyncIterable<Buffer>, side: WireMessage['side']) {
      for await (const piece of source) {
        let ready: Buffer[] = [];
        for (const message of wire[side](piece)) {
          if (message.type === 'K' && wire.backendPid !== undefined) {
            backends.push({ pid: wire.backendPid, startup });
          }
          if (message.type === 'StartupMessage') startup = message.bytes.toString('latin1');
          const index = count++;
          if (trigger === undefined || index !== trigger.at) {
            ready.push(message.bytes);
            continue;
          }
          if (trigger.passOnFirst) ready.push(message.bytes);
          if (ready.length > 0) yield Buffer.concat(ready);
          ready = [];
          // The piece is on its way before anything is done to its connection.
          await setImmediate();
          await stopTheWorld(trigger, { message, backendPid: wire.backendPid, startup });
          if (!trigger.passOnFirst) ready.push(message.bytes);
        }
        await gate.promise;
        if (ready.length > 0 && !connection.dropped.has(side)) yield Buffer.concat(ready);
      }
      await gate.promise;
    }

    await Promise.allSettled([
      pipeline(client, (source) => passed(source, 'frontend'), server),
      pipeline(server, (source) => passed(source, 'backend'), client),
    ]);
    open.delete(connection);
  };

  const listener = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    void serve(client);
  });
  listener.listen(0, host);
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo; // it listens on TCP

  const all = (use: (connection: Connection) => void) => () => {
    for (const connection of open) use(connection);
  };
  const reset = all(abort);
  return {
    port,
    get messages() {
      return count;
    },
    get backends() {
      return backends;
    },
    cut: all(({ client, server }) => {
      client.destroy();
      server.destroy();
    }),
    reset,
    halfClose: all(({ client, dropped }) => {
      dropped.add('backend');
      client.end();
    }),
    swallow: () => {
      gate = Promise.withResolvers<void>();
      all((connection) => {
        connection.swallowed = true;
        connection.dropped.add('frontend').add('backend');
      })();
    },
    async stop() {
      gate.resolve();
      reset();
      const closed = once(listener, 'close');
      listener.close();
      await closed;
    },
  };
}

/** A side that fails takes the other one with it, as abruptly. */
function abort({ client, server }: Connection): void {
  for (const side of [client, server]) {
    // libuv refuses to reset a socket that is being shut down, and Node then never closes it.
    if (side.writableEnded) side.destroy();
    else if (!side.destroyed) side.resetAndDestroy();
  }
}
