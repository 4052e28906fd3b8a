/** `slipway current`: the heads that the database is at. */

import { CheckFailed, SlipwayError } from '../../core/errors.ts';
import type { Graph } from '../../core/graph.ts';
import { isServedBy } from '../../core/release.ts';
import type { Revision } from '../../core/revision.ts';
import { askDatabase } from '../ask-database.ts';
import type { CommandOptions } from '../command-spec.ts';
import { entryLines, textOf } from '../revision-text.ts';
import { viewRevisions } from '../revision-view.ts';
import { type RunContext, wantsColour } from '../run-context.ts';
import { openRelease, releaseAtHand, withDatabase } from '../wire.ts';

/**
 * Prints the current heads, one per line. As JSON: `heads` (ids), `managed` (whether slipway has
 * ever migrated the database), `applied` (how many revisions) and `revisions`: of each head the row
 * of the version table with all of `RevisionView`.
 * @throws CheckFailed `SLIPWAY_CHECK_PENDING` with `--check-heads`
 */
export async function currentCommand(run: RunContext, options: CommandOptions): Promise<undefined> {
  const { edge } = run;
  await withDatabase(run, async (opened) => {
    const { summary } = opened;
    const database = await askDatabase(opened);
    const { heads } = database;
    const { all } = viewRevisions(await filesAtHand(run), database);
    const rows = new Map(database.applied.map((row) => [row.id, row]));
    // Everything here is current: saying so of each would be noise.
    const views = heads.flatMap((id) => all.get(id) ?? []).map((v) => ({ ...v, isCurrent: false }));
    if (summary === undefined) {
      const message = 'this database is not managed by slipway yet: nothing was ever applied to it';
      run.reporter.report({ type: 'warning', message });
    }
    if (options['json'] === true) {
      const revisions = views.map((view) => ({ ...rows.get(view.id), ...view, isCurrent: true }));
      const { applied = 0 } = summary ?? {};
      edge.print(
        `${JSON.stringify({ heads, managed: summary !== undefined, applied, revisions })}\n`,
      );
    } else {
      const style = {
        colour: wantsColour(edge, edge.stdoutIsTerminal),
        verbose: options['verbose'] === true,
      };
      edge.print(textOf(views.flatMap((view) => entryLines(view, style))));
    }
    if (options['checkHeads'] !== true) return;
    const identity = await openRelease(run).identity();
    if (!isServedBy(identity, summary, 'all')) {
      throw new CheckFailed(
        'SLIPWAY_CHECK_PENDING',
        `the database is at ${heads.join(', ') || 'base'}, the files are at ${identity.heads.join(', ') || 'base'}`,
        {
          hint: 'slipway status says what is pending; slipway upgrade applies it.',
          details: { heads, wanted: identity.heads },
        },
      );
    }
  });
}

/** The files, if they can be read: where the database is can be said without them. */
async function filesAtHand(run: RunContext): Promise<Graph<Revision> | undefined> {
  try {
    return await releaseAtHand(run)?.graph();
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error;
    const message = `the files are left out of this answer: ${error.message}`;
    run.reporter.report({ type: 'warning', message });
    return undefined;
  }
}
