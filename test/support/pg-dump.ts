/** A server that a pg_dump of this machine can dump. Embedded servers have none of their own. */

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type DumpPrograms, findPrograms } from '../../src/backup/programs.ts';
import {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  startEmbeddedPostgres,
} from '../../src/embedded/server.ts';
import { testBinDir } from './postgres.ts';
import { majorOf } from './program-version.ts';

const DEBIAN = '/usr/lib/postgresql';

/** The programs of a server no newer than the newest pg_dump; undefined where there is no such pair. */
const found = await findServer();

/** Whether backups can be tested here for real: with `postgresql-client` and a server it can dump. */
export const canDump: boolean = found !== undefined;

/** Why not, for the names of tests that are skipped. */
export const withoutDump = canDump
  ? ''
  : ' (skipped: no pg_dump for any server here; install postgresql-client)';

/** Starts such a server. */
export async function startDumpable(
  options: Omit<EmbeddedPostgresOptions, 'binDir'> = {},
): Promise<EmbeddedPostgres> {
  return startEmbeddedPostgres({ ...options, binDir: dumpable().binDir });
}

/** The programs that can dump it. */
export function dumpPrograms(): DumpPrograms {
  return dumpable().programs;
}

interface Dumpable {
  readonly binDir: string;
  readonly programs: DumpPrograms;
}

function dumpable(): Dumpable {
  if (found === undefined) throw new Error('no pg_dump for any server here');
  return found;
}

async function findServer(): Promise<Dumpable | undefined> {
  const named = testBinDir();
  const debian = existsSync(DEBIAN)
    ? readdirSync(DEBIAN).map((major) => join(DEBIAN, major, 'bin'))
    : [];
  for (const binDir of [...(named === undefined ? [] : [named]), ...debian.toReversed()]) {
    const serverMajor = await majorOf(join(binDir, 'postgres'));
    if (serverMajor === undefined) continue;
    const search = { named: undefined, path: process.env['PATH'] ?? '', serverMajor };
    const programs = await findPrograms(search).catch(() => undefined);
    if (programs !== undefined) return { binDir, programs };
  }
  return undefined;
}
