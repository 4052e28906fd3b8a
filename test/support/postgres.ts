/** Real Postgres for tests: a database of one's own on the shared server, or a whole server. */

import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { inject } from 'vitest';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/embedded/server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Connection string of the shared server's superuser. */
    readonly adminUrl: string;
  }
}

/** Name of the database that test databases are clones of. */
export const templateDatabase = 'slipway_test_template';

/** A database that belongs to one test file or one test. */
export interface TestDatabase {
  readonly url: string;
  readonly name: string;
  drop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Clones the template on the shared server. */
export async function createDatabase(): Promise<TestDatabase> {
  const adminUrl = inject('adminUrl');
  const name = `test_${randomBytes(6).toString('hex')}`;
  await query(adminUrl, `create database ${name} template ${templateDatabase}`);
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  const drop = async () => {
    await query(adminUrl, `drop database if exists ${name} with (force)`);
  };
  return { url: url.href, name, drop, [Symbol.asyncDispose]: drop };
}

/** What a private server is to be like. */
export interface PostgresOptions {
  readonly config?: Readonly<Record<string, string>>;
  readonly hba?: string;
  /** PEM texts; turns TLS on. */
  readonly ssl?: { readonly cert: string; readonly key: string };
  readonly durable?: boolean;
}

/** Starts a server for tests that stop it, crash it or need settings of their own. */
export function startPostgres(options: PostgresOptions = {}): Promise<EmbeddedPostgres> {
  const { ssl, ...rest } = options;
  return startEmbeddedPostgres({
    ...rest,
    binDir: testBinDir(),
    config: { ...(ssl ? { ssl: 'on' } : {}), ...options.config },
    files: ssl ? { 'server.crt': ssl.cert, 'server.key': ssl.key } : {},
  });
}

/** The programs the test matrix wants to be used; without it those from npm. */
export function testBinDir(): string | undefined {
  return process.env['SLIPWAY_TEST_POSTGRES_BIN'] || undefined;
}

/** Runs a function over a connected client. */
export async function withClient<T>(url: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

/** A row as `pg` gives it, to be looked at by assertions. */
export type Row = Record<string, unknown>;

/** Runs one statement over a connection of its own and answers its rows. */
export function query<R extends Row = Row>(
  url: string,
  sql: string,
  params?: unknown[],
): Promise<R[]> {
  return withClient(url, async (client) => (await client.query<R>(sql, params)).rows);
}
