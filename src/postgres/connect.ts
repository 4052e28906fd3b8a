/** Opens a session with Postgres as libpq would: hosts in turn, TLS by `sslmode`, the right kind of server. */

import type { Socket } from 'node:net';
import type { Client } from 'pg';
import { Interrupted } from '../core/errors.ts';
import { classifyFailure, type ServerFailure, toConnectError } from './connect-failure.ts';
import {
  type ConnectionSettings,
  describeServer,
  type ServerSettings,
  type TargetSessionAttrs,
} from './connection-settings.ts';
import { sqlState } from './errors.ts';
import { startSession } from './login.ts';
import { type Encryption, isUnixSocket, TlsNotOffered, TlsRefused } from './stream.ts';

/** How one try to connect is made. */
export interface ConnectOptions {
  /** Shown in `pg_stat_activity`; cut to the 63 bytes that Postgres keeps. */
  readonly applicationName: string;
  /** Aborting it ends the try at once with `SLIPWAY_INTERRUPTED`. */
  readonly signal?: AbortSignal | undefined;
  /** Limit for all servers together. */
  readonly limitMs?: number | undefined;
  /** Orders the hosts of `load_balance_hosts=random`. */
  readonly random?: (() => number) | undefined;
}

/** Limit for one server when `connect_timeout` is not given: a silent proxy must not use up all time. */
const DEFAULT_SERVER_LIMIT_MS = 10_000;

/**
 * A session on the first server that serves; losing it later never ends the process, but fails the
 * next query. Throws `SLIPWAY_DB_UNREACHABLE`, `SLIPWAY_DB_READ_ONLY` (both worth a retry),
 * `SLIPWAY_DB_AUTH_FAILED`, `SLIPWAY_DB_MISSING`, `SLIPWAY_CONNECTION_SETTINGS`,
 * `SLIPWAY_INTERRUPTED`.
 */
export async function connectOnce(
  settings: ConnectionSettings,
  options: ConnectOptions,
): Promise<Client> {
  const servers =
    settings.loadBalanceHosts === 'random'
      ? shuffle(settings.servers, options.random ?? Math.random)
      : settings.servers;
  const passes: readonly TargetSessionAttrs[] =
    settings.targetSessionAttrs === 'prefer-standby'
      ? ['standby', 'any']
      : [settings.targetSessionAttrs];
  const { applicationName } = options;
  const limitMs = serverLimitMs(settings, options.limitMs);
  let failures: ServerFailure[] = [];
  for (const wanted of passes) {
    failures = [];
    for (const server of servers) {
      try {
        return await withinLimit({ limitMs, signal: options.signal, settings }, (own) =>
          connectServer(server, { settings, applicationName, wanted, own }),
        );
      } catch (error) {
        if (error instanceof Interrupted) throw error;
        const failure = classifyFailure(error, server, settings.tls.mode);
        failures.push(failure);
        if (!failure.passing) throw toConnectError(failures, settings);
      }
    }
  }
  throw toConnectError(failures, settings);
}

interface Attempt {
  readonly settings: ConnectionSettings;
  readonly applicationName: string;
  readonly wanted: TargetSessionAttrs;
  readonly own: (stream: Socket) => void;
}

/** Falls back between TLS and plain text as `prefer` and `allow` say, when the server insists. */
async function connectServer(server: ServerSettings, attempt: Attempt): Promise<Client> {
  const [first, second] = encryptionsFor(attempt.settings.tls.mode, isUnixSocket(server));
  try {
    return await startSession(server, { ...attempt, encryption: first });
  } catch (error) {
    if (second === undefined || !isAboutEncryption(error)) throw error;
    try {
      return await startSession(server, { ...attempt, encryption: second });
    } catch (secondError) {
      throw isAboutEncryption(secondError) ? error : secondError;
    }
  }
}

function encryptionsFor(
  mode: ConnectionSettings['tls']['mode'],
  unixSocket: boolean,
): [Encryption, Encryption?] {
  if (unixSocket || mode === 'disable') return ['none'];
  if (mode === 'allow') return ['none', 'required'];
  if (mode === 'prefer') return ['preferred', 'none'];
  return ['required'];
}

/** 28000 is what `pg_hba.conf` says when it has no line for this kind of connection. */
function isAboutEncryption(error: unknown): boolean {
  return (
    error instanceof TlsRefused || error instanceof TlsNotOffered || sqlState(error) === '28000'
  );
}

/** Runs `connect` until its time is over or the signal says stop; both destroy its stream. */
async function withinLimit(
  {
    limitMs,
    signal,
    settings,
  }: { limitMs: number; signal: AbortSignal | undefined; settings: ConnectionSettings },
  connect: (own: (stream: Socket) => void) => Promise<Client>,
): Promise<Client> {
  let current: Socket | undefined;
  let reason: Error | undefined;
  const stop = (error: Error) => {
    reason ??= error;
    current?.destroy(reason);
  };
  const interrupt = () =>
    stop(
      new Interrupted(
        'SLIPWAY_INTERRUPTED',
        `interrupted while connecting to ${describeServer(settings)}`,
      ),
    );
  const expire = () => stop(Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' }));
  if (signal?.aborted === true) interrupt();
  signal?.addEventListener('abort', interrupt);
  const timer = limitMs === 0 ? undefined : setTimeout(expire, limitMs);
  try {
    if (reason !== undefined) throw reason;
    return await connect((stream) => {
      current = stream;
      if (reason !== undefined) stream.destroy(reason);
    });
  } catch (error) {
    throw reason ?? error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', interrupt);
  }
}

function serverLimitMs(settings: ConnectionSettings, limitMs: number | undefined): number {
  const share =
    limitMs === undefined ? undefined : Math.max(1, Math.floor(limitMs / settings.servers.length));
  const own = settings.connectTimeoutMs;
  if (own === undefined) return Math.min(DEFAULT_SERVER_LIMIT_MS, share ?? Infinity);
  if (share === undefined) return own;
  return own === 0 ? share : Math.min(own, share);
}

function shuffle<T>(items: readonly T[], random: () => number): T[] {
  const order = items.map((item) => ({ item, rank: random() }));
  return order.sort((a, b) => a.rank - b.rank).map(({ item }) => item);
}
