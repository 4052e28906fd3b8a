/** Connection settings are read as libpq reads them, from every source in its order. */

import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../../src/core/errors.ts';
import {
  type ConnectionSettings,
  describeServer,
} from '../../../src/postgres/connection-settings.ts';
import { type ConnectionSources, parseConnection } from '../../../src/postgres/conninfo.ts';

function parse(url?: string, sources: Partial<ConnectionSources> = {}): ConnectionSettings {
  return parseConnection({
    url,
    env: {},
    readFile: () => undefined,
    homeDir: '/home/me',
    osUser: 'me',
    ...sources,
  });
}

/** What a person sees of the place, with user and password. */
function summary(settings: ConnectionSettings): string {
  const password = settings.password === undefined ? '' : `:${settings.password.reveal()}`;
  return `${settings.user}${password}@${describeServer(settings)}`;
}

function failure(act: () => unknown): ConfigError {
  try {
    act();
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('expected a ConfigError');
}

const file = (text: string, mode = 0o100600) => ({ text, mode });
const files = (table: Record<string, ReturnType<typeof file>>) => (path: string) => table[path];

describe('a connection string', () => {
  it.each([
    // The examples of the libpq manual, section "Connection Strings".
    ['host=localhost port=5432 dbname=mydb connect_timeout=10', 'me@localhost:5432/mydb'],
    ['postgresql://localhost', 'me@localhost:5432/me'],
    ['postgresql://localhost:5433', 'me@localhost:5433/me'],
    ['postgresql://localhost/mydb', 'me@localhost:5432/mydb'],
    ['postgresql://user@localhost', 'user@localhost:5432/user'],
    ['postgresql://user:secret@localhost', 'user:secret@localhost:5432/user'],
    [
      'postgresql://other@localhost/otherdb?connect_timeout=10&application_name=myapp',
      'other@localhost:5432/otherdb',
    ],
    [
      'postgresql://host1:123,host2:456/somedb?target_session_attrs=any&application_name=myapp',
      'me@host1:123,host2:456/somedb',
    ],
    [
      'postgresql://user@localhost:5433/mydb?options=-c%20synchronous_commit%3Doff',
      'user@localhost:5433/mydb',
    ],
    ['postgresql:///mydb?host=localhost&port=5433', 'me@localhost:5433/mydb'],
    ['postgresql://[2001:db8::1234]/database', 'me@[2001:db8::1234]:5432/database'],
    ['postgresql:///dbname?host=/var/lib/postgresql', 'me@/var/lib/postgresql:5432/dbname'],
    ['postgresql://%2Fvar%2Flib%2Fpostgresql/dbname', 'me@/var/lib/postgresql:5432/dbname'],
    // Beyond the manual.
    ['postgres://u@h/d', 'u@h:5432/d'],
    ['postgres://u:p%40s%2Fs%3A%25@h/d', 'u:p@s/s:%@h:5432/d'],
    ['postgres://u:a:b@h/d', 'u:a:b@h:5432/d'],
    ['postgres://u:a?b@h/d', 'u:a?b@h:5432/d'],
    ['postgres://a,b:5433,[::1]:5434/d', 'me@a:5432,b:5433,[::1]:5434/d'],
    ['postgres://h/d?user=me%40corp&password=x', 'me@corp:x@h:5432/d'],
    ['postgres://h/d?user=me@corp', 'me@corp@h:5432/d'],
    ['postgres://%40abstract/d', 'me@@abstract:5432/d'],
    ['postgres://u:p@h/d\n', 'u:p@h:5432/d'],
    ['postgresql://h:5433/d?port=5434', 'me@h:5434/d'],
    ['postgres://u:p@/d?host=h', 'u:p@h:5432/d'],
    ['host=a,b port=1,2 dbname=d', 'me@a:1,b:2/d'],
    ['host=a,b port=6000 dbname=d', 'me@a:6000,b:6000/d'],
    ["host = h dbname = 'my db' password = 'it\\'s \\\\ '", "me:it's \\ @h:5432/my db"],
    ["host=h password=a\\ b dbname=''", 'me:a b@h:5432/me'],
    ['postgres://h/d?pgbouncer=true&connection_limit=1&uselibpqcompat=true', 'me@h:5432/d'],
    ['postgres://[fe80::1%25eth0]:5433/d', 'me@[fe80::1%eth0]:5433/d'],
    ['hostaddr=10.0.0.1 dbname=d', 'me@10.0.0.1:5432/d'],
  ])('%s', (text, expected) => {
    expect(summary(parse(text))).toBe(expected);
  });

  it('keeps the parameters that are not about the place', () => {
    const settings = parse(
      'postgresql://h/d?options=-c%20search_path%3Dapp&connect_timeout=7&keepalives_idle=9&load_balance_hosts=random&channel_binding=require&target_session_attrs=standby&application_name=a',
    );
    expect(settings).toMatchObject({
      options: '-c search_path=app',
      connectTimeoutMs: 7000,
      keepAliveIdleMs: 9000,
      loadBalanceHosts: 'random',
      channelBinding: 'require',
      targetSessionAttrs: 'standby',
      applicationName: 'a',
    });
  });

  it('takes the parameters that change nothing here', () => {
    const text =
      'host=h tcp_user_timeout=1 keepalives_interval=1 keepalives_count=2 krbsrvname=x gssencmode=prefer replication=off sslcompression=0 client_encoding=auto max_protocol_version=latest';
    expect(parse(text).servers).toHaveLength(1);
  });

  it.each([
    'require_auth=scram-sha-256',
    'requirepeer=postgres',
    'gssencmode=require',
    'replication=database',
    'sslcrldir=/crl',
  ])('refuses %s, which it cannot keep', (parameter) => {
    const error = failure(() => parse(`host=h ${parameter}`));
    expect(error.code).toBe('SLIPWAY_CONNECTION_SETTINGS');
    expect(error.message).toContain(parameter.split('=')[0]);
  });
});

describe('a malformed connection string', () => {
  it.each([
    ['an unknown parameter', 'postgres://u:hunter2@h/d?sslmod=require', 'sslmode'],
    ['an unknown keyword', 'host=h pasword=hunter2', 'password'],
    ['a wrong value', 'host=h sslmode=hunter2', 'sslmode'],
    ['a blank in a password', 'host=h password=a hunter2', 'character 19'],
    ['a blank and an equals sign in a password', 'host=h password=a hunter2=1', 'character 19'],
    ['a quote without end', "host=h password='hunter2", 'character 17'],
    ['an "@" in the password', 'postgres://u:hun@ter2@h/d', '"@"'],
    ['a "/" in the password', 'postgres://u:12/hunter2@h/d', '"/"'],
    ['a "/" and no port in the password', 'postgres://u:hunter2/x@h/d', '"/"'],
    ['an ambiguous "?"', 'postgres://u:12?hunter2@h/d', '"?"'],
    ['a broken percent sign', 'postgres://u:hunter2%zz@h/d', 'password'],
    ['an encoded NUL', 'postgres://u:hunter2%00@h/d', 'password'],
    ['another scheme', 'mysql://u:hunter2@h/d', 'postgresql://'],
    ['a driver in the scheme', 'postgresql+psycopg://u:hunter2@h/d', 'postgresql://'],
    ['no scheme', 'u:hunter2@h/d', '"="'],
    ['a parameter without "="', 'postgres://h/d?hunter2', '"="'],
    ['a port out of range', 'postgres://u:hunter2@h:70000/d', 'port'],
    ['as many ports as no hosts', 'host=a,b port=1,2,3 password=hunter2', 'port'],
    ['an "@" in the host', 'host=hunter2@h', 'host'],
    ['direct TLS that may be plain', 'host=h sslnegotiation=direct', 'sslmode=require'],
    ['public roots without a name', 'host=h sslrootcert=system sslmode=require', 'verify-full'],
    ['a number that is none', 'host=h connect_timeout=hunter2', 'connect_timeout'],
  ])('with %s is refused without repeating it', (_, text, expected) => {
    const error = failure(() => parse(text));
    expect(error.code).toBe('SLIPWAY_CONNECTION_SETTINGS');
    expect(error.message).toContain(expected);
    expect(JSON.stringify([error.message, error.hint, error.details])).not.toContain('hunter2');
    expect(error.cause).toBeUndefined();
  });
});

describe('the sources', () => {
  it('lets the url win over the service file, and that over the environment, as libpq does', () => {
    const settings = parse('postgres://h/?service=app', {
      env: {
        PGHOST: 'env',
        PGUSER: 'env',
        PGPORT: '6000',
        PGDATABASE: 'env',
        PGSERVICEFILE: '/svc',
      },
      readFile: files({ '/svc': file('[other]\nuser=no\n[app]\nhost=svc\nuser=svc\nport=7000\n') }),
    });
    expect(summary(settings)).toBe('svc@h:7000/env');
    expect(settings.sources).toMatchObject({
      host: 'url',
      user: 'service file',
      port: 'service file',
      dbname: 'PGDATABASE',
    });
  });

  it('gives hosts of a url without ports the default one, and a single host that of PGPORT', () => {
    const env = { PGPORT: '6000' };
    expect(describeServer(parse('postgres://a,b/d', { env }))).toBe('a:5432,b:5432/d');
    expect(describeServer(parse('postgres://a/d', { env }))).toBe('a:6000/d');
  });

  it('says where the password came from', () => {
    const passfile = { readFile: files({ '/home/me/.pgpass': file('*:*:*:*:filed') }) };
    expect(parse('postgres://u:p@h').passwordSource).toBe('url');
    expect(parse('host=h', { env: { PGPASSWORD: 'p' } }).passwordSource).toBe('PGPASSWORD');
    expect(parse('host=h', passfile).passwordSource).toBe('passfile');
    expect(parse('host=h').passwordSource).toBeUndefined();
  });

  it('finds a password in the passfile for each host', () => {
    const settings = parse(
      'postgres://a,b:5433,/d?host=a,b,/var/run/postgresql&port=5432,5433,5432',
      {
        env: { PGPASSFILE: '/pass' },
        readFile: files({
          '/pass': file('a:5432:*:me:one\nb:5433:*:me:two\nlocalhost:*:*:*:three'),
        }),
      },
    );
    expect(settings.servers.map(({ password }) => password?.reveal())).toEqual([
      'one',
      'two',
      'three',
    ]);
  });

  it('ignores a passfile that others may read, and warns', () => {
    const settings = parse('host=h', {
      readFile: files({ '/home/me/.pgpass': file('*:*:*:*:filed', 0o100644) }),
    });
    expect(settings.password).toBeUndefined();
    expect(settings.warnings).toEqual([expect.stringContaining('passfile is ignored')]);
  });

  it('warns of a passfile that was named and is not there', () => {
    expect(parse('host=h', { env: { PGPASSFILE: '/none' } }).warnings).toHaveLength(1);
    expect(parse('host=h').warnings).toEqual([]);
  });

  it('refuses a service that no file has', () => {
    const error = failure(() => parse(undefined, { env: { PGSERVICE: 'app' } }));
    expect(error.message).toContain('service');
  });

  it('goes to a Unix socket and then to localhost when no host is given', () => {
    expect(describeServer(parse())).toBe('/var/run/postgresql:5432,/tmp:5432,localhost:5432/me');
  });

  it('asks for a writable server, keepalives and optional TLS unless told otherwise', () => {
    expect(parse('host=h')).toMatchObject({
      targetSessionAttrs: 'read-write',
      keepAliveIdleMs: 30_000,
      connectTimeoutMs: undefined,
      tls: { mode: 'prefer', negotiation: 'postgres', sendServerName: true },
    });
    expect(parse('host=h keepalives=0').keepAliveIdleMs).toBeUndefined();
  });

  it('refuses to guess a user when there is none', () => {
    expect(failure(() => parse('host=h', { osUser: undefined })).message).toContain('user');
  });
});

describe('TLS settings', () => {
  it('verifies the host name by default when the roots are the public ones', () => {
    expect(parse('host=h sslrootcert=system').tls).toMatchObject({
      mode: 'verify-full',
      rootCertificate: 'system',
    });
  });

  it('looks for default files in the home directory, named ones where they are said to be', () => {
    expect(parse('host=h sslcert=/c.pem').tls).toMatchObject({
      rootCertificate: { path: '/home/me/.postgresql/root.crt', named: false },
      certificate: { path: '/c.pem', named: true },
      key: { path: '/home/me/.postgresql/postgresql.key', named: false },
    });
    expect(parse('host=h', { homeDir: undefined }).tls.rootCertificate).toBeUndefined();
  });

  it('reads the JDBC spelling ssl=true and PGREQUIRESSL as sslmode=require', () => {
    expect(parse('postgres://h/d?ssl=true').tls.mode).toBe('require');
    expect(parse('host=h', { env: { PGREQUIRESSL: '1' } }).tls.mode).toBe('require');
  });

  it('takes protocol versions in any case', () => {
    expect(parse('host=h ssl_min_protocol_version=tlsv1.3').tls.minVersion).toBe('TLSv1.3');
  });
});

describe('settings that are printed', () => {
  it('show no secret', () => {
    const settings = parse('postgres://u:hunter2@h/d?sslpassword=hunter2');
    expect(JSON.stringify(settings)).not.toContain('hunter2');
    expect(`${settings.password}`).toBe('[redacted]');
  });
});
