/** The part of `upgrade` that a pod restart with nothing to do never loads. */

import { ConfigError } from '../core/errors.ts';
import { parseTarget } from '../core/target.ts';
import type { Release } from '../runner/ports.ts';
import { previewUpgrade } from '../runner/preview.ts';
import { type RunOutcome, type UpgradeOptions, upgrade } from '../runner/upgrade.ts';
import { DEFAULT_TARGET, type UpgradeCommand } from './commands/upgrade.ts';
import { reportStart } from './report-start.ts';
import type { RunContext } from './run-context.ts';
import type { OpenDatabase } from './wire.ts';

/** Runs the upgrade, or shows what it would do. */
export async function upgradeFully(
  run: RunContext,
  command: UpgradeCommand,
  opened: { readonly db: OpenDatabase; readonly release: Release },
): Promise<RunOutcome> {
  const { settings, surroundings } = run;
  if (settings.phase === 'contract' && command.now !== true) {
    throw new ConfigError('SLIPWAY_USAGE', '--phase contract needs --now', {
      hint: 'Contract revisions break older pods: run them with --now once none is left.',
    });
  }
  await run.loadLogger();
  const database = await opened.db.migration();
  await reportStart(run, command.name, opened.db);
  const options: UpgradeOptions = {
    target: command.target === undefined ? DEFAULT_TARGET : parseTarget(command.target),
    phase: settings.phase,
    onAhead: settings.onAhead,
    lockWaitMs: settings.lockWait,
    limits: {
      lockTimeoutMs: settings.lockTimeout,
      lockRetries: settings.lockRetries,
      statementTimeoutMs: settings.statementTimeout,
      single: command.singleTransaction === true,
    },
    gate: {
      hazards: settings.hazards,
      approvals: new Set(settings.approve),
      approvedBy: 'environment',
      allowDataLoss: false,
    },
  };
  if (command.dryRun === true) {
    const preview = await previewUpgrade(database, opened.release, options);
    const { printPreview } = await import('./preview-output.ts');
    printPreview(run, preview, { json: command.json });
    return { outcome: 'nothing-to-do', heads: preview.heads, revisions: [] };
  }
  return upgrade(database, opened.release, options, surroundings);
}
