/** `slipway downgrade`: takes revisions back. */

import { parseTarget } from '../../core/target.ts';
import { type DowngradeOptions, downgrade, previewDowngrade } from '../../runner/downgrade.ts';
import { onlySql } from '../../runner/offline.ts';
import { backupBefore, withBackups } from '../backup-before.ts';
import type { CommandOptions } from '../command-spec.ts';
import { finish } from '../finish.ts';
import { loadLogger } from '../load-logger.ts';
import { printPreview } from '../preview-output.ts';
import { reportStart } from '../report-start.ts';
import type { RunContext } from '../run-context.ts';
import { releaseAtHand, withDatabase } from '../wire.ts';
import { isOffline, offline } from './offline.ts';

/** Downgrades to `target`, or shows what that would do. */
export async function downgradeCommand(
  run: RunContext,
  options: CommandOptions,
  target: string,
): Promise<undefined> {
  const release = releaseAtHand(run);
  const limited = downgradeLimits(run, options);
  const script = { name: 'downgrade' as const, targets: [target], options };
  if (isOffline(script)) {
    const files = release === undefined ? undefined : onlySql(release);
    return offline(run, script, {
      release: files,
      perform: (db, [end = parseTarget('base')], surroundings) =>
        downgrade(db, { ...limited, target: end, release: files }, surroundings),
    });
  }
  const request: DowngradeOptions = { ...limited, target: parseTarget(target), release };
  const json = options['json'] === true;
  loadLogger(run);
  await withDatabase(run, async (opened) => {
    const database = opened.migration;
    if (options['dryRun'] === true) {
      printPreview(run, await previewDowngrade(database, request), { json });
      return;
    }
    reportStart(run, 'downgrade', opened);
    const backup = await backupBefore(run, opened);
    const outcome = await downgrade(database, { ...request, backup }, run.surroundings);
    finish(run, 'downgrade', withBackups(outcome, backup), { json, ready: false });
  });
}

/** What the settings say about how a downgrade runs. */
export function downgradeLimits(
  { settings }: RunContext,
  options: CommandOptions,
): Omit<DowngradeOptions, 'target' | 'release'> {
  return {
    lockWaitMs: settings.lockWait,
    limits: {
      lockTimeoutMs: settings.lockTimeout,
      lockRetries: settings.lockRetries,
      statementTimeoutMs: settings.statementTimeout,
      single: false,
    },
    gate: {
      hazards: settings.hazards,
      hazardBytes: settings.hazardSize,
      approvals: new Set(),
      approvedBy: 'flag',
      allowDataLoss: options['allowDataLoss'] === true,
    },
  };
}
