/** `slipway show`: revisions, as their files say or as the database keeps them. */

import { GraphError } from '../../core/errors.ts';
import type { Graph } from '../../core/graph.ts';
import { type Applied, resolveTarget } from '../../core/resolve.ts';
import type { RevisionId } from '../../core/revision.ts';
import { needsDatabase, type PointTarget, parseTarget } from '../../core/target.ts';
import { appliedOf, askDatabase } from '../ask-database.ts';
import type { CommandOptions } from '../command-spec.ts';
import { factLines, textOf } from '../revision-text.ts';
import { type RevisionViews, viewRevisions } from '../revision-view.ts';
import { type RunContext, wantsColour } from '../run-context.ts';
import { openRelease, withDatabase } from '../wire.ts';

/**
 * Prints the files of the revisions that `wanted` names, or with `--applied` what the database keeps
 * of them. As JSON: an object per line and revision, with all of `RevisionView`, what else the file
 * (with `--applied`: the row of the version table) says, and the whole file as `source`.
 * @throws GraphError as `resolveTarget`; `SLIPWAY_TARGET_UNKNOWN` where no revision is named
 */
export async function showCommand(
  run: RunContext,
  options: CommandOptions,
  wanted: readonly string[],
): Promise<undefined> {
  const targets = wanted.map(parseTarget);
  const files = options['applied'] === true ? undefined : await openRelease(run).graph();
  if (files !== undefined && !targets.some(needsDatabase)) {
    const views = viewRevisions(files);
    printRevisions(run, options, { views, ids: resolveAll(files, targets), kept: new Map() });
    return;
  }
  await withDatabase(run, async (opened) => {
    const database = await askDatabase(opened);
    const views = viewRevisions(files, database);
    // `head` is the release's own, whatever the database has more.
    const { graph } = views;
    const within = files === undefined ? graph : { ...graph, heads: files.heads };
    const ids = resolveAll(within, targets, appliedOf(database));
    const unknown = ids.filter((id) => files?.nodes.has(id) !== true);
    for (const id of files === undefined ? [] : unknown) {
      const message = `revision "${id}" is not in this release: shown as it was applied`;
      run.reporter.report({ type: 'warning', message });
    }
    const kept = await opened.migration.applied.sources(unknown);
    printRevisions(run, options, { views, ids, kept });
  });
}

function resolveAll(
  graph: Graph,
  targets: readonly PointTarget[],
  applied?: Applied,
): readonly RevisionId[] {
  const ids = targets.flatMap((target) => {
    const named = resolveTarget(graph, target, applied);
    if (named.length > 0) return named;
    throw new GraphError('SLIPWAY_TARGET_UNKNOWN', `"${target.text}" names no revision here`, {
      hint: 'slipway history lists the revisions; slipway revision -m "..." writes the first one.',
      details: { target: target.text },
    });
  });
  return [...new Set(ids)];
}

function printRevisions(
  run: RunContext,
  options: CommandOptions,
  shown: {
    readonly views: RevisionViews;
    readonly ids: readonly RevisionId[];
    /** What the database keeps of revisions that are in no file here. */
    readonly kept: ReadonlyMap<RevisionId, string>;
  },
): void {
  const { edge } = run;
  const { views, ids, kept } = shown;
  const style = { colour: wantsColour(edge, edge.stdoutIsTerminal) };
  for (const [index, id] of ids.entries()) {
    const node = views.graph.nodes.get(id);
    const view = views.all.get(id);
    if (node === undefined || view === undefined) continue;
    const source = 'source' in node ? node.source : (kept.get(id) ?? '');
    if (options['json'] === true) {
      edge.print(`${JSON.stringify({ ...node, ...view, source })}\n`);
      continue;
    }
    if (index > 0) edge.print('\n');
    if (options['verbose'] === true) edge.print(textOf([...factLines(view, style), '']));
    edge.print(source);
  }
}
