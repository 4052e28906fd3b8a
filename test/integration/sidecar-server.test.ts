/** The HTTP server of the sidecar against real sockets: what it answers, and what it refuses. */

import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openMetrics } from '../../src/sidecar/metrics.ts';
import { openProbes } from '../../src/sidecar/probes.ts';
import { openProbeServer, type ProbeServer } from '../../src/sidecar/server.ts';
import { parsePrometheus } from '../support/prometheus.ts';
import { ask } from '../support/sidecar.ts';

const parts = () => ({
  probes: openProbes({ release: 'v1', now: Date.now, stuckAfterMs: 60_000 }),
  metrics: openMetrics({ version: '1', release: 'v1', withProcess: false, now: Date.now }),
});
const open = (port = 0, host = '127.0.0.1'): Promise<ProbeServer> =>
  openProbeServer({ port, host, ...parts() });
const hasIpv6 = Object.values(networkInterfaces())
  .flat()
  .some((each) => each?.address === '::1');
if (!hasIpv6) console.warn('SKIPPED: the sidecar over IPv6: this machine has no ::1');

describe('the HTTP server of the sidecar', () => {
  let server: ProbeServer;
  let base: string;
  beforeAll(async () => {
    server = await open();
    base = `http://127.0.0.1:${server.port}`;
  });
  afterAll(() => server.close());

  const send = (method: string, path: string, body = '') =>
    new Promise<{ status: number; text: string; headers: NodeJS.Dict<string | string[]> }>(
      (resolve, reject) => {
        const call = request(`${base}${path}`, { method, agent: false }, (response) => {
          let text = '';
          response.on('data', (chunk) => {
            text += chunk;
          });
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, text, headers: response.headers }),
          );
        });
        call.on('error', reject);
        call.end(body);
      },
    );
  /** What comes back until the server closes the connection. */
  const raw = async (text: string): Promise<string> => {
    const socket = connect(server.port, '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('error', () => undefined);
    socket.write(text);
    await once(socket, 'close');
    return answer;
  };

  it.each([
    ['/startupz', 503, 'application/json'],
    ['/readyz', 503, 'application/json'],
    ['/livez', 200, 'application/json'],
    ['/livez?verbose', 200, 'application/json'],
    ['/metrics', 200, 'text/plain; version=0.0.4; charset=utf-8'],
    ['/', 404, 'application/json'],
    ['/metrics/..%2f..%2fetc/passwd', 404, 'application/json'],
  ])('answers GET %s with %i', async (path, status, type) => {
    const answer = await ask(`${base}${path}`);
    expect({ status: answer.status, type: answer.type }).toEqual({ status, type });
    if (path === '/metrics') expect(parsePrometheus(answer.text).size).toBeGreaterThan(10);
    else expect(JSON.parse(answer.text)).toBeTypeOf('object');
  });

  it('answers HEAD as GET, without a body', async () => {
    const { status, text, headers } = await send('HEAD', '/metrics');
    expect({ status, text }).toEqual({ status: 200, text: '' });
    expect(Number(headers['content-length'])).toBeGreaterThan(100);
  });

  it.each([
    ['POST', 'x'],
    ['PUT', 'x'],
    ['PATCH', 'x'],
    ['DELETE', ''],
    ['OPTIONS', ''],
  ])('refuses %s', async (method, body) => {
    const { status, headers } = await send(method, '/livez', body);
    expect(status).toBe(405);
    expect(headers['allow']).toBe('GET, HEAD');
    expect(headers['connection']).toBe('close');
  });

  it('lets nobody keep what it says', async () => {
    expect((await send('GET', '/readyz')).headers['cache-control']).toBe('no-store');
  });

  it('cuts off headers that are too large', async () => {
    const answer = await raw(`GET /livez HTTP/1.1\r\nhost: a\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
  });

  it('answers what is no HTTP with 400', async () => {
    expect(await raw('\x16\x03\x01 hello\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('cuts off who begins a request and does not end it', async () => {
    const start = performance.now();
    const answer = await raw('GET /livez HTTP/1.1\r\nhost: a\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(performance.now() - start).toBeLessThan(15_000);
  });

  it('answers on while others hold connections open, up to a limit', async () => {
    const own = await open();
    const idle = Array.from({ length: 63 }, () => connect(own.port, '127.0.0.1'));
    for (const socket of idle) socket.on('error', () => undefined);
    await Promise.all(idle.map((socket) => once(socket, 'connect')));
    expect((await ask(`http://127.0.0.1:${own.port}/livez`)).status).toBe(200);
    const more = Array.from({ length: 10 }, () => connect(own.port, '127.0.0.1'));
    for (const socket of more) socket.on('error', () => undefined);
    const closed = more.map((socket) =>
      Promise.race([once(socket, 'close').then(() => true), setTimeout(5000, false)]),
    );
    const refused = (await Promise.all(closed)).filter((isClosed) => isClosed);
    expect(refused.length).toBeGreaterThanOrEqual(8);
    for (const socket of [...idle, ...more]) socket.destroy();
    await own.close();
  });

  it('ends at once, also with connections open', async () => {
    const own = await open();
    const socket = connect(own.port, '127.0.0.1');
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    const start = performance.now();
    await own.close();
    expect(performance.now() - start).toBeLessThan(500);
  });

  it('says which port it cannot have', async () => {
    await expect(open(server.port)).rejects.toMatchObject({
      code: 'SLIPWAY_LISTEN_FAILED',
      exitCode: 10,
      details: { port: server.port, host: '127.0.0.1' },
    });
    await expect(open(0, '192.0.2.1')).rejects.toMatchObject({ code: 'SLIPWAY_LISTEN_FAILED' });
  });

  it.skipIf(!hasIpv6)('listens on IPv6 and IPv4 where no address is named', async () => {
    const own = await openProbeServer({ port: 0, host: undefined, ...parts() });
    expect((await ask(`http://[::1]:${own.port}/livez`)).status).toBe(200);
    expect((await ask(`http://127.0.0.1:${own.port}/livez`)).status).toBe(200);
    await own.close();
  });
});
