/** How programs of libpq are told to connect. */

import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../../src/core/errors.ts';
import { secret } from '../../../src/core/secret.ts';
import { parseConnection } from '../../../src/postgres/conninfo.ts';
import { libpqEnvironment } from '../../../src/postgres/libpq-environment.ts';

const OPTIONS = { applicationName: 'slipway/shop/web-1' };

function settings(url: string, passfile?: string) {
  return parseConnection({
    url,
    env: {},
    readFile: (path) =>
      path.endsWith('.pgpass') && passfile !== undefined
        ? { text: passfile, mode: 0o100600 }
        : undefined,
    homeDir: '/home/me',
    osUser: 'me',
  });
}

const environment = (url: string, passfile?: string) =>
  libpqEnvironment(settings(url, passfile), OPTIONS);

describe('the environment of pg_dump', () => {
  it('has host, database, user and password', async () => {
    expect(await environment('postgres://app:p%40ss@db:6543/shop')).toEqual({
      PGHOST: 'db',
      PGPORT: '6543',
      PGDATABASE: 'shop',
      PGUSER: 'app',
      PGPASSWORD: 'p@ss',
      PGSSLMODE: 'prefer',
      PGCHANNELBINDING: 'prefer',
      PGGSSENCMODE: 'disable',
      PGTARGETSESSIONATTRS: 'read-write',
      PGCONNECT_TIMEOUT: '10',
      PGAPPNAME: 'slipway/shop/web-1',
    });
  });

  it('has all that TLS needs, and files only where they were named', async () => {
    const url =
      'postgres://db/shop?sslmode=verify-full&sslrootcert=/ca.pem&sslcert=/c.pem&sslkey=/k.pem&sslcrl=/crl.pem&sslsni=0&ssl_min_protocol_version=TLSv1.3&sslnegotiation=direct&channel_binding=require&options=-c%20a.b%3D1&connect_timeout=3';
    expect(await environment(url)).toMatchObject({
      PGSSLMODE: 'verify-full',
      PGSSLROOTCERT: '/ca.pem',
      PGSSLCERT: '/c.pem',
      PGSSLKEY: '/k.pem',
      PGSSLCRL: '/crl.pem',
      PGSSLSNI: '0',
      PGSSLMINPROTOCOLVERSION: 'TLSv1.3',
      PGSSLNEGOTIATION: 'direct',
      PGCHANNELBINDING: 'require',
      PGOPTIONS: '-c a.b=1',
      PGCONNECT_TIMEOUT: '3',
    });
    const system = await environment('postgres://db/shop?sslrootcert=system&sslcertmode=disable');
    expect(system).toMatchObject({ PGSSLROOTCERT: 'system', PGSSLCERTMODE: 'disable' });
    expect(system).not.toHaveProperty('PGSSLCERT');
  });

  it('names all servers, and leaves passwords that differ to the password file', async () => {
    const url = 'postgres://app@a:1,b:2/shop';
    expect(await environment(url, 'a:1:*:*:one\nb:2:*:*:two\n')).toMatchObject({
      PGHOST: 'a,b',
      PGPORT: '1,2',
    });
    expect(await environment(url, 'a:1:*:*:one\nb:2:*:*:two\n')).not.toHaveProperty('PGPASSWORD');
    expect(await environment(url, '*:*:*:*:same\n')).toMatchObject({ PGPASSWORD: 'same' });
    expect(await environment('hostaddr=10.0.0.1 host=db dbname=x')).toMatchObject({
      PGHOST: 'db',
      PGHOSTADDR: '10.0.0.1',
    });
  });

  it('asks for the password of the day', async () => {
    const rotating = {
      ...settings('postgres://app:old@db/shop'),
      passwordProvider: async () => secret('new'),
    };
    expect(await libpqEnvironment(rotating, OPTIONS)).toMatchObject({ PGPASSWORD: 'new' });
  });

  it('refuses what libpq has no variable for', async () => {
    const refusal = environment('postgres://db/shop?sslkey=/k.pem&sslpassword=hunter2');
    await expect(refusal).rejects.toBeInstanceOf(ConfigError);
    await expect(refusal).rejects.not.toThrow(/hunter2/);
  });
});
