/** What a backup is: what it is of, where it went, and how to tell that it is whole. */

import { formatBytes } from './bytes.ts';

/**
 * When a backup is made before revisions run. `hazards`: before the first one that loses data, of what
 * it and those after it lose · `all`: before any, of the whole database · `off`: never.
 */
export const BACKUP_CHOICES = ['hazards', 'all', 'off'] as const;

/** When a backup is made before revisions run. */
export type BackupChoice = (typeof BACKUP_CHOICES)[number];

/** A backup that was made and verified, as the audit log keeps it. */
export interface Backup {
  /** `shop-20260301T101502Z-3f2a9c41d7e0.dump`: a name that no other backup has. */
  readonly name: string;
  /** The file; undefined where a command took it. */
  readonly path: string | undefined;
  readonly bytes: number;
  /** Hex SHA-256 of these bytes. */
  readonly sha256: string;
  /** The tables in it; undefined where it is the whole database. */
  readonly tables: readonly string[] | undefined;
  /** Why it is the whole database although somebody asked for less; in words. */
  readonly why: string | undefined;
  readonly durationMs: number;
  /** `pg_dump 17.5`: pg_restore must not be older. */
  readonly program: string;
}

/** Where it is: the path of its file, or its name. */
export function placeOfBackup({ path, name }: Pick<Backup, 'path' | 'name'>): string {
  return path ?? name;
}

/** `table app.users`, `3 tables`, `the whole database`. */
export function extentInWords(tables: readonly string[] | undefined): string {
  if (tables === undefined) return 'the whole database';
  return tables.length === 1 ? `table ${tables[0]}` : `${tables.length} tables`;
}

/** `backup of table app.users in /backups/shop-….dump (1.2 MB)`. */
export function describeBackup(backup: Pick<Backup, 'path' | 'name' | 'tables' | 'bytes'>): string {
  return `backup of ${extentInWords(backup.tables)} in ${placeOfBackup(backup)} (${formatBytes(backup.bytes)})`;
}
