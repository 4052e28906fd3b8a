/** What a rollout of many pods costs: runners started at once on one empty database. */

import { spawn } from 'node:child_process';

import type { Bench } from '../bench.ts';
import { judge, RUNNERS, RUNNERS_BUDGETS, runnersWallBudget, unmeasured } from '../budgets.ts';
import type { Database } from '../databases.ts';
import type { Command } from '../measure.ts';
import { median, messageOf } from '../pairs.ts';
import type { SuiteResult } from '../report.ts';
import { countedInserts } from '../workload.ts';

const REVISIONS = 20;
const TIMEOUT_MS = 60_000;

interface Crowd {
  readonly wallMs: number;
  /** Exit codes other than 0; null for a runner that was killed after the time limit. */
  readonly failures: readonly (number | null)[];
  /** Revisions recorded or run more or less than once. */
  readonly wrong: number;
}

/** Measures one runner alone and fifty at once, in turn. */
export async function measureRunners(bench: Bench): Promise<SuiteResult> {
  const { databases, meter, slipway, deadline } = bench;
  const alone: number[] = [];
  const crowds: Crowd[] = [];
  try {
    const release = await slipway.prepare(await bench.newDir(), countedInserts(REVISIONS));
    for (let round = 0; round < (bench.mode === 'full' ? 3 : 1); round++) {
      if (round > 0 && !deadline.allowsMore()) break;
      const one = await databases.withEmpty(({ url }) =>
        meter.measure(release.upgradeFromBundle(url)),
      );
      alone.push(one.wallMs);
      const crowd = await databases.withEmpty((database) =>
        runAtOnce(database, release.upgradeFromBundle(database.url), deadline.remainingMs()),
      );
      crowds.push(crowd);
    }
  } catch (error) {
    return failed(messageOf(error));
  }
  const aloneMs = median(alone);
  const exits = crowds.flatMap((crowd) => crowd.failures);
  const codes = exits.length === 0 ? undefined : `exit codes ${[...new Set(exits)].join(', ')}`;
  const wrong = crowds.map((crowd) => crowd.wrong).reduce((sum, one) => sum + one, 0);
  const wallMs = median(crowds.map((crowd) => crowd.wallMs));
  return {
    rows: [],
    verdicts: [
      judge(RUNNERS_BUDGETS.exits, exits.length, codes),
      judge(RUNNERS_BUDGETS.once, wrong),
      judge(runnersWallBudget(aloneMs), wallMs, `one alone ${(aloneMs / 1000).toFixed(2)} s`),
    ],
    failures: [],
  };
}

function failed(why: string): SuiteResult {
  const budgets = [RUNNERS_BUDGETS.exits, RUNNERS_BUDGETS.once];
  return {
    rows: [],
    verdicts: budgets.map((budget) => unmeasured(budget, 'it did not run')),
    failures: [`${RUNNERS} runners at once: ${why}`],
  };
}

async function runAtOnce(database: Database, command: Command, limitMs: number): Promise<Crowd> {
  const started = performance.now();
  const exits = await Promise.all(Array.from({ length: RUNNERS }, () => exitOf(command, limitMs)));
  const wallMs = performance.now() - started;
  return { wallMs, failures: exits.filter((c) => c !== 0), wrong: await countWrong(database) };
}

function exitOf({ argv, cwd, env }: Command, limitMs: number): Promise<number | null> {
  const [program = '', ...args] = argv;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env,
      stdio: 'ignore',
      timeout: Math.ceil(Math.min(TIMEOUT_MS, limitMs)),
      killSignal: 'SIGKILL',
    });
    child.once('error', reject);
    child.once('exit', resolve);
  });
}

async function countWrong(database: Database): Promise<number> {
  const [run] = await database.query(
    `select count(*)::integer as wrong
     from generate_series(1, ${REVISIONS}) as expected (number)
     where (select count(*) from applied where revision = expected.number) <> 1`,
  );
  const [recorded] = await database.query('select count(*)::integer as rows from slipway.revision');
  return Number(run?.['wrong']) + Math.abs(Number(recorded?.['rows']) - REVISIONS);
}
