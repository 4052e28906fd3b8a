/** What an upgrade would do, without doing it. */

import { type Decision, decideUpgrade } from '../core/decide.ts';
import type { RevisionId } from '../core/revision.ts';
import { explainAhead } from './explain-ahead.ts';
import { inContext } from './in-context.ts';
import type { MigrationDatabase, Release } from './ports.ts';
import type { Step } from './step.ts';
import { type UpgradeOptions, upgradeSteps } from './upgrade.ts';

export interface Preview {
  readonly heads: readonly RevisionId[];
  /** In the order in which they would run. */
  readonly steps: readonly Step[];
  readonly ahead: boolean;
}

/**
 * Decides as `upgrade` does and stops there. Writes nothing, takes no lock.
 * @throws MismatchError, GraphError as `upgrade`
 */
export async function previewUpgrade(
  db: Pick<MigrationDatabase, 'applied'>,
  release: Release,
  options: UpgradeOptions,
): Promise<Preview> {
  const graph = await release.graph();
  const summary = await db.applied.summary();
  const applied = summary === undefined ? [] : await db.applied.list();
  const decision = await decided(db, () => decideUpgrade(graph, applied, options));
  return {
    heads: summary?.heads ?? [],
    steps:
      decision.kind === 'run'
        ? await inContext(await upgradeSteps(release, graph, decision.plan.steps))
        : [],
    ahead: decision.kind === 'ahead',
  };
}

async function decided(
  db: Pick<MigrationDatabase, 'applied'>,
  decide: () => Decision,
): Promise<Decision> {
  try {
    return decide();
  } catch (error) {
    throw await explainAhead(db.applied, error);
  }
}
