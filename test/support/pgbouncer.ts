/** A real PgBouncer in transaction mode in front of a real server. */

import { spawn, spawnSync } from 'node:child_process';
import { chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';

const NOBODY = 65534;

export interface PgBouncer {
  /** `url` with the pooler's address in place of the server's. */
  through(url: string): string;
  /** A command of its console: `pause`, `resume`, `show servers`. */
  console(command: string): Promise<void>;
  /** Ends it without regard to anybody, and starts it again at the same address. */
  restart(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Why PgBouncer cannot be had here; undefined when it can. */
export function whyNoPgBouncer(): string | undefined {
  return spawnSync('pgbouncer', ['--version']).error === undefined
    ? undefined
    : 'pgbouncer is not installed (Debian: apt-get install pgbouncer)';
}

/** Starts a pooler in front of the server of `serverUrl`; `settings` are added to its own. */
export async function startPgBouncer(
  serverUrl: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<PgBouncer> {
  const server = new URL(serverUrl);
  const folder = await mkdtemp(join(tmpdir(), 'slipway-pgbouncer-'));
  const port = await freePort();
  await writeFile(join(folder, 'users'), `"${server.username}" ""\n`);
  await writeFile(
    join(folder, 'pgbouncer.ini'),
    [
      '[databases]',
      `* = host=${server.hostname} port=${server.port}`,
      '[pgbouncer]',
      'listen_addr = 127.0.0.1',
      `listen_port = ${port}`,
      'unix_socket_dir =',
      'auth_type = trust',
      `auth_file = ${join(folder, 'users')}`,
      'pool_mode = transaction',
      `admin_users = ${server.username}`,
      'max_client_conn = 200',
      ...Object.entries({ default_pool_size: '5', ...settings }).map((pair) => pair.join(' = ')),
      `logfile = ${join(folder, 'log')}`,
    ].join('\n'),
  );
  const isRoot = process.getuid?.() === 0;
  if (isRoot) {
    // PgBouncer refuses to run as root.
    await chown(folder, NOBODY, NOBODY);
    await chmod(folder, 0o700);
    for (const name of ['users', 'pgbouncer.ini']) await chown(join(folder, name), NOBODY, NOBODY);
  }
  const launch = async () => {
    const child = spawn('pgbouncer', ['-q', join(folder, 'pgbouncer.ini')], {
      stdio: 'ignore',
      ...(isRoot ? { uid: NOBODY, gid: NOBODY } : {}),
    });
    const exited = new Promise((resolve) => child.once('exit', resolve));
    await untilListening(port, () => child.exitCode !== null);
    return async () => {
      child.kill('SIGTERM');
      await exited;
    };
  };
  let stop = await launch();
  const through = (url: string) => {
    const pooled = new URL(url);
    pooled.port = String(port);
    return pooled.href;
  };
  return {
    through,
    async console(command) {
      const url = new URL(through(serverUrl));
      url.pathname = '/pgbouncer';
      const client = new Client({ connectionString: url.href });
      await client.connect();
      await client.query(command);
      await client.end();
    },
    async restart() {
      await stop();
      stop = await launch();
    },
    async [Symbol.asyncDispose]() {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0));
    });
  });
}

async function untilListening(port: number, isDead: () => boolean): Promise<void> {
  for (;;) {
    if (isDead()) throw new Error('pgbouncer did not start');
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('connect', () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => resolve(false));
    });
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
