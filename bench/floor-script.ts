/** The least a migrator can do at a pod's start: connect with `pg`, read one row by primary key, end. */

import pg from 'pg';

const client = new pg.Client({ connectionString: process.env['DATABASE_URL'] });
await client.connect();
const { rows } = await client.query('select value from bench_floor where id = $1', [1]);
process.stdout.write(`${JSON.stringify(rows[0])}\n`);
await client.end();
