/** What a fleet costs: many schemas of one database, new ones and ones that are up to date. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Bench } from '../bench.ts';
import { FLEET, fleetBudget, judge, unmeasured, type Verdict } from '../budgets.ts';
import type { Database } from '../databases.ts';
import type { Usage } from '../measure.ts';
import { messageOf, type Series } from '../pairs.ts';
import { rowsOf, type SuiteResult } from '../report.ts';
import { smallTables } from '../workload.ts';

const REVISIONS = 5;
const CONCURRENCY = 4;

/** A small fleet is what the large one's memory is held against. */
const SIZES = { full: [100, FLEET], quick: [50, 200] } as const;

/** Measures a small and a large fleet, each of them new and then up to date. */
export async function measureFleet(bench: Bench): Promise<SuiteResult> {
  const [few, many] = SIZES[bench.mode];
  const suite = `a fleet of schemas in one database, ${REVISIONS} revisions, ${CONCURRENCY} at a time`;
  try {
    const small = await measureSize(bench, few);
    const large = await measureSize(bench, many);
    const all = [...small, ...large];
    const [base] = all;
    if (base === undefined) throw new Error('nothing was measured');
    return {
      rows: rowsOf(suite, all, base),
      verdicts: (['new', 'up to date'] as const).map((state, index) =>
        memoryVerdict(state, { small: small[index], large: large[index], many }),
      ),
      failures: [],
    };
  } catch (error) {
    return {
      rows: [],
      verdicts: (['new', 'up to date'] as const).map((state) =>
        unmeasured(fleetBudget(many, state), 'it did not run'),
      ),
      failures: [`${suite}: ${messageOf(error)}`],
    };
  }
}

function memoryVerdict(
  state: 'new' | 'up to date',
  of: {
    readonly small: Series | undefined;
    readonly large: Series | undefined;
    readonly many: number;
  },
): Verdict {
  const [small, large] = [of.small?.runs[0], of.large?.runs[0]];
  const budget = fleetBudget(of.many, state);
  if (small === undefined || large === undefined) return unmeasured(budget, 'it did not run');
  const perSecond = of.many / (large.wallMs / 1000);
  const note = `${perSecond.toFixed(0)} targets per second, ${large.peakMiB.toFixed(0)} MiB`;
  return judge(budget, large.peakMiB / small.peakMiB, note);
}

async function measureSize(bench: Bench, count: number): Promise<readonly Series[]> {
  const { databases, meter, slipway } = bench;
  const dir = await bench.newDir();
  const release = await slipway.prepare(dir, smallTables(REVISIONS));
  const targets = join(dir, 'targets');
  const names = Array.from({ length: count }, (_, index) => `tenant_${index}`);
  await writeFile(targets, names.map((schema) => `${JSON.stringify({ schema })}\n`).join(''));
  return databases.withEmpty(async (database) => {
    await database.query(names.map((name) => `create schema ${name};`).join(''));
    const flags = ['--targets', targets, '--concurrency', String(CONCURRENCY)];
    const command = release.upgradeFromBundle(database.url, ...flags);
    const fresh = await meter.measure(command);
    await assertDone(database, count);
    const again = await meter.measure(command);
    const series = (state: string, usage: Usage): Series => ({
      name: `${count.toLocaleString('en')} schemas, ${state}`,
      runs: [usage],
      failure: undefined,
    });
    return [series('new', fresh), series('up to date', again)];
  });
}

async function assertDone(database: Database, count: number): Promise<void> {
  const [row] = await database.query(
    `select count(*)::integer as tables
     from pg_class c
     join pg_namespace n on n.oid = c.relnamespace
     where relkind = 'r' and nspname ~ '^tenant_' and relname ~ '^t_[0-9]+$'`,
  );
  const wanted = count * REVISIONS;
  if (row?.['tables'] !== wanted) throw new Error(`made ${row?.['tables']} of ${wanted} tables`);
}
