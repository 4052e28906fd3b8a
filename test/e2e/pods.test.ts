/** slipway in real pods: the shipped manifests, the built images, restricted security, one Postgres. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  buildImage,
  findMissing,
  images,
  type PlayedPod,
  playPod,
  type TestImage,
} from '../support/podman.ts';
import { createDatabase, query } from '../support/postgres.ts';
import { createReader, restricted, sharedFolder, shippedPod } from './pods.shipped.ts';

const root = join(import.meta.dirname, '../..');
const missing = await findMissing('pods', ['podman', 'kubectl'], Object.values(images));

const first = `-- slipway:revision 0000000000a1
-- Add orders

-- slipway:up
create table orders (id bigint primary key, note text not null default 'new');
insert into orders (id) values (1), (2), (3);

-- slipway:down
drop table orders;
`;

const broken = `-- slipway:revision 0000000000b2
-- slipway:revises 0000000000a1
-- Add a customer to orders

-- slipway:up
create table customers (id bigint primary key);
alter table orders
  add column customer bigint references custmers (id);

-- slipway:down
drop table customers;
`;

/** An application that needs the table, then runs until it is told to stop, and ends with 42. */
const application = `
import { readFileSync } from 'node:fs';
import { Client } from 'pg';
process.on('SIGTERM', () => process.exit(42));
const client = new Client(readFileSync(process.env.DATABASE_URL_FILE, 'utf8').trim());
client.connect()
  .then(() => client.query('select count(*)::int as orders from orders'))
  .then(({ rows }) => {
    console.log(JSON.stringify({ pid: process.pid, uid: process.getuid(), ...rows[0] }));
    setInterval(() => {}, 1000);
  });
`;

const containerfile = `FROM ${images.base}
COPY --from=${images.files} /opt/slipway /opt/slipway
COPY migrations migrations
RUN mkdir -p /slipway && node /opt/slipway/slipway.cjs build --dir migrations --out /slipway/release.bundle
ENV SLIPWAY_BUNDLE=/slipway/release.bundle
COPY server.js /app/server.js
USER 65532:65532
`;

describe.skipIf(missing.length > 0)('slipway in a pod', { timeout: 120_000 }, () => {
  let good: TestImage;
  let bad: TestImage;

  beforeAll(async () => {
    const server = await bundleApplication();
    const files = { 'server.js': server, 'migrations/20260101000000_add_orders.sql': first };
    good = await buildImage(containerfile, files);
    bad = await buildImage(containerfile, {
      ...files,
      'migrations/20260102000000_add_customer.sql': broken,
    });
  }, 240_000);

  afterAll(async () => {
    await bad?.[Symbol.asyncDispose]();
    await good?.[Symbol.asyncDispose]();
  });

  it('upgrades in the init container, and the application finds its table', async () => {
    await using database = await createDatabase();
    await using shared = await sharedFolder(database.url);
    await using pod = await playPod(await shippedPod('init-container', good.name, shared));
    expect(await pod.logs('migrate')).toContain('revision.applied');
    expect(pod.started).toBe(true);
    expect(await applicationSays(pod)).toEqual({ pid: 1, uid: 65532, orders: 3 });
  });

  it('keeps the application from starting when a revision fails, and says all there is to say', async () => {
    await using database = await createDatabase();
    await using shared = await sharedFolder(database.url);
    await using pod = await playPod(await shippedPod('init-container', bad.name, shared));
    expect(pod.started).toBe(false);
    expect(await pod.exitCode('migrate')).toBe(12);
    expect(await pod.state('web')).not.toBe('running');
    const log = await pod.logs('migrate');
    expect(JSON.parse(log.trim().split('\n').at(-1) ?? '')).toMatchObject({
      event: 'run.failed',
      exitCode: 12,
      sqlState: '42P01',
      file: 'migrations/20260102000000_add_customer.sql',
      line: 7,
      column: expect.any(Number),
      rolledBack: true,
      finished: ['0000000000a1'],
      next: expect.stringContaining('20260102000000_add_customer.sql'),
    });
    expect(log).not.toContain(database.url);
    const message = await readFile(join(shared.path, 'termination-log'));
    expect(message.length).toBeGreaterThan(0);
    expect(message.length).toBeLessThanOrEqual(1024);
    expect(message.toString()).toContain('20260102000000_add_customer.sql:7:');
    expect(message.toString()).toContain('42P01');
    expect(message.toString()).toMatch(/rolled back/);
    const tables = await query(database.url, `select to_regclass('customers') as customers`);
    expect(tables).toEqual([{ customers: null }]);
  });

  it('logs one line when there is nothing to do', async () => {
    await using database = await createDatabase();
    await using shared = await sharedFolder(database.url);
    const spec = await shippedPod('init-container', good.name, shared);
    await using earlier = await playPod(spec);
    expect(earlier.started).toBe(true);
    await using pod = await playPod(spec);
    const lines = (await pod.logs('migrate')).trim().split('\n');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ event: 'run.finished' });
    expect(await applicationSays(pod)).toMatchObject({ orders: 3 });
  });

  it('becomes the application in the entrypoint variant: process 1, signals, exit code', async () => {
    await using database = await createDatabase();
    await using shared = await sharedFolder(database.url);
    await using pod = await playPod(await shippedPod('entrypoint', good.name, shared));
    expect(await applicationSays(pod)).toEqual({ pid: 1, uid: 65532, orders: 3 });
    await pod.terminate('web');
    expect(await pod.exitCode('web')).toBe(42);
  });

  it('runs the Job’s container to its end', async () => {
    await using database = await createDatabase();
    await using shared = await sharedFolder(database.url);
    await using pod = await playPod(await shippedPod('job', good.name, shared));
    expect(await pod.exitCode('migrate')).toBe(0);
    expect(await query(database.url, 'select count(*)::int as orders from orders')).toEqual([
      { orders: 3 },
    ]);
  });

  it('waits in a worker, which may only read the history', async () => {
    await using database = await createDatabase();
    await using owner = await sharedFolder(database.url);
    await using role = await createReader(database.url);
    await using reader = await sharedFolder(role.url);
    const worker = await shippedPod('worker', good.name, reader);
    const hurried = worker.initContainers.map((container) => ({
      ...container,
      command: [...(container.command ?? []), '--timeout=1s'],
    }));
    {
      await using early = await playPod({ ...worker, initContainers: hurried });
      expect(early.started).toBe(false);
      expect(await early.exitCode('wait-for-schema')).toBe(22);
    }
    const [before] = await query(database.url, `select to_regclass('orders') as orders`);
    expect(before).toEqual({ orders: null });
    await using web = await playPod(await shippedPod('init-container', good.name, owner));
    expect(web.started).toBe(true);
    await role.grant();
    await using late = await playPod(worker);
    expect(late.started).toBe(true);
  });

  it('upgrades from the distroless image, where there is no shell', async () => {
    await using database = await createDatabase();
    await using shared = await sharedFolder(database.url);
    await using image = await buildImage(`FROM ${images.distroless}
COPY --from=${good.name} /slipway/release.bundle /slipway/release.bundle
ENV SLIPWAY_BUNDLE=/slipway/release.bundle
`);
    expect((await restricted(image.name, shared, { entrypoint: 'sh' })).code).toBe(127);
    const upgraded = await restricted(image.name, shared);
    expect(upgraded).toMatchObject({ code: 0 });
    expect(upgraded.stdout + upgraded.stderr).toContain('revision.applied');
  });

  it('applies the sample revisions of the example image', async () => {
    await using database = await createDatabase();
    await using shared = await sharedFolder(database.url);
    expect(await restricted(images.example, shared)).toMatchObject({ code: 0 });
    const [row] = await query(database.url, 'select count(*)::int as count from slipway.revision');
    expect(row?.['count']).toBeGreaterThan(1);
  });

  it('passes the command’s exit code through entrypoint.sh', async () => {
    await using database = await createDatabase();
    await using shared = await sharedFolder(database.url);
    const command = ['node', '-e', 'process.exit(process.pid === 1 ? 7 : 8)'];
    expect((await restricted(images.example, shared, { command })).code).toBe(7);
    const help = await restricted(images.shell, shared, { command: ['slipway', '--help'] });
    expect(help).toMatchObject({ code: 0 });
    expect(help.stdout).toContain('upgrade');
  });
});

async function bundleApplication(): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: application, resolveDir: root },
    bundle: true,
    platform: 'node',
    external: ['pg-native'],
    write: false,
    logLevel: 'silent',
  });
  return outputFiles[0]?.text ?? '';
}

/** The one line the application writes once it has read its table. */
function applicationSays(pod: PlayedPod, container = 'web'): Promise<unknown> {
  const look = async () => {
    const lines = (await pod.logs(container))
      .split('\n')
      .filter((line) => line.includes('"orders"'));
    expect(lines).toHaveLength(1);
    return JSON.parse(lines[0] ?? '');
  };
  return vi.waitFor(look, { timeout: 30_000, interval: 100 });
}
