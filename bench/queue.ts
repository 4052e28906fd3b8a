/**
 * What the application feels while a migration waits for a table: latencies of a reader alone, next
 * to a migration with a `lock_timeout`, and next to one without. Prints a line of JSON per case;
 * `node bench/queue.ts`.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';

import { startEmbeddedPostgres } from '../src/embedded/server.ts';

const program =
  process.env['SLIPWAY_TEST_PROGRAM'] ?? join(import.meta.dirname, '..', 'dist', 'slipway.cjs');
const BUSY_MS = 20_000;
const READ_EVERY_MS = 5;

/** How the migration waits; undefined: there is none. */
const CASES: readonly (readonly string[] | undefined)[] = [
  undefined,
  ['--lock-timeout', '3s'],
  ['--lock-timeout', '500ms', '--lock-retries', '99'],
  ['--lock-timeout', '10min'],
];

await using server = await startEmbeddedPostgres();
const scratch = await mkdtemp(join(tmpdir(), 'slipway-queue-'));
try {
  for (const [index, flags] of CASES.entries()) {
    const latencies = await measure(`queue_${index}`, flags);
    process.stdout.write(
      `${JSON.stringify({ migration: flags?.join(' ') ?? 'none', ...latencies })}\n`,
    );
  }
} finally {
  await rm(scratch, { recursive: true, force: true });
}

interface Latencies {
  readonly reads: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Of the time, the part in which a read would have waited. */
  readonly blockedShare: number;
}

async function measure(name: string, flags: readonly string[] | undefined): Promise<Latencies> {
  const admin = await connected(server.url);
  await admin.query(`create database ${name}`);
  const url = Object.assign(new URL(server.url), { pathname: `/${name}` }).href;
  const folder = join(scratch, name);
  await mkdir(join(folder, 'migrations'), { recursive: true });
  await writeFile(
    join(folder, 'migrations', 'r1.sql'),
    '-- slipway:revision r1\n-- Widen\n\n-- slipway:up\nalter table item add column name text;\n\n-- slipway:down\nselect 1;\n',
  );
  const idle = await connected(url);
  await idle.query('create table item (id int primary key); insert into item values (1)');
  await idle.query('begin; select from item');
  const run = flags === undefined ? undefined : upgrade(folder, url, flags);
  if (run !== undefined) await waits(admin, name);

  const started = performance.now();
  const end = started + BUSY_MS;
  const latencies: number[] = [];
  const release = setTimeout(() => void idle.query('rollback'), BUSY_MS);
  // Reads come at their own pace, as requests do: one that waits does not hold the next one back.
  const readers: Promise<void>[] = [];
  const pool = new pg.Pool({ connectionString: url, max: 40 });
  for (let due = started; due < end; due += READ_EVERY_MS) {
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
    readers.push(
      pool.query('select from item where id = 1').then(() => {
        latencies.push(performance.now() - due);
      }),
    );
  }
  await Promise.all(readers);
  clearTimeout(release);
  run?.kill('SIGTERM');
  await Promise.all([admin.end(), idle.end(), pool.end()]);
  latencies.sort((a, b) => a - b);
  const at = (share: number): number =>
    Math.round((latencies[Math.floor((latencies.length - 1) * share)] ?? 0) * 10) / 10;
  const blocked = latencies.filter((ms) => ms > 50).length / latencies.length;
  return {
    reads: latencies.length,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    maxMs: at(1),
    blockedShare: Math.round(blocked * 1000) / 1000,
  };
}

async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client;
}

function upgrade(folder: string, url: string, flags: readonly string[]): ChildProcess {
  return spawn(process.execPath, [program, 'upgrade', ...flags], {
    cwd: folder,
    env: { PATH: process.env['PATH'], DATABASE_URL: url },
    stdio: 'ignore',
  });
}

/** Resolves once the migration waits for the table. */
async function waits(client: pg.Client, database: string): Promise<void> {
  for (;;) {
    const { rows } = await client.query(
      "select from pg_stat_activity where datname = $1 and wait_event_type = 'Lock'",
      [database],
    );
    if (rows.length > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
