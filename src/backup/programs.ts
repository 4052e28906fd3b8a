/** Finds a pg_dump that can dump the server, and the pg_restore beside it. */

import { execFile } from 'node:child_process';
import { access, constants, readdir, realpath } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { ConfigError } from '../core/errors.ts';

/** Programs of one installation. */
export interface DumpPrograms {
  readonly dump: string;
  readonly restore: string;
  readonly major: number;
  /** `pg_dump 17.5`. */
  readonly title: string;
}

export interface ProgramSearch {
  /** The pg_dump that the settings name; then no other is looked for. */
  readonly named: string | undefined;
  /** As in `PATH`. */
  readonly path: string;
  readonly serverMajor: number;
}

/** Where packages put the programs of each major; `*` is its number. */
const INSTALLATIONS: readonly (readonly [folder: string, name: RegExp, inside: string])[] = [
  ['/usr/lib/postgresql', /^(\d+)$/, 'bin'],
  ['/usr', /^pgsql-(\d+)$/, 'bin'],
  ['/usr/libexec', /^postgresql(\d+)$/, ''],
];

/**
 * pg_dump refuses servers newer than itself. Of several the nearest is taken, since what it writes
 * needs a pg_restore that is no older.
 * @throws ConfigError `SLIPWAY_PG_DUMP_MISSING`
 */
export async function findPrograms(search: ProgramSearch): Promise<DumpPrograms> {
  const { named, path, serverMajor } = search;
  if (named !== undefined) {
    const found = await lookAt(named);
    if (found === undefined) throw missing(`"${named}" is no pg_dump`, serverMajor);
    if (found.major < serverMajor) throw missing(tooOld(found, serverMajor), serverMajor);
    return checked(found, serverMajor);
  }
  const onPath = await firstOnPath(path);
  if (onPath !== undefined && onPath.major >= serverMajor) return checked(onPath, serverMajor);
  const installed = await installedMajors();
  const fitting = installed
    .filter(({ major }) => major >= serverMajor)
    .sort((a, b) => a.major - b.major);
  for (const { file } of fitting) {
    const found = await lookAt(file);
    if (found !== undefined) return checked(found, serverMajor);
  }
  throw missing(
    onPath === undefined ? 'there is no pg_dump' : tooOld(onPath, serverMajor),
    serverMajor,
  );
}

function tooOld({ title, dump }: DumpPrograms, serverMajor: number): string {
  return `${title} (${dump}) cannot dump a server of version ${serverMajor}`;
}

/** A dump that cannot be verified is none. */
async function checked(found: DumpPrograms, serverMajor: number): Promise<DumpPrograms> {
  if (await isProgram(found.restore)) return found;
  throw missing(`there is no pg_restore beside ${found.dump}`, serverMajor);
}

async function firstOnPath(path: string): Promise<DumpPrograms | undefined> {
  for (const folder of path.split(delimiter).filter((part) => part !== '')) {
    const file = join(folder, 'pg_dump');
    if (!(await isProgram(file))) continue;
    // Debian's wrapper chooses a version by rules of its own; the versions are looked at themselves.
    if (/pg_wrapper$/.test(await realpath(file))) continue;
    const found = await lookAt(file);
    if (found !== undefined) return found;
  }
  return undefined;
}

async function installedMajors(): Promise<readonly { major: number; file: string }[]> {
  const found = await Promise.all(
    INSTALLATIONS.map(async ([folder, name, inside]) => {
      const entries = await readdir(folder).catch(() => []);
      return entries.flatMap((entry) => {
        const [, major] = name.exec(entry) ?? [];
        if (major === undefined) return [];
        return [{ major: Number(major), file: join(folder, entry, inside, 'pg_dump') }];
      });
    }),
  );
  return found.flat();
}

async function lookAt(file: string): Promise<DumpPrograms | undefined> {
  try {
    const { stdout } = await promisify(execFile)(file, ['--version'], { timeout: 10_000 });
    const [, version, major] = /^pg_dump \(PostgreSQL\) ((\d+)\S*)/.exec(stdout) ?? [];
    if (version === undefined) return undefined;
    const restore = join(dirname(file), 'pg_restore');
    return { dump: file, restore, major: Number(major), title: `pg_dump ${version}` };
  } catch {
    return undefined;
  }
}

function isProgram(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

function missing(what: string, serverMajor: number): ConfigError {
  return new ConfigError('SLIPWAY_PG_DUMP_MISSING', `no backup can be made: ${what}`, {
    hint: `Nothing was run. Install the client programs of Postgres ${serverMajor} (Debian: postgresql-client-${serverMajor}, Alpine: postgresql${serverMajor}-client), or name a pg_dump that is no older with SLIPWAY_PG_DUMP.`,
    details: { serverMajor },
  });
}
