/**
 * The release bundle: revisions, their statements and facts, and the release's identity in one
 * file. The first line is enough to see that there is nothing to do; the rest is read when needed.
 */

import { readFile } from 'node:fs/promises';
import { buildGraph, type Graph } from '../core/graph.ts';
import type { CompiledRevision } from '../core/program.ts';
import type { Revision, RevisionId, Script } from '../core/revision.ts';
import type { Release, SectionName } from '../runner/ports.ts';
import { type BundleHeader, invalid, readHeader, sha256, unreadable } from './bundle-header.ts';

type Scripts = { readonly [N in SectionName]?: Script };

/** A line of the bundle behind the first. */
export interface BundleEntry {
  readonly revision: Revision;
  readonly scripts: Scripts;
  /** A TypeScript revision's functions. */
  readonly program?: CompiledRevision;
}

/** The release in the bundle at `path`. */
export function bundleRelease(path: string): Release {
  const header = readHeader(path);
  let entries: Promise<ReadonlyMap<RevisionId, BundleEntry>> | undefined;
  const load = (): Promise<ReadonlyMap<RevisionId, BundleEntry>> => {
    entries ??= readEntries(path, header);
    return entries;
  };
  let graph: Promise<Graph<Revision>> | undefined;
  return {
    identity: async () => header.identity,
    graph() {
      graph ??= load().then((all) => buildGraph([...all.values()].map((entry) => entry.revision)));
      return graph;
    },
    async script(revision, section) {
      const entry = (await load()).get(revision.id);
      return entry?.scripts[section] ?? { statements: [], parsed: true };
    },
    async program(revision) {
      const compiled = (await load()).get(revision.id)?.program;
      if (compiled === undefined) return undefined;
      const { loadCompiled } = await import('../typescript/compiled.ts');
      return loadCompiled(compiled, revision.file);
    },
  };
}

async function readEntries(
  path: string,
  header: BundleHeader,
): Promise<ReadonlyMap<RevisionId, BundleEntry>> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw unreadable(path, error);
  });
  const content = text.slice(text.indexOf('\n') + 1);
  if (sha256(content) !== header.content) {
    throw invalid(path, 'its content does not match its digest');
  }
  const entries = content
    .split('\n')
    .filter((line) => line !== '')
    // What the digest covers was written by `writeBundle` from checked revisions.
    .map((line) => JSON.parse(line) as BundleEntry);
  return new Map(entries.map((entry) => [entry.revision.id, entry]));
}
