/** What must hold before revisions are shipped: they can be understood, and they say how they run. */

import { checkTransactionMode } from '../analysis/transaction-mode.ts';
import { RevisionFileError, SlipwayError } from '../core/errors.ts';
import type { Revision, Script } from '../core/revision.ts';
import type { Release, SectionName } from '../runner/ports.ts';
import { excerpt, locate } from '../sql/location.ts';
import { splitSection } from '../sql/statements.ts';

/** `ignore syntax-error <reason>`: for SQL that is newer than the parser. */
const SYNTAX_RULE = 'syntax-error';
const SECTIONS: readonly SectionName[] = ['up', 'verify', 'down'];

/** Reads a section of a revision. */
export type ScriptReader = Release['script'];

/**
 * Checks every section of every revision.
 * @throws RevisionFileError `SLIPWAY_SQL_SYNTAX`, `SLIPWAY_TRANSACTION_MODE`,
 * `SLIPWAY_TRANSACTION_CONTROL`, and what reading the files throws
 */
export async function validateRelease(release: Release): Promise<void> {
  const graph = await release.graph();
  for (const id of graph.order) {
    const revision = graph.nodes.get(id);
    if (revision === undefined) continue;
    const [first] = await sectionErrors(revision, release.script);
    if (first !== undefined) throw first;
  }
}

/** What is wrong with the SQL of a revision: at most one error for each section. */
export async function sectionErrors(
  revision: Revision,
  read: ScriptReader,
): Promise<readonly SlipwayError[]> {
  const errors: SlipwayError[] = [];
  for (const name of SECTIONS) {
    try {
      await validateSection(revision, name, await read(revision, name));
    } catch (error) {
      if (!(error instanceof SlipwayError)) throw error;
      errors.push(error);
    }
  }
  return errors;
}

async function validateSection(
  revision: Revision,
  name: SectionName,
  script: Script,
): Promise<void> {
  if (!script.parsed && !revision.ignores.some((ignore) => ignore.rule === SYNTAX_RULE)) {
    await refuseSyntax(revision, name);
  }
  if (name !== 'verify') checkTransactionMode(revision, script);
}

async function refuseSyntax(revision: Revision, name: SectionName): Promise<void> {
  const section = revision[name];
  if (section === undefined) return;
  const { problem } = await splitSection(revision, section);
  if (problem === undefined) return;
  const { line, column } = locate(revision.source, problem.offset);
  throw new RevisionFileError(
    'SLIPWAY_SQL_SYNTAX',
    `${revision.file}:${line}:${column}: ${problem.message}`,
    {
      hint: `Correct it; if the server knows it and the parser does not, write "-- slipway:ignore ${SYNTAX_RULE} <reason>" into the header.`,
      details: {
        revision: revision.id,
        file: revision.file,
        line,
        column,
        excerpt: excerpt(revision.source, problem.offset),
      },
    },
  );
}
