/** A proxy on loopback that sees each statement on its way to the server, and can let no more through. */

import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { ConnectionSettings } from './connection-settings.ts';
import { type Encryption, isUnixSocket, openStream } from './stream.ts';

/** Where it listens, and what it saw. */
export interface StatementProxy {
  readonly port: number;
  /** The beginning of each statement, of all connections together, in the order in which they came. */
  readonly statements: readonly string[];
  stop(): Promise<void>;
}

/** At which statement nothing passes any more. */
export interface StatementGate {
  /** Counted from 1. */
  readonly at: number;
  /** Whether that statement itself still passes. */
  readonly passOn: boolean;
  /** Called once, when nothing passes any more; connections are ended after it. */
  reached(): Promise<void>;
}

/** As much of a statement as helps to recognise it. */
const BEGINNING = 80;

/**
 * Starts a proxy before the first server of `connection`. Clients speak plain text to it; it speaks to
 * the server as `sslmode` says. Passwords pass through it unread.
 */
export async function startStatementProxy(
  connection: ConnectionSettings,
  gate?: StatementGate,
): Promise<StatementProxy> {
  const statements: string[] = [];
  const open = new Set<Socket>();
  const state: GateState = { phase: 'open' };
  const close = (): void => {
    for (const socket of open) socket.destroy();
  };
  const pass = (statement: string): boolean => {
    statements.push(statement);
    if (gate === undefined || statements.length !== gate.at) return true;
    state.phase = gate.passOn ? 'until-sync' : 'shut';
    return gate.passOn;
  };
  let reached: Promise<void> | undefined;
  const listener = createServer({ noDelay: true }, (client) => {
    void serve(client, { connection, open, state, pass }, () => {
      reached ??= gate?.reached().finally(close);
    });
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    port: (listener.address() as AddressInfo).port, // it listens on TCP
    statements,
    async stop() {
      await reached;
      close();
      const closed = once(listener, 'close');
      listener.close();
      await closed;
    },
  };
}

/** `until-sync`: the statement that came last passes to its end, and nothing else. */
interface GateState {
  phase: 'open' | 'until-sync' | 'shut';
}

interface Serving {
  readonly connection: ConnectionSettings;
  readonly open: Set<Socket>;
  readonly state: GateState;
  /** Counts a statement; false where it must not pass. */
  pass(statement: string): boolean;
}

async function serve(client: Socket, serving: Serving, shut: () => void): Promise<void> {
  const { open, state, connection } = serving;
  const own = (socket: Socket): void => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    socket.on('error', () => undefined);
  };
  own(client);
  const [target] = connection.servers;
  if (target === undefined) return;
  const prepared = new Map<string, string>();
  let started = false;
  let rest = Buffer.alloc(0);
  let server: Socket | undefined;
  try {
    for await (const piece of client) {
      rest = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
      if (!started) {
        if (rest.length < 8 || rest.length < rest.readUInt32BE(0)) continue;
        if (ENCRYPTION_REQUESTS.has(rest.readUInt32BE(4))) {
          rest = rest.subarray(8);
          client.write('N');
          continue;
        }
        const { stream } = await openStream(target, connection, {
          encryption: encryptionFor(connection),
          own,
        });
        server = stream;
        stream.once('close', () => client.destroy());
        client.once('close', () => stream.end());
        stream.on('data', (answer: Buffer) => {
          if (state.phase === 'open') client.write(answer);
        });
        const length = rest.readUInt32BE(0);
        stream.write(rest.subarray(0, length));
        rest = rest.subarray(length);
        started = true;
      }
      const passed: Buffer[] = [];
      for (let message = next(rest); message !== undefined; message = next(rest)) {
        rest = rest.subarray(message.length);
        if (state.phase === 'shut') continue;
        const type = String.fromCharCode(message[0] ?? 0);
        if (state.phase === 'open') {
          const statement = statementIn(type, message, prepared);
          if (statement !== undefined && !serving.pass(statement)) break;
        }
        passed.push(message);
        if (state.phase === 'until-sync' && 'QS'.includes(type)) state.phase = 'shut';
      }
      if (passed.length > 0) server?.write(Buffer.concat(passed));
      if (state.phase === 'shut') shut();
    }
  } catch {
    // Whoever connects to a proxy whose server cannot be reached sees the connection end.
  } finally {
    client.destroy();
    server?.end();
  }
}

/** SSLRequest and GSSENCRequest: https://www.postgresql.org/docs/18/protocol-message-formats.html */
const ENCRYPTION_REQUESTS = new Set([80_877_103, 80_877_104]);

function next(rest: Buffer): Buffer | undefined {
  if (rest.length < 5) return undefined;
  const length = 1 + rest.readUInt32BE(1);
  return rest.length < length ? undefined : rest.subarray(0, length);
}

/** The statement that a message runs: a simple query, or one that was parsed before and is bound now. */
function statementIn(
  type: string,
  message: Buffer,
  prepared: Map<string, string>,
): string | undefined {
  const texts = (count: number): readonly string[] =>
    message.subarray(5).toString('utf8').split('\0', count);
  if (type === 'Q') return beginningOf(texts(1)[0] ?? '');
  if (type === 'P') {
    const [name = '', text = ''] = texts(2);
    prepared.set(name, beginningOf(text));
  }
  return type === 'B' ? (prepared.get(texts(2)[1] ?? '') ?? '') : undefined;
}

function beginningOf(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= BEGINNING ? line : `${line.slice(0, BEGINNING)}…`;
}

function encryptionFor({ servers, tls }: ConnectionSettings): Encryption {
  const [server] = servers;
  if (server === undefined || isUnixSocket(server)) return 'none';
  if (tls.mode === 'disable' || tls.mode === 'allow') return 'none';
  return tls.mode === 'prefer' ? 'preferred' : 'required';
}
