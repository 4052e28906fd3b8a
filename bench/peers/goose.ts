/** goose: a Go program, built from its module with the Postgres driver only. */

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { cleanEnvironment } from '../measure.ts';
import { timestamp, writeFiles } from '../workload.ts';
import type { Peer } from './peer.ts';

const run = promisify(execFile);

const VERSION = '3.27.3';
const OTHER_DRIVERS =
  'no_clickhouse no_libsql no_mssql no_mysql no_sqlite3 no_vertica no_ydb no_spanner no_turso';

type Cached = (version: string, fill: (dir: string) => Promise<void>) => Promise<string>;

/** Builds goose where the cache has none, which needs Go. */
export async function findGoose(cached: Cached): Promise<Peer> {
  const dir = await cached(VERSION, async (partial) => {
    await run('go', ['version']).catch((cause: unknown) => {
      throw new Error('go is not on this machine; install Go 1.25 or newer', { cause });
    });
    const module = `github.com/pressly/goose/v3/cmd/goose@v${VERSION}`;
    await run('go', ['install', `-tags=${OTHER_DRIVERS}`, '-ldflags=-s -w', module], {
      env: { ...process.env, GOBIN: partial },
    });
  });
  return {
    name: 'goose',
    version: VERSION,
    prepare: async (work, revisions) => {
      await writeFiles(
        work,
        revisions.map(({ writtenAt, slug, up, down }) => [
          `${timestamp(writtenAt)}_${slug}.sql`,
          `-- +goose Up\n${up}\n\n-- +goose Down\n${down}\n`,
        ]),
      );
      return (url) => ({
        argv: [join(dir, 'goose'), '-dir', work, 'postgres', url, 'up'],
        cwd: work,
        env: cleanEnvironment({}),
      });
    },
  };
}
