/** What a server of our own promises: it starts, obeys its settings, stops and starts again, and leaves nothing behind. */

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { describe, expect, it, vi } from 'vitest';
import { startEmbeddedPostgres } from '../../src/embedded/server.ts';
import { createDatabase, query, startPostgres, withClient } from '../support/postgres.ts';

const isRoot = process.getuid?.() === 0;

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );
const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
const postmasterPid = async (dataDir: string) =>
  Number((await readFile(join(dataDir, 'postmaster.pid'), 'utf8')).split('\n')[0]);

const ORPHANS_MAY_LINGER = { timeout: 50_000, interval: 250 };

describe('the shared server', () => {
  it('gives every caller a database of its own', async () => {
    await using first = await createDatabase();
    await using second = await createDatabase();
    await query(first.url, 'create table only_here ()');
    const found = await query(second.url, `select to_regclass('only_here') as found`);
    expect(found).toEqual([{ found: null }]);
  });

  it('drops a database that is still in use', async () => {
    const database = await createDatabase();
    await withClient(database.url, async (client) => {
      client.on('error', () => undefined);
      await database.drop();
    });
    await expect(query(database.url, 'select 1')).rejects.toMatchObject({ code: '3D000' });
  });
});

describe('startEmbeddedPostgres', () => {
  it('answers over TCP and over its Unix socket, and is gone when disposed of', async () => {
    const server = await startPostgres();
    const sql = `select current_setting('server_version') like $1 || '%' as same, current_setting('server_encoding') as encoding`;
    const expected = [{ same: true, encoding: 'UTF8' }];
    expect(await query(server.url, sql, [server.version])).toEqual(expected);
    const client = new Client({ host: server.socketDir, port: server.port, user: 'postgres' });
    await client.connect();
    expect((await client.query('select inet_server_addr() as address')).rows).toEqual([
      { address: null },
    ]);
    await client.end();
    const pid = await postmasterPid(server.dataDir);
    await server[Symbol.asyncDispose]();
    expect(await exists(server.socketDir)).toBe(false);
    expect(isAlive(pid)).toBe(false);
    expect(server.log()).toMatch(/ready to accept connections/);
  });

  it.each(['fast', 'immediate'] as const)(
    'keeps port and data over a stop that is %s',
    async (mode) => {
      await using server = await startPostgres();
      await query(server.url, 'create table kept as select 42 as answer');
      await server.stop(mode);
      await expect(query(server.url, 'select 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
      await server.start();
      expect(await query(server.url, 'table kept')).toEqual([{ answer: 42 }]);
    },
  );

  it('starts again after a crash', { timeout: 60_000 }, async () => {
    await using server = await startPostgres();
    const pid = await postmasterPid(server.dataDir);
    process.kill(pid, 'SIGKILL');
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false));
    // Orphans of the crashed server let go of its shared memory when they have noticed.
    await vi.waitFor(async () => {
      await server.start();
      expect(await query(server.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    }, ORPHANS_MAY_LINGER);
  });

  it('obeys settings whatever characters they have', async () => {
    const path = String.raw`"it's", c:\temp`;
    await using server = await startPostgres({ config: { search_path: path, work_mem: '5MB' } });
    const sql = `select current_setting('search_path') as path, current_setting('work_mem') as memory`;
    expect(await query(server.url, sql)).toEqual([{ path, memory: '5MB' }]);
  });

  it('refuses a setting name that could smuggle in another line', async () => {
    await expect(startPostgres({ config: { "a = 'b'\nfsync": 'on' } })).rejects.toMatchObject({
      code: 'SLIPWAY_CONFIG_INVALID',
    });
  });

  it.each([
    [false, 'off'],
    [true, 'on'],
  ])('with durable %s runs with fsync %s', async (durable, fsync) => {
    await using server = await startPostgres({ durable });
    expect(await query(server.url, 'show fsync')).toEqual([{ fsync }]);
  });

  it('lets in only whom the given pg_hba.conf admits', async () => {
    await using server = await startPostgres({
      hba: 'host all postgres 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n',
    });
    await query(server.url, `create role app login password 'right'`);
    const url = new URL(server.url);
    url.username = 'app';
    url.password = 'wrong';
    await expect(query(url.href, 'select 1')).rejects.toMatchObject({ code: '28P01' });
    url.password = 'right';
    expect(await query(url.href, 'select current_user as me')).toEqual([{ me: 'app' }]);
  });

  it('speaks TLS with the given certificate', async ({ skip }) => {
    skip(spawnSync('openssl', ['version']).status !== 0, 'openssl is not installed');
    const folder = await mkdtemp(join(tmpdir(), 'slipway-tls-'));
    const [key, cert] = [join(folder, 'key'), join(folder, 'cert')];
    const request = [
      'req',
      '-x509',
      '-nodes',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
    ];
    const subject = ['-subj', '/CN=localhost', '-days', '2', '-keyout', key, '-out', cert];
    execFileSync('openssl', [...request, ...subject], { stdio: 'ignore' });
    await using server = await startPostgres({
      ssl: { cert: await readFile(cert, 'utf8'), key: await readFile(key, 'utf8') },
    });
    await rm(folder, { recursive: true });
    const sql = 'select ssl from pg_stat_ssl where pid = pg_backend_pid()';
    expect(await query(`${server.url}?sslmode=no-verify`, sql)).toEqual([{ ssl: true }]);
  });

  it.runIf(isRoot)('is not run as root', async () => {
    await using server = await startPostgres();
    expect((await stat(server.dataDir)).uid).not.toBe(0);
  });

  it('says why the server did not start', async () => {
    await using first = await startPostgres();
    await expect(startEmbeddedPostgres({ port: first.port })).rejects.toMatchObject({
      code: 'SLIPWAY_DB_UNREACHABLE',
      details: { log: expect.stringContaining('Address already in use') },
    });
  });

  it.each([
    ['a platform without a package', { machine: { platform: 'sunos', arch: 'sparc' } }],
    ['a folder without programs', { binDir: tmpdir() }],
  ])('refuses %s', async (_, options) => {
    await expect(startEmbeddedPostgres(options)).rejects.toMatchObject({
      code: 'SLIPWAY_CONFIG_INVALID',
      hint: expect.any(String),
    });
  });
});
