/** Turns a section of a revision into a script: its statements, each with what is known of it. */

import {
  languageOf,
  type Revision,
  type Script,
  type Section,
  type Statement,
} from '../core/revision.ts';
import { CHUNK_LENGTH } from '../sql/parse.ts';
import { type ParsedStatement, readSection } from '../sql/statements.ts';
import { type CreatedObjects, forgetTemporary, nothingCreated, restorable } from './created.ts';
import { factsOf } from './facts.ts';
import { forgetKnown } from './known.ts';
import { recordCreated, recordUncertain } from './record-created.ts';
import { recordKnown } from './record-known.ts';
import { recordSoftDrop, softDropFacts } from './soft-drop.ts';

/** What is read of a revision to know its statements. */
type ReadRevision = Pick<Revision, 'id' | 'file' | 'source' | 'transaction'>;

/**
 * Reads `section` of `revision`. What it creates is added to `created`, so that the scripts of one
 * release, prepared in their order with the same `created`, know what is new in it.
 */
export async function prepareScript(
  revision: ReadRevision,
  section: Section,
  created: CreatedObjects = nothingCreated(),
): Promise<Script> {
  return walkScript(revision, section, { created, visit: (statement) => statement, restart() {} });
}

/** Who sees every statement as it is read, while `created` is still what it was before it. */
export interface ScriptVisitor<T> {
  readonly created: CreatedObjects;
  visit(statement: Statement, parsed: Pick<ParsedStatement, 'node' | 'placeOf'>): T;
  /** What was visited is void: the parser does not understand a later part of the section. */
  restart(): void;
}

/** `prepareScript` for those who want more of each statement than its facts. */
export async function walkScript<T>(
  revision: ReadRevision,
  section: Section,
  { created, visit, restart: startOver }: ScriptVisitor<T>,
): Promise<{ readonly statements: readonly T[]; readonly parsed: boolean }> {
  const { searchPath } = created;
  // A program may do anything.
  if (languageOf(revision.file) === 'typescript') forgetKnown(created.known);
  const restore = restorable(created, section.text.length > CHUNK_LENGTH);
  const { statements, parsed } = await readSection(revision, section, {
    read({ node, placeOf, ...statement }) {
      const { softDrop, text } = statement;
      const facts = softDrop
        ? softDropFacts(softDrop, created)
        : factsOf({ node, text }, { created });
      const visited = visit({ ...statement, facts }, { node, placeOf });
      if (softDrop !== undefined) recordSoftDrop(softDrop, created);
      else if (node === undefined || statement.onlyIf !== undefined) recordUncertain(node, created);
      else recordCreated(node, created);
      recordKnown(statement.onlyIf === undefined ? node : undefined, created.known);
      if (revision.transaction === 'none') forgetTemporary(created);
      return visited;
    },
    restart() {
      restore();
      startOver();
    },
  });
  forgetTemporary(created);
  // A search_path set in this script may or may not outlive its transaction.
  if (created.searchPath !== searchPath) created.searchPath += 1;
  return { statements, parsed };
}
