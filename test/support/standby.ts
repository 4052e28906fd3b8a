/** A standby of a server: a copy that follows it and can be promoted. */

import { execFile } from 'node:child_process';
import { appendFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { EmbeddedPostgres } from '../../src/embedded/server.ts';
import { startPostgres } from './postgres.ts';

const run = promisify(execFile);

/** Starts a standby of `primary`, which is stopped for the moment of the copy. */
export async function startStandby(primary: EmbeddedPostgres): Promise<EmbeddedPostgres> {
  const standby = await startPostgres();
  await standby.stop();
  await primary.stop();
  await rm(standby.dataDir, { recursive: true });
  await run('cp', ['-Rp', primary.dataDir, standby.dataDir]);
  await primary.start();
  const source = `host=${primary.host} port=${primary.port} user=postgres`;
  await appendFile(
    join(standby.dataDir, 'postgresql.conf'),
    `unix_socket_directories = '${standby.socketDir}'\nprimary_conninfo = '${source}'\n`,
  );
  await writeFile(join(standby.dataDir, 'standby.signal'), '');
  await standby.start();
  return standby;
}
