/** `slipway upgrade`: the fast path first; everything else is loaded when there is work to do. */

import { isServedBy } from '../../core/release.ts';
import type { Target } from '../../core/target.ts';
import type { RunOutcome } from '../../runner/upgrade.ts';
import { writeReadyFile } from '../ready-file.ts';
import type { RunContext } from '../run-context.ts';
import { openRelease, withDatabase } from '../wire.ts';

export interface UpgradeCommand {
  /** Shown in logs: `upgrade` or `run`. */
  readonly name: string;
  readonly target: string | undefined;
  readonly json: boolean;
  readonly dryRun?: boolean;
  readonly singleTransaction?: boolean;
  /** `--phase contract` without asking a cluster. */
  readonly now?: boolean;
}

/** Brings the database to the target and says so everywhere that was asked for. */
export async function upgradeCommand(run: RunContext, command: UpgradeCommand): Promise<void> {
  const { settings, reporter } = run;
  const release = await openRelease(run);
  const outcome = await withDatabase(run, async (db): Promise<RunOutcome> => {
    const identity = await release.identity();
    if (command.target === undefined && isServedBy(identity, db.summary, settings.phase)) {
      return { outcome: 'nothing-to-do', heads: db.summary?.heads ?? [], revisions: [] };
    }
    const { upgradeFully } = await import('../upgrade-fully.ts');
    return upgradeFully(run, command, { db, release });
  });
  if (command.dryRun === true) return;
  reporter.report({
    type: 'run.finished',
    command: command.name,
    outcome: outcome.outcome,
    heads: outcome.heads,
    applied: outcome.revisions.length,
    durationMs: run.elapsed(),
  });
  if (settings.readyFile !== undefined) writeReadyFile(settings.readyFile, outcome.heads);
  if (command.json) {
    run.edge.print(`${JSON.stringify({ ...outcome, durationMs: run.elapsed() })}\n`);
  }
}

/** The target of `upgrade` when none is given. */
export const DEFAULT_TARGET: Target = { kind: 'head' };
