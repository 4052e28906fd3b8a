/** Everything that is wrong with a folder of revision files, without asking a database. */

import { prepareScript } from '../analysis/script.ts';
import type { ErrorCode, SlipwayError } from '../core/errors.ts';
import { compareText, type GraphNode } from '../core/graph.ts';
import type { Revision, RevisionId, Script } from '../core/revision.ts';
import { mergeMessage, multipleHeads } from '../core/target-errors.ts';
import { type FileProblem, problemOf } from './file-problem.ts';
import { buildTolerantly, type TolerantGraph } from './graph-problems.ts';
import { outlineOf } from './outline.ts';
import type { PublishedFiles, RevisionFolder } from './ports.ts';
import { comparePublished } from './published.ts';
import { type ScriptReader, sectionErrors } from './validate-release.ts';

export interface CheckRequest {
  readonly folder: RevisionFolder;
  /** Undefined: nothing is known of what was published. */
  readonly published: PublishedFiles | undefined;
  readonly allowMultipleHeads: boolean;
}

/** What a check found. */
export interface FileReport {
  /** Files that are revisions, or should be. */
  readonly files: number;
  readonly heads: readonly RevisionId[];
  /** By file and line. */
  readonly problems: readonly FileProblem[];
}

/** Checks files, graph, SQL, and what became of published revisions. */
export async function checkFiles(request: CheckRequest): Promise<FileReport> {
  const { folder, published } = request;
  const outlines = folder.unreadable.flatMap(({ text, file }) => outlineOf(text, file) ?? []);
  const nodes: readonly GraphNode[] = [...folder.revisions, ...outlines];
  const tolerant = buildTolerantly(nodes);
  const isWhole = outlines.length === folder.unreadable.length;
  const problems = [
    ...folder.unreadable.map(({ error }) => problemOf(error)),
    ...tolerant.errors.map((error) => withLine(problemOf(error), error, folder.revisions)),
    ...(request.allowMultipleHeads || !isWhole ? [] : headProblems(tolerant)),
    ...(await sqlProblems(folder.revisions)),
    ...folder.passedOver.filter(looksLikeRevision).map(passedOver),
    ...(published === undefined ? [] : comparePublished(folder.revisions, outlines, published)),
  ];
  return {
    files: folder.revisions.length + folder.unreadable.length,
    heads: tolerant.graph.heads,
    problems: problems.sort(byPlace),
  };
}

/** Where an edge is missing or wrong, revisions seem to be heads that are none. */
const HARMLESS: ErrorCode = 'SLIPWAY_GRAPH_DUPLICATE_LABEL';

function headProblems({ graph, errors }: TolerantGraph): readonly FileProblem[] {
  if (errors.some(({ code }) => code !== HARMLESS) || graph.heads.length < 2) return [];
  const problem = problemOf(multipleHeads(graph, graph.heads));
  const hint = `Join them: slipway merge -m "${mergeMessage(graph.heads)}"; if several are wanted: --allow-multiple-heads.`;
  return [{ ...problem, hint }];
}

async function sqlProblems(revisions: readonly Revision[]): Promise<readonly FileProblem[]> {
  const problems: FileProblem[] = [];
  for (const revision of revisions) {
    const errors = await sectionErrors(revision, readScript);
    problems.push(...errors.map(problemOf));
  }
  return problems;
}

const NO_STATEMENTS: Script = { statements: [], parsed: true };

const readScript: ScriptReader = async (revision, name) => {
  const section = revision[name];
  return section === undefined ? NO_STATEMENTS : prepareScript(revision, section);
};

/** The first line of the file that names what is missing. */
function withLine(
  problem: FileProblem,
  { details }: SlipwayError,
  revisions: readonly Revision[],
): FileProblem {
  const { missing } = details;
  const source = revisions.find((each) => each.file === problem.files[0])?.source;
  if (typeof missing !== 'string' || source === undefined) return problem;
  const line = source.split(/\r\n|\r|\n/).findIndex((text) => text.includes(missing));
  return line === -1 ? problem : { ...problem, line: line + 1 };
}

/** Endings of revisions in another case, or with another ending behind them: `.SQL`, `.sql.bak`, `.ts~`. */
function looksLikeRevision(file: string): boolean {
  return /\.(?:sql|[cm]?ts)(?:[^a-z0-9\\/][^\\/]*)?$/i.test(file) && !file.endsWith('.d.ts');
}

function passedOver(file: string): FileProblem {
  return {
    severity: 'warning',
    code: 'SLIPWAY_FILE_PASSED_OVER',
    message: 'slipway does not read this file: its name does not end in .sql or .ts',
    hint: 'Rename it if it is a revision; else move it out of the folder.',
    files: [file],
    line: undefined,
    column: undefined,
    excerpt: undefined,
  };
}

function byPlace(a: FileProblem, b: FileProblem): number {
  return compareText(a.files[0] ?? '', b.files[0] ?? '') || (a.line ?? 0) - (b.line ?? 0);
}
