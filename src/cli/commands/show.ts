/** `slipway show`: one revision, as its file says or as the database keeps it. */

import { GraphError } from '../../core/errors.ts';
import { buildGraph } from '../../core/graph.ts';
import { resolveOne } from '../../core/resolve.ts';
import { parseTarget } from '../../core/target.ts';
import type { CommandOptions } from '../command-spec.ts';
import type { RunContext } from '../run-context.ts';
import { openRelease, withDatabase } from '../wire.ts';

/** Prints the revision's file. */
export async function showCommand(
  run: RunContext,
  options: CommandOptions,
  wanted: string,
): Promise<undefined> {
  const { edge } = run;
  const json = options['json'] === true;
  if (options['applied'] === true) {
    await withDatabase(run, async (opened) => {
      const { applied } = opened.migration;
      const rows = opened.summary === undefined ? [] : await applied.list();
      const id = resolveOne(buildGraph(rows), parseTarget(wanted)) ?? '';
      const source = (await applied.sources([id])).get(id) ?? '';
      const row = rows.find((candidate) => candidate.id === id);
      edge.print(json ? `${JSON.stringify({ ...row, source })}\n` : source);
    });
    return;
  }
  const graph = await openRelease(run).graph();
  const revision = graph.nodes.get(resolveOne(graph, parseTarget(wanted)) ?? '');
  if (revision === undefined) {
    throw new GraphError('SLIPWAY_TARGET_UNKNOWN', 'there is no head: no revision exists yet', {
      hint: 'slipway revision -m "..." writes the first one.',
    });
  }
  edge.print(json ? `${JSON.stringify(revision)}\n` : revision.source);
}
