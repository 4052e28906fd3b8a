/** What `revision` and `merge` share: the graph of the folder, a fresh id, and the file that is written. */

import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { NewRevision } from '../authoring/new-revision.ts';
import { buildGraph, type Graph } from '../core/graph.ts';
import type { Revision, RevisionId } from '../core/revision.ts';
import { readRevisions } from '../files/directory.ts';
import { writeNewFile } from '../files/write.ts';
import type { CommandOptions } from './command-spec.ts';
import type { RunContext } from './run-context.ts';

/** The graph of the folder's revisions; empty when there is no folder yet. */
export async function readGraph(run: RunContext): Promise<Graph<Revision>> {
  const { dir } = run.settings;
  return buildGraph(existsSync(dir) ? await readRevisions(dir) : []);
}

/** The id that was asked for, or a new one. */
export function idOf(options: CommandOptions): RevisionId {
  const { revId } = options;
  return typeof revId === 'string' ? revId : randomBytes(6).toString('hex');
}

/** The values of an option that may be given several times. */
export function listOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

/** Writes the file, prints its path or all about it as JSON, and returns the path. */
export async function writeRevision(
  run: RunContext,
  revision: NewRevision,
  options: CommandOptions,
): Promise<string> {
  const { fileName, content, ...about } = revision;
  const file = join(run.settings.dir, fileName);
  await writeNewFile(file, content);
  run.edge.print(
    options['json'] === true ? `${JSON.stringify({ ...about, file })}\n` : `${file}\n`,
  );
  return file;
}
