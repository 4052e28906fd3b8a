/** `slipway rollback`: for an operator, back to what a release knows, with the archived down SQL. */

import type { DowngradeOptions } from '../../runner/downgrade.ts';
import { downgrade, previewDowngrade } from '../../runner/downgrade.ts';
import { rollbackGoal } from '../../runner/rollback.ts';
import { backupBefore, withBackups } from '../backup-before.ts';
import type { CommandOptions } from '../command-spec.ts';
import { finish } from '../finish.ts';
import { loadLogger } from '../load-logger.ts';
import { printPreview } from '../preview-output.ts';
import { reportStart } from '../report-start.ts';
import type { RunContext } from '../run-context.ts';
import { releaseAtHand, withDatabase } from '../wire.ts';
import { downgradeLimits } from './downgrade.ts';

/** Takes back everything that the goal does not have, newest first, under the migration lock. */
export async function rollbackCommand(
  run: RunContext,
  options: CommandOptions,
): Promise<undefined> {
  const { to } = options;
  const release = releaseAtHand(run);
  const json = options['json'] === true;
  loadLogger(run);
  await withDatabase(run, async (opened) => {
    const { migration } = opened;
    const goal = await rollbackGoal(migration, release, typeof to === 'string' ? to : undefined);
    const request: DowngradeOptions = {
      ...downgradeLimits(run, options),
      target: goal.target,
      release,
    };
    if (options['dryRun'] === true) {
      const preview = await previewDowngrade(migration, request);
      if (!json) run.edge.print(`back to ${goal.words}:\n`);
      printPreview(run, preview, { json });
      return;
    }
    reportStart(run, 'rollback', opened);
    const backup = await backupBefore(run, opened);
    const outcome = await downgrade(migration, { ...request, backup }, run.surroundings);
    finish(run, 'rollback', withBackups(outcome, backup), { json, ready: false });
  });
}
