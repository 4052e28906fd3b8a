/** The backup that a run makes before it loses data, where the settings want one. */

import type { RunOutcome } from '../core/outcome.ts';
import type { DangerBackup } from '../runner/danger-backup.ts';
import type { RunContext } from './run-context.ts';
import type { OpenDatabase } from './wire.ts';

/**
 * Undefined where none is wanted; nothing about backups is loaded then.
 * @throws ConfigError where it would have nowhere to go
 */
export async function backupBefore(
  run: RunContext,
  opened: OpenDatabase,
): Promise<DangerBackup | undefined> {
  const { backup } = run.settings;
  if (backup === 'off') return undefined;
  const [{ noTarget, settledTarget }, { openBackups }, { dangerBackup }] = await Promise.all([
    import('./backup-target.ts'),
    import('./backups.ts'),
    import('../runner/danger-backup.ts'),
  ]);
  const target = settledTarget(run);
  if (target === undefined) throw noTarget();
  return dangerBackup(openBackups(run, { opened, target }), backup);
}

/** The outcome with the backups that were made. */
export function withBackups(outcome: RunOutcome, backup: DangerBackup | undefined): RunOutcome {
  return backup === undefined || backup.made.length === 0
    ? outcome
    : { ...outcome, backups: backup.made };
}
