/** The proxy's faults, each seen from a real client and from the server behind it. */

import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { query } from '../support/postgres.ts';
import { startProxy, type TcpProxy } from '../support/tcp-proxy.ts';

/** A server that answers each piece with itself, and remembers whom it talks to. */
async function startEcho() {
  const peers: Socket[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    peers.push(socket);
    socket.on('error', () => undefined);
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not a TCP server');
  return { host: '127.0.0.1', port: address.port, peers, server };
}

async function dial({ host, port }: { host: string; port: number }) {
  const socket = connect({ host, port, allowHalfOpen: true });
  await once(socket, 'connect');
  socket.on('error', () => undefined);
  const received: string[] = [];
  socket.on('data', (piece) => received.push(piece.toString()));
  return { socket, received };
}

const errorCode = async (socket: Socket) => {
  const [error]: unknown[] = await once(socket, 'error');
  return error instanceof Error && 'code' in error ? error.code : undefined;
};

let echo: Awaited<ReturnType<typeof startEcho>>;
let proxy: TcpProxy;

beforeEach(async () => {
  echo = await startEcho();
  proxy = await startProxy(echo);
});

afterEach(async () => {
  await proxy.stop();
  echo.server.close();
});

describe('startProxy', () => {
  it('passes data and the end of the stream in both directions', async () => {
    const { socket, received } = await dial(proxy);
    socket.end('hello');
    await once(socket, 'end');
    expect(received.join('')).toBe('hello');
    await vi.waitFor(() => expect(proxy.connections).toBe(0));
  });

  it('holds data back while paused and passes it in order afterwards', async () => {
    const { socket, received } = await dial(proxy);
    socket.write('1');
    await vi.waitFor(() => expect(received.join('')).toBe('1'));
    proxy.pause();
    socket.write('2');
    socket.write('3');
    // A whole exchange past the proxy: what is let through would be there by then.
    const direct = await dial(echo);
    direct.socket.end('direct');
    await once(direct.socket, 'end');
    expect(received.join('')).toBe('1');
    expect(echo.peers[0]?.bytesRead).toBe(1);
    proxy.resume();
    await vi.waitFor(() => expect(received.join('')).toBe('123'));
    socket.destroy();
  });

  it('resets both sides when cut', async () => {
    const { socket, received } = await dial(proxy);
    socket.write('x');
    await vi.waitFor(() => expect(received).toEqual(['x']));
    const peer = echo.peers[0];
    if (peer === undefined) throw new Error('nobody connected');
    const codes = Promise.all([errorCode(socket), errorCode(peer)]);
    proxy.cut();
    expect(await codes).toEqual(['ECONNRESET', 'ECONNRESET']);
    await vi.waitFor(() => expect(proxy.connections).toBe(0));
  });

  it('ends the stream to the client only, when half closed', async () => {
    const { socket, received } = await dial(proxy);
    socket.write('x');
    await vi.waitFor(() => expect(received).toEqual(['x']));
    proxy.halfClose();
    await once(socket, 'end');
    expect(echo.peers[0]?.readableEnded).toBe(false);
    socket.write('y');
    await vi.waitFor(() => expect(echo.peers[0]?.bytesRead).toBe(2));
    expect(received).toEqual(['x']);
    socket.destroy();
  });

  it('refuses new connections, keeps the open ones, and accepts again on the same port', async () => {
    const { socket, received } = await dial(proxy);
    await proxy.refuse(true);
    expect(await errorCode(connect(proxy.port, proxy.host))).toBe('ECONNREFUSED');
    socket.write('still');
    await vi.waitFor(() => expect(received).toEqual(['still']));
    await proxy.refuse(false);
    const again = await dial(proxy);
    again.socket.write('again');
    await vi.waitFor(() => expect(again.received).toEqual(['again']));
  });

  it('delays without changing the order', async () => {
    const { socket, received } = await dial(proxy);
    proxy.delay(20);
    for (const piece of ['a', 'b', 'c']) socket.write(piece);
    await vi.waitFor(() => expect(received.join('')).toBe('abc'));
  });

  it('resets a client whose server is not there', async () => {
    await using nowhere = await startProxy({ host: '127.0.0.1', port: 1 });
    expect(await errorCode(connect(nowhere.port, nowhere.host))).toBe('ECONNRESET');
  });
});

describe('startProxy before Postgres', () => {
  it('breaks a session mid-statement when cut', async () => {
    const adminUrl = inject('adminUrl');
    const { hostname, port } = new URL(adminUrl);
    await using before = await startProxy({ host: hostname, port: Number(port) });
    const url = new URL(adminUrl);
    url.port = String(before.port);
    const client = new Client({ connectionString: url.href });
    client.on('error', () => undefined);
    await client.connect();
    const pid = (await client.query('select pg_backend_pid() as pid')).rows[0].pid;
    const failure = client.query('select pg_sleep(60)').catch((error: unknown) => error);
    const active = `select state from pg_stat_activity where pid = $1 and query like '%pg_sleep%'`;
    await vi.waitFor(async () => expect(await query(adminUrl, active, [pid])).toHaveLength(1));
    before.cut();
    expect(await failure).toMatchObject({ code: 'ECONNRESET' });
    await query(adminUrl, 'select pg_terminate_backend($1)', [pid]);
  });
});
