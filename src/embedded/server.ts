/** A real Postgres server of our own, for tests, scratch databases and the quickstart: started, stopped, and gone without a trace. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { arch, platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { ConfigError, ConnectionError } from '../core/errors.ts';
import {
  type Account,
  type Binaries,
  cannotRun,
  environment,
  findPackage,
  giveTo,
  type Machine,
  prepareBinaries,
  runTool,
  templateData,
} from './binaries.ts';
import { hasCode } from './cache.ts';
import { type Guard, startGuard } from './guard.ts';

/** How to stop: after the sessions left, after their transactions were undone, or as in a crash. */
export type StopMode = 'smart' | 'fast' | 'immediate';

/** What a server is to be like; everything has a default. */
export interface EmbeddedPostgresOptions {
  /** Programs to use instead of those from npm. */
  readonly binDir?: string | undefined;
  /** Whether commits reach the disk. */
  readonly durable?: boolean | undefined;
  /** Settings for postgresql.conf. */
  readonly config?: Readonly<Record<string, string>> | undefined;
  /** Content of pg_hba.conf; without it everybody on this machine is trusted. */
  readonly hba?: string | undefined;
  /** Further files of the data directory, such as a certificate. */
  readonly files?: Readonly<Record<string, string>> | undefined;
  /** Without it a free one is found. */
  readonly port?: number | undefined;
  /** The superuser's name. */
  readonly user?: string | undefined;
  readonly machine?: Machine | undefined;
}

/** A server that is ours alone. */
export interface EmbeddedPostgres {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly socketDir: string;
  readonly dataDir: string;
  readonly version: string;
  /** What the server has written to its log so far. */
  log(): string;
  /** Starts again what `stop` stopped, on the same port with the same data. */
  start(): Promise<void>;
  /** Stops the server and keeps its data, until it is disposed of or this process ends. */
  stop(mode?: StopMode): Promise<void>;
  /** Stops the server and removes everything. */
  [Symbol.asyncDispose](): Promise<void>;
}

const host = '127.0.0.1';
const stopSignals = { smart: 'SIGTERM', fast: 'SIGINT', immediate: 'SIGQUIT' } as const;
const startTimeoutMs = 60_000;

/** Starts a server; it stops at the latest when this process ends, even by `kill -9`. */
export async function startEmbeddedPostgres(
  options: EmbeddedPostgresOptions = {},
): Promise<EmbeddedPostgres> {
  const user = options.user ?? 'postgres';
  const binDir =
    options.binDir ?? findPackage(options.machine ?? { platform: platform(), arch: arch() });
  const { socketDir, account, guard } = await claimDirectory();
  const dataDir = join(socketDir, 'data');
  try {
    const binaries = await prepareBinaries(binDir, account);
    await runTool('cp', ['-Rp', await templateData(binaries, user, account), dataDir], account);
    await configure(dataDir, account, {
      ...options,
      config: {
        listen_addresses: host,
        unix_socket_directories: socketDir,
        ...(options.durable ? {} : { fsync: 'off', full_page_writes: 'off' }),
        ...options.config,
      },
    });
    const launcher = createLauncher({ binaries, account, guard, socketDir, dataDir });
    const port = await launcher.startOnFreePort(options.port);
    return {
      url: `postgresql://${encodeURIComponent(user)}@${host}:${port}/postgres`,
      host,
      port,
      socketDir,
      dataDir,
      version: binaries.version,
      log: launcher.log,
      start: () => launcher.start(port),
      stop: launcher.stop,
      [Symbol.asyncDispose]: async () => {
        await launcher.stop('immediate');
        await guard.release();
      },
    };
  } catch (error) {
    await guard.release();
    throw error;
  }
}

async function claimDirectory(): Promise<{ socketDir: string; account: Account; guard: Guard }> {
  const socketDir = await mkdtemp(join(shortTemporaryFolder(), 'slipway-pg-'));
  try {
    // Not os.userInfo(), which fails for a uid that has no name.
    const account = accountFor((await stat(socketDir)).uid);
    await giveTo(account, socketDir);
    return { socketDir, account, guard: await startGuard(socketDir, account) };
  } catch (error) {
    await rm(socketDir, { recursive: true, force: true });
    throw error;
  }
}

/** A socket's path may have 103 bytes on macOS, 107 on Linux. */
function shortTemporaryFolder(): string {
  return Buffer.byteLength(tmpdir()) > 70 ? '/tmp' : tmpdir();
}

function accountFor(uid: number): Account {
  // 65534 is `nobody` almost everywhere; that it has that name does not matter.
  return { owner: uid, spawnAs: uid === 0 ? { uid: 65534, gid: 65534 } : {} };
}

async function configure(
  dataDir: string,
  account: Account,
  options: EmbeddedPostgresOptions,
): Promise<void> {
  const settings = Object.entries(options.config ?? {}).map(([name, value]) => {
    if (!/^[a-z_][\w.]*$/i.test(name)) {
      throw new ConfigError('SLIPWAY_CONFIG_INVALID', `"${name}" is not the name of a setting`);
    }
    return `${name} = '${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'\n`;
  });
  await appendFile(join(dataDir, 'postgresql.conf'), `\n${settings.join('')}`);
  const files = { ...options.files, ...(options.hba ? { 'pg_hba.conf': options.hba } : {}) };
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(dataDir, name), content, { mode: 0o600 });
    await giveTo(account, join(dataDir, name));
  }
}

interface Place {
  readonly binaries: Binaries;
  readonly account: Account;
  readonly guard: Guard;
  readonly socketDir: string;
  readonly dataDir: string;
}

interface Launcher {
  startOnFreePort(wanted: number | undefined): Promise<number>;
  start(port: number): Promise<void>;
  stop(mode?: StopMode): Promise<void>;
  log(): string;
}

function createLauncher({ binaries, account, guard, socketDir, dataDir }: Place): Launcher {
  const logFile = join(socketDir, 'log');
  const program = join(binaries.binDir, 'postgres');
  let server: ChildProcess | undefined;
  let finalLog = '';

  const log = () => {
    try {
      finalLog = readFileSync(logFile, 'utf8');
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw error;
    }
    return finalLog;
  };

  const start = async (port: number) => {
    if (isRunning(server)) return;
    const logFd = openSync(logFile, 'a');
    server = spawn(program, ['-D', dataDir, '-p', String(port)], {
      ...account.spawnAs,
      cwd: dataDir,
      env: environment,
      detached: true,
      stdio: ['ignore', logFd, logFd],
    });
    closeSync(logFd);
    guard.watch(server);
    await once(server, 'spawn').catch((cause: unknown) => {
      throw cannotRun(program, cause);
    });
    server.once('exit', () => guard.watch(undefined));
    server.unref();
    await ready(server);
  };

  const ready = async (starting: ChildProcess) => {
    const deadline = AbortSignal.timeout(startTimeoutMs);
    while (!(await saysReady(dataDir, starting))) {
      if (!isRunning(starting) || deadline.aborted) {
        await stop('immediate');
        const lines = log().trim().split('\n');
        const reason = lines.findLast((line) => /FATAL|PANIC/.test(line)) ?? lines.at(-1) ?? '';
        throw new ConnectionError('SLIPWAY_DB_UNREACHABLE', `postgres did not start: ${reason}`, {
          hint: 'Read the end of its log in the details of this error.',
          details: { log: lines.slice(-20).join('\n') },
        });
      }
      await setTimeout(5);
    }
  };

  const stop = async (mode: StopMode = 'fast') => {
    log();
    if (server === undefined || !isRunning(server)) return;
    const gone = once(server, 'exit');
    server.ref();
    server.kill(stopSignals[mode]);
    await gone;
  };

  const startOnFreePort = async (wanted: number | undefined) => {
    for (let attempt = 1; ; attempt += 1) {
      const port = wanted ?? (await findFreePort());
      try {
        await start(port);
        return port;
      } catch (error) {
        // Somebody else was faster: try the next one.
        const taken = /could not (bind|create any TCP\/IP)/.test(log());
        if (wanted !== undefined || !taken || attempt === 5) throw error;
      }
    }
  };

  return { start, stop, log, startOnFreePort };
}

function isRunning(server: ChildProcess | undefined): boolean {
  return server?.pid !== undefined && server.exitCode === null && server.signalCode === null;
}

/** The server writes its state into the eighth line: https://www.postgresql.org/docs/18/storage-file-layout.html */
async function saysReady(dataDir: string, server: ChildProcess): Promise<boolean> {
  try {
    const lines = (await readFile(join(dataDir, 'postmaster.pid'), 'utf8')).split('\n');
    const state = lines[7]?.trim();
    return lines[0] === String(server.pid) && (state === 'ready' || state === 'standby');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
}

/**
 * Below the range from which systems take ports for outgoing connections: a client that tries again
 * and again to reach a stopped server could otherwise be given that very port and block it.
 */
async function findFreePort(): Promise<number> {
  for (;;) {
    const port = 15_000 + Math.floor(Math.random() * 17_000);
    const probe = createServer();
    try {
      probe.listen(port, host);
      await once(probe, 'listening');
      return port;
    } catch (error) {
      if (!hasCode(error, 'EADDRINUSE', 'EACCES')) throw error;
    } finally {
      probe.close();
    }
  }
}
