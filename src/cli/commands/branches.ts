/** `slipway branches`: the revisions that several others revise, and where each way leads. */

import type { Graph } from '../../core/graph.ts';
import type { RevisionId } from '../../core/revision.ts';
import type { CommandOptions } from '../command-spec.ts';
import { entryLines, oneLine, textOf } from '../revision-text.ts';
import { type RevisionView, viewRevisions } from '../revision-view.ts';
import { type RunContext, wantsColour } from '../run-context.ts';
import { openRelease } from '../wire.ts';

/** One way on from a branch point: the revision that begins it, and the heads that it leads to. */
interface Branch extends RevisionView {
  readonly leadsTo: readonly RevisionId[];
}

/**
 * Prints the branch points of the files, newest first. As JSON: a list of revisions, each with all
 * of `RevisionView` and its `branches`, which are such views too and have the heads they lead to
 * as `leadsTo`.
 */
export async function branchesCommand(
  run: RunContext,
  options: CommandOptions,
): Promise<undefined> {
  const { edge } = run;
  const graph = await openRelease(run).graph();
  const { all } = viewRevisions(graph);
  const heads = headsAbove(graph);
  const branchOf = (id: RevisionId): readonly Branch[] => {
    const view = all.get(id);
    return view === undefined ? [] : [{ ...view, leadsTo: [...(heads.get(id) ?? [])] }];
  };
  const points = [...all.values()]
    .filter((view) => view.isBranchPoint)
    .reverse()
    .map((view) => ({ ...view, branches: view.followedBy.flatMap(branchOf) }));
  if (options['json'] === true) {
    edge.print(`${JSON.stringify(points)}\n`);
    return;
  }
  const style = {
    colour: wantsColour(edge, edge.stdoutIsTerminal),
    verbose: options['verbose'] === true,
  };
  const lines = points.flatMap((point) => [
    ...entryLines(point, style),
    ...point.branches.map(
      (branch) =>
        `${' '.repeat(point.id.length)} -> ${oneLine(branch, style)}${destination(branch)}`,
    ),
    '',
  ]);
  edge.print(textOf(lines));
}

/** Where a branch ends up, unless its first revision is that head itself. */
function destination({ leadsTo, isHead }: Branch): string {
  if (isHead) return '';
  const shown = leadsTo.slice(0, SHOWN);
  const more = leadsTo.length > SHOWN ? ` and ${leadsTo.length - SHOWN} more` : '';
  return ` (leads to ${shown.join(', ')}${more})`;
}

const SHOWN = 3;

/** The heads that each revision leads to. Lines share one set, so that long histories stay cheap. */
function headsAbove(graph: Graph): ReadonlyMap<RevisionId, ReadonlySet<RevisionId>> {
  const heads = new Map<RevisionId, ReadonlySet<RevisionId>>();
  for (const id of graph.order.toReversed()) {
    const sets = (graph.followers.get(id) ?? []).flatMap((next) => heads.get(next) ?? []);
    const [only = new Set([id])] = sets;
    heads.set(id, sets.length > 1 ? new Set(sets.flatMap((set) => [...set])) : only);
  }
  return heads;
}
