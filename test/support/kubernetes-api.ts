/**
 * A stand-in for the Kubernetes API: a real HTTPS server with bearer tokens, rights, and the answers
 * of a bad day. It has the few kinds that slipway asks for, and knows nothing of controllers: tests put
 * objects as controllers would leave them.
 */

import { mkdir, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { makeCertificates } from './certificates.ts';
import {
  type ApiObject,
  type Handled,
  handle,
  type Resource,
  resourceOf,
  statusBody,
} from './kubernetes-handlers.ts';

/** What is done instead of answering, or before it. */
export type Fault =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  /** Something that is no answer of the API. */
  | { readonly body: string }
  | { readonly delayMs: number }
  /** The connection is cut, or nothing ever comes. */
  | 'drop'
  | 'hang';

/** A request that was answered, or not. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  /** Undefined where the connection was cut or nothing was sent. */
  readonly status: number | undefined;
}

/** The server, and what it is told to do. */
export interface KubernetesApi {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly requests: readonly SeenRequest[];
  /** How many requests came, also those that are never answered. */
  readonly arrived: number;
  /** How many connections were opened. */
  readonly connections: number;
  put(resource: Resource, object: ApiObject): void;
  remove(resource: Resource, name: string): void;
  /** The objects of a kind, as they are now. */
  list(resource: Resource): readonly ApiObject[];
  /** Takes a right away: `get pods`, `patch pods/status`. */
  deny(right: string): void;
  /** Misbehaves for requests like this (`GET /apis/…`), so many times. */
  fault(like: RegExp, fault: Fault, times?: number): void;
  /** Writes a kubeconfig, and answers where it is. */
  writeKubeconfig(folder: string, token?: string): Promise<string>;
  /** Writes the files that a pod finds, and answers in which folder. */
  writeServiceAccount(folder: string, token?: string): Promise<string>;
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const TOKEN = 'a-token-that-must-not-be-seen';
const NAMESPACE = 'shop';

interface ArmedFault {
  readonly like: RegExp;
  readonly fault: Fault;
  times: number;
}

/** Starts the server on the loopback address. */
export async function startKubernetesApi(): Promise<KubernetesApi> {
  const { ca, cert, key } = await makeCertificates();
  const objects = new Map<string, ApiObject>();
  const denied = new Set<string>();
  const faults: ArmedFault[] = [];
  const requests: SeenRequest[] = [];

  let arrived = 0;
  let connections = 0;

  const server = createServer({ cert, key }, (request, response) => {
    arrived++;
    const { method = '', url = '' } = request;
    void answer(request, response).then(
      (status) => requests.push({ method, path: url, status }),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });

  async function answer(
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<number | undefined> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer); // streams of requests are of buffers
    const fault = takeFault(`${request.method} ${request.url}`);
    if (fault === 'drop') {
      request.socket.destroy();
      return undefined;
    }
    if (fault === 'hang') return undefined;
    if (fault !== undefined && 'delayMs' in fault) await setTimeout(fault.delayMs);
    if (fault !== undefined && 'body' in fault) {
      response.writeHead(200, { 'content-type': 'application/json' }).end(fault.body);
      return 200;
    }
    const handled: Handled =
      fault !== undefined && 'status' in fault
        ? { status: fault.status, body: statusBody(fault.status, 'as the test wants it') }
        : handle(
            {
              method: request.method ?? '',
              url: new URL(request.url ?? '', 'https://127.0.0.1'),
              isKnown: request.headers.authorization === `Bearer ${TOKEN}`,
              contentType: request.headers['content-type'] ?? '',
              body: Buffer.concat(chunks).toString(),
            },
            { objects, denied },
          );
    const headers = fault !== undefined && 'status' in fault ? fault.headers : undefined;
    response
      .writeHead(handled.status, { 'content-type': 'application/json', ...headers })
      .end(JSON.stringify(handled.body));
    return handled.status;
  }

  function takeFault(line: string): Fault | undefined {
    const armed = faults.find((each) => each.times > 0 && each.like.test(line));
    if (armed === undefined) return undefined;
    armed.times--;
    return armed.fault;
  }

  server.on('secureConnection', () => {
    connections++;
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo; // it listens on a port
  const url = `https://127.0.0.1:${port}`;
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return {
    url,
    host: '127.0.0.1',
    port,
    requests,
    get arrived() {
      return arrived;
    },
    get connections() {
      return connections;
    },
    put: (resource, object) => {
      const metadata = { namespace: NAMESPACE, ...object.metadata };
      objects.set(resourceOf(resource, metadata.namespace, metadata.name ?? ''), {
        ...object,
        metadata,
      });
    },
    remove: (resource, name) => {
      objects.delete(resourceOf(resource, NAMESPACE, name));
    },
    list: (resource) =>
      [...objects].flatMap(([path, object]) => (path.startsWith(`${resource}/`) ? [object] : [])),
    deny: (right) => {
      denied.add(right);
    },
    fault: (like, fault, times = 1) => {
      faults.push({ like, fault, times });
    },
    async writeKubeconfig(folder, token = TOKEN) {
      const file = join(folder, 'kubeconfig.yaml');
      await mkdir(folder, { recursive: true });
      await writeFile(file, kubeconfig(url, ca, token));
      return file;
    },
    async writeServiceAccount(folder, token = TOKEN) {
      const at = join(folder, 'serviceaccount');
      await mkdir(at, { recursive: true });
      await Promise.all([
        writeFile(join(at, 'token'), token),
        writeFile(join(at, 'ca.crt'), ca),
        writeFile(join(at, 'namespace'), NAMESPACE),
      ]);
      return at;
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function kubeconfig(server: string, ca: string, token: string): string {
  return `apiVersion: v1
kind: Config
clusters:
  - name: test
    cluster:
      server: ${server}
      certificate-authority-data: ${Buffer.from(ca).toString('base64')}
users:
  - name: tester
    user:
      token: ${token}
contexts:
  - name: test
    context:
      cluster: test
      user: tester
      namespace: ${NAMESPACE}
current-context: test
`;
}
