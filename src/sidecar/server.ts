/** The HTTP server of the sidecar: probes and metrics, read-only, within small limits. */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConfigError } from '../core/errors.ts';
import type { Metrics } from './metrics.ts';
import type { Probes } from './probes.ts';

/** A server that listens. */
export interface ProbeServer {
  readonly address: string;
  readonly port: number;
  close(): Promise<void>;
}

/** What it answers with, and where. */
export interface ProbeServerOptions {
  readonly port: number;
  /** Undefined: all addresses, of IPv6 and of IPv4. */
  readonly host: string | undefined;
  readonly probes: Pick<Probes, 'startup' | 'readiness' | 'liveness'>;
  readonly metrics: Pick<Metrics, 'render'>;
}

/** Kubelet and Prometheus ask one at a time; whoever wants more is no friend. */
const LIMITS = {
  connections: 64,
  headerBytes: 8192,
  headersMs: 5000,
  requestMs: 10_000,
  keepAliveMs: 5000,
  /** How often it is looked who is over these limits. */
  checkMs: 1000,
} as const;

interface Reply {
  readonly status: number;
  readonly type: string;
  readonly text: string;
  readonly headers?: { readonly [name: string]: string };
}

/**
 * Listens.
 * @throws ConfigError `SLIPWAY_LISTEN_FAILED`
 */
export async function openProbeServer(options: ProbeServerOptions): Promise<ProbeServer> {
  const server = createServer(
    {
      maxHeaderSize: LIMITS.headerBytes,
      headersTimeout: LIMITS.headersMs,
      requestTimeout: LIMITS.requestMs,
      keepAliveTimeout: LIMITS.keepAliveMs,
      connectionsCheckingInterval: LIMITS.checkMs,
    },
    (request, response) => {
      answer(request, options).then(
        (reply) => send(request, response, reply),
        () => send(request, response, failed(500, 'the answer could not be made')),
      );
    },
  );
  server.maxConnections = LIMITS.connections;
  const { port, host } = options;
  await new Promise<void>((resolve, reject) => {
    // Later ones are connections that could not be taken, which ends nothing.
    server.on('error', (error: NodeJS.ErrnoException) => reject(notListening(options, error)));
    server.listen({ port, ...(host === undefined ? {} : { host }) }, resolve);
  });
  const bound = server.address() as AddressInfo; // it listens on TCP
  return {
    address: bound.address,
    port: bound.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(request: IncomingMessage, options: ProbeServerOptions): Promise<Reply> {
  const { probes, metrics } = options;
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return { ...failed(405, 'only GET and HEAD'), headers: { allow: 'GET, HEAD' } };
  }
  switch (request.url?.split('?', 1)[0]) {
    case '/startupz':
      return probe(probes.startup());
    case '/livez':
      return probe(probes.liveness());
    case '/readyz':
      return probe(probes.readiness());
    case '/metrics': {
      const { type, text } = await metrics.render();
      return { status: 200, type, text };
    }
    default:
      return failed(404, 'there are /startupz, /livez, /readyz and /metrics');
  }
}

function probe({ isOk, body }: ReturnType<Probes['startup']>): Reply {
  return { status: isOk ? 200 : 503, type: 'application/json', text: `${JSON.stringify(body)}\n` };
}

function failed(status: number, reason: string): Reply {
  return { status, type: 'application/json', text: `${JSON.stringify({ reason })}\n` };
}

function send(request: IncomingMessage, response: ServerResponse, reply: Reply): void {
  const { status, type, text, headers } = reply;
  // A request with a body is answered, and the rest of it is not waited for.
  const hasBody =
    request.headers['transfer-encoding'] !== undefined ||
    (request.headers['content-length'] ?? '0') !== '0';
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...headers,
    ...(hasBody ? { connection: 'close' } : {}),
  });
  response.end(request.method === 'HEAD' ? undefined : text);
}

function notListening({ port, host }: ProbeServerOptions, error: NodeJS.ErrnoException) {
  const where = host === undefined ? `port ${port}` : `${host} port ${port}`;
  return new ConfigError(
    'SLIPWAY_LISTEN_FAILED',
    `cannot listen on ${where}: ${error.code ?? 'unknown error'}`,
    {
      hint: 'Choose another port with --port (SLIPWAY_LISTEN_PORT), or leave --host out.',
      details: { port, host },
      cause: error,
    },
  );
}
