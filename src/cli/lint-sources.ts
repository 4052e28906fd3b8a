/** Which revisions `slipway lint` looks at: those of the folder or named ones, or only the new ones. */

import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { buildTolerantly, withoutUnknown } from '../authoring/graph-problems.ts';
import { outlineOf } from '../authoring/outline.ts';
import type { UnreadableFile } from '../authoring/ports.ts';
import type { GraphNode } from '../core/graph.ts';
import { withAncestors } from '../core/graph.ts';
import { resolveTarget } from '../core/resolve.ts';
import type { Revision, RevisionId } from '../core/revision.ts';
import { parseTarget } from '../core/target.ts';
import { listRevisionFiles } from '../files/directory.ts';
import { publishedFiles } from '../files/git.ts';
import { readSqlFiles, type SqlFiles } from '../files/sql-files.ts';

/** What is asked for. */
export interface SourceRequest {
  readonly dir: string;
  /** Files and folders; without any the folder `dir`. */
  readonly named: readonly string[];
  /** Only what is not this revision and does not come before it. */
  readonly after: string | undefined;
  /** Only files that are new or changed since the work left the history of this git ref. */
  readonly changedSince: string | undefined;
  readonly env: { readonly [name: string]: string | undefined };
}

/** What there is to lint. */
export interface LintSources {
  /** What is linted, and what runs before it, in the order in which they run. */
  readonly history: readonly Revision[];
  /** What is linted of it, in that order. */
  readonly revisions: readonly Revision[];
  readonly unreadable: readonly UnreadableFile[];
  /** How many revisions are in TypeScript. */
  readonly programs: number;
  /** Whether a database may have this revision as it was at the git ref. */
  isPublished(revision: Revision): boolean;
}

/**
 * Reads the files and leaves out what nobody asked for.
 * @throws RevisionFileError `SLIPWAY_FILE_UNREADABLE` for the folder
 * @throws GraphError as `resolveTarget`, for `after`
 * @throws UsageError `SLIPWAY_GIT_FAILED`
 */
export async function readSources(request: SourceRequest): Promise<LintSources> {
  const { dir, named, after, changedSince } = request;
  const asked = await readSqlFiles(named.length > 0 ? named : await listRevisionFiles(dir));
  const others = named.length > 0 ? await othersIn(dir, asked, after) : NOTHING;
  const nodes = [...nodesOf(asked), ...nodesOf(others)];
  const { graph } = buildTolerantly(withoutUnknown(nodes));
  const old =
    after === undefined
      ? new Set<RevisionId>()
      : withAncestors(graph, resolveTarget(graph, parseTarget(after)));
  const before =
    changedSince === undefined ? undefined : await publishedIn(asked, changedSince, request);
  const isWanted = (text: string, id: RevisionId | undefined): boolean =>
    !(id !== undefined && old.has(id)) && before?.texts.has(unixLines(text)) !== true;
  const isWantedText = ({ text, file }: { readonly text: string; readonly file: string }) =>
    isWanted(text, outlineOf(text, file)?.id);
  const place = new Map(graph.order.map((id, index) => [id, index]));
  const placeOf = ({ id }: Revision): number => place.get(id) ?? 0;
  const wanted = new Set(asked.revisions.filter(({ source, id }) => isWanted(source, id)));
  const all = [...asked.revisions, ...others.revisions].sort((a, b) => placeOf(a) - placeOf(b));
  return {
    history: all.slice(0, all.findLastIndex((revision) => wanted.has(revision)) + 1),
    revisions: all.filter((revision) => wanted.has(revision)),
    unreadable: asked.unreadable.filter(isWantedText),
    programs: asked.programs.filter(isWantedText).length,
    isPublished: ({ id, file }) => before?.ids.has(id) === true || before?.files.has(file) === true,
  };
}

const NOTHING: SqlFiles = { revisions: [], unreadable: [], programs: [] };

function nodesOf({ revisions, unreadable, programs }: SqlFiles): readonly GraphNode[] {
  const outlined = [...unreadable, ...programs].flatMap(
    ({ text, file }) => outlineOf(text, file) ?? [],
  );
  return [...revisions, ...outlined];
}

/** The rest of the folder that named files are in: it tells what runs before them. */
async function othersIn(
  dir: string,
  { revisions, unreadable, programs }: SqlFiles,
  after: string | undefined,
): Promise<SqlFiles> {
  const read = [...revisions, ...unreadable, ...programs].map(({ file }) => resolve(file));
  const isInside = read.some((file) => dirname(file) === resolve(dir));
  if (!existsSync(dir) || (!isInside && after === undefined)) return NOTHING;
  const known = new Set(read);
  const files = await listRevisionFiles(dir);
  return readSqlFiles(files.filter((file) => !known.has(resolve(file))));
}

interface Published {
  readonly texts: ReadonlySet<string>;
  readonly ids: ReadonlySet<RevisionId>;
  readonly files: ReadonlySet<string>;
}

async function publishedIn(
  { revisions, unreadable, programs }: SqlFiles,
  ref: string,
  { dir, named, env }: SourceRequest,
): Promise<Published> {
  const read = [...revisions, ...unreadable, ...programs].map(({ file }) => dirname(file));
  const folders = new Set(named.length > 0 ? read : [dir]);
  const published = [];
  for (const folder of [...folders].filter(existsSync))
    published.push(...(await publishedFiles(folder, ref, env)).files);
  const known = published.map(({ file, content }) => {
    const text = Buffer.from(content).toString('utf8');
    return { file, text, id: outlineOf(text, file)?.id };
  });
  return {
    texts: new Set(known.map(({ text }) => unixLines(text))),
    ids: new Set(known.flatMap(({ id }) => id ?? [])),
    files: new Set(known.map(({ file }) => file)),
  };
}

/** Git may have changed line ends when it wrote the file. */
function unixLines(text: string): string {
  return text.replaceAll('\r\n', '\n');
}
