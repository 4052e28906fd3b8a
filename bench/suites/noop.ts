/** What a pod's restart costs: everything is applied, and the migrator is asked to apply what is pending. */

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

import { assertTables, type Bench } from '../bench.ts';
import { judge, noopBudget } from '../budgets.ts';
import { type Command, cleanEnvironment } from '../measure.ts';
import { type Contender, interleave, messageOf, ratioOf } from '../pairs.ts';
import type { Peer } from '../peers/peer.ts';
import { failuresOf, rowsOf, type SuiteResult } from '../report.ts';
import { type SmallRevision, smallTables } from '../workload.ts';

const MEASURES = { wall: 'wallMs', CPU: 'cpuMs', 'peak memory': 'peakMiB' } as const;

/** Bundles the floor script as an image would have it: one file, nothing to resolve. */
export async function buildFloor(dir: string): Promise<string> {
  const outfile = join(dir, 'floor.mjs');
  await build({
    entryPoints: [fileURLToPath(new URL('../floor-script.ts', import.meta.url))],
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    external: ['pg-native'],
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    logLevel: 'warning',
  });
  return outfile;
}

/** Measures slipway's no-op at `count` revisions against the floor, and the peers given beside it. */
export async function measureNoop(
  bench: Bench,
  floor: string,
  { count, peers }: { readonly count: number; readonly peers: readonly Peer[] },
): Promise<SuiteResult> {
  const revisions = smallTables(count);
  const database = await bench.databases.create();
  const slipway = await upToDate('slipway', async () => {
    const release = await bench.slipway.prepare(await bench.newDir(), revisions);
    return upgraded(bench, release.upgradeFromBundle(database.url), () =>
      assertTables(database, count),
    );
  });
  // The floor reads a row of the same database, so that both meet the same catalogs and caches.
  await database.query('create table bench_floor (id integer primary key, value text not null)');
  await database.query(`insert into bench_floor values (1, 'up to date')`);
  const script: Command = {
    argv: [bench.node, floor],
    cwd: await bench.newDir(),
    env: cleanEnvironment({ DATABASE_URL: database.url }),
  };
  const contenders = [{ name: 'floor', run: () => bench.meter.measure(script) }, slipway];
  for (const peer of peers) contenders.push(await enterPeer(bench, peer, revisions));

  const counted = bench.mode === 'full' ? 15 : 7;
  const all = await interleave(contenders, { warmUp: 2, counted, deadline: bench.deadline });
  const [base, ours] = all;
  if (base === undefined || ours === undefined) throw new Error('the no-op has no contenders');
  const suite = `no-op at ${count.toLocaleString('en')} revisions`;
  return {
    rows: rowsOf(suite, all, base),
    verdicts: (['wall', 'CPU', 'peak memory'] as const).map((what) =>
      judge(noopBudget(count, what), ratioOf(ours, base, MEASURES[what])?.median),
    ),
    failures: failuresOf(suite, all),
  };
}

function enterPeer(
  bench: Bench,
  peer: Peer,
  revisions: readonly SmallRevision[],
): Promise<Contender> {
  return upToDate(peer.name, async () => {
    // Applying is only the way here, so it may leave its commits to the background.
    const database = await bench.databases.create({ synchronous_commit: 'off' });
    const upgrade = await peer.prepare(await bench.newDir(), revisions);
    return upgraded(bench, upgrade(database.url), () => assertTables(database, revisions.length));
  });
}

async function upgraded(
  bench: Bench,
  command: Command,
  assertDone: () => Promise<void>,
): Promise<Contender['run']> {
  await bench.meter.measure(command);
  await assertDone();
  return () => bench.meter.measure(command);
}

/** A contender that has applied everything; where that failed, each of its runs says so. */
async function upToDate(
  name: string,
  prepare: () => Promise<Contender['run']>,
): Promise<Contender> {
  try {
    return { name, run: await prepare() };
  } catch (error) {
    return { name, run: () => Promise.reject(new Error(messageOf(error))) };
  }
}
