/** node-pg-migrate: the migrator on Node, from npm, told to commit each migration. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { cleanEnvironment } from '../measure.ts';
import { writeFiles } from '../workload.ts';
import type { Peer } from './peer.ts';

/** Finds node-pg-migrate among the installed npm packages; it runs on `node`. */
export async function findNodePgMigrate(modules: string, node: string): Promise<Peer> {
  const dir = join(modules, 'node-pg-migrate');
  const { version } = JSON.parse(await readFile(join(dir, 'package.json'), 'utf8'));
  return {
    name: 'node-pg-migrate',
    version: String(version),
    prepare: async (work, revisions) => {
      await writeFiles(
        work,
        revisions.map(({ writtenAt, slug, up, down }) => [
          `${writtenAt.getTime()}_${slug}.sql`,
          `-- Up Migration\n${up}\n\n-- Down Migration\n${down}\n`,
        ]),
      );
      return (url) => ({
        argv: [
          node,
          join(dir, 'bin', 'node-pg-migrate.js'),
          ...['up', '--migrations-dir', work, '--no-single-transaction', '--no-verbose'],
        ],
        cwd: work,
        env: cleanEnvironment({ DATABASE_URL: url }),
      });
    },
  };
}
