/** dbmate: a Go binary from npm, run directly, without its Node wrapper. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { cleanEnvironment } from '../measure.ts';
import { timestamp, writeFiles } from '../workload.ts';
import type { Peer } from './peer.ts';

/** Finds dbmate among the installed npm packages. */
export async function findDbmate(modules: string): Promise<Peer> {
  const dir = join(modules, '@dbmate', `${process.platform}-${process.arch}`);
  const { version } = JSON.parse(await readFile(join(dir, 'package.json'), 'utf8'));
  return {
    name: 'dbmate',
    version: String(version),
    prepare: async (work, revisions) => {
      await writeFiles(
        work,
        revisions.map(({ writtenAt, slug, up, down }) => [
          `${timestamp(writtenAt)}_${slug}.sql`,
          `-- migrate:up\n${up}\n\n-- migrate:down\n${down}\n`,
        ]),
      );
      return (url) => ({
        argv: [
          join(dir, 'bin', 'dbmate'),
          ...['--url', url, '--migrations-dir', work, '--no-dump-schema', 'migrate'],
        ],
        cwd: work,
        env: cleanEnvironment({}),
      });
    },
  };
}
