/** The shipped sidecar as process 1 of a real container: probes from outside, and how it ends. */

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { buildImage, findMissing, images, playPod, type TestImage } from '../support/podman.ts';
import { createDatabase, query } from '../support/postgres.ts';
import { metricValue, parsePrometheus } from '../support/prometheus.ts';
import { ask } from '../support/sidecar.ts';
import { sharedFolder, shippedPod } from './pods.shipped.ts';

const missing = await findMissing('sidecars in pods', ['podman', 'kubectl'], Object.values(images));

const quick = `-- slipway:revision 0000000000a1
-- Add orders

-- slipway:up
create table orders (id bigint primary key);

-- slipway:down
drop table orders;
`;

const endless = `-- slipway:revision 0000000000b2
-- slipway:revises 0000000000a1
-- Take for ever

-- slipway:up
select pg_sleep(600);

-- slipway:down
select 1;
`;

const containerfile = `FROM ${images.base}
COPY --from=${images.files} /opt/slipway /opt/slipway
COPY migrations migrations
RUN mkdir -p /slipway && node /opt/slipway/slipway.cjs build --dir migrations --out /slipway/release.bundle
ENV SLIPWAY_BUNDLE=/slipway/release.bundle
USER 65532:65532
`;

describe.skipIf(missing.length > 0)('the sidecar in a pod', { timeout: 120_000 }, () => {
  let ready: TestImage;
  let busy: TestImage;

  beforeAll(async () => {
    const files = { 'migrations/20260101000000_add_orders.sql': quick };
    ready = await buildImage(containerfile, files);
    busy = await buildImage(containerfile, {
      ...files,
      'migrations/20260102000000_take_for_ever.sql': endless,
    });
  }, 240_000);

  afterAll(async () => {
    await busy?.[Symbol.asyncDispose]();
    await ready?.[Symbol.asyncDispose]();
  });

  /** The pod of k8s/sidecar with its sidecar alone, which podman knows only as a container. */
  async function playSidecar(image: string, shared: Awaited<ReturnType<typeof sharedFolder>>) {
    const { initContainers, ...spec } = await shippedPod('sidecar', image, shared);
    const port = await freePort();
    const containers = initContainers.map((container) => ({
      ...container,
      env: [
        ...container.env,
        { name: 'SLIPWAY_LISTEN_HOST', value: '127.0.0.1' },
        { name: 'SLIPWAY_LISTEN_PORT', value: String(port) },
      ],
    }));
    const pod = await playPod({ ...spec, initContainers: [], containers });
    return { pod, url: `http://127.0.0.1:${port}` };
  }
  const becomes = (url: string, status: number) =>
    vi.waitFor(
      async () => {
        const answer = await ask(url);
        expect(answer.status, answer.text).toBe(status);
        return answer;
      },
      { timeout: 30_000, interval: 100 },
    );

  it('answers probes and metrics, and ends with 0 at SIGTERM', async () => {
    await using database = await createDatabase();
    await using shared = await sharedFolder(database.url);
    const { pod, url } = await playSidecar(ready.name, shared);
    await using _ = pod;
    await becomes(`${url}/startupz`, 200);
    await becomes(`${url}/readyz`, 200);
    await becomes(`${url}/livez`, 200);
    const metrics = parsePrometheus((await becomes(`${url}/metrics`, 200)).text);
    expect(metricValue(metrics, 'slipway_revisions_applied_total')).toBe(1);
    expect(metricValue(metrics, 'slipway_build_info', { release: '1.0.0' })).toBe(1);
    const start = performance.now();
    await pod.terminate('slipway');
    expect(await pod.exitCode('slipway')).toBe(0);
    expect(performance.now() - start).toBeLessThan(5000);
    const message = await readFile(join(shared.path, 'termination-log'), 'utf8');
    expect(message).toContain('serve: 1 done');
  });

  it('says what it does until it is ready, and ends with 24 at SIGTERM', async () => {
    await using database = await createDatabase();
    await using shared = await sharedFolder(database.url);
    const { pod, url } = await playSidecar(busy.name, shared);
    await using _ = pod;
    await vi.waitFor(
      async () => {
        const { status, text } = await ask(`${url}/startupz`);
        expect(status).toBe(503);
        expect(text).toContain('running revision 2 of 2: 0000000000b2');
      },
      { timeout: 30_000, interval: 100 },
    );
    await pod.terminate('slipway');
    expect(await pod.exitCode('slipway')).toBe(24);
    expect(await query(database.url, 'select id from slipway.revision')).toEqual([
      { id: '0000000000a1' },
    ]);
    const message = await readFile(join(shared.path, 'termination-log'), 'utf8');
    expect(message).toContain('SLIPWAY_INTERRUPTED (exit 24)');
  });
});

/** A port that nobody has at this moment. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0));
    });
  });
}
