/** How a run ended, when it did not fail. */

import type { RevisionId } from './revision.ts';

export interface RunOutcome {
  readonly outcome: 'done' | 'nothing-to-do' | 'done-by-another' | 'ahead';
  readonly heads: readonly RevisionId[];
  /** Revisions that this run applied, reverted or stamped. */
  readonly revisions: readonly RevisionId[];
}
