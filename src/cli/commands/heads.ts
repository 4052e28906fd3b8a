/** `slipway heads`: the revisions that nothing revises. */

import type { CommandOptions } from '../command-spec.ts';
import { entryLines, textOf } from '../revision-text.ts';
import { viewRevisions } from '../revision-view.ts';
import { type RunContext, wantsColour } from '../run-context.ts';
import { openRelease } from '../wire.ts';

/**
 * Prints the heads of the files, one per line; with `--resolve-dependencies` without those that
 * others depend on. As JSON: a list of revisions, each with all of `RevisionView`.
 */
export async function headsCommand(run: RunContext, options: CommandOptions): Promise<undefined> {
  const { edge } = run;
  const graph = await openRelease(run).graph();
  const { all } = viewRevisions(graph);
  const views = graph.heads
    .flatMap((id) => all.get(id) ?? [])
    .filter((view) => options['resolveDependencies'] !== true || view.neededBy.length === 0);
  if (options['json'] === true) {
    edge.print(`${JSON.stringify(views)}\n`);
    return;
  }
  const style = {
    colour: wantsColour(edge, edge.stdoutIsTerminal),
    verbose: options['verbose'] === true,
  };
  edge.print(textOf(views.flatMap((view) => entryLines(view, style))));
}
