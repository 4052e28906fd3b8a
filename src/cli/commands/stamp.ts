/** `slipway stamp`: records revisions without running them. */

import { parseTarget } from '../../core/target.ts';
import { stamp } from '../../runner/stamp.ts';
import type { CommandOptions } from '../command-spec.ts';
import { reportStart } from '../report-start.ts';
import type { RunContext } from '../run-context.ts';
import { openRelease, withDatabase } from '../wire.ts';

/** Makes the version table say that exactly `target` is applied. */
export async function stampCommand(
  run: RunContext,
  options: CommandOptions,
  target: string,
): Promise<undefined> {
  const { settings, reporter } = run;
  const request = {
    target: parseTarget(target),
    purge: options['purge'] === true,
    lockWaitMs: settings.lockWait,
    lockTimeoutMs: settings.lockTimeout,
  };
  const release = await openRelease(run);
  await run.loadLogger();
  await withDatabase(run, async (opened) => {
    await reportStart(run, 'stamp', opened);
    const outcome = await stamp(await opened.migration(), release, request, run.surroundings);
    reporter.report({
      type: 'run.finished',
      command: 'stamp',
      outcome: outcome.outcome,
      heads: outcome.heads,
      applied: outcome.revisions.length,
      durationMs: run.elapsed(),
    });
    if (options['json'] === true) {
      run.edge.print(`${JSON.stringify({ ...outcome, durationMs: run.elapsed() })}\n`);
    }
  });
}
