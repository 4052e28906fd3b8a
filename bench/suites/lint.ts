/** What linting costs in a pull request: a thousand files, the start of the program included. */

import type { Bench } from '../bench.ts';
import { judge, LINT_BUDGET, unmeasured } from '../budgets.ts';
import { interleave, median, messageOf } from '../pairs.ts';
import { failuresOf, rowsOf, type SuiteResult } from '../report.ts';
import { dailyWork } from '../workload.ts';

const REVISIONS = 1000;
const SUITE = `lint of ${REVISIONS} files`;

/** Measures `slipway lint` against `slipway check-files`, which reads and parses the same. */
export async function measureLint(bench: Bench): Promise<SuiteResult> {
  try {
    const folder = await bench.slipway.write(await bench.newDir(), dailyWork(REVISIONS));
    const all = await interleave(
      [
        { name: 'slipway check-files', run: () => bench.meter.measure(folder.checkFiles()) },
        { name: 'slipway lint', run: () => bench.meter.measure(folder.lint()) },
      ],
      { warmUp: 1, counted: bench.mode === 'full' ? 7 : 3, deadline: bench.deadline },
    );
    const [base, lint] = all;
    if (base === undefined || lint === undefined) throw new Error('nothing was measured');
    const wallMs =
      lint.runs.length === 0 ? undefined : median(lint.runs.map((usage) => usage.wallMs));
    return {
      rows: rowsOf(SUITE, all, base),
      verdicts: [judge(LINT_BUDGET, wallMs)],
      failures: failuresOf(SUITE, all),
    };
  } catch (error) {
    const why = messageOf(error);
    return { rows: [], verdicts: [unmeasured(LINT_BUDGET, why)], failures: [`${SUITE}: ${why}`] };
  }
}
