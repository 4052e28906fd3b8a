/** The sidecar as a process, asked over HTTP as kubelet and Prometheus do. */

import { get } from 'node:http';
import { expect } from 'vitest';
import type { LogLine, Outcome, Running, StartOptions } from './cli.ts';
import { until } from './cli.ts';
import type { Place } from './projects.ts';
import { type Family, parsePrometheus } from './prometheus.ts';

/** An answer over HTTP. */
export interface HttpAnswer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** A probe's answer. */
export interface Probed {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A sidecar that runs. */
export interface Sidecar {
  readonly process: Running;
  readonly url: string;
  readonly port: number;
  probe(path: 'startupz' | 'readyz' | 'livez'): Promise<Probed>;
  /** Waits until the probe answers like this. */
  answers(path: 'startupz' | 'readyz' | 'livez', status: number): Promise<Probed>;
  metrics(): Promise<ReadonlyMap<string, Family>>;
  /** Sends SIGTERM and waits for the end. */
  stop(): Promise<Outcome>;
}

/** Starts `slipway serve` on a port that is free, and waits until it listens. */
export async function startSidecar(
  place: Place,
  args: readonly string[] = [],
  options: StartOptions = {},
): Promise<Sidecar> {
  const process = place.start(['serve', '--port', '0', '--host', '127.0.0.1', ...args], options);
  const line: LogLine = await process.logged('sidecar.listening');
  const port = Number(line['port']);
  const url = `http://127.0.0.1:${port}`;
  const probe = async (path: string): Promise<Probed> => {
    const { status, text } = await ask(`${url}/${path}`);
    return { status, body: JSON.parse(text) as Probed['body'] }; // an object, as asserted by the tests
  };
  return {
    process,
    url,
    port,
    probe,
    answers: (path, status) =>
      until(async () => {
        const answer = await probe(path);
        expect(answer, JSON.stringify(answer.body)).toMatchObject({ status });
        return answer;
      }),
    metrics: async () => parsePrometheus((await ask(`${url}/metrics`)).text),
    stop: () => {
      process.kill('SIGTERM');
      return process.ended;
    },
  };
}

/** Asks over a connection of its own, as a kubelet does. */
export function ask(url: string, family?: 4 | 6): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: false, family }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          type: response.headers['content-type'] ?? '',
          text: Buffer.concat(chunks).toString(),
        }),
      );
    });
    request.on('error', reject);
  });
}
