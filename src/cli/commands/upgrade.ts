/** `slipway upgrade`: brings the database to the target. */

import { ConfigError } from '../../core/errors.ts';
import type { RunOutcome } from '../../core/outcome.ts';
import type { PhaseChoice } from '../../core/plan.ts';
import { isServedBy } from '../../core/release.ts';
import { HEAD, parseTarget, type Target } from '../../core/target.ts';
import { onlySql } from '../../runner/offline.ts';
import type { Release } from '../../runner/ports.ts';
import { previewUpgrade } from '../../runner/preview.ts';
import { type UpgradeOptions, upgrade } from '../../runner/upgrade.ts';
import { backupBefore, withBackups } from '../backup-before.ts';
import type { CommandOptions } from '../command-spec.ts';
import { finish } from '../finish.ts';
import { fleetSource } from '../fleet-source.ts';
import { loadLogger } from '../load-logger.ts';
import { printPreview } from '../preview-output.ts';
import { reportStart } from '../report-start.ts';
import {
  rolloutGuard,
  upgradeOrTakeBack,
  type WatchedDeployment,
  watchedDeployment,
} from '../rollouts.ts';
import type { RunContext } from '../run-context.ts';
import { checkTargets, type OpenDatabase, openRelease, withDatabase } from '../wire.ts';
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
export async function upgradeCommand(
  run: RunContext,
  command: UpgradeCommand,
): Promise<number | undefined> {
  const { settings } = run;
  const { name, json } = command;
  const watched = watchedDeployment(command.options ?? {});
  checkContract(settings.phase, command.now, watched);
  const fleet = fleetSource(command.options ?? {});
  if (fleet !== undefined) {
    const { upgradeFleet } = await import('./upgrade-fleet.ts');
    return upgradeFleet(run, { command, fleet, watched });
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
  const guard =
    watched === undefined || command.dryRun
      ? undefined
      : await rolloutGuard(run, release, { options, watched });
  await withDatabase(run, async (opened) => {
    if (command.dryRun) {
      const preview = await previewUpgrade(opened.migration, release, options);
      printPreview(run, preview, { json });
      return;
    }
    const toHead = command.target === undefined;
    const request = { name, release, toHead, options: { ...options, guard } };
    finish(run, name, await upgradeOpened(run, opened, request), { json, ready: true });
  });
  return undefined;
}

/** Upgrades the database that is open: what a run of its own and a target of a fleet share. */
export async function upgradeOpened(
  run: RunContext,
  opened: OpenDatabase,
  request: {
    readonly name: string;
    readonly release: Release;
    readonly toHead: boolean;
    readonly options: UpgradeOptions;
  },
): Promise<RunOutcome> {
  const { name, release, toHead, options } = request;
  const { summary, migration } = opened;
  if (toHead && isServedBy(await release.identity(), summary, run.settings.phase)) {
    return { outcome: 'nothing-to-do', heads: summary?.heads ?? [], revisions: [] };
  }
  loadLogger(run);
  // Who came over the fast path has been announced there.
  if (run.handover?.holdsLock !== true) reportStart(run, name, opened);
  const backup = await backupBefore(run, opened);
  const outcome = await upgradeOrTakeBack(run, migration, release, { ...options, backup });
  return withBackups(outcome, backup);
}

/** @throws ConfigError where nobody says that no older pod is left */
function checkContract(
  phase: PhaseChoice,
  now: boolean,
  watched: WatchedDeployment | undefined,
): void {
  if (phase === 'contract' && !now && watched === undefined) {
    throw new ConfigError('SLIPWAY_USAGE', '--phase contract needs --wait-rollout or --now', {
      hint: 'Contract revisions break older pods: --wait-rollout deployment/NAME waits until none is left; --now says that there is none.',
    });
  }
  if (watched === undefined || (phase === 'contract' && !now)) return;
  throw new ConfigError(
    'SLIPWAY_USAGE',
    now ? '--wait-rollout and --now exclude each other' : '--wait-rollout needs --phase contract',
    { hint: 'For example: slipway upgrade --phase contract --wait-rollout deployment/web.' },
  );
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
