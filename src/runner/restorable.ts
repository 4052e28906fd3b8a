/** Whether what a downgrade would bring back is still there: asked before anything runs. */

import type { RevisionId, Statement } from '../core/revision.ts';
import { type HiddenObject, hideableWords, isNamed } from '../core/soft-drop.ts';
import type { SoftDrops } from './ports.ts';
import type { Step } from './step.ts';

/** Why a revision cannot be taken back. */
export interface Lost {
  readonly revision: RevisionId;
  readonly why: string;
}

/** The first of `steps` that would bring back what is gone; undefined: none, or nobody can tell. */
export async function firstLost(
  steps: readonly Step[],
  softDrops: SoftDrops,
  partial: ReadonlySet<RevisionId>,
): Promise<Lost | undefined> {
  const restores = steps.flatMap(({ revision, script }) =>
    // Of a half reverted revision some may be back; a condition may leave one out.
    partial.has(revision.id) ? [] : script.statements.filter(isRestore).filter((s) => !s.onlyIf),
  );
  if (restores.length === 0) return undefined;
  const hidden = await softDrops.list();
  if (hidden === undefined) return undefined;
  for (const { softDrop } of restores) {
    if (softDrop === undefined) continue;
    const { object, revision } = softDrop;
    const mine = hidden.filter((each) => each.revision === revision && isNamed(each, object));
    const why = whyLost(mine.findLast((each) => each.purgedAt === undefined) ?? mine.at(-1));
    if (why !== undefined) return { revision, why: `${hideableWords(object)} ${why}` };
  }
  return undefined;
}

function isRestore({ softDrop }: Statement): boolean {
  return softDrop?.action === 'restore';
}

function whyLost(found: HiddenObject | undefined): string | undefined {
  if (found === undefined) return 'is not hidden: it was dropped without the revision being run';
  if (found.purgedAt !== undefined) return `was purged on ${found.purgedAt.slice(0, 10)}`;
  return found.place === undefined ? 'was dropped by hand while it was hidden' : undefined;
}
