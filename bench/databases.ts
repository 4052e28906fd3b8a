/** Databases of the one server that is measured: made empty, asked, dropped. */

import pg from 'pg';

/** A database of the benchmark's server. */
export interface Database {
  readonly url: string;
  /** All rows of a statement. */
  query(sql: string): Promise<readonly Record<string, unknown>[]>;
}

/** Settings that every session of a database begins with. */
export type DatabaseSettings = Readonly<Record<string, string>>;

/** A disk on which a flush costs 5 ms, whatever the disk below. */
export const SLOW_FLUSH: DatabaseSettings = { commit_delay: '5000', commit_siblings: '0' };

/** Makes databases on one server. */
export interface Databases {
  readonly version: string;
  /** Makes an empty database that is there until the server goes. */
  create(settings?: DatabaseSettings): Promise<Database>;
  /** Runs `use` on an empty database, and drops it. */
  withEmpty<T>(use: (database: Database) => Promise<T>, settings?: DatabaseSettings): Promise<T>;
}

/** The databases of the server that `adminUrl` belongs to. */
export async function openDatabases(adminUrl: string): Promise<Databases> {
  let made = 0;
  const create = async (settings: DatabaseSettings = {}): Promise<Database & { name: string }> => {
    made += 1;
    const name = `bench_${made}`;
    await query(adminUrl, `create database ${name}`);
    for (const [setting, value] of Object.entries(settings)) {
      await query(adminUrl, `alter database ${name} set ${setting} = '${value}'`);
    }
    const url = new URL(adminUrl);
    url.protocol = 'postgresql:';
    url.pathname = `/${name}`;
    // The floor asks for no TLS and libpq's default would: every contender gets the same words.
    url.searchParams.set('sslmode', 'disable');
    return { name, url: url.href, query: (sql) => query(url.href, sql) };
  };
  const [row] = await query(adminUrl, 'show server_version');
  return {
    version: String(row?.['server_version']),
    create,
    withEmpty: async (use, settings) => {
      const database = await create(settings);
      // Nobody is to write the pages that somebody before dirtied.
      await query(adminUrl, 'checkpoint');
      try {
        return await use(database);
      } finally {
        await query(adminUrl, `drop database ${database.name} with (force)`);
      }
    },
  };
}

async function query(url: string, sql: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const result = await client.query<Record<string, unknown>>(sql);
    return result.rows;
  } finally {
    await client.end();
  }
}
