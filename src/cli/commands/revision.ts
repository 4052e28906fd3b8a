/** `slipway revision`: writes a new revision file. */

import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { newRevision } from '../../authoring/new-revision.ts';
import { buildGraph } from '../../core/graph.ts';
import { readRevisions } from '../../files/directory.ts';
import { writeNewFile } from '../../files/write.ts';
import type { CommandOptions } from '../command-spec.ts';
import type { RunContext } from '../run-context.ts';

/** Writes the file and prints its path. */
export async function revisionCommand(
  run: RunContext,
  options: CommandOptions,
): Promise<undefined> {
  const { dir } = run.settings;
  const graph = buildGraph(existsSync(dir) ? await readRevisions(dir) : []);
  const revision = newRevision(graph, {
    message: String(options['message']),
    id: typeof options['revId'] === 'string' ? options['revId'] : randomBytes(6).toString('hex'),
    heads: list(options['head']),
    base: options['base'] === true,
    splice: options['splice'] === true,
    labels: list(options['branchLabel']),
    dependsOn: list(options['dependsOn']),
    phase: options['revisionPhase'] === 'contract' ? 'contract' : 'expand',
    now: run.edge.now(),
  });
  const path = join(dir, revision.fileName);
  await writeNewFile(path, revision.content);
  run.edge.print(
    options['json'] === true
      ? `${JSON.stringify({ id: revision.id, revises: revision.revises, file: path })}\n`
      : `${path}\n`,
  );
}

function list(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
