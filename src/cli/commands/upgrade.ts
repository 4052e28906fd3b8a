/** `slipway upgrade`: brings the database to the target. */

import { ConfigError } from '../../core/errors.ts';
import { isServedBy } from '../../core/release.ts';
import { HEAD, parseTarget } from '../../core/target.ts';
import { previewUpgrade } from '../../runner/preview.ts';
import { type UpgradeOptions, upgrade } from '../../runner/upgrade.ts';
import { finish } from '../finish.ts';
import { loadLogger } from '../load-logger.ts';
import { printPreview } from '../preview-output.ts';
import { reportStart } from '../report-start.ts';
import type { RunContext } from '../run-context.ts';
import { openRelease, withDatabase } from '../wire.ts';

export interface UpgradeCommand {
  /** Shown in logs: `upgrade` or `run`. */
  readonly name: string;
  /** Undefined: the head. */
  readonly target: string | undefined;
  readonly json: boolean;
  readonly dryRun: boolean;
  readonly singleTransaction: boolean;
  /** `--phase contract` without asking a cluster. */
  readonly now: boolean;
}

/** Runs the upgrade, or shows what it would do, and says so everywhere that was asked for. */
export async function upgradeCommand(run: RunContext, command: UpgradeCommand): Promise<undefined> {
  const { settings } = run;
  const { name, json } = command;
  if (settings.phase === 'contract' && !command.now) {
    throw new ConfigError('SLIPWAY_USAGE', '--phase contract needs --now', {
      hint: 'Contract revisions break older pods: run them with --now once none is left.',
    });
  }
  const release = openRelease(run);
  const options = upgradeOptions(run, command);
  await withDatabase(run, async (opened) => {
    const { summary, migration } = opened;
    if (command.dryRun) {
      printPreview(run, await previewUpgrade(migration, release, options), { json });
      return;
    }
    const identity = await release.identity();
    if (command.target === undefined && isServedBy(identity, summary, settings.phase)) {
      const heads = summary?.heads ?? [];
      finish(run, name, { outcome: 'nothing-to-do', heads, revisions: [] }, { json, ready: true });
      return;
    }
    loadLogger(run);
    // Who came over the fast path has been announced there.
    if (run.handover === undefined) reportStart(run, name, opened);
    const outcome = await upgrade(migration, release, options, run.surroundings);
    finish(run, name, outcome, { json, ready: true });
  });
}

function upgradeOptions(run: RunContext, command: UpgradeCommand): UpgradeOptions {
  const { settings } = run;
  return {
    target: command.target === undefined ? HEAD : parseTarget(command.target),
    phase: settings.phase,
    onAhead: settings.onAhead,
    lockWaitMs: settings.lockWait,
    limits: {
      lockTimeoutMs: settings.lockTimeout,
      lockRetries: settings.lockRetries,
      statementTimeoutMs: settings.statementTimeout,
      single: command.singleTransaction,
    },
    gate: {
      hazards: settings.hazards,
      approvals: new Set(settings.approve),
      approvedBy: 'environment',
      allowDataLoss: false,
    },
  };
}
