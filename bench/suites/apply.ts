/** What a first deployment costs: many small revisions applied to an empty database, durable at the end. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { assertTables, type Bench } from '../bench.ts';
import { APPLY_BUDGETS, type Budget, judge, unmeasured, type Verdict } from '../budgets.ts';
import { type DatabaseSettings, SLOW_FLUSH } from '../databases.ts';
import { type Command, cleanEnvironment } from '../measure.ts';
import { type Contender, fastestOf, interleave, ratioOf, type Series } from '../pairs.ts';
import { failuresOf, mergeResults, rowsOf, type SuiteResult } from '../report.ts';
import { psqlScript, type SmallRevision, smallTables } from '../workload.ts';

const COUNT = 1000;
const SINGLE = '--single-transaction';

/** How one contender brings the database at `url` from empty to the last revision. */
interface Entrant {
  readonly name: string;
  readonly rounds: number | undefined;
  readonly upgrade: Promise<(url: string) => Command>;
}

/** Measures slipway, psql and the peers on the disk as it is, then where each flush costs 5 ms. */
export async function measureApply(bench: Bench): Promise<SuiteResult> {
  const revisions = smallTables(COUNT);
  const ours = await enterSlipway(bench, revisions);
  const peers = await enterPeers(bench, revisions);
  const fast = await measureFastFlush(bench, revisions, ours, peers);
  // In a quick run, the peers that lost already would only cost time.
  const rivals = bench.mode === 'full' ? peers : peers.filter(({ name }) => name === fast.winner);
  return mergeResults([fast.result, await measureSlowFlush(bench, revisions, ours, rivals)]);
}

async function measureFastFlush(
  bench: Bench,
  revisions: readonly SmallRevision[],
  ours: Slipways,
  peers: readonly Entrant[],
): Promise<{ result: SuiteResult; winner: string | undefined }> {
  const suite = `apply ${COUNT.toLocaleString('en')} revisions`;
  const entrants = [
    await enterPsql(bench, 'each', revisions),
    ours.bundle,
    await enterPsql(bench, 'single', revisions),
    ...(ours.single === undefined ? [] : [ours.single]),
    ours.directory,
    ...peers,
  ];
  const all = await race(bench, revisions, entrants);
  const [psql, slipway, psqlSingle] = all;
  if (psql === undefined || slipway === undefined || psqlSingle === undefined) {
    throw new Error('applying has no contenders');
  }
  const single = ours.single === undefined ? undefined : all[3];
  const apart = [psqlSingle, ...(single === undefined ? [] : [single])];
  const winner = fastestOf(seriesOf(all, peers));
  return {
    result: {
      rows: [
        ...rowsOf(`${suite}, each committed`, without(all, apart), psql),
        ...rowsOf(`${suite}, all in one transaction`, apart, psqlSingle),
      ],
      verdicts: [
        judge(APPLY_BUDGETS.each, ratioOf(slipway, psql, 'wallMs')?.median),
        single === undefined
          ? unmeasured(APPLY_BUDGETS.single, `upgrade has no ${SINGLE}`)
          : judge(APPLY_BUDGETS.single, ratioOf(single, psqlSingle, 'wallMs')?.median),
        judgePeer(APPLY_BUDGETS.peer, slipway, winner),
      ],
      failures: failuresOf(suite, all),
    },
    winner: winner?.name,
  };
}

async function measureSlowFlush(
  bench: Bench,
  revisions: readonly SmallRevision[],
  ours: Slipways,
  peers: readonly Entrant[],
): Promise<SuiteResult> {
  const suite = `apply ${COUNT.toLocaleString('en')} revisions where a flush costs 5 ms`;
  const all = await race(bench, revisions, [ours.bundle, ...peers], SLOW_FLUSH);
  const [slipway] = all;
  if (slipway === undefined) throw new Error('applying has no contenders');
  const winner = fastestOf(seriesOf(all, peers));
  return {
    rows: rowsOf(suite, all, winner ?? slipway),
    verdicts: [judgePeer(APPLY_BUDGETS.slowFlush, slipway, winner)],
    failures: failuresOf(suite, all),
  };
}

function race(
  bench: Bench,
  revisions: readonly SmallRevision[],
  entrants: readonly Entrant[],
  settings?: DatabaseSettings,
): Promise<readonly Series[]> {
  const contenders = entrants.map(
    ({ name, rounds, upgrade }): Contender => ({
      name,
      rounds,
      run: () =>
        bench.databases.withEmpty(async (database) => {
          const usage = await bench.meter.measure((await upgrade)(database.url));
          await assertTables(database, revisions.length);
          return usage;
        }, settings),
    }),
  );
  return interleave(contenders, { warmUp: 0, counted: 3, deadline: bench.deadline });
}

/** The ways to run slipway; `single` where this build can put all revisions in one transaction. */
interface Slipways {
  readonly bundle: Entrant;
  readonly directory: Entrant;
  readonly single: Entrant | undefined;
}

async function enterSlipway(bench: Bench, revisions: readonly SmallRevision[]): Promise<Slipways> {
  const release = bench.newDir().then((dir) => bench.slipway.prepare(dir, revisions));
  await Promise.allSettled([release]);
  const knowsSingle = await bench.slipway.knows(SINGLE).catch(() => false);
  return {
    bundle: entrant(
      'slipway',
      release.then((ready) => (url) => ready.upgradeFromBundle(url)),
    ),
    directory: entrant(
      'slipway --dir',
      release.then((ready) => (url) => ready.upgradeFromDirectory(url)),
    ),
    single: knowsSingle
      ? entrant(
          `slipway ${SINGLE}`,
          release.then((ready) => (url) => ready.upgradeFromBundle(url, SINGLE)),
        )
      : undefined,
  };
}

async function enterPeers(
  bench: Bench,
  revisions: readonly SmallRevision[],
): Promise<readonly Entrant[]> {
  const entrants: Entrant[] = [];
  for (const peer of bench.peers) {
    const upgrade = peer.prepare(await bench.newDir(), revisions);
    // In a quick run the pairs that count are those with psql.
    entrants.push(entrant(peer.name, upgrade, bench.mode === 'quick' ? 1 : undefined));
  }
  return entrants;
}

async function enterPsql(
  bench: Bench,
  transaction: 'each' | 'single',
  revisions: readonly SmallRevision[],
): Promise<Entrant> {
  const dir = await bench.newDir();
  const script = join(dir, 'script.sql');
  await writeFile(script, psqlScript(revisions, transaction));
  const flags = ['-X', '-q', '-v', 'ON_ERROR_STOP=1', ...(transaction === 'single' ? ['-1'] : [])];
  const upgrade = (url: string): Command => ({
    argv: [bench.psql, ...flags, '-f', script, url],
    cwd: dir,
    env: cleanEnvironment({}),
  });
  return entrant(transaction === 'single' ? 'psql -1' : 'psql', Promise.resolve(upgrade));
}

/** A preparation that fails is told by each run, so it may be settled before anybody asks. */
function entrant(name: string, upgrade: Entrant['upgrade'], rounds?: number): Entrant {
  upgrade.catch(() => undefined);
  return { name, upgrade, rounds };
}

function judgePeer(budget: Budget, slipway: Series, winner: Series | undefined): Verdict {
  if (winner === undefined) return unmeasured(budget, 'no peer could be measured');
  const ratio = ratioOf(slipway, winner, 'wallMs');
  if (ratio === undefined) return unmeasured(budget, 'it did not run');
  return judge(budget, ratio.median, `against ${winner.name}`);
}

function seriesOf(all: readonly Series[], entrants: readonly Entrant[]): readonly Series[] {
  return all.filter((series) => entrants.some(({ name }) => name === series.name));
}

function without(all: readonly Series[], some: readonly Series[]): readonly Series[] {
  return all.filter((series) => !some.includes(series));
}
