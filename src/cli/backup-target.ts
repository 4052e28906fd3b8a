/** Where backups go, as settings and flags say it, and what they are called. */

import { ConfigError } from '../core/errors.ts';
import type { RevisionId } from '../core/revision.ts';
import type { RunContext } from './run-context.ts';

/** Where a backup goes. */
export type BackupTarget =
  | { readonly kind: 'folder' | 'file'; readonly path: string }
  | { readonly kind: 'command'; readonly command: string }
  | { readonly kind: 'output' };

/**
 * The folder or the command of the settings; undefined where there is neither.
 * @throws ConfigError where there are both
 */
export function settledTarget({ settings }: RunContext): BackupTarget | undefined {
  const { backupDir, backupCommand } = settings;
  if (backupDir !== undefined && backupCommand !== undefined) {
    throw new ConfigError(
      'SLIPWAY_CONFIG_INVALID',
      'backups go to a folder or to a command, not to both',
      { hint: 'Leave out SLIPWAY_BACKUP_DIR or SLIPWAY_BACKUP_COMMAND.' },
    );
  }
  if (backupCommand !== undefined) return { kind: 'command', command: backupCommand };
  return backupDir === undefined ? undefined : { kind: 'folder', path: backupDir };
}

/** Says that a backup is wanted and has nowhere to go. */
export function noTarget(): ConfigError {
  return new ConfigError('SLIPWAY_CONFIG_INVALID', 'a backup is wanted and has nowhere to go', {
    hint: 'Nothing was run. Name a folder with --backup-dir (SLIPWAY_BACKUP_DIR), or a command that reads it with SLIPWAY_BACKUP_COMMAND.',
    details: { setting: 'backupDir' },
  });
}

/** `/backups`, `the backup command`. The command itself may have secrets in it. */
export function targetInWords(target: BackupTarget): string {
  switch (target.kind) {
    case 'command':
      return 'the backup command';
    case 'output':
      return 'standard output';
    default:
      return target.path;
  }
}

/** `shop-20260301T101502Z-3f2a9c41d7e0-5be1c2.dump`: sorts by time, and no other backup has it. */
export function backupName(of: {
  readonly database: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly revision: RevisionId | undefined;
  /** Tells those apart that are made in the same second. */
  readonly tag: string;
}): string {
  const { database, at, revision, tag } = of;
  const time = new Date(at).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const plain = database.replaceAll(/[^A-Za-z0-9_.-]/g, '_').slice(0, 63);
  return `${[plain, time, revision, tag].filter((part) => part).join('-')}.dump`;
}
