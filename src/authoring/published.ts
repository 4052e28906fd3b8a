/** Holds the revisions of today against those of a commit, which databases may have. */

import { type ErrorCode, SlipwayError } from '../core/errors.ts';
import type { GraphNode } from '../core/graph.ts';
import { languageOf, type Revision, type RevisionId } from '../core/revision.ts';
import { statementDigest } from '../sql/checksum.ts';
import { parseRevisionFile } from '../sql/revision-file.ts';
import type { FileProblem } from './file-problem.ts';
import { outlineOf } from './outline.ts';
import type { PublishedFile, PublishedFiles } from './ports.ts';

/** `ignore spliced-revision <reason>`: a branch below published revisions is wanted. */
const SPLICE_RULE = 'spliced-revision';

/** A revision as it was published: where it stood, and what it meant. */
interface Published extends GraphNode {
  readonly meaning: string;
}

/**
 * What became of the published revisions: changed, deleted, or branched off below. `outlines` are
 * the files of today that cannot be read: they are there, and it is said elsewhere what they lack.
 */
export function comparePublished(
  revisions: readonly Revision[],
  outlines: readonly GraphNode[],
  published: PublishedFiles,
): readonly FileProblem[] {
  const before = published.files.flatMap((file) => readPublished(file) ?? []);
  const now = new Map(revisions.map((revision) => [revision.id, revision]));
  const broken = new Set(outlines.map((outline) => outline.id));
  const changes = before.flatMap((old) => {
    const revision = now.get(old.id);
    if (revision === undefined) return broken.has(old.id) ? [] : [deleted(old, published.ref)];
    return meaningOf(revision) === old.meaning ? [] : [changed(old, revision, published.ref)];
  });
  const revised = new Set(before.flatMap((old) => old.revises));
  const inner = new Set(before.map((old) => old.id).filter((id) => revised.has(id)));
  const known = new Set(before.map((old) => old.id));
  const added = revisions.filter((revision) => !known.has(revision.id));
  return [...changes, ...added.flatMap((revision) => spliced(revision, inner))];
}

/** Undefined for a file that could not be read then either: nothing can be said about it. */
function readPublished({ file, content }: PublishedFile): Published | undefined {
  if (languageOf(file) === 'typescript') {
    const text = new TextDecoder().decode(content);
    const outline = outlineOf(text, file);
    return outline && { ...outline, meaning: statementDigest(text) };
  }
  try {
    const revision = parseRevisionFile(content, file);
    return { ...revision, meaning: meaningOf(revision) };
  } catch (error) {
    if (error instanceof SlipwayError) return undefined;
    throw error;
  }
}

/** A program is not run to learn what it meant in an old commit: its text counts. */
function meaningOf(revision: Revision): string {
  return revision.language === 'sql' ? revision.checksum : statementDigest(revision.source);
}

function changed(old: Published, revision: Revision, ref: string): FileProblem {
  const restore =
    old.file === revision.file
      ? `git checkout ${ref} -- ${old.file}`
      : `git show ${ref}:./${old.file} > ${revision.file}`;
  return problem('SLIPWAY_PUBLISHED_CHANGED', [revision.file], {
    message: `revision "${old.id}" was published at ${ref} and says something else now`,
    hint: `Put it back (${restore}) and write the change as a new revision.`,
  });
}

function deleted(old: Published, ref: string): FileProblem {
  return problem('SLIPWAY_PUBLISHED_DELETED', [old.file], {
    message: `revision "${old.id}" was published at ${ref} and has no file any more`,
    hint: `Put it back (git checkout ${ref} -- ${old.file}); to undo it, write a new revision.`,
  });
}

function spliced(revision: Revision, inner: ReadonlySet<RevisionId>): readonly FileProblem[] {
  const below = revision.revises.find((id) => inner.has(id));
  const isOnPurpose =
    revision.labels.length > 0 || revision.ignores.some((ignore) => ignore.rule === SPLICE_RULE);
  if (below === undefined || isOnPurpose) return [];
  return [
    {
      ...problem('SLIPWAY_REVISION_SPLICED', [revision.file], {
        message: `revision "${revision.id}" begins a branch at "${below}", which published revisions follow already`,
        hint: `Let it revise the head; if the branch is wanted, label it or write "-- slipway:ignore ${SPLICE_RULE} <reason>" into the header.`,
      }),
      severity: 'warning',
    },
  ];
}

function problem(
  code: ErrorCode,
  files: readonly string[],
  words: { readonly message: string; readonly hint: string },
): FileProblem {
  const nowhere = { line: undefined, column: undefined, excerpt: undefined };
  return { severity: 'error', code, files, ...words, ...nowhere };
}
