/** Directories below the system's temporary folder that are built once and shared by all processes of one user. */

import { chmod, lstat, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from '../core/errors.ts';

/** A directory to be had from the cache: where, for whom, and how to fill it when it is not there. */
export interface CacheEntry {
  readonly path: string;
  /** The only owner that is trusted. */
  readonly uid: number;
  /** Creates the folder it is given and fills it. */
  readonly build: (tree: string) => Promise<void>;
}

/** Answers the entry's folder, building it when it is missing or when a cleaner of temporary files has been at it. */
export async function cachedTree(entry: CacheEntry): Promise<string> {
  const tree = join(entry.path, 'tree');
  if (await isComplete(entry)) return tree;
  const draft = await mkdtemp(`${entry.path}.`);
  try {
    // mkdtemp gives 0700, which would shut out the unprivileged user that root runs the server as.
    await chmod(draft, 0o755);
    await entry.build(join(draft, 'tree'));
    await writeFile(join(draft, 'count'), await countEntries(draft));
    await publish(draft, entry);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return tree;
}

/** Puts the draft in place in one step; whoever is second takes what the first one made. */
async function publish(draft: string, entry: CacheEntry): Promise<void> {
  try {
    await rename(draft, entry.path);
  } catch (error) {
    if (!hasCode(error, 'ENOTEMPTY', 'EEXIST')) throw error;
    if (await isComplete(entry)) return;
    const damaged = await mkdtemp(`${entry.path}.`);
    await rename(entry.path, damaged);
    await rename(draft, entry.path);
    await rm(damaged, { recursive: true, force: true });
  }
}

async function isComplete({ path, uid }: CacheEntry): Promise<boolean> {
  try {
    const found = await lstat(path);
    if (!found.isDirectory() || found.uid !== uid || (found.mode & 0o022) !== 0) {
      throw new ConfigError('SLIPWAY_CONFIG_INVALID', `"${path}" belongs to somebody else`, {
        hint: 'Remove it, or set TMPDIR to a folder that only you can write to.',
      });
    }
    return (await readFile(join(path, 'count'), 'utf8')) === (await countEntries(path));
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
}

async function countEntries(path: string): Promise<string> {
  return String((await readdir(join(path, 'tree'), { recursive: true })).length);
}

/** Whether the error is one of the operating system's, with one of these codes. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    codes.includes(error.code)
  );
}
