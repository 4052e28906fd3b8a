/** Brings the peers to this machine, at exact versions, into a cache folder outside the repository. */

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

import { messageOf } from '../pairs.ts';
import { findAlembic } from './alembic.ts';
import { findDbmate } from './dbmate.ts';
import { findGoose } from './goose.ts';
import { findNodePgMigrate } from './node-pg-migrate.ts';
import type { AbsentPeer, Peer } from './peer.ts';

const run = promisify(execFile);

/** The peers that can be measured here, and those that cannot be had. */
export interface Peers {
  readonly present: readonly Peer[];
  readonly absent: readonly AbsentPeer[];
}

/** Installs what the cache does not have yet; a peer that cannot be had is an answer, not an error. */
export async function installPeers(node: string): Promise<Peers> {
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'slipway-bench');
  const modules = installModules(cache);
  const candidates: Record<string, Promise<Peer>> = {
    dbmate: modules.then(findDbmate),
    'node-pg-migrate': modules.then((dir) => findNodePgMigrate(dir, node)),
    goose: findGoose((version, fill) => cached(join(cache, `goose-${version}`), fill)),
    alembic: findAlembic(),
  };
  const found = await Promise.all(
    Object.entries(candidates).map(([name, candidate]) =>
      candidate.catch((error: unknown) => ({ name, why: firstLines(messageOf(error)) })),
    ),
  );
  return {
    present: found.filter((one): one is Peer => 'prepare' in one),
    absent: found.filter((one): one is AbsentPeer => 'why' in one),
  };
}

/** Installs the locked npm packages, and answers with their `node_modules`. */
async function installModules(cache: string): Promise<string> {
  const names = ['package.json', 'package-lock.json'];
  const texts = await Promise.all(names.map((name) => readFile(new URL(name, import.meta.url))));
  const digest = createHash('sha256').update(Buffer.concat(texts)).digest('hex').slice(0, 12);
  const dir = await cached(join(cache, `npm-${digest}`), async (partial) => {
    await Promise.all(names.map((name, i) => writeFile(join(partial, name), texts[i] ?? '')));
    // Not `npm ci`: it refuses the lock where it lacks another platform's optional binaries.
    await run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: partial });
  });
  return join(dir, 'node_modules');
}

/** A folder filled once: the rename makes it whole or absent, also when two runs fill it at once. */
async function cached(dir: string, fill: (partial: string) => Promise<void>): Promise<string> {
  if (await exists(dir)) return dir;
  await mkdir(dirname(dir), { recursive: true });
  const partial = await mkdtemp(`${dir}.`);
  try {
    await fill(partial);
    await rename(partial, dir).catch(async (error: unknown) => {
      if (!(await exists(dir))) throw error;
    });
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  return dir;
}

/** What a failing installer says at length, in short. */
function firstLines(message: string): string {
  return message.trim().split('\n').slice(0, 3).join(', ');
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
