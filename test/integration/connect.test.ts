/** Connecting to real servers: every way in that libpq knows, and every way it can fail. */

import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { SlipwayError } from '../../src/core/errors.ts';
import type { SlipwayEvent } from '../../src/core/events.ts';
import { secret } from '../../src/core/secret.ts';
import type { EmbeddedPostgres } from '../../src/embedded/server.ts';
import { connectOnce } from '../../src/postgres/connect.ts';
import {
  type ConnectWithRetriesOptions,
  connectWithRetries,
} from '../../src/postgres/connect-retry.ts';
import type { ConnectionSettings } from '../../src/postgres/connection-settings.ts';
import { parseConnection } from '../../src/postgres/conninfo.ts';
import { isConnectionLoss } from '../../src/postgres/errors.ts';
import { readLocalFile } from '../../src/postgres/local-file.ts';
import { serverParameter } from '../../src/postgres/login.ts';
import { startPostgres } from '../support/postgres.ts';

const HBA = `
local all all trust
host all refused 127.0.0.1/32 reject
hostssl all tls_only 127.0.0.1/32 scram-sha-256
hostnossl all plain_only 127.0.0.1/32 scram-sha-256
hostssl all certified 127.0.0.1/32 cert
hostnossl all old 127.0.0.1/32 password
host all tls_only,plain_only,certified 127.0.0.1/32 reject
host all all 127.0.0.1/32 scram-sha-256
`;
const ROLES = ['app', 'tls_only', 'plain_only', 'certified', 'refused', 'old', 'limited', 'reader'];

function settings(
  text: string,
  more: Partial<ConnectionSettings> & { env?: Record<string, string> } = {},
): ConnectionSettings {
  const { env = {}, ...rest } = more;
  const url = `dbname=postgres ${text}`;
  return {
    ...parseConnection({ url, env, readFile: readLocalFile, homeDir: undefined, osUser: 'app' }),
    ...rest,
  };
}

async function connected<T>(
  to: ConnectionSettings,
  use: (client: Client) => Promise<T>,
): Promise<T> {
  const client = await connectOnce(to, { applicationName: 'test' });
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

async function failure(act: Promise<Client>): Promise<SlipwayError> {
  try {
    const client = await act;
    await client.end();
  } catch (error) {
    if (error instanceof SlipwayError) return error;
    throw error;
  }
  throw new Error('expected the connection to fail');
}

const attempt = (to: ConnectionSettings) => failure(connectOnce(to, { applicationName: 'test' }));

/** Retries with a clock of its own, on which only the delays take time. */
function retrying(to: ConnectionSettings, options: Partial<ConnectWithRetriesOptions> = {}) {
  const events: Extract<SlipwayEvent, { type: 'connection.retrying' }>[] = [];
  let time = 0;
  const connecting = connectWithRetries(to, {
    applicationName: 'test',
    connectTimeoutMs: 60_000,
    reporter: {
      report: (event) => {
        if (event.type === 'connection.retrying') events.push(event);
      },
    },
    random: () => 0.5,
    now: () => time,
    delay: async (ms) => {
      time += ms;
    },
    ...options,
  });
  return { connecting, events };
}

async function isEncrypted(client: Client): Promise<boolean> {
  const result = await client.query('select ssl from pg_stat_ssl where pid = pg_backend_pid()');
  return result.rows[0].ssl;
}

/** A TCP server that does `serve` with each connection. */
async function listener(serve: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    serve(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // it listens on TCP
  return {
    at: `host=127.0.0.1 port=${port}`,
    sockets,
    [Symbol.dispose]: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

describe('a server without TLS', () => {
  let server: EmbeddedPostgres;
  let at: string;
  let admin: ConnectionSettings;

  beforeAll(async () => {
    server = await startPostgres({ hba: HBA });
    at = `host=127.0.0.1 port=${server.port} user=app password=pw`;
    admin = settings(`host=${server.socketDir} port=${server.port} user=postgres`);
    await createRoles(admin);
  });
  afterAll(() => server?.[Symbol.asyncDispose]());

  it('is reached over TCP, and says its version without being asked', async () => {
    await connected(settings(at), async (client) => {
      const { rows } = await client.query('select current_user as name');
      expect(rows).toEqual([{ name: 'app' }]);
      expect(serverParameter(client, 'server_version')).toContain(server.version.split('.')[0]);
    });
  });

  it('is reached over its Unix socket, whatever sslmode says', async () => {
    await connected({ ...admin, tls: settings('sslmode=verify-full').tls }, async (client) => {
      const { rows } = await client.query('select inet_server_addr() as address');
      expect(rows).toEqual([{ address: null }]);
    });
  });

  it('sees the application name, cut before the character that does not fit', async () => {
    const client = await connectOnce(settings(at), { applicationName: `${'a'.repeat(62)}é` });
    expect(serverParameter(client, 'application_name')).toBe('a'.repeat(62));
    await client.end();
  });

  it('starts the session with the options, and with none of the environment', async () => {
    vi.stubEnv('PGOPTIONS', '-c work_mem=1MB');
    try {
      await connected(settings(`${at} options='-c search_path=elsewhere'`), async (client) => {
        const { rows } = await client.query(
          `select current_setting('search_path') as path, current_setting('work_mem') as mem`,
        );
        expect(rows).toEqual([{ path: 'elsewhere', mem: '4MB' }]);
      });
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it.each([
    ['disable', false],
    ['allow', false],
    ['prefer', false],
  ])('with sslmode=%s is used without encryption', async (mode, expected) => {
    expect(await connected(settings(`${at} sslmode=${mode}`), isEncrypted)).toBe(expected);
  });

  it.each(['require', 'verify-ca', 'verify-full'])(
    'with sslmode=%s is refused at once',
    async (mode) => {
      const { connecting, events } = retrying(settings(`${at} sslmode=${mode}`));
      const error = await failure(connecting);
      expect(error).toMatchObject({ code: 'SLIPWAY_CONNECTION_SETTINGS', exitCode: 10 });
      expect(error.message).toContain('does not offer TLS');
      expect(events).toEqual([]);
    },
  );

  it.each([
    ['a wrong password', 'user=app password=hunter2', 'SLIPWAY_DB_AUTH_FAILED', 21],
    ['no password', "user=app password=''", 'SLIPWAY_DB_AUTH_FAILED', 21],
    ['a role that is not there', 'user=nobody', 'SLIPWAY_DB_AUTH_FAILED', 21],
    ['a role that pg_hba.conf rejects', 'user=refused', 'SLIPWAY_DB_AUTH_FAILED', 21],
    ['a database that is not there', 'dbname=nowhere', 'SLIPWAY_DB_MISSING', 21],
    ['options it does not know', "options='-c nonsense=1'", 'SLIPWAY_CONNECTION_SETTINGS', 10],
    ['channel_binding=require', 'channel_binding=require', 'SLIPWAY_DB_AUTH_FAILED', 21],
  ])('with %s is not tried again', async (_, text, code, exitCode) => {
    const { connecting, events } = retrying(settings(`${at} ${text}`));
    const error = await failure(connecting);
    expect(error).toMatchObject({ code, exitCode });
    expect(error.message).not.toMatch(/[\n.]$/);
    expect(JSON.stringify([error.message, error.hint, error.details])).not.toContain('hunter2');
    expect(events).toEqual([]);
  });

  it('takes the password from a passfile', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'slipway-passfile-'));
    const passfile = join(directory, 'pgpass');
    writeFileSync(passfile, `127.0.0.1:${server.port}:*:app:pw\n`, { mode: 0o600 });
    try {
      const to = settings(`host=127.0.0.1 port=${server.port} user=app`, {
        env: { PGPASSFILE: passfile },
      });
      expect(to.passwordSource).toBe('passfile');
      await connected(to, async (client) => expect(client.user).toBe('app'));
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it('asks the password provider only when the server asks for a password', async () => {
    const passwordProvider = vi.fn(async () => secret('pw'));
    await connected({ ...admin, passwordProvider }, async () => {});
    expect(passwordProvider).not.toHaveBeenCalled();
    await connected(settings(at, { passwordProvider }), async () => {});
    expect(passwordProvider).toHaveBeenCalledTimes(1);
  });

  it('is tried once more when a provided password was rotated in that moment', async () => {
    const passwordProvider = vi.fn(async () => secret('pw')).mockResolvedValueOnce(secret('old'));
    const { connecting, events } = retrying(settings(at, { passwordProvider }));
    await (await connecting).end();
    expect(events).toHaveLength(1);
  });

  it('is given up when a provided password stays wrong', async () => {
    const passwordProvider = vi.fn(async () => secret('hunter2'));
    const { connecting } = retrying(settings(at, { passwordProvider }));
    expect((await failure(connecting)).code).toBe('SLIPWAY_DB_AUTH_FAILED');
    expect(passwordProvider).toHaveBeenCalledTimes(2);
  });

  it('is found behind a host that is down', async () => {
    using dead = await listener(() => {});
    const closed = /port=(\d+)/.exec(dead.at)?.[1];
    dead[Symbol.dispose]();
    const to = settings(`${at} host=127.0.0.1,127.0.0.1 port=${closed},${server.port}`);
    await connected(to, async (client) => expect(client.port).toBe(server.port));
  });

  it('that is read-only ends in exit code 25 after the time is over', async () => {
    const { connecting, events } = retrying(settings(`${at} user=reader`));
    const error = await failure(connecting);
    expect(error).toMatchObject({ code: 'SLIPWAY_DB_READ_ONLY', exitCode: 25 });
    expect(error.details['attempts']).toBe(events.length + 1);
    expect(new Set(events.map(({ cause }) => cause))).toEqual(
      new Set(['the session is read-only']),
    );
  });

  it('that is read-only beside one that is down is called unreachable, with both causes', async () => {
    using dead = await listener(() => {});
    dead[Symbol.dispose]();
    const closed = /port=(\d+)/.exec(dead.at)?.[1];
    const to = `${at} user=reader host=127.0.0.1,127.0.0.1 port=${server.port},${closed}`;
    const error = await attempt(settings(to));
    expect(error.code).toBe('SLIPWAY_DB_UNREACHABLE');
    expect(error.details['servers']).toMatchObject([{ kind: 'read-only' }, { kind: 'refused' }]);
  });

  it('is asked in a random order when load_balance_hosts says so', async () => {
    const to = settings(`${at} host=127.0.0.1,${server.socketDir} load_balance_hosts=random`);
    for (const [ranks, expected] of [
      [[0, 1], '127.0.0.1'],
      [[1, 0], server.socketDir],
    ] as const) {
      const rest = [...ranks];
      const client = await connectOnce(to, {
        applicationName: 'test',
        random: () => rest.shift() ?? 0,
      });
      expect(client.host).toBe(expected);
      await client.end();
    }
  });

  it('is asked what it is where a pooler does not pass on what it reports', async () => {
    using pooler = await listener((client) => {
      const upstream = connect(server.port, '127.0.0.1');
      client.pipe(upstream);
      upstream.on('data', (data) => {
        const text = data.toString('latin1').replace('in_hot_standby', 'something_else');
        client.write(text, 'latin1');
      });
      upstream.on('close', () => client.destroy());
    });
    const to = `${pooler.at} password=pw`;
    expect((await attempt(settings(`${to} user=reader`))).code).toBe('SLIPWAY_DB_READ_ONLY');
    const { code } = await attempt(settings(`${to} user=app target_session_attrs=standby`));
    expect(code).toBe('SLIPWAY_DB_UNREACHABLE');
    for (const wanted of ['read-write', 'primary']) {
      await connected(settings(`${to} user=app target_session_attrs=${wanted}`), async (client) =>
        expect(serverParameter(client, 'in_hot_standby')).toBeUndefined(),
      );
    }
  });

  it.each(['any', 'read-only', 'primary', 'prefer-standby'])(
    'that is read-only serves target_session_attrs=%s',
    async (wanted) => {
      const to = settings(`${at} user=reader target_session_attrs=${wanted}`);
      await connected(to, async (client) => expect(client.user).toBe('reader'));
    },
  );

  it('that is no standby does not serve target_session_attrs=standby', async () => {
    const error = await attempt(settings(`${at} target_session_attrs=standby`));
    expect(error.code).toBe('SLIPWAY_DB_UNREACHABLE');
  });

  it('that has no connection left is tried again until it has', async () => {
    const to = settings(`${at} user=limited`);
    const holder = await connectOnce(to, { applicationName: 'holder' });
    let held = true;
    const { connecting, events } = retrying(to, {
      delay: async () => {
        if (held) await holder.end();
        held = false;
        await vi.waitFor(async () => {
          const busy = await connected(admin, (client) =>
            client.query(`select from pg_stat_activity where usename = 'limited'`),
          );
          expect(busy.rowCount).toBe(0);
        });
      },
    });
    await (await connecting).end();
    expect(events[0]?.cause).toContain('too many connections');
  });

  it('that ends an idle session does not end the process', async () => {
    const client = await connectOnce(settings(at), { applicationName: 'idle' });
    const ended = new Promise<void>((resolve) => client.on('end', resolve));
    await connected(admin, (other) =>
      other.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'idle'`,
      ),
    );
    await ended;
    const error = await client.query('select 1').catch((reason: unknown) => reason);
    expect(isConnectionLoss(error)).toBe(true);
  });
});

describe('a server that comes and goes', () => {
  let server: EmbeddedPostgres;
  let to: ConnectionSettings;

  beforeAll(async () => {
    server = await startPostgres();
    to = settings(`host=127.0.0.1 port=${server.port} user=postgres`);
  });
  afterAll(() => server?.[Symbol.asyncDispose]());

  it('is waited for while nothing listens', async () => {
    await server.stop();
    const { connecting, events } = retrying(to, { delay: () => server.start() });
    await (await connecting).end();
    expect(events).toEqual([
      {
        type: 'connection.retrying',
        attempt: 1,
        server: `127.0.0.1:${server.port}/postgres`,
        cause: 'connection refused',
        delayMs: 75,
        remainingMs: 60_000,
      },
    ]);
  });

  it('is waited for while it shuts down and starts', async () => {
    const holder = await connectOnce(to, { applicationName: 'holder' });
    const stopped = server.stop('smart');
    await vi.waitFor(async () => {
      expect((await attempt(to)).code).toBe('SLIPWAY_DB_UNREACHABLE');
    });
    let down = false;
    const { connecting, events } = retrying(to, {
      delay: async () => {
        if (down) return;
        down = true;
        await holder.end();
        await stopped;
        await server.start();
      },
    });
    await (await connecting).end();
    expect(events[0]?.cause).toBe('the database system is shutting down');
  });
});

describe('something that is no server', () => {
  it('is tried with growing pauses until the time is over', async () => {
    using dead = await listener(() => {});
    dead[Symbol.dispose]();
    const { connecting, events } = retrying(settings(dead.at));
    const error = await failure(connecting);
    expect(error).toMatchObject({ code: 'SLIPWAY_DB_UNREACHABLE', exitCode: 20 });
    expect(error.hint).toContain('sidecar');
    expect(error.details['kinds']).toEqual(['refused']);
    const delays = events.map(({ delayMs }) => delayMs);
    expect(delays.slice(0, 4)).toEqual([75, 150, 300, 600]);
    expect(Math.max(...delays)).toBe(3750);
    expect(delays.reduce((sum, ms) => sum + ms)).toBe(60_000);
  });

  it('under a name with several addresses is called refused too', async () => {
    using dead = await listener(() => {});
    dead[Symbol.dispose]();
    const error = await attempt(settings(`${dead.at} host=localhost`));
    expect(error.details['kinds']).toEqual(['refused']);
  });

  it('as a name that does not resolve is called that', async () => {
    const error = await attempt(settings('host=nowhere.invalid'));
    expect(error.details['kinds']).toEqual(['unresolved']);
  });

  it('as a proxy that hangs up is called that', async () => {
    using proxy = await listener((socket) => socket.destroy());
    const error = await attempt(settings(proxy.at));
    expect(error.details['kinds']).toEqual(['closed']);
    expect(error.hint).toContain('sidecar');
  });

  it('as a web server is not taken for Postgres', async () => {
    using web = await listener((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    expect((await attempt(settings(web.at))).details['kinds']).toEqual(['closed']);
    expect((await attempt(settings(`${web.at} sslmode=disable`))).code).toMatch(/^SLIPWAY_DB/);
  });

  it('as a login method that is not there is refused', async () => {
    const askForGssapi = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 7]);
    using odd = await listener((socket) => socket.once('data', () => socket.write(askForGssapi)));
    const error = await attempt(settings(`${odd.at} sslmode=disable`));
    expect(error.code).toBe('SLIPWAY_DB_AUTH_FAILED');
  });

  it('as a silent port ends with connect_timeout', async () => {
    using silent = await listener(() => {});
    const error = await attempt(settings(`${silent.at} connect_timeout=1`));
    expect(error.details['kinds']).toEqual(['timeout']);
    expect(error.hint).toContain('NetworkPolicy');
  });

  it('is left at once when the signal says so', async () => {
    const stop = new AbortController();
    using silent = await listener((socket) => socket.once('data', () => stop.abort()));
    const { connecting, events } = retrying(settings(silent.at), { signal: stop.signal });
    const error = await failure(connecting);
    expect(error).toMatchObject({ code: 'SLIPWAY_INTERRUPTED', exitCode: 24 });
    expect(events).toEqual([]);
    expect(
      (await failure(retrying(settings(silent.at), { signal: stop.signal }).connecting)).code,
    ).toBe('SLIPWAY_INTERRUPTED');
  });

  it('is left at once when the signal comes in a pause', async () => {
    using dead = await listener(() => {});
    dead[Symbol.dispose]();
    const stop = new AbortController();
    const { connecting } = retrying(settings(dead.at), {
      signal: stop.signal,
      delay: async () => stop.abort(),
    });
    expect((await failure(connecting)).code).toBe('SLIPWAY_INTERRUPTED');
  });

  it('with a Unix socket that is not there says so, and with no host that none is configured', async () => {
    const error = await attempt(settings('host=/nowhere'));
    expect(error.details['kinds']).toEqual(['socket']);
    const unset = settings('port=1 connect_timeout=2');
    expect((await attempt(unset)).hint).toContain('DATABASE_URL');
  });
});

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
if (!hasOpenssl) console.warn('openssl is not installed: the TLS tests do not run');

describe.skipIf(!hasOpenssl)('a server with TLS', () => {
  let directory: string;
  let server: EmbeddedPostgres;
  let at: string;
  const pem = (name: string) => join(directory, name);

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'slipway-tls-'));
    issue('ca', '/CN=test authority');
    issue('other-ca', '/CN=other authority');
    issue('server', '/CN=db.test', 'ca', 'subjectAltName=DNS:db.test');
    issue('client', '/CN=certified', 'ca');
    writeFileSync(pem('junk.crt'), 'junk');
    const chain = readFileSync(pem('server.crt'), 'utf8') + readFileSync(pem('ca.crt'), 'utf8');
    server = await startPostgres({
      hba: HBA,
      ssl: { cert: chain, key: readFileSync(pem('server.key'), 'utf8') },
      config: { ssl_ca_file: 'server.crt' },
    });
    at = `host=db.test hostaddr=127.0.0.1 port=${server.port} user=app password=pw`;
    await createRoles(settings(`host=${server.socketDir} port=${server.port} user=postgres`));
  });
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
    rmSync(directory, { recursive: true, force: true });
  });

  function issue(name: string, subject: string, authority?: string, extension?: string): void {
    const options = ['-x509', '-nodes', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
    const files = ['-keyout', pem(`${name}.key`), '-out', pem(`${name}.crt`), '-days', '2'];
    const signer = authority
      ? ['-CA', pem(`${authority}.crt`), '-CAkey', pem(`${authority}.key`)]
      : [];
    const added = extension ? ['-addext', extension] : [];
    execFileSync('openssl', ['req', ...options, ...files, '-subj', subject, ...signer, ...added], {
      stdio: 'ignore',
    });
  }

  it.each([
    ['disable', '', false],
    ['allow', '', false],
    ['allow', 'user=tls_only', true],
    ['prefer', '', true],
    ['prefer', 'user=plain_only', false],
    ['prefer', 'user=tls_only', true],
    ['prefer', 'sslrootcert=other-ca', false],
    ['require', '', true],
    ['require', 'sslrootcert=ca', true],
    ['require', 'sslrootcert=missing', true],
    ['require', 'sslsni=0', true],
    ['require', 'channel_binding=require', true],
    ['require', 'channel_binding=disable', true],
    ['require', 'ssl_min_protocol_version=TLSv1.3', true],
    ['verify-ca', 'sslrootcert=ca', true],
    ['verify-ca', 'sslrootcert=ca host=other.test', true],
    ['verify-full', 'sslrootcert=ca', true],
  ])('with sslmode=%s %s connects, encrypted: %s', async (mode, text, expected) => {
    const to = settings(`${at} sslmode=${mode} ${located(text)}`);
    expect(await connected(to, isEncrypted)).toBe(expected);
  });

  it.each([
    ['require', 'sslrootcert=other-ca', 'SLIPWAY_CONNECTION_SETTINGS'],
    ['require', 'user=plain_only', 'SLIPWAY_DB_AUTH_FAILED'],
    ['disable', 'user=tls_only', 'SLIPWAY_DB_AUTH_FAILED'],
    ['disable', 'channel_binding=require', 'SLIPWAY_DB_AUTH_FAILED'],
    ['verify-ca', '', 'SLIPWAY_CONNECTION_SETTINGS'],
    ['verify-ca', 'sslrootcert=missing', 'SLIPWAY_CONNECTION_SETTINGS'],
    ['verify-ca', 'sslrootcert=other-ca', 'SLIPWAY_CONNECTION_SETTINGS'],
    ['verify-full', 'sslrootcert=ca host=other.test', 'SLIPWAY_CONNECTION_SETTINGS'],
    ['verify-full', "sslrootcert=ca host=''", 'SLIPWAY_CONNECTION_SETTINGS'],
    ['verify-full', 'sslrootcert=system', 'SLIPWAY_CONNECTION_SETTINGS'],
    ['require', 'user=certified', 'SLIPWAY_DB_AUTH_FAILED'],
    ['require', 'user=certified sslcert=missing', 'SLIPWAY_CONNECTION_SETTINGS'],
    ['verify-ca', 'sslrootcert=junk', 'SLIPWAY_CONNECTION_SETTINGS'],
    ['require', 'sslcert=client sslkey=ca', 'SLIPWAY_CONNECTION_SETTINGS'],
  ])('with sslmode=%s %s fails at once', async (mode, text, code) => {
    const { connecting, events } = retrying(settings(`${at} sslmode=${mode} ${located(text)}`));
    const error = await failure(connecting);
    expect(error.code).toBe(code);
    expect(error.message).not.toMatch(/\n|[.:]$|Node/);
    expect(events).toEqual([]);
  });

  it('knows a role by its client certificate', async () => {
    const files = `sslcert=${pem('client.crt')} sslkey=${pem('client.key')}`;
    await connected(settings(`${at} user=certified sslmode=require ${files}`), async (client) =>
      expect(await isEncrypted(client)).toBe(true),
    );
  });

  it('takes TLS without asking for it first, since Postgres 17', async ({ skip }) => {
    skip(Number.parseInt(server.version, 10) < 17, 'older servers do not know sslnegotiation');
    const to = settings(`${at} sslmode=require sslnegotiation=direct`);
    expect(await connected(to, isEncrypted)).toBe(true);
  });

  function located(text: string): string {
    return text.replace(/(sslrootcert|sslcert|sslkey)=(?!system)(\S+)/g, (_, keyword, name) => {
      return `${keyword}=${pem(`${name}.${keyword === 'sslkey' ? 'key' : 'crt'}`)}`;
    });
  }
});

async function createRoles(admin: ConnectionSettings): Promise<void> {
  await connected(admin, async (client) => {
    for (const role of ROLES) await client.query(`create role ${role} login password 'pw'`);
    await client.query('alter role limited connection limit 1');
    await client.query('alter role reader set default_transaction_read_only = on');
  });
}
