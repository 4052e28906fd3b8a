/** Makes a backup before revisions run that lose data, once in a run. */

import type { Backup, BackupChoice } from '../core/backup.ts';
import type { Json } from '../core/errors.ts';
import type { RevisionId } from '../core/revision.ts';
import { losesData, scopeOf } from './backup-scope.ts';
import type { AppliedRevisions, Backups } from './ports.ts';
import type { Step } from './step.ts';

/** The backups of one run. */
export interface DangerBackup {
  /** Those that were made so far. */
  readonly made: readonly Backup[];
  /** Before anything runs: a backup that cannot be made must not come to light half way. */
  prepare(steps: readonly Step[]): Promise<void>;
  /**
   * Right before `next` run, the migration lock in hand. As late as that, so that it has what was
   * written while earlier revisions ran.
   */
  before(
    next: readonly Step[],
    rest: readonly Step[],
    applied: Pick<AppliedRevisions, 'audit'>,
  ): Promise<void>;
}

/** Backups as `choice` wants them; what was saved once in a run is not saved again. */
export function dangerBackup(backups: Backups, choice: Exclude<BackupChoice, 'off'>): DangerBackup {
  const made: Backup[] = [];
  const saved = new Set<RevisionId>();
  let isPrepared = false;
  const wantsOne = (step: Step): boolean =>
    !saved.has(step.revision.id) && (choice === 'all' || losesData(step));
  return {
    made,
    async prepare(steps) {
      if (isPrepared || !steps.some(wantsOne)) return;
      await backups.prepare();
      isPrepared = true;
    },
    async before(next, rest, applied) {
      if (!next.some(wantsOne)) return;
      const steps = [...next, ...rest];
      const scope = choice === 'all' ? undefined : scopeOf(steps);
      const revisions = steps.filter(wantsOne).map(({ revision }) => revision.id);
      const backup = await backups.make({ scope, revisions });
      for (const id of revisions) saved.add(id);
      if (backup === undefined) return;
      made.push(backup);
      const [first] = revisions;
      await applied.audit({
        event: 'backup',
        revision: first,
        detail: { ...backupDetail(backup), revisions },
      });
    },
  };
}

/** What the audit log keeps of a backup. */
export function backupDetail(backup: Backup): { readonly [key: string]: Json | undefined } {
  return { ...backup };
}
