/** A proxy before Postgres that cuts a connection between a commit and its answer. */

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { splitWire } from './wire-messages.ts';

/** Where and how the connection is cut. */
export interface Cut {
  /** Whether the server gets the commit and carries it out; its answer is lost in any case. */
  readonly arrives: boolean;
  /** Whether the server learns that its client is gone; otherwise the session stays open. */
  readonly serverLearns: boolean;
  /** Does something while the client does not know yet. */
  readonly before?: () => Promise<void>;
}

/** The proxy; it cuts once, at the first commit after `arm`, and passes everything else on. */
export interface CommitProxy {
  readonly port: number;
  /** Whether it has cut. */
  readonly hasCut: boolean;
  arm(cut: Cut): void;
  [Symbol.asyncDispose](): Promise<void>;
}

const host = '127.0.0.1';

/** Starts a proxy before the server or pooler of `url`. */
export async function startCommitProxy(url: string): Promise<CommitProxy> {
  const target = { host: new URL(url).hostname, port: Number(new URL(url).port), noDelay: true };
  const open = new Set<Socket>();
  let armed: Cut | undefined;
  let hasCut = false;

  const serve = (client: Socket): void => {
    const server = connect(target);
    const wire = splitWire();
    let cutting: Cut | undefined;
    for (const side of [client, server]) {
      open.add(side);
      side.on('error', () => undefined);
    }
    const cut = async ({ serverLearns, before }: Cut): Promise<void> => {
      await before?.();
      if (serverLearns) server.resetAndDestroy();
      hasCut = true;
      client.resetAndDestroy();
    };
    client.on('data', (piece: Buffer) => {
      for (const { type, bytes } of wire.frontend(piece)) {
        if (cutting !== undefined) return;
        if (armed !== undefined && type === 'Q' && /^commit\0$/i.test(bytes.toString('utf8', 5))) {
          cutting = armed;
          armed = undefined;
          if (cutting.arrives) server.write(bytes);
          else void cut(cutting);
          return;
        }
        server.write(bytes);
      }
    });
    server.on('data', (piece: Buffer) => {
      for (const { type, bytes } of wire.backend(piece)) {
        if (cutting === undefined) client.write(bytes);
        // ReadyForQuery: the commit is done.
        else if (cutting.arrives && type === 'Z') void cut(cutting);
      }
    });
    client.once('close', () => cutting?.serverLearns !== false && server.destroy());
    server.once('close', () => client.destroy());
  };

  const listener = createServer({ noDelay: true }, serve);
  listener.listen(0, host);
  await once(listener, 'listening');
  return {
    port: (listener.address() as AddressInfo).port, // it listens on TCP
    get hasCut() {
      return hasCut;
    },
    arm: (cut) => {
      armed = cut;
    },
    async [Symbol.asyncDispose]() {
      for (const side of open) side.destroy();
      listener.close();
      await once(listener, 'close');
    },
  };
}
