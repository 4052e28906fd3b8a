/** `slipway merge`: writes a revision that joins heads. */

import { mergeRevision } from '../../authoring/merge.ts';
import type { CommandOptions } from '../command-spec.ts';
import type { RunContext } from '../run-context.ts';
import { idOf, listOf, readGraph, writeRevision } from '../write-revision.ts';

/**
 * Writes the file and prints its path; with `--json`
 * `{ id, revises, dependsOn, labels, phase, file }`.
 */
export async function mergeCommand(
  run: RunContext,
  options: CommandOptions,
  targets: readonly string[],
): Promise<undefined> {
  const { message } = options;
  const revision = mergeRevision(await readGraph(run), {
    id: idOf(options),
    targets,
    message: typeof message === 'string' ? message : undefined,
    labels: listOf(options['branchLabel']),
    now: run.edge.now(),
  });
  await writeRevision(run, revision, options);
}
