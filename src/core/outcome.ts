/** How a run ended, when it did not fail. */

import type { Backup } from './backup.ts';
import type { RevisionId } from './revision.ts';

export interface RunOutcome {
  /** `downgraded`: an upgrade that took the database back, since its release was rolled back to. */
  readonly outcome: 'done' | 'nothing-to-do' | 'done-by-another' | 'ahead' | 'downgraded';
  readonly heads: readonly RevisionId[];
  /** Revisions that this run applied, reverted or stamped. */
  readonly revisions: readonly RevisionId[];
  /** Backups that were made before them. */
  readonly backups?: readonly Backup[];
}
