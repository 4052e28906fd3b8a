/** `slipway upgrade`: brings the database to the target. */

import { ConfigError } from '../../core/errors.ts';
import { isServedBy } from '../../core/release.ts';
import { HEAD, parseTarget, type Target } from '../../core/target.ts';
import { onlySql } from '../../runner/offline.ts';
import { previewUpgrade } from '../../runner/preview.ts';
import { type UpgradeOptions, upgrade } from '../../runner/upgrade.ts';
import type { CommandOptions } from '../command-spec.ts';
import { finish } from '../finish.ts';
import { loadLogger } from '../load-logger.ts';
import { printPreview } from '../preview-output.ts';
import { reportStart } from '../report-start.ts';
import type { RunContext } from '../run-context.ts';
import { checkTargets, openRelease, withDatabase } from '../wire.ts';
import { isOffline, offline } from './offline.ts';

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
  /** As typed, for `--sql`. */
  readonly options?: CommandOptions;
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
  const script = {
    name: 'upgrade' as const,
    targets: command.target === undefined ? [] : [command.target],
    options: command.options ?? {},
  };
  if (isOffline(script)) {
    const release = onlySql(openRelease(run));
    return offline(run, script, {
      release,
      perform: (db, [target = HEAD], surroundings) =>
        upgrade(db, release, upgradeOptions(run, command, target), surroundings),
    });
  }
  const release = openRelease(run);
  const target = command.target === undefined ? HEAD : parseTarget(command.target);
  await checkTargets(run, release, command.target === undefined ? [] : [target]);
  const options = upgradeOptions(run, command, target);
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

/** What the settings say about how an upgrade runs. */
export function upgradeOptions(
  run: RunContext,
  command: Pick<UpgradeCommand, 'singleTransaction'>,
  target: Target,
): UpgradeOptions {
  const { settings } = run;
  return {
    target,
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
      hazardBytes: settings.hazardSize,
      approvals: new Set(settings.approve),
      approvedBy: 'environment',
      allowDataLoss: false,
    },
  };
}
